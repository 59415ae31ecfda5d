"""The configuration file: what it changes, what it never changes, and that nothing in it stops tcalc."""

from __future__ import annotations

import io
import os
import sys

import pexpect
import pytest

from tcalc import config


def write(tcalc, text):
    path = tcalc.folder / "config" / "tcalc" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text) if isinstance(text, str) else path.write_bytes(text)
    return path


def loaded(tmp_path, monkeypatch, text):
    """The configuration of a file with this text, and the warnings."""
    path = tmp_path / "tcalc" / "config.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    told = []
    return config.load(told.append), [message.removeprefix(f"{path}: ") for message in told]


def on_terminal(tcalc, *arguments, typed=(), **environment):
    """What a terminal shows of a command line, escapes and all."""
    child = pexpect.spawn(
        sys.executable, ["-m", "tcalc", *arguments], cwd=str(tcalc.folder), env={**tcalc.environment, **environment},
        encoding="utf-8", timeout=60, dimensions=(24, 80),
    )  # fmt: skip
    child.logfile_read = seen = io.StringIO()
    for line, expected in typed:
        child.expect_exact(">>>")
        child.send(line + "\r")
        child.expect_exact(expected)
    if typed:
        child.expect_exact(">>>")
        child.send("\x04")
    child.expect(pexpect.EOF)
    child.close()
    return seen.getvalue()


def test_no_file_says_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    told = []
    assert config.load(told.append).is_empty
    assert not told


def test_a_relative_folder_is_none(monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", "somewhere")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert config.path() == "/home/somebody/.config/tcalc/config.toml"


def test_every_setting_is_read(tmp_path, monkeypatch):
    text = """
        dtype = "float64"
        device = "cpu"
        lists = "python"
        precision = 2
        sci = "never"
        color = "never"
        editing_mode = "vi"
        history_size = 10
        startup = "first.py"
        [command]
        dtype = "torch.double"
    """
    found, told = loaded(tmp_path, monkeypatch, text)
    assert not told
    assert all(getattr(found, key) is not None for key in config.CHECKS)
    assert found.command.dtype == "torch.double" and found.command.lists is None
    assert found.startup_path == str(tmp_path / "tcalc" / "first.py")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("precison = 3", "there is no setting precison; did you mean precision?"),
        ("precision = true", "precision is a whole number from 0 to 100, not True"),
        ("precision = '4'", "precision is a whole number from 0 to 100, not '4'"),
        ("dtype = 'int32'", "dtype is a floating dtype (float16, bfloat16, float32, float64), not 'int32'"),
        ("dtype = 64", "dtype is a floating dtype (float16, bfloat16, float32, float64), not 64"),
        ("device = 'gpu'", "device is a device, such as \"cpu\" or \"cuda\", not 'gpu'"),
        ("lists = 'numpy'", 'lists is "tensor" or "python", not \'numpy\''),
        ("color = 'always'", 'color is "auto" or "never", not \'always\''),
        ("startup = 3", "startup is a text in quotes, not 3"),
        ("command = 3", "command is a table, [command], not 3"),
        ("[command]\nprecision = 3", "command.precision is no setting of commands; those are dtype, device, lists"),
        ("[command]\ndtpye = 3", "there is no setting command.dtpye; did you mean dtype?"),
        ("x = = 3", "invalid value (at line 1, column 5); the whole file is left out"),
        ("a = " + "[" * 10_000, "nested too deeply; the whole file is left out"),
        ("a = 1\n" * 300_000, "it is larger than a configuration could be; the whole file is left out"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_once(tmp_path, monkeypatch, text, message):
    found, told = loaded(tmp_path, monkeypatch, text)
    assert [line.lower() for line in told] == [message.lower()] or ("nested" in message and len(told) == 1)
    assert found.command is not None or found.is_empty


def test_wrong_files_stop_nothing(tcalc):
    path = write(tcalc, b"\xff\xfe\x00")
    done = tcalc("1 + 1")
    assert (done.returncode, done.stdout) == (0, "2\n") and "no UTF-8" in done.stderr
    path.unlink()
    path.mkdir()
    done = tcalc("1 + 1")
    assert (done.returncode, done.stdout) == (0, "2\n") and "is a directory" in done.stderr
    assert tcalc("--no-config", "1 + 1").stderr == ""


def test_control_characters_reach_no_terminal(tcalc):
    write(tcalc, '"\\u001b[31mred" = 1')
    assert "\x1b" not in tcalc("1").stderr


def test_one_liners_compute_alike_everywhere(tcalc):
    write(tcalc, 'dtype = "float64"\nlists = "python"\nprecision = 1\nsci = "always"\nstartup = "none.py"\n')
    assert tcalc("zeros(1).dtype").stdout == "torch.float32\n"
    assert tcalc("[1, 2] * 2").stdout == "2\n4\n"
    assert tcalc("tensor([0.123])").stdout == "0.123\n"


def test_commands_have_settings_of_their_own(tcalc):
    write(tcalc, '[command]\ndtype = "float64"\nlists = "python"\n')
    assert tcalc("zeros(1).dtype").stdout == "torch.float64\n"
    assert tcalc("print([1, 2] * 2)").stdout == "[1, 2, 1, 2]\n"
    assert tcalc("--dtype", "float16", "zeros(1).dtype").stdout == "torch.float16\n"
    assert tcalc("--no-config", "zeros(1).dtype").stdout == "torch.float32\n"


def test_a_device_that_is_not_there_is_told(tcalc):
    write(tcalc, '[command]\ndevice = "cuda:99"\n')
    done = tcalc("zeros(1).device")
    assert done.returncode == 0 and "the configured device is not used" in done.stderr


def test_the_screen_has_its_precision_and_colour(tcalc):
    write(tcalc, 'precision = 1\ncolor = "never"\n')
    assert on_terminal(tcalc, "tensor([0.123])") == "tensor([0.1])\r\n"
    assert on_terminal(tcalc, "--precision", "2", "tensor([0.123])") == "tensor([0.12])\r\n"
    assert "\x1b[" in on_terminal(tcalc, "--no-config", "tensor([0.123])")


def test_the_shell_has_its_settings_and_runs_a_script_first(tcalc):
    path = write(tcalc, 'dtype = "float64"\ncolor = "never"\nstartup = "first.py"\n')
    (path.parent / "first.py").write_text("k = 42\nprint('ready')\n")
    shown = on_terminal(tcalc, typed=[("zeros(1).dtype", "torch.float64"), ("k + 1", "43")])
    assert "ready" in shown


def test_a_script_that_fails_does_not_keep_the_shell_from_starting(tcalc):
    path = write(tcalc, 'color = "never"\nstartup = "first.py"\n')
    (path.parent / "first.py").write_text("1 +\n")
    assert "42" in on_terminal(tcalc, typed=[("40 + 2", "42")])
    os.unlink(path.parent / "first.py")
    assert "42" in on_terminal(tcalc, typed=[("40 + 2", "42")])
