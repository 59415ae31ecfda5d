"""The shell as a person meets it: on a terminal, key by key."""

from __future__ import annotations

import os
import sys

import pytest
from golden_programs import GOLDEN, cells
from screen import Screen


@pytest.fixture
def screen(tcalc):
    with Screen(tcalc) as shell:
        yield shell.prompt()


# ---------------------------------------------------------------- entries


def test_it_evaluates_and_echoes(screen):
    screen.enter("a = [1, 2] * 21")
    screen.enter("a", "tensor([21, 42])")
    screen.enter("print(a.sum())", "63")
    screen.enter("print('no', 'end', end='')", "\nno end\n>>>")
    screen.enter("a * 2;")
    assert "84" not in screen.text
    assert screen.leave() == 0


def test_an_error_keeps_the_session_and_gives_the_exit_status(screen):
    screen.enter("a = 7")
    screen.enter("a / 0", "ZeroDivisionError: division by zero")
    screen.enter("a + 1", "\n8")
    screen.enter("zeros(2) @ zeros(3)", "inconsistent tensor size")
    assert screen.leave() == 5


@pytest.mark.parametrize(
    ("line", "status"), [("exit", 0), ("quit()", 0), ("exit(3)", 3), (":quit", 0), (":quit 4", 4), (":q", 0)]
)
def test_ways_to_leave(screen, line, status):
    assert screen.type(line + "\r").end() == status


def test_blocks_are_typed_with_their_indentation(screen):
    screen.type("for i in range(2):\r").wait(lambda screen: screen.cursor_line() == "...")
    screen.type("if i:\r").type("print('turn', i + 40)\r").wait(lambda screen: screen.cursor_line() == "...")
    screen.type("\r").wait("turn 41").prompt()


def test_open_brackets_and_alt_enter_go_to_the_next_line(screen):
    screen.type("a = (1,\r").wait(lambda screen: screen.cursor_line() == "...").type("2)\r").prompt()
    screen.type("b = 5\x1b\r").wait(lambda screen: screen.cursor_line() == "...").type("a[1] * b\r").wait(
        "\n10"
    ).prompt()


def test_a_syntax_error_stays_to_be_mended_or_is_reported(screen):
    screen.type("x = = 2\r").wait("SyntaxError: invalid syntax")
    assert "error:" not in screen.text
    screen.type("\x1b[3~\r").prompt()  # the cursor is where the fault is: Delete takes it away
    screen.enter("x", "\n2")
    screen.type("y = = 3\r").wait("found '='").type("\r").wait("error: SyntaxError").prompt()
    assert screen.leave() == 3


def test_the_values_of_entries_by_number(screen):
    screen.enter("20 + 1", "21")
    screen.enter("a = _ * 2")
    screen.enter("a", "42")
    screen.enter("_1 + _3", "63")
    screen.enter("_ + __", "105")
    assert "_1" not in screen.enter(":vars", "name").text.split(":vars")[1]


# ---------------------------------------------------------------- while typing


def test_the_shape_and_the_call_are_shown_while_typing(tcalc):
    with Screen(tcalc, columns=120) as screen:
        screen.prompt().enter("a = rand(3, 4); b = rand(4, 5)")
        screen.type("y = a @ b").wait("y: (3, 5) float32").interrupt().prompt()
        screen.type("a @ a").wait("mat1 and mat2 shapes cannot be multiplied (3x4 and 3x4)").interrupt().prompt()
        screen.type("a.sum(1").wait("sum(dim=None, keepdim=False").wait("(3,) float32").type(")\r").wait(
            "tensor("
        ).prompt()


def test_the_menu_and_what_tab_does(screen):
    screen.enter("alpha = rand(3, 4)")
    screen.type("alp").wait("alpha_dropout(").type("\t").wait(">>> alpha").type(".cums").wait("The sum of each").type(
        "\t"
    )
    screen.wait(">>> alpha.cumsum").type("\r").type("(0).shape\r").wait("torch.Size([3, 4])").prompt()
    screen.type("zeros(2, dtype=").wait("float64").type("flo").wait("float8_e5m2").type("\t").wait(
        "dtype=float32"
    ).type("\r)\r")
    screen.wait("tensor([0., 0.])").prompt()


def test_proposals_come_from_the_history(screen):
    screen.enter("first = 12 + 30")
    screen.type("fir").wait("first = 12 + 30\n>>> first = 12 + 30").type("\x1b[C").type(" + 1\r").prompt()
    screen.enter("first", "43")


def test_keys_of_vi(screen):
    screen.type("\x1bOS").wait(" vi").type("1 + 1").wait("1 + 1").type("\x1b").wait("vi (command)").type("0xi4").wait(
        "4 + 1"
    )
    screen.type("\r").wait("\n5").prompt()
    screen.type("6 * 8").wait("6 * 8").type("\x1b\r").wait("\n48").prompt().type("\x1bOS").wait("emacs")


def test_the_configuration_chooses_the_keys(tcalc):
    folder = tcalc.folder / "config" / "tcalc"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('editing_mode = "vi"\nhistory_size = 0\n')
    with Screen(tcalc, env={"XDG_CONFIG_HOME": str(folder.parent)}) as screen:
        screen.prompt().wait(" vi").enter("1 + 1", "2")
        assert screen.leave() == 0
    assert not (tcalc.folder / "state" / "tcalc" / "history").exists()


def test_an_external_editor(tcalc):
    editor = tcalc.folder / "editor"
    editor.write_text("#!/bin/sh\necho '6 * 7' > \"$1\"\n")
    editor.chmod(0o755)
    with Screen(tcalc, env={"VISUAL": str(editor), "EDITOR": str(editor)}) as screen:
        screen.prompt().type("1").wait(">>> 1").type("\x18\x05").wait(">>> 6 * 7").type("\r").wait("\n42").prompt()


# ---------------------------------------------------------------- pasting


def test_the_tutorial_is_pasted_cell_by_cell(tcalc):
    sources = cells((GOLDEN / "tutorial.txt").read_text(encoding="utf-8"))
    printed = [part.split("-------- prints\n")[1] for part in (GOLDEN / "tutorial.txt").read_text().split("= cell")[1:]]
    with Screen(tcalc, rows=60, columns=160, env={"COLUMNS": None}) as screen:
        screen.enter("manual_seed(0);")
        for source, output in zip(sources, printed, strict=True):
            screen.paste(source)
            last = [line for line in source.strip().splitlines() if line.strip()][-1].strip()
            screen.wait(lambda screen: last in screen.cursor_line()).type("\r").prompt()
            wanted = [line.rstrip() for line in output.split("======")[0].strip().splitlines()]
            shown = screen.text.removesuffix("\n").splitlines()
            for line in filter(None, wanted):
                assert line in shown, f"{line!r} of\n{source}\nis not in\n{screen.text}"
        assert screen.leave() == 0


def test_a_pasted_transcript_loses_its_prompts_and_its_output(screen):
    screen.paste(">>> for i in range(2):\n...     print(i + 70)\n70\n71\n>>> 5 * 5\n25\n")
    screen.wait("5 * 5").type("\r").wait("\n25").prompt()
    assert "70\n71\n25\n>>>" in screen.text


def test_lines_for_another_shell_are_skipped_with_a_note(screen):
    screen.paste("%matplotlib inline\n!pip install torch\nx = 3\nx * 4\n").wait("note: skipped 2 lines").wait("x * 4")
    screen.type("\r").wait("\n12").prompt()


def test_a_block_that_is_pasted_as_keys_may_have_an_empty_line(screen):
    screen.type("for i in range(2):\r    x = i * 7\r\r    print(x + 30)\r\r")
    screen.wait("\n30\n37").prompt()


# ---------------------------------------------------------------- interrupts


def test_ctrl_c_gives_up_the_line(screen):
    screen.type("1 + ").wait("1 +").interrupt().prompt()
    screen.enter("2 + 2", "\n4")


def test_ctrl_c_stops_a_loop_and_keeps_the_session(screen):
    screen.enter("a = 5")
    screen.type("while not print('begun'):\rwhile True: pass\r\r").wait("\nbegun")
    screen.interrupt().wait("KeyboardInterrupt").prompt()
    screen.enter("a * 5", "\n25")
    assert screen.leave() == 0


def test_ctrl_c_twice_in_a_long_operation_says_when_it_stops(screen):
    screen.enter("a = ones(3000, 3000, dtype=torch.float64); b = a[:2, :2] @ a[:2, :2]")
    answer = "stopping as soon as the running operation is done"
    for attempt in range(1, 6):  # an interrupt that comes between two operations stops the statement at once
        screen.start("[a @ a for i in range(50)]").quiet().interrupt().quiet(0.1).interrupt()
        screen.wait(lambda screen: screen.text.count("KeyboardInterrupt") == attempt).prompt()
        if answer in screen.text:
            break
    assert answer in screen.text
    screen.enter("a[0, 0] + 1", "tensor(2., dtype=torch.float64)")


# ---------------------------------------------------------------- history


def test_two_shells_share_a_history(tcalc):
    with Screen(tcalc) as first, Screen(tcalc) as second:
        first.prompt()
        second.prompt()
        first.enter("first = 12 + 30")
        second.enter("second = 1")
        first.enter("third = 2")
        second.enter(" secret = 1")
        assert first.leave() == second.leave() == 0
    with Screen(tcalc) as later:
        later.prompt().type("\x1b[A").wait("third = 2").type("\x1b[A").wait(">>> second").type("\x1b[A").wait(
            ">>> first"
        )
        later.interrupt().prompt()
        later.type("\x12").type("12 +").wait("first = 12 + 30").type("\r\r").prompt()
        later.enter(":history 30", "second = 1")
        assert "secret" not in later.text


def test_an_entry_of_several_lines_comes_back_whole(screen):
    screen.type("a = (1,\r").wait(lambda screen: screen.cursor_line() == "...").type("2)\r").prompt()
    screen.type("\x1b[A").wait(lambda screen: screen.lines[screen.terminal.cursor.y - 1] == ">>> a = (1,")


@pytest.mark.parametrize("home", ["/nonexistent/home", "relative", "read-only"])
def test_without_a_home_folder_the_history_is_in_memory(tcalc, home):
    if home == "read-only":
        folder = tcalc.folder / "locked"
        folder.mkdir(mode=0o500)
        if os.access(folder, os.W_OK):  # a superuser writes everywhere: a file in the way is as good
            (folder / ".local").touch()
        home = str(folder)
    with Screen(tcalc, env={"HOME": home, "XDG_STATE_HOME": None}) as screen:
        screen.prompt().enter("1 + 41", "42")
        screen.type("\x1b[A").wait(lambda screen: screen.cursor_line() == ">>> 1 + 41").interrupt().prompt()
        assert "Traceback" not in screen.raw
        assert screen.leave() == 0


# ---------------------------------------------------------------- terminals


def test_a_dumb_terminal_gets_plain_lines(tcalc):
    with Screen(tcalc, env={"TERM": "dumb"}) as screen:
        screen.prompt().type("a = [1, 2]\r").wait(">>> a").type("for i in a:\r").wait("...")
        screen.type("  print(i + 70)\r\r").wait("72").type("1/0\r").wait("ZeroDivisionError").prompt()
        screen.type("1 + ").wait("1 +").interrupt().wait("^C").prompt().type("a[1] + 7\r").wait("\n9")
        assert "\x1b" not in screen.raw
        assert screen.leave() == 0


def test_a_terminal_without_a_name_gets_plain_lines(tcalc):
    with Screen(tcalc, env={"TERM": None}) as screen:
        screen.prompt().type("1 + 41\r").wait("\n42")
        assert "\x1b" not in screen.raw


def test_no_color_has_no_colours(tcalc):
    with Screen(tcalc, env={"NO_COLOR": "1"}) as screen:
        screen.prompt().enter("x = 'text'; 1.5", "1.5")
        screen.enter("1 / 0", "ZeroDivisionError")
        colours = {
            parameter
            for part in screen.raw.split("\x1b[")[1:]
            if "m" in part
            for parameter in part.split("m")[0].split(";")
        }
        assert not {str(code) for code in (*range(30, 38), *range(90, 98))} & colours


def test_a_tiny_window_and_a_resize(tcalc):
    with Screen(tcalc, rows=4, columns=20) as screen:
        screen.prompt().enter("1 + 1", "2")
        screen.resize(30, 100)
        screen.enter("ones(3) * 4", "tensor([4., 4., 4.])")
        assert screen.leave() == 0


def test_another_encoding_and_no_terminal_for_output(tcalc):
    with Screen(tcalc, env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}) as screen:
        screen.prompt().enter("'é' + 'x'", "'éx'")
    command = f"{sys.executable} -m tcalc > out.txt"
    with Screen(tcalc, argv=["bash", "-c", command]) as screen:
        screen.prompt().enter("3 * 4")
        assert screen.leave() == 0
    assert (tcalc.folder / "out.txt").read_text() == "12\n"


def test_a_sandbox_has_no_shell(tcalc):
    with Screen(tcalc, "--sandbox") as screen:
        screen.wait("error: --sandbox has no shell")
        assert screen.end() == 2


def test_data_on_standard_input_and_then_the_shell(tcalc):
    command = f"printf '1 2\\n3 4\\n' | {sys.executable} -m tcalc -i 'x.mean()'"
    with Screen(tcalc, argv=["bash", "-c", command]) as screen:
        screen.wait("2.5000").prompt().enter("x.sum()", "tensor(10)")
        assert screen.leave() == 0


def test_interactive_after_an_expression(tcalc):
    with Screen(tcalc, "-i", "-e", "a = 20") as screen:
        screen.prompt().enter("a + 3", "23")


def test_names_from_files_do_not_steer_the_terminal(tcalc):
    (tcalc.folder / "data.csv").write_text("a,b\x1b]0;owned\x07\n1,2\n3,4\n")
    with Screen(tcalc, "-i", "data.csv") as screen:
        screen.prompt().enter("c", "a")
        screen.enter(":vars", "2 rows")
        assert "\x1b]0;owned" not in screen.raw


@pytest.mark.parametrize("rows", [24, 50])
def test_a_picture_is_seen_whole_above_the_next_prompt(tcalc, rows):
    with Screen(tcalc, rows=rows) as screen:
        screen.prompt().enter("plot([1, 3, 2], title='a title')")
        assert [line.strip() for line in screen.lines if line][1] == "a title"
        assert screen.lines[0].startswith(">>> plot(")


# ---------------------------------------------------------------- commands


def test_commands(screen):
    screen.enter("a = zeros(2, 3); s = 'text'")
    screen.enter(":vars", "a     (2, 3)  float32  cpu     24 bytes")
    screen.enter(":lists python", "lists: python")
    screen.enter("[1] * 2", "[1, 1]")
    screen.enter(":precision 2", "precision: 2")
    screen.enter("ones(1) / 3", "tensor([0.33])")
    screen.enter(":device meta", "device: meta")
    screen.enter(":device cpu", "device: cpu")
    screen.enter(":dtype float64", "dtype: float64")
    screen.enter(":time a + 1", "best of")
    screen.enter(":vras", "did you mean :vars?")
    screen.enter(":device gpu", "error")
    screen.enter(":history lists", ":lists python")
    screen.enter(":reset", "forgotten")
    screen.enter("a", "name 'a' is not defined")


def test_the_words_of_another_shell(screen):
    screen.enter("%timeit 1 + 1", "best of")
    screen.enter("!ls", "!ls is meant for another shell")
    screen.enter("%whos", "no variables yet")


def test_load_runs_a_script(screen, tcalc):
    (tcalc.folder / "script.py").write_text("import torch\nw = torch.ones(3) * 14\nw.sum()\n")
    screen.enter(":load script.py", "tensor(42.)")
    screen.enter("w", "tensor([14., 14., 14.])")
    screen.enter(":load nothing.py", "nothing.py: no such file")


def test_questions(screen):
    screen.enter("?cumsum", "cumsum(")
    screen.enter("cumsum?", "cumsum(")
    screen.enter("?covariance", "cov ")
    screen.enter("?'cumsum'", "cumsum(")
    screen.enter("help(cumsum)", "cumsum(")
    screen.enter("?:time", "How long an expression takes")
    screen.enter("?forget every", ":reset")


def test_less_is_told_to_show_colours_unless_somebody_told_it_something_else(tcalc):
    pager = tcalc.folder / "less"
    pager.write_text('#!/bin/sh\ncat >/dev/null\necho "told $LESS"\n')
    pager.chmod(0o755)
    for told, shown in ((None, "told -RX"), ("-S", "told -S")):
        with Screen(tcalc, rows=12, env={"PAGER": str(pager), "LESS": told}) as screen:
            screen.prompt().enter("?", shown)


def test_what_does_not_fit_goes_through_the_pager(tcalc):
    with Screen(tcalc, rows=12, env={"PAGER": "sed s/^/paged:/"}) as screen:
        screen.prompt().enter("?", "paged:")
        screen.enter(":vars", "no variables yet")
