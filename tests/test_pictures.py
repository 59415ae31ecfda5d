"""Pictures: what is drawn, in which size, colours and characters, and what becomes of odd numbers."""

from __future__ import annotations

import re
import sys

import numpy as np
import pexpect
import pytest

import tcalc
from tcalc.errors import TcalcError
from tcalc.interp.own_names import own_names
from tcalc.show.pictures import bars, images, plots
from tcalc.show.screen import INDEXED, NAMED, TRUE_COLOR, Screen

ESCAPE = re.compile(r"\x1b\[[\d;]*m")


def drawn(program, screen=None):
    """What a program draws on a screen."""
    pieces = []
    session = tcalc.Session(write=pieces.append)
    if screen is not None:
        session.screen = lambda: screen
    assert session.run(program) is None
    return "".join(pieces)


def lines_of(text):
    return ESCAPE.sub("", text).rstrip("\n").split("\n")


@pytest.mark.parametrize("name", [name for name, value in own_names().items() if ">>>" in (value.doc or "")])
def test_own_functions_are_documented(name):
    assert own_names()[name].signature.startswith(f"{name}(")


def test_a_curve_has_its_size_title_and_shape():
    lines = lines_of(drawn("plot(sin(arange(100) / 10), title='wave')"))
    assert lines[0].strip() == "wave"
    assert max(map(len, lines)) <= 80 and 15 <= len(lines) <= 21
    body = [line.partition("│")[2] for line in lines if "│" in line]
    # The sine begins in the middle, and is first highest at a sixth of the way.
    assert "⠉" in body[0][8:20] and body[-1].index("⣀") > 25


def test_the_numbers_of_the_y_axis_are_at_its_left():
    lines = lines_of(drawn("plot(sin(arange(100) / 10))"))
    labelled = {line.partition("│")[0].strip() for line in lines if "│" in line}
    assert labelled == {"", "1", "0", "-1"}
    assert {line.index("│") for line in lines if "│" in line} == {3} and lines[0].index("┌") == 3
    assert all(line.endswith("│") for line in lines if "│" in line)
    assert "".join(re.findall(r"\d+", lines[-1])) == "020406080"


def test_a_line_at_zero_is_drawn_within_the_frame_and_not_beside_it():
    at_the_edge = lines_of(drawn("plot(arange(100))"))
    assert all(line.count("│") == 2 for line in at_the_edge[1:-2])
    within = lines_of(drawn("scatter([-1, 1], [-1, 1])"))
    assert all(line.count("│") == 3 for line in within[2:-3])
    assert all(sum(line.count(dash) for dash in "▁─") < 4 for line in at_the_edge[1:-2])
    assert sum(sum(line.count(dash) for dash in "▁─") > 40 for line in within[1:-2]) == 1


def test_the_size_follows_the_screen():
    small = lines_of(drawn("plot([1, 2, 3])", Screen(40, 12)))
    large = lines_of(drawn("plot([1, 2, 3])", Screen(120, 50)))
    assert max(map(len, small)) <= 40 and len(small) <= 12
    assert 100 < max(map(len, large)) <= 120 and 30 < len(large) <= 50
    assert max(map(len, lines_of(drawn("hist(rand(100))", Screen(40, 12))))) <= 40
    assert len(lines_of(drawn("heatmap(rand(300, 300))", Screen(40, 12)))) <= 12
    assert max(map(len, lines_of(drawn("plot([1e5, -2e5], title='long ' * 50)", Screen(40, 12))))) <= 40
    assert drawn("plot([1, 2], title='long ' * 50)", Screen(unicode=False)).isascii()
    tiny = lines_of(drawn("plot([1, 2, 3])", Screen(1, 1)))
    assert tiny


def test_several_curves_are_told_apart():
    program = "plot({'up': [1, 2, 3], 'down': [3, 2, 1]})"
    plain = drawn(program)
    assert "* up" in plain and "+ down" in plain and plain.count("+") > 5
    coloured = drawn(program, Screen(colors=NAMED))
    assert "\x1b[34m" in coloured and "\x1b[31m" in coloured and "up" in coloured
    assert "a" in drawn("plot([1, 2], [1, 2], [1, 2], [2, 1], labels=['a', 'b'])")
    assert "series 2" in drawn("plot(ones(4, 2))") and "series 2" in drawn("plot([ones(3), zeros(4)])")
    with pytest.raises(TcalcError, match="2 curves, and there are 1 labels"):
        drawn("plot(ones(4, 2), labels=['a'])")


def test_plain_screens_get_ascii():
    for program in ("plot([1, 3, 2])", "scatter([1, 2], [2, 1])", "hist([1, 2])", "heatmap(eye(4))", "imshow(eye(4))"):
        assert drawn(program, Screen(unicode=False)).isascii(), program
        assert "\x1b" not in drawn(program, Screen(unicode=False)), program


def test_colours_are_as_many_as_there_are():
    program = "heatmap([[0., 1.], [2., 3.]])"
    assert "48;2;" in drawn(program, Screen(colors=TRUE_COLOR))
    indexed = drawn(program, Screen(colors=INDEXED))
    assert "48;5;" in indexed and "2;" not in ESCAPE.findall(indexed)[0].split("5;")[0]
    assert "\x1b" not in drawn(program, Screen(colors=NAMED))
    assert all(line.count("\x1b[0m") == 1 for line in indexed.split("\n")[:-2])


def test_half_blocks_hold_two_pixels():
    text = images.image(np.array([[[1.0, 0, 0]], [[0, 0, 1.0]], [[0, 1.0, 0]]]), Screen(colors=TRUE_COLOR), "")
    first, second = text.split("\n")[0], text.split("\n")[5]
    assert first.startswith("\x1b[38;2;255;0;0;48;2;255;0;0m")
    # Three pixels enlarged to five each: the last line has green above and nothing below.
    lines = images.image(np.zeros((3, 40, 3)), Screen(colors=TRUE_COLOR), "").split("\n")
    assert len(lines) == 3 and ";49m" in lines[1] and second


def test_images_come_in_every_order_of_dimensions():
    whole = drawn("imshow(full((3, 20, 30), 255, dtype=uint8))", Screen(colors=TRUE_COLOR))
    assert whole == drawn("imshow(ones(20, 30, 3))", Screen(colors=TRUE_COLOR))
    assert whole == drawn("imshow(ones(1, 3, 20, 30))", Screen(colors=TRUE_COLOR))
    assert whole == drawn("imshow(ones(1, 20, 30))", Screen(colors=TRUE_COLOR))
    assert whole == drawn("imshow(ones(20, 30, 4))", Screen(colors=TRUE_COLOR))
    assert "255;255;255" in whole and len(lines_of(whole)) == 10
    stretched = drawn("imshow(tensor([[-7., 9.]]).repeat(20, 20))", Screen(colors=TRUE_COLOR))
    assert "2;0;0;0" in stretched and "2;255;255;255" in stretched


def test_odd_numbers_are_left_out_or_told():
    gap = lines_of(drawn("plot([1, 2, nan, nan, nan, 2, 1])"))
    middle = [line[30:45].strip("│▁ ") for line in gap if line.startswith("│")]
    assert not any(middle)
    assert "inf" not in drawn("plot([1, inf, -inf, 2])")
    assert drawn("plot([nan])") == "(no finite numbers to draw)\n"
    assert "in units of 1e300" in drawn("plot([1e300, -1e300])")
    assert "in units of" in drawn("plot(tensor([1e-310, 2e-310], dtype=float64))")
    assert "(1 nan, 2 inf)" in drawn("hist([1, 2, nan, inf, -inf])")
    assert drawn("plot([5, 5, 5])") and drawn("plot(3)") and drawn("hist(tensor(3))") and drawn("heatmap(tensor(1.))")
    wide = drawn("hist(tensor([-1.7e308, 1.7e308], dtype=float64), bins=2)")
    assert wide.count(" 1 ") == 2


KINDS = (
    "True", "arange(5)", "rand(5).to(bfloat16)", "np.arange(5)", "range(5)", "(1, 2)", "[[1, 2], [3, 4]]",
    "rand(5, requires_grad=True)", "(n for n in range(3))",
)  # fmt: skip


@pytest.mark.parametrize("value", KINDS)
def test_every_kind_of_numbers_is_drawn(value):
    assert "│" in drawn(f"plot({value})")


def test_a_million_points_are_drawn_as_fewer():
    text = drawn("plot(sin(arange(10 ** 6) / 1e5))")
    assert lines_of(text)[1].strip("│ 1")
    x = np.arange(1_000_000.0)
    y = np.zeros(1_000_000)
    y[123_456] = 7
    reduced = plots._reduced(plots.Series(x, y))
    assert len(reduced.x) < 10_000 and reduced.y.max() == 7 and reduced.y.min() == 0
    back = plots.Series(x[::-1], y)
    assert plots._reduced(back) is back


def test_counts_are_numpys():
    values = np.random.default_rng(0).normal(size=1000)
    counts, edges = np.histogram(values, 7)
    rows = bars.histogram(values, 7, None, Screen(), "", False).split("\n")[:-1]
    assert [int(row.split(" - ")[1].split()[1]) for row in rows] == counts.tolist()
    assert float(rows[0].split(" - ")[0]) == pytest.approx(edges[0], rel=0.01)


def test_scatter_is_torchs_with_a_dimension():
    session = tcalc.Session()
    assert session.run("scatter(zeros(3), 0, tensor([1]), 5.).tolist()") == [0, 5, 0]
    assert session.run("scatter(zeros(3), dim=0, index=tensor([1]), value=5.).tolist()") == [0, 5, 0]
    assert session.run("scatter(input=zeros(3), dim=0, index=tensor([1]), src=ones(3)).tolist()") == [0, 1, 0]
    assert session.run("torch.scatter(zeros(3), 0, tensor([1]), 5.).tolist()") == [0, 5, 0]
    assert "draws points" in drawn("help(scatter)").replace("Draw points", "draws points")


def test_titles_and_names_are_escaped():
    assert "\x1b" not in drawn("plot({'\\x1b[31m': [1], 'b': [2]}, title='\\x1b]0;x\\x07')")
    assert "\x1b" not in drawn("hist([1], title='\\x1b[31m')") + drawn("heatmap([1], title='\\x1b[31m')")


def test_spark_is_text_of_one_line():
    session = tcalc.Session()
    assert session.run("spark([1, 2, 3])") == "▁▄█" or len(session.run("spark([1, 2, 3])")) == 3
    assert len(session.run("spark(rand(1000))")) == 70
    session.screen = lambda: Screen(unicode=False)
    assert session.run("spark(arange(9))").isascii()


# ---------------------------------------------------------------- the command


def test_in_pipes(tcalc):
    done = tcalc("plot(sin(x / 10))", stdin="\n".join(map(str, range(100))))
    assert (done.returncode, done.stderr) == (0, "")
    assert "┌" in done.stdout and "\x1b" not in done.stdout and max(map(len, done.stdout.split("\n"))) <= 80
    assert tcalc("spark([1, 2, 3])").stdout.rstrip("\n").strip("▁▂▃▄▅▆▇█") == ""
    tcalc.environment["TERM"] = "dumb"
    assert tcalc("plot([1, 2])").stdout.isascii()
    tcalc.environment |= {"TERM": "xterm", "LC_ALL": "C"}
    assert tcalc("heatmap(eye(3))").stdout.isascii()


def test_tables_draw_their_columns(tcalc):
    (tcalc.folder / "t.csv").write_text("a,name,b\n1,x,4\n2,y,5\n3,z,7\n")
    done = tcalc("plot(c)", "t.csv")
    assert "* a" in done.stdout and "+ b" in done.stdout and "name" not in done.stdout
    assert "not" in tcalc("hist(c.name)", "t.csv").stderr


def terminal(tcalc, program, columns, rows, **environment):
    child = pexpect.spawn(
        sys.executable, ["-m", "tcalc", program], cwd=str(tcalc.folder), env={**tcalc.environment, **environment},
        encoding="utf-8", timeout=60, dimensions=(rows, columns),
    )  # fmt: skip
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    return child.before.replace("\r\n", "\n")


def test_on_a_terminal(tcalc):
    text = terminal(tcalc, "plot([1, 2, 3])", 100, 30)
    assert "\x1b[34m" in text and 80 < max(map(len, lines_of(text))) <= 100
    assert "48;2;" in terminal(tcalc, "imshow(eye(9))", 80, 24, COLORTERM="truecolor")
    assert "48;5;" in terminal(tcalc, "imshow(eye(9))", 80, 24, TERM="xterm-256color")
    assert "\x1b" not in terminal(tcalc, "plot([1, 2])", 80, 24, NO_COLOR="1")
    assert terminal(tcalc, "plot([1, 2])", 80, 24, TERM="dumb").isascii()
