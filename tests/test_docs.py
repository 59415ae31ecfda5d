"""Every example is run: those of the records' docstrings and those of the README."""

from __future__ import annotations

import re

import numpy as np
import pytest
import transcripts
from conftest import ROOT
from safetensors.numpy import save_file

import tcalc
from tcalc.engine.tensor import Tensor
from tcalc.ops import registry

README = (ROOT / "README.md").read_text(encoding="utf-8")


def documented():
    registry.load()
    seen = {}
    for names in registry.namespaces.values():
        for value in names.values():
            if isinstance(value, registry.Record):
                seen[id(value)] = value
    for value in registry.methods.values():
        seen[id(value.record)] = value.record
    return sorted(seen.values(), key=lambda record: record.qualified_name)


RECORDS = documented()


def check(steps, where):
    printed = []
    session = tcalc.Session(write=printed.append)
    for step in steps:
        assert transcripts.run_step(session, printed, step.source) == step.expected, f"{where}: {step.source}"


def test_every_record_has_a_summary():
    without = [record.qualified_name for record in RECORDS if not record.doc.strip()]
    assert RECORDS
    assert not without


# What an example cannot show: a machine's GPU, files, and names whose only answer is a refusal.
WITHOUT_EXAMPLES = (
    "torch.cuda.", "torch.accelerator.", "torch.load", "torch.save", "torch.from_file", "torch.Tensor.cuda",
    "torch.Tensor.pin_memory", "torch.Tensor.chalf",
)  # fmt: skip
REFUSALS = "session.layouts"


def test_every_function_that_can_has_an_example():
    without = [record for record in RECORDS if ">>>" not in record.doc and record.family != REFUSALS]
    names = [record.qualified_name for record in without if not record.name.endswith("_")]
    assert not [name for name in names if not name.startswith(WITHOUT_EXAMPLES)]


WITH_EXAMPLES = [record for record in RECORDS if ">>>" in record.doc]


@pytest.mark.parametrize("record", WITH_EXAMPLES, ids=lambda record: record.qualified_name)
def test_docstring_examples(record):
    check(transcripts.parse_docstring(record.doc), record.qualified_name)


ATTRIBUTES = {name: value for name, value in registry.attributes.items() if ">>>" in value.doc}


@pytest.mark.parametrize("name", sorted(ATTRIBUTES))
def test_examples_of_attributes(name):
    check(transcripts.parse_docstring(ATTRIBUTES[name].doc), name)


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", blocks("python"))
def test_readme_transcripts(block):
    steps = transcripts.parse(block)
    assert steps
    check(steps, "README.md")


def console_steps():
    """Commands of the ``console`` blocks: (``$ command``, the output under it)."""
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output.rstrip("\n")


@pytest.mark.parametrize(("command", "output"), list(console_steps()))
def test_readme_commands(tcalc, command, output):
    if not runs_tcalc(command):
        pytest.fail(f"a console block of the README shows something else than tcalc: {command}")
    folder = tcalc.folder
    (folder / "sales.csv").write_text("city,price,qty\nOslo,2.5,4\nRome,4.0,1\nOslo,1.5,2\n")
    (folder / "requests.csv").write_text("host,ms,status\na,12.5,200\nb,250.0,500\na,7.5,200\nb,30.0,200\n")
    (folder / "app.log").write_text("start\ntook 12 ms\ntook 31 ms\nerror: disk\ntook 17 ms\n")
    events = ('{"user": "ann", "ms": 12}', '{"user": "bob", "ms": 31}', '{"user": "ann", "ms": 8}')
    (folder / "events.jsonl").write_text("\n".join(events) + "\n")
    weights = {"embed.weight": np.arange(6, dtype=np.float32).reshape(2, 3), "norm.weight": np.ones(3, np.float16)}
    save_file(weights, folder / "a.safetensors")
    save_file({name: array * np.float16(1.5) for name, array in weights.items()}, folder / "b.safetensors")
    done = tcalc.shell(command)
    assert (done.stdout + done.stderr).rstrip("\n") == output


def runs_tcalc(command):
    return re.search(r"\btcalc\b", command) is not None


# ---------------------------------------------------------------- the same examples without memory

# What a function says that has to look at the numbers before it knows the shape of its answer.
NEEDS_NUMBERS = re.compile("meta|no data|only implemented on CPU", re.IGNORECASE)


def shapes(value):
    """Shape and dtype of every tensor in an answer; None where there is none."""
    if isinstance(value, Tensor):
        return tuple(value.shape), value.dtype
    if isinstance(value, (tuple, list)):
        return [shapes(item) for item in value]
    return None


def last_answer(record, device):
    """The value of the last line of a record's examples, with everything made on a device."""
    session = tcalc.Session(write=lambda text: None)
    session.run(f"torch.set_default_device('{device}')")
    answer = None
    for step in transcripts.parse_docstring(record.doc):
        answer = session.run(step.source)
    return answer


@pytest.mark.parametrize("record", WITH_EXAMPLES, ids=lambda record: record.qualified_name)
def test_the_shape_of_every_answer_is_known_without_memory(record):
    try:
        expected = shapes(last_answer(record, "cpu"))
    except tcalc.TcalcError:  # an example of a refusal
        return
    if not expected or expected == [None] * len(expected):
        return
    try:
        assert shapes(last_answer(record, "meta")) == expected
    except tcalc.InternalError:
        raise
    except tcalc.TcalcError as fault:
        assert NEEDS_NUMBERS.search(str(fault))
