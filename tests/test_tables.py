"""Tables in the language: columns, masks over rows, text columns, sorting, groups, and how they print."""

from __future__ import annotations

import re

import numpy as np
import pytest

import tcalc
from tcalc.engine.grouping import ALONG_ROWS
from tcalc.engine.table import Table, unique_names
from tcalc.engine.tensor import wrap
from tcalc.engine.text_column import TextColumn
from tcalc.show.text import repr_text

HOSTS = ["web1", "web2", "web1", "db", "web2"]
MS = [12.5, 3.25, 100.0, 7.0, 1.0]


def log():
    return Table(
        {
            "host": TextColumn(HOSTS),
            "ms": wrap(np.array(MS)),
            "code": wrap(np.array([200, 404, 200, 500, 200])),
        }
    )


def run(source, **variables):
    session = tcalc.Session(write=lambda text: None)
    session.variables["c"] = log()
    session.variables.update(variables)
    return session.run(source)


def plain(value):
    if isinstance(value, Table):
        return {name: plain(column) for name, column in value.items()}
    return value.cells if isinstance(value, TextColumn) else value.tolist() if hasattr(value, "tolist") else value


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("c.ms", MS),
        ("c['ms']", MS),
        ("c[0]", HOSTS),
        ("c[-1]", [200, 404, 200, 500, 200]),
        ("c.names", ["host", "ms", "code"]),
        ("list(c.keys())", ["host", "ms", "code"]),
        ("len(c)", 5),
        ("c.rows", 5),
        ("tuple(c.shape)", (5, 3)),
        ("'ms' in c", True),
        ("'foo' in c", False),
        ("c.x[0]", [12.5, 200.0]),
        ("c[c.ms > 5].code", [200, 200, 500]),
        ("c[c.ms > 5].host", ["web1", "web1", "db"]),
        ("c[(c.host == 'web2') & (c.code == 200)].ms", [1.0]),
        ("c[1:3].host", ["web2", "web1"]),
        ("c[[0, -1]].ms", [12.5, 1.0]),
        ("c[torch.tensor([3])].host", ["db"]),
        ("c[['ms', 'host']].names", ["ms", "host"]),
        ("c.head(2).ms", [12.5, 3.25]),
        ("c.tail(2).ms", [7.0, 1.0]),
        ("c.tail(0).ms", []),
        ("c.sort('ms').ms", [1.0, 3.25, 7.0, 12.5, 100.0]),
        ("c.sort('ms', descending=True).host", ["web1", "web1", "db", "web2", "web2"]),
        ("c.sort('host', 'ms').ms", [7.0, 12.5, 100.0, 1.0, 3.25]),
        ("[row['host'] for row in c][:2]", ["web1", "web2"]),
        ("[float(row['ms']) for row in c][:2]", [12.5, 3.25]),
        ("del c['ms']; c.names", ["host", "code"]),
        ("c.twice = c.ms * 2; c.twice", [25.0, 6.5, 200.0, 14.0, 2.0]),
        ("c['kind'] = 'a'; c.kind.unique()", ["a"]),
        ("c['n'] = 1; c.n", [1] * 5),
        ("c.short = [h[:2] for h in c.host]; c.short.unique()", ["db", "we"]),
    ],
)
def test_columns_and_rows(source, expected):
    assert plain(run(source)) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("c.host == 'web1'", [True, False, True, False, False]),
        ("c.host != 'web1'", [False, True, False, True, True]),
        ("c.host == 'nowhere'", [False] * 5),
        ("c.host < 'web1'", [False, False, False, True, False]),
        ("c.host <= 'web1'", [True, False, True, True, False]),
        ("c.host > 'web1'", [False, True, False, False, True]),
        ("c.host >= 'web'", [True, True, True, False, True]),
        ("c.host == c.host.lower()", [True] * 5),
        ("c.host[:2] == c[3:].host", [False, True]),
        ("c.host.isin(['db', 'web2'])", [False, True, False, True, True]),
        ("c.host.contains('b1')", [True, False, True, False, False]),
        ("c.host.startswith('web')", [True, True, True, False, True]),
        ("c.host.endswith('2')", [False, True, False, False, True]),
        ("c.host.lengths()", [4, 4, 4, 2, 4]),
        ("'db' in c.host", True),
        ("'x' in c.host", False),
        ("c.host[-2]", "db"),
        ("c.host.unique()", ["db", "web1", "web2"]),
        ("c.host[c.ms > 5].unique()", ["db", "web1"]),
        ("c.host.upper()[0]", "WEB1"),
        ("c.host.sort()", ["db", "web1", "web1", "web2", "web2"]),
        ("c.host.min(), c.host.max()", ("db", "web2")),
        ("[h for h in c.host][0]", "web1"),
        ("len(c.host)", 5),
    ],
)
def test_text_columns(source, expected):
    assert plain(run(source)) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("c.group('host').ms.mean()", {"host": ["db", "web1", "web2"], "ms": [7.0, 56.25, 2.125]}),
        ("c.group('host').size()", {"host": ["db", "web1", "web2"], "size": [1, 2, 2]}),
        ("c.group('host').sum()", {"host": ["db", "web1", "web2"], "ms": [7.0, 112.5, 4.25], "code": [500, 400, 604]}),
        ("c.group('code').ms.max()", {"code": [200, 404, 500], "ms": [100.0, 3.25, 7.0]}),
        ("c.group('code', 'host').size()",
         {"code": [200, 200, 404, 500], "host": ["web1", "web2", "web2", "db"], "size": [2, 1, 1, 1]}),
        ("c.group('host').ms.first()", {"host": ["db", "web1", "web2"], "ms": [7.0, 12.5, 3.25]}),
        ("c.group('host').code.last()", {"host": ["db", "web1", "web2"], "code": [500, 200, 200]}),
        ("c.group('code').host.max()", {"code": [200, 404, 500], "host": ["web2", "web2", "db"]}),
        ("c.group('host').ms.mean()['web1']", 56.25),
        ("{h: float(m) for h, m in c.group('host').ms.mean()}", {"db": 7.0, "web1": 56.25, "web2": 2.125}),
        ("dict(c.group('code').ms.max())", {200: 100.0, 404: 3.25, 500: 7.0}),
        ("c.group('host').ms.mean().ms.max()", 56.25),
        ("c.group('host').ms.mean().sort('ms').host", ["web2", "db", "web1"]),
        ("c.group(c.ms > 5).size()", {"group": [False, True], "size": [2, 3]}),
        ("c.group([h[:2] for h in c.host]).size()", {"group": ["db", "we"], "size": [1, 4]}),
        ("[(host, len(rows)) for host, rows in c.group('host')]", [("db", 1), ("web1", 2), ("web2", 2)]),
        ("{h: float(ms.sum()) for h, ms in c.group('host').ms}", {"db": 7.0, "web1": 112.5, "web2": 4.25}),
        ("c.group('host')['web1'].ms", [12.5, 100.0]),
        ("c.group('host').ms['web1']", [12.5, 100.0]),
        ("c.group('host', 'code').keys()[0]", ("db", 500)),
        ("'db' in c.group('host')", True),
        ("len(c.group('host'))", 3),
        ("c.group('code').host.unique()", {200: ["web1", "web2"], 404: ["web2"], 500: ["db"]}),
        ("c[c.ms > 1000].group('host').ms.mean()", {"host": [], "ms": []}),
    ],
)  # fmt: skip
def test_groups(source, expected):
    assert plain(run(source)) == expected


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("c.mss", "AttributeError", "there is no column 'mss'"),
        ("c['mss']", "AttributeError", "there is no column 'mss'"),
        ("c[7]", "IndexError", "column 7 is out of bounds for a table of 3 columns"),
        ("c[c.ms[:2] > 5]", "IndexError", "a mask of 2 does not fit a table of 5 rows"),
        ("c[[9]]", "IndexError", "index 9 is out of bounds for a table of 5 rows"),
        ("c[1.5]", "TypeError", "a table is indexed by numbers, slices and masks, not by float"),
        ("c[c.ms > 5, 'ms']", "TypeError", "a table takes one index: rows first, then a column"),
        ("c.host == 3", "TypeError", "a text column compares with text, not with int"),
        ("c.host < 3", "TypeError", "a text column compares with text, not with int"),
        ("c.host[9]", "IndexError", "index 9 is out of bounds for a text column of 5 cells"),
        ("c.host.isin('web1')", "TypeError", "isin expects a list of texts, not one text"),
        ("c.sort()", "TypeError", "sort expects the name of a column"),
        ("c.sort('mz')", "AttributeError", "there is no column 'mz'"),
        ("c.group('host').nothing", "AttributeError", "there is no column 'nothing'"),
        ("c.group('host').ms.nothing()", "AttributeError", "a grouped column of numbers has no method 'nothing'"),
        ("c.group('host')['x']", "KeyError", "'x'"),
        ("c.ms = [1, 2]", "ValueError", "a column of 2 does not fit a table of 5 rows"),
        ("c.ms = None", "TypeError", "a column is a tensor or texts, not NoneType"),
        ("del c['mz']", "AttributeError", "there is no column 'mz'"),
        ("c.__class__", "AttributeError", "there is no column '__class__'"),
        ("c._columns", "AttributeError", "there is no column '_columns'"),
        ("c.group('host')._order", "AttributeError", "there is no column '_order'"),
    ],
)
def test_faults(source, kind, message):
    with pytest.raises(tcalc.TcalcError) as caught:
        run(source)
    assert caught.value.kind == kind
    assert message in caught.value.message


def test_a_column_hides_what_every_table_has():
    table = Table({"names": wrap(np.array([1, 2])), "sort": wrap(np.array([3, 4]))})
    assert run("c.names", c=table).tolist() == [1, 2]
    assert run("c.sort", c=table).tolist() == [3, 4]


def test_nan_is_last_and_a_group_of_its_own():
    table = Table({"a": wrap(np.array([2.0, np.nan, 1.0, np.nan])), "n": wrap(np.array([1, 2, 3, 4]))})
    assert run("c.sort('a').n", c=table).tolist() == [3, 1, 2, 4]
    assert run("c.sort('a', descending=True).n", c=table).tolist() == [1, 3, 2, 4]
    assert run("c.group('a').size().size", c=table).tolist() == [1, 1, 2]


def test_a_column_is_made_when_it_is_asked_for():
    made = []

    def column(name):
        made.append(name)
        return wrap(np.array([1.0, 2.0]))

    table = Table({"a": lambda: column("a"), "b": lambda: column("b")}, rows=2)
    assert run("c.b.sum(), len(c), c.names", c=table)[0].item() == 3.0
    assert made == ["b"]


def test_choosing_rows_makes_no_column_that_nobody_asks_for():
    def never():
        raise AssertionError

    table = Table({"a": wrap(np.array([1, 2, 3])), "b": never, "c": lambda: TextColumn("xyz")}, rows=3)
    assert plain(run("d = c[c.a > 1]; d.c, len(d), d.a", c=table)[0]) == ["y", "z"]
    assert run("len(c[c.a > 1].head(1)), len(c[[0, 0]]), len(c.sort('a', descending=True)[1:])", c=table) == (1, 2, 2)


def test_a_column_with_rows_of_its_own_is_several_in_a_csv(tcalc):
    program = "c.pair = stack([c.a, c.b], 1); c"
    assert tcalc("-o", "csv", program, stdin="a,b\n1,2\n3,4\n").stdout == "a,b,pair.0,pair.1\n1,2,1,2\n3,4,3,4\n"


def test_rows_taken_are_copies():
    assert run("d = c[0:2]; d.ms.zero_(); c.ms").tolist() == MS


def test_names_are_unique():
    assert unique_names(["a", "", "a", "a_2", "a"]) == ["a", "column2", "a_2", "a_2_2", "a_3"]


def test_a_table_prints_in_columns():
    assert repr_text(log()) == (
        "host        ms  code\n"
        "web1   12.5000   200\n"
        "web2    3.2500   404\n"
        "web1  100.0000   200\n"
        "db      7.0000   500\n"
        "web2    1.0000   200"
    )


def test_long_tables_are_shortened_and_cells_escaped():
    table = Table({"n": wrap(np.arange(100)), "text": TextColumn(["\x1b[31mred\n" + "x" * 80] * 100)})
    lines = repr_text(table).split("\n")
    assert len(lines) == 1 + 10 + 1 + 10 + 1
    assert lines[-1] == "[100 rows x 2 columns]"
    assert lines[11].split() == ["...", "..."]
    assert lines[1].startswith("  0  \\x1b[31mred\\x0a") and lines[1].endswith("…")


def test_wide_characters_keep_their_place():
    table = Table({"city": TextColumn(["東京", "Oslo"]), "n": wrap(np.array([1, 2]))})
    assert repr_text(table).split("\n")[1:] == ["東京  1", "Oslo  2"]


def test_a_result_a_group_is_written_without_a_head(tcalc):
    data = "host,ms\nweb1,12.5\nweb2,3.25\nweb1,100\n"
    assert tcalc("c.group('host').ms.mean()", stdin=data).stdout == "web1\t56.25\nweb2\t3.25\n"
    assert tcalc("-o", "csv", "c.group('host').ms.mean()", stdin=data).stdout == "host,ms\nweb1,56.25\nweb2,3.25\n"
    assert tcalc("c[c.ms > 5]", stdin=data).stdout == "host\tms\nweb1\t12.5\nweb1\t100.0\n"


def test_an_input_with_a_name_has_columns_too(tcalc, tmp_path):
    (tmp_path / "sales.csv").write_text("price,n\n2.5,4\n1,2\n")
    assert tcalc("(sales.price * sales.n).sum()", "sales=sales.csv").stdout == "12.0\n"
    assert tcalc("sales.mean(0)", "sales=sales.csv").stdout == "1.75\n3.0\n"
    assert "no attribute 'prize'" in tcalc("sales.prize", "sales=sales.csv").stderr
    assert tcalc("sales.group('n').price.sum()", "sales=sales.csv").stdout == "2\t1.0\n4\t2.5\n"
    assert tcalc("load('sales.csv').table.sort('price').n").stdout == "2\n4\n"


def test_a_dictionary_of_columns_is_a_table_to_csv(tcalc):
    program = "{'a': [1, 2], 'b': ['x', 'y'], 'c': tensor([0.5, 1.5])}"
    assert tcalc("-o", "csv", program).stdout == "a,b,c\n1,x,0.5\n2,y,1.5\n"
    assert tcalc("-o", "csv", "{'a': [1, 2], 'b': [1]}").returncode == 4
    assert tcalc("-o", "csv", "{'h': c.host, 'n': c.n * 2}", stdin="host,n\na,1\nb,2\n").stdout == "h,n\na,2\nb,4\n"


def test_every_group_warns_of_the_same_thing_once():
    session = tcalc.Session(write=lambda text: None)
    said = []
    session.state.warn = said.append
    session.variables["c"] = log()
    session.run('c.group("code").ms.std()')
    assert len(said) == 1 and said[0].startswith("std(): degrees of freedom")
    session.run("for _ in range(2):\n  ones(1).std()\n")
    assert len(said) == 3


def test_groups_by_a_list_of_names():
    assert plain(run('c.group(["host", "code"]).ms.sum()')) == plain(run('c.group("host", "code").ms.sum()'))
    assert plain(run('c.group(["a", "b", "a", "a", "b"]).ms.sum()')) == {"group": ["a", "b"], "ms": [119.5, 4.25]}


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "bool"])
@pytest.mark.parametrize("name", sorted(ALONG_ROWS))
def test_groups_of_one_size_are_computed_together_to_the_same_bits(name, dtype):
    chance = np.random.default_rng(5)
    keys, cells = chance.integers(0, 60, 1000), chance.normal(size=1000) * 9
    cells[::97] = np.nan
    table = Table(
        {"k": wrap(keys), "v": wrap(cells.astype(dtype) if dtype != "int64" else cells.round().view("int64"))}
    )
    q = "0.3" if "quantile" in name else ""
    session = tcalc.Session(write=lambda text: None)
    session.variables["c"] = table
    try:
        session.run(f"one_by_one = [v.{name}({q}) for _, v in c.group('k').v]")
    except tcalc.TcalcError as fault:
        with pytest.raises(tcalc.TcalcError, match=re.escape(str(fault))):
            session.run(f"c.group('k').v.{name}({q})")
    else:
        together = session.run(f"c.group('k').v.{name}({q})").column("v")
        expected = session.run("stack(one_by_one)")
        assert together.dtype is expected.dtype
        np.testing.assert_array_equal(together.numpy(), expected.numpy())
