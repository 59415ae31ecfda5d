"""``--sandbox``: nothing but standard input and output, and limits; ``--completion``: words for the shells."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["1 + 1"], "2\n"),
        (["x.sum()"], "6\n"),
        (["-n", "x * 2", "-o", "csv"], "2\n4\n6\n"),
        (["linalg.inv([[2.0, 0.0], [0.0, 4.0]])"], "0.5 0.0\n0.0 0.25\n"),
        (["-e", "special.erfcx(tensor(0.0))"], "1.0\n"),
    ],
    ids=str,
)
def test_programs_run(tcalc, arguments, expected):
    done = tcalc("--sandbox", *arguments, stdin="1\n2\n3\n")
    assert (done.stdout, done.stderr, done.returncode) == (expected, "", 0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["x", "data.txt"], "'data.txt' is a file"),
        (["-n", "x", "data.txt"], "'data.txt' is a file"),
        (["data.txt"], "'data.txt' is a file"),
        (["x + w", "w=data.txt"], "'data.txt' is a file"),
        (["-f", "data.txt"], "reads no files"),
        (["-o", "out.npy", "1"], "writes no files"),
        (["-o", "./out", "1"], "writes no files"),
        (["--device", "cuda", "1"], "computes on the cpu"),
    ],
    ids=str,
)
def test_no_option_reaches_a_file(tcalc, arguments, words):
    (tcalc.folder / "data.txt").write_text("1\n2\n")
    done = tcalc("--sandbox", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert [path.name for path in tcalc.folder.iterdir()] == ["data.txt"]


def test_a_script_on_standard_input_may_run(tcalc):
    assert tcalc("--sandbox", "-f", "-", stdin="1 + 1").stdout == "2\n"
    assert tcalc("--sandbox", stdin="1 + 1").stdout == "2\n"


def test_the_configuration_is_not_read(tcalc):
    folder = tcalc.folder / "config" / "tcalc"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("[command]\ndtype = 'float64'\n")
    tcalc.environment["XDG_CONFIG_HOME"] = str(tcalc.folder / "config")
    assert tcalc("-e", "zeros(1).dtype").stdout == "torch.float64\n"
    assert tcalc("--sandbox", "-e", "zeros(1).dtype").stdout == "torch.float32\n"


def test_memory_is_bounded(tcalc):
    done = tcalc("--sandbox", "zeros(10**9)")
    assert (done.returncode, "not enough memory" in done.stderr) == (5, True)
    assert tcalc("--sandbox", "--max-memory", "400M", "zeros(10**8) + 1").returncode == 5


ATTEMPTS = {
    "read": "open('/etc/hostname')",
    "write": "open({folder!r} + '/new', 'w')",
    "delete": "os.remove({folder!r} + '/kept')",
    "fork": "os.fork()",
    "process": "subprocess.Popen(['true'])",
    "system": "os.system('true')",
    "socket": "socket.socket()",
    "limits": "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))",
    "rename": "os.rename({folder!r} + '/kept', {folder!r} + '/moved')",
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_the_second_wall_holds_without_the_first(tcalc, attempt):
    """Were there a way to Python itself, it would lead nowhere."""
    (tcalc.folder / "kept").write_text("")
    program = (
        "import os, resource, socket, subprocess\n"
        "from tcalc.cli import sandbox\n"
        "sandbox.enter(None)\n"
        f"try:\n    {attempt.format(folder=str(tcalc.folder))}\n"
        "except PermissionError as fault: print('refused' if '--sandbox' in str(fault) else fault)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=tcalc.environment, check=False
    )
    assert (done.stdout, done.stderr) == ("refused\n", "")
    assert [path.name for path in tcalc.folder.iterdir()] == ["kept"]


def test_time_is_bounded(tcalc):
    """With a bound that a test can wait for."""
    program = (
        "import sys\nfrom tcalc.cli import run, sandbox\nsandbox.SECONDS = 1\n"
        "sys.exit(run.run(['--sandbox', '-e', 'while True: pass']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=tcalc.environment, check=False
    )
    assert (done.returncode, done.stdout) == (5, "")
    assert "TimeoutError: the program was stopped after 1 seconds" in done.stderr


# ---------------------------------------------------------------- completion


def completed(tcalc, *words):
    """What bash is offered for the last word of a line."""
    line = " ".join(f"'{word}'" for word in words)
    script = (
        'eval "$(tcalc --completion bash)"\n'
        "compopt() { echo files; }\n"
        f"COMP_WORDS=(tcalc {line}); COMP_CWORD={len(words)}; _tcalc_completion tcalc; "
        'echo "${COMPREPLY[@]}"'
    )
    done = tcalc.shell(tcalc_in_path(tcalc) + script)
    assert done.stderr == ""
    return done.stdout.split()


def tcalc_in_path(tcalc):
    """The generated function calls the command by its name, as a program."""
    folder = tcalc.folder / "bin"
    folder.mkdir(exist_ok=True)
    command = folder / "tcalc"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tcalc "$@"\n')
    command.chmod(0o755)
    return f"unset -f tcalc; PATH={folder}:$PATH\n"


def test_bash_completes_options_values_and_files(tcalc):
    assert completed(tcalc, "--prec") == ["--precision"]
    assert completed(tcalc, "--sci", "a") == ["auto", "always"]
    assert completed(tcalc, "-o", "ts") == ["tsv"]
    assert completed(tcalc, "--dtype", "float6") == ["float64"]
    assert completed(tcalc, "x.sum()", "da") == ["files"]


@pytest.mark.parametrize(
    ("shell", "words"), [("zsh", "#compdef tcalc"), ("fish", "complete --no-files --command tcalc")]
)
def test_the_other_shells_get_a_function_too(tcalc, shell, words):
    done = tcalc("--completion", shell)
    assert words in done.stdout
    assert done.returncode == 0


def test_a_shell_that_nobody_knows(tcalc):
    assert tcalc("--completion", "cmd").returncode == 2
