"""Rows and columns on a terminal: tables, bundles, dicts of tensors and named results; lines as wide as the screen."""

from __future__ import annotations

import io
import re
import sys

import pexpect
import pytest

import tcalc
from tcalc.engine.bundle import Bundle
from tcalc.engine.state import State, activated
from tcalc.engine.table import Table
from tcalc.engine.text_column import TextColumn
from tcalc.show.pretty import page_text, print_pretty

ESCAPE = re.compile(r"\x1b\[[\d;]*m")


def value_of(source):
    return tcalc.Session().run(source)


def shown(value, width=80, color=True):
    file = io.StringIO()
    with activated(State()):
        print_pretty(value, color=color, file=file, width=width)
    return file.getvalue()


def plain(value, width=80):
    return ESCAPE.sub("", shown(value, width))


def rows_of(text):
    return [line.split() for line in text.split("\n") if line.strip() and "──" not in line]


def table(rows=3):
    numbers = value_of(f"arange({rows}) / 2")
    return Table({"city": TextColumn([f"town {row}" for row in range(rows)]), "price": numbers})


def test_named_results_of_vectors_stand_side_by_side():
    text = plain(value_of("tensor([[1., 9.], [nan, 2.]]).max(1)"))
    assert rows_of(text) == [["torch.return_types.max"], ["values", "indices"], ["9.", "1"], ["nan", "0"]]
    assert "\x1b[1;35m" in shown(value_of("tensor([[1., 9.], [nan, 2.]]).max(1)"))


def test_other_named_results_are_pytorchs_text():
    for source in ("rand(3, 4, 5).max(1)", "rand(100, 2).max(1)", "torch.linalg.qr(eye(2))", "rand(3).max(0)"):
        value = value_of(source)
        assert plain(value) == shown(value, color=False), source


def test_tables_have_rows_and_columns():
    assert rows_of(plain(table())) == [["city", "price"], ["town", "0", "0.0000"], ["town", "1", "0.5000"],
                                       ["town", "2", "1.0000"]]  # fmt: skip
    long = plain(table(100))
    assert "…" in long and "100 rows, 2 columns" in long and "town 99" in long and "town 50" not in long
    assert "0 rows" in plain(table(0))


def test_a_wide_table_leaves_out_columns_in_its_middle():
    wide = Table({f"col{number}": value_of("arange(3.)") for number in range(30)})
    text = plain(wide, 60)
    assert max(map(len, text.split("\n"))) <= 60
    assert "col0" in text and "col29" in text and "col15" not in text and "…" in text
    assert "col15" in plain(wide, 400)


def test_bundles_list_what_they_hold():
    bundle = Bundle({"w": value_of("rand(30, 4)"), "b": value_of("tensor([1., nan])"), "n": value_of("tensor(3)")})
    rows = rows_of(plain(bundle))
    assert rows[0] == ["name", "dtype", "shape", "values"]
    assert rows[1][:4] == ["w", "float32", "(30,", "4)"] and "to" in rows[1]
    assert rows[2] == ["b", "float32", "(2,)", "1.,", "nan"] and rows[3] == ["n", "int64", "()", "3"]
    assert "3 tensors" in plain(bundle) and plain(Bundle({}))


def test_small_dicts_are_pythons_and_large_ones_a_list():
    small = value_of("{'a': tensor([1, 2]), 'b': tensor(3)}")
    assert plain(small) == "{'a': tensor([1, 2]), 'b': tensor(3)}\n"
    large = value_of("{'a': rand(100, 3), 'b': tensor([1, 2])}")
    assert rows_of(plain(large))[2] == ["b", "int64", "(2,)", "1,", "2"]
    assert plain(value_of("{'a': 1, 'b': rand(100, 3)}")).startswith("{'a': 1, 'b': tensor(")


def test_cells_are_escaped():
    hostile = "\x1b[31mred\nnext"
    for value in (
        Table({hostile: TextColumn([hostile])}),
        Bundle({hostile: value_of("ones(2)")}),
        {hostile: value_of("ones(100, 100)")},
    ):
        text = shown(value)
        assert "[31m" in text and "\x1b[31m" not in text and "\nnext" not in text


def test_without_colour_it_is_the_text():
    for value in (table(), value_of("tensor([[1., 9.]]).max(1)"), value_of("{'a': rand(100, 3)}")):
        assert "\x1b" not in shown(value, color=False) and "──" not in shown(value, color=False)


@pytest.mark.parametrize("width", [30, 80, 200])
def test_lines_break_at_the_width(width):
    for value in (value_of("arange(80.).reshape(2, 40)"), value_of("arange(80) / 7"), value_of("zeros(90)")):
        text = shown(value, width, color=False).split("\n")
        assert max(map(len, text)) <= width and max(map(len, text)) > width * 0.6


def test_a_width_of_the_programs_own_stays():
    file = io.StringIO()
    state = State()
    with activated(state):
        state.print_options.linewidth = 40
        print_pretty(value_of("arange(90)"), color=False, file=file, width=200)
        assert state.print_options.linewidth == 40
    assert max(map(len, file.getvalue().split("\n"))) <= 40


def test_pages_of_help_are_marked():
    text = page_text("sum(x)\n\n  The sum.\n\nExamples\n  >>> sum(x)\n\nParameters\n  x    tensor\n")
    assert text.startswith("\x1b[1msum(x)\x1b[0m") and "\x1b[1mExamples\x1b[0m" in text
    assert "\x1b[32m>>>\x1b[0m sum(x)" in text and "\x1b[36mx\x1b[0m    tensor" in text
    assert ESCAPE.sub("", text).endswith("  x    tensor\n")


def terminal(tcalc, *arguments, columns=80, **environment):
    child = pexpect.spawn(
        sys.executable, ["-m", "tcalc", *arguments], cwd=str(tcalc.folder), env={**tcalc.environment, **environment},
        encoding="utf-8", timeout=60, dimensions=(24, columns),
    )  # fmt: skip
    child.expect(pexpect.EOF)
    child.close()
    return child.before.replace("\r\n", "\n")


def test_on_a_terminal(tcalc):
    (tcalc.folder / "t.csv").write_text("city,price\nOslo,2.5\n\u001b[31mRome,nan\n")
    text = terminal(tcalc, "c", "t.csv")
    assert "──" in text and "\x1b[31m" not in text and "2.5" in text
    assert "\x1b" not in terminal(tcalc, "c", "t.csv", NO_COLOR="1")
    assert "\x1b" not in terminal(tcalc, "c", "t.csv", TERM="dumb")
    assert max(map(len, terminal(tcalc, "zeros(30)", columns=40, NO_COLOR="1").split("\n"))) <= 40
    assert "\x1b[1m" in terminal(tcalc, "help(len)") and "\x1b" not in tcalc("help(len)").stdout
