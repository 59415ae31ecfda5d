"""What is typed or pasted, as text: when Enter runs it, how the next line begins, what is left of a transcript."""

from __future__ import annotations

import pytest

from tcalc.shell.entry import is_command, is_complete, next_indent, quit_status, syntax_fault
from tcalc.shell.paste import cleaned


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("1 + 1", True),
        ("", True),
        ("1 +", True),
        ("(1,", False),
        ("f(", False),
        ("[1,\n2]", True),
        ("a = (1,\n    2)", True),
        ("if x:", False),
        ("if x: y", True),
        ("if x:\n    y", False),
        ("if x:\n    y\n", True),
        ("def f():\n    return 1\n", True),
        ("'''abc", False),
        ("1 \\", False),
        ("x = = 2", True),
        (":vars", True),
        ("sum?", True),
        ("  1 + 1", True),
    ],
)
def test_when_enter_runs_the_text(text, complete):
    assert is_complete(text) is complete


def test_a_pasted_block_needs_no_empty_line():
    assert is_complete("if x:\n    y", pasted=True)
    assert not is_complete("if x:\n    (y,", pasted=True)


@pytest.mark.parametrize(
    ("text", "blanks"),
    [
        ("a = 1", 0),
        ("if x:", 4),
        ("if x:  # why", 4),
        ("if x:\n    y", 4),
        ("if x:\n    while y:", 8),
        ("def f():\n    return 1", 0),
        ("for i in x:\n    if i:\n        break", 4),
        ("a = (1,", 4),
        ("if x:\n    f(1,", 8),
        ("def f(a,\n    b=2):", 4),
        ("if x:\n    a = [\n        1]", 4),
        ("x = {'a':", 4),
        ("x = 'a:'", 0),
        ("if x:\n    ", 4),
    ],
)
def test_the_next_line_is_indented(text, blanks):
    assert next_indent(text) == " " * blanks


@pytest.mark.parametrize("text", [":vars", "?", "?sum", "sum?", "torch.linalg.svd?", " :vars", "%timeit x", "!ls"])
def test_commands(text):
    assert is_command(text)


@pytest.mark.parametrize("text", ["a[1:2]", "x = 1 # why?", "'?'", "a + b?", "{1: 2}", "a\n%b"])
def test_no_commands(text):
    assert not is_command(text)


def test_ways_to_say_that_one_leaves():
    assert [quit_status(text) for text in ("exit", "quit()", "exit( 3 )", "exit;")] == ["", "", "3", ""]
    assert [quit_status(text) for text in ("exits", "exit + 1", "quit(a)")] == [None, None, None]


def test_a_fault_is_where_it_is_on_the_screen():
    fault = syntax_fault("   x = = 2")
    assert (fault.span.start, fault.span.end) == (7, 8)


DOCUMENTED = """def f():
    '''
    >>> f()
    1
    '''
    return 1
"""


@pytest.mark.parametrize(
    ("pasted", "source"),
    [
        ("a = 1\nb = 2\n", "a = 1\nb = 2"),
        ("    a = 1\n    b = 2\n", "a = 1\nb = 2"),
        (">>> a = 1\n>>> a\n1\n>>> b = 2", "a = 1\na\nb = 2"),
        (">>> for i in x:\n...     print(i)\n...\n1\n2\n", "for i in x:\n    print(i)"),
        ("In [1]: a = 1\n\nIn [2]: a\nOut[2]: 1\n", "a = 1\na"),
        ("In [1]: def f():\n   ...:     return 1\n   ...: \n\nIn [2]: f()\nOut[2]: 1", "def f():\n    return 1\n\nf()"),
        ("In [5]:\nx = 1\nx\nOut[5]:\n1\nIn [6]:\ny = 2\n", "x = 1\nx\ny = 2"),
        ("Example::\n\n    >>> torch.ones(2)\n    tensor([1., 1.])\n", "torch.ones(2)"),
        (">>> x\ntensor([[1, 2],\n        ...,\n        [3, 4]])\n>>> y", "x\ny"),
        (DOCUMENTED, DOCUMENTED.strip()),
        ("%matplotlib inline\n!pip install torch\nx = 1\n", "x = 1"),
        ("%%time\nx = 1\n", "x = 1"),
        ("x = (7\n% 3)", "x = (7\n% 3)"),
        ("a = 1\r\nb = 2\r", "a = 1\nb = 2"),
        ("\x1b[32ma\x1b[0m = 1\x07", "a = 1"),
        ("if x:\u00a0\n\u00a0\u00a0y", "if x: \n  y"),
    ],
)  # fmt: skip
def test_what_is_left_of_a_paste(pasted, source):
    assert cleaned(pasted).source == source


def test_what_was_left_out_is_told():
    assert cleaned("!ls\nx = 1").notes == ["skipped 1 line meant for another shell: !ls"]
    assert cleaned(">>> 1").has_prompts and not cleaned("1").has_prompts
