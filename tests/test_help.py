"""Help: a page for everything that a program can name, and only what it needs is loaded for one."""

from __future__ import annotations

import subprocess
import sys

import pytest
import transcripts

import tcalc
from tcalc.interp.lookup import first_line
from tcalc.interp.math_names import NAMES
from tcalc.interp.own_names import own_names
from tcalc.interp.python_builtins import BUILTINS
from tcalc.interp.python_words import WORDS
from tcalc.interp.type_tokens import PYTHON_TYPES
from tcalc.show import help as helping
from tcalc.show.help import functions, index, language
from tcalc.syntax.operators import OPERATORS


def printed(*lines):
    """What a program prints."""
    pieces = []
    session = tcalc.Session(write=pieces.append)
    for line in lines:
        session.run(line)
    return "".join(pieces)


def run_examples(text, where):
    pieces = []
    session = tcalc.Session(write=pieces.append)
    steps = transcripts.parse_docstring(text)
    for step in steps:
        assert transcripts.run_step(session, pieces, step.source) == step.expected, f"{where}: {step.source}"
    return steps


@pytest.mark.parametrize("topic", list(language.topics()), ids=lambda topic: topic.name)
def test_the_examples_of_the_language_run(topic):
    steps = run_examples(topic.text, topic.name)
    assert steps or topic.name == "differences"


@pytest.mark.parametrize("name", [name for name, value in own_names().items() if ">>>" in (value.doc or "")])
def test_the_examples_of_own_functions_run(name):
    assert run_examples(own_names()[name].doc, name)


def test_every_function_has_a_page():
    session = tcalc.Session()
    for entry in index.entries().values():
        if not entry.signature:
            continue
        page = helping.page(entry.path, session)
        assert page, entry.path
        first, *rest = page.split("\n")
        assert entry.name in first, entry.path
        # The whole summary stands there, however it is wrapped.
        assert entry.summary.split()[-1].rstrip(".:") in " ".join(rest), entry.path
        assert "\x1b" not in page and "``" not in page, entry.path


def test_every_entry_has_a_signature_or_is_no_function():
    calls = [entry for entry in index.entries().values() if entry.signature]
    assert len(calls) > 800
    assert all(entry.summary for entry in calls), [entry.path for entry in calls if not entry.summary]


def test_summaries_fit_a_line_of_a_menu():
    long = [f"{entry.path}: {entry.summary}" for entry in index.entries().values() if len(entry.summary) > 72]
    long += [name for name, value in own_names().items() if len(first_line(value.doc)) > 72]
    assert not long, "the first paragraph of a docstring is one line of up to 72 characters; more goes below it"


def test_families_have_titles_and_known_names():
    families = {entry.family for entry in index.entries().values() if entry.signature}
    assert families == set(index.FAMILIES)
    for _, names in index.FAMILIES.values():
        for name in names.split():
            assert index.find(name) is not None, name


@pytest.mark.parametrize("symbol", sorted({row.symbol for row in OPERATORS} | {"@=", "()", "[]"}))
def test_every_operator_has_a_page(symbol):
    page = helping.page(symbol)
    assert page is not None
    assert all(row.help in page for row in OPERATORS if row.symbol == symbol)


def test_operators_name_their_function_and_place():
    page = helping.page("?@")
    assert "a @ b" in page and "torch.matmul" in page and "a @= b" in page
    assert "a ** (b ** c)" in helping.page("**")
    assert "a - b" in helping.page("-") and "-a" in helping.page("-")


def test_python_names_have_words():
    assert set(BUILTINS) | {"print"} | set(PYTHON_TYPES) == {name for name in WORDS if "." not in name}
    session = tcalc.Session()
    for name in WORDS:
        assert WORDS[name][1], name
        assert helping.page(name, session), name


def test_math_and_numpy_have_pages():
    session = tcalc.Session()
    for name, value in NAMES.items():
        if hasattr(value, "invoke"):
            assert helping.page(f"math.{name}", session).startswith(f"math.{name}("), name
    page = helping.page("np.median", session)
    assert page.startswith("numpy.median(") and "NumPy's words" in page
    assert "cholesky" in helping.page("np.linalg", session)


def test_methods_dtypes_and_variables():
    session = tcalc.Session()
    session.run("def scaled(x, by=2, *rest, flag=True, **more):\n    'Times a number.'\n    return x\ny = rand(3)")
    assert helping.page("x.add_()", session).startswith("x.add_(other, *, alpha=1)")
    assert helping.page("view", session).startswith("x.view(*size")
    assert "transpose" in helping.page("y.T", session)
    assert "torch.half" in helping.page("torch.float16", session)
    assert "-128 to 127" in helping.page("int8", session)
    assert helping.page("scaled", session).startswith(
        "scaled(x, by=2, *args, flag=True, **kwargs)\n\n  Times a number."
    )
    assert helping.page("y", session).startswith("y is a tensor: (3,) float32")
    assert helping.page("y.nonsense", session) is None
    assert helping.page("nonsense", session) is None


def test_a_variable_hides_a_function():
    pieces = []
    session = tcalc.Session(write=pieces.append)
    session.run("sum = 3\nhelp('sum')\ndel sum\nhelp('sum')")
    assert "value of type int: 3" in pieces[0] and pieces[1].startswith("sum(input")


def test_names_of_the_calculators_own_come_before_torchs():
    session = tcalc.Session()
    assert helping.page("load", session).startswith("load(path") and "torch.load is another" in helping.page(
        "load", session
    )
    assert helping.page("torch.load", session).startswith("load(f")
    assert helping.summary("load", session) != helping.summary("torch.load", session)
    assert helping.page("scatter", session).startswith("scatter(x=None, y=None")
    assert printed("help(load)").startswith("load(path") and printed("help(torch.load)").startswith("load(f")


def test_values_types_and_methods_of_python():
    assert printed("help([[1, 2], [3, 4]])").startswith("x is a tensor: (2, 2) int64")
    assert printed("help(rand(3).shape)") == "It is a value of type torch.Size: torch.Size([3])\n"
    assert printed("help(float)").startswith("float(x=0.0)") and printed("help('float')").startswith("float(x=0.0)")
    assert printed("help('torch.float')").startswith("torch.float32   floating")
    assert printed("help(str.split)").startswith("str.split(") and "substrings" in printed("help('str.split')")
    assert printed("s = 'a b'", "help(s.split)").startswith("split(sep=None, maxsplit=-1)")
    assert printed("help('itertools.chain')").startswith("itertools.chain(")
    assert "requires_grad" in printed("help(Tensor)") and "An exception" in printed("help(ValueError)")
    assert printed("help(torch)").startswith("torch\n\nMaking tensors\n  ")
    assert len(printed("help('x' * 10000)")) < 200


def test_tables_and_bundles_say_what_they_hold(tcalc):
    (tcalc.folder / "t.csv").write_text("city,price\nOslo,2.5\n")
    assert "price  (1,) float64" in tcalc("help(c)", "t.csv").stdout
    assert "w  float32  (2,)" in tcalc("help(bundle({'w': ones(2)}))").stdout


def test_values_from_files_are_escaped():
    assert "\x1b" not in printed("x = {'\\x1b[31m': 1}", "help(x)")


def test_a_shared_name_tells_of_both():
    page = printed("help(sum)")
    assert page.startswith("sum(input, dim=None") and "Without a tensor: sum(values, start=0)" in page
    assert (
        printed("help('sum')")
        == page
        == printed("help(torch.sum)").replace("", "") + page[len(printed("help(torch.sum)")) :]
    )


def test_unknown_names_get_a_proposal():
    assert "did you mean softmax?" in printed("help('sofmax')")


def test_search_by_name_word_and_mistake():
    found = [name for name, _ in helping.search("mean")]
    assert found[0] == "mean" and "std_mean" in found
    assert ("cov", index.find("cov").summary) in helping.search("covarianse")
    assert helping.search("hyperbolic cosine")[0][0] in ("cosh", "acosh")
    assert helping.search("xyzzyplugh") == helping.search("") == []
    assert "nothing found" in printed("search('xyzzyplugh')")
    assert printed("search('covarianse')").startswith("nothing found for 'covarianse'; what has 'covariance':\ncov")
    assert "for" in [name for name, _ in helping.search("loop", tcalc.Session())]
    assert helping.search("rearrange", tcalc.Session())[0][0] == "rearrange"


def test_outer_layers_add_topics():
    session = tcalc.Session()
    session.shelves.append(lambda: [language.Topic(":save", "save", "Write the session.", ">>> 1")])
    assert helping.page(":save", session).startswith(":save   Write the session.")
    assert helping.summary(":save", session) == "Write the session."
    assert ":save" in helping.overview(session)


def test_the_overview_names_every_family_and_topic():
    text = helping.overview()
    assert all(family in text for family in index.FAMILIES)
    assert all(topic.name in text for topic in language.topics())
    assert max(map(len, text.split("\n"))) <= functions.WIDTH


def test_short_answers_for_menus():
    assert helping.signature("cat") == "cat(tensors, dim=0, *, out=None)"
    assert helping.summary("F.relu") == "Each element, or zero where it is negative."
    assert helping.signature("nonsense") == helping.summary("nonsense") == ""
    assert helping.summary("len", tcalc.Session()).startswith("The number of items")


def test_one_page_loads_one_family():
    program = (
        "import sys, tcalc; tcalc.Session(write=len).run('help(\"matmul\")'); "
        "print('tcalc.ops.linalg.matmul' in sys.modules, 'tcalc.ops.signal.fft' in sys.modules, 'rich' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False", "False"]


def test_options_and_commands_of_the_shell_have_pages():
    from tcalc.cli.topics import topics

    session = tcalc.Session()
    session.shelves.append(topics)
    assert helping.page("--to", session) == helping.page("-o", session)
    assert "-o FORMAT|FILE, --to FORMAT|FILE" in helping.page("-o", session)
    assert helping.page("--no-header", session).startswith("--header")
    assert helping.page(":vars", session).startswith(":vars   The variables")
    assert ":quit" in helping.overview(session) and "--dtype" in helping.overview(session)
    assert ("--seed", helping.summary("--seed", session)) in helping.search("seed", session)


def test_help_from_the_command_line(tcalc):
    done = tcalc("help('for')")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("for   Run a block")
    assert "a @ b" in tcalc("help('@')").stdout
    assert tcalc("help('--seed')").stdout.startswith("--seed   Seed the random generator")
    assert tcalc("?sum").stdout == tcalc("sum?").stdout == tcalc("-e", "? sum").stdout == tcalc("help(sum)").stdout
    assert tcalc("?").stdout.startswith("tcalc: a tensor calculator")
    assert tcalc("1 + 1 # why?").stdout == "2\n"
    assert tcalc("help").stdout == "<built-in function help>\n"
