"""The texts of values beyond the records: what is read, what is refused, and what is escaped."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from tcalc.engine import devices, dtypes, state, tensor
from tcalc.engine.backend import backend_for
from tcalc.engine.results import NamedResult
from tcalc.errors import LimitError, TcalcError
from tcalc.ops.registry import namespaces
from tcalc.ops.session.settings import set_printoptions
from tcalc.show.text import escape_control, format_value, repr_text, str_text


@pytest.fixture(autouse=True)
def session():
    with state.activated(state.State()) as current:
        yield current


def of(values, dtype=np.float32):
    return tensor.wrap(np.array(values, dtype))


def test_printing_reads_only_what_it_shows():
    # A million times a million elements over four bytes: reading them all would never end.
    wide = of([2.0]).as_view((10**6, 10**6), (0, 0))
    text = repr_text(wide)
    assert text.startswith("tensor([[2., 2., 2.,  ..., 2., 2., 2.],\n")
    assert len(text.split("\n")) == 7


def test_asking_for_more_text_than_memory_is_refused_before_it_is_taken():
    set_printoptions(profile="full")
    with pytest.raises(LimitError, match="the printed text"):
        repr_text(of([2.0]).as_view((10**6, 10**6), (0, 0)))
    with pytest.raises(LimitError, match="the formatted text"):
        format_value(1, ">999999999999999")
    with pytest.raises(TcalcError, match="Too many decimal digits"):
        format_value(1, ">" + "9" * 40)


def test_strided_and_offset_views_print_their_own_elements():
    base = of([[1, 2, 3], [4, 5, 6]], np.int64)
    assert repr_text(base.as_view((3, 2), (1, 3))) == "tensor([[1, 4],\n        [2, 5],\n        [3, 6]])"
    assert repr_text(base.as_view((2,), (2,), 1)) == "tensor([2, 4])"


def test_a_gradient_function_is_named():
    class MulBackward0:
        pass

    result = of([2.0])
    result.requires_grad = True
    result.grad_fn = MulBackward0()
    assert repr_text(result) == "tensor([2.], grad_fn=<MulBackward0>)"


def test_a_tensor_prints_itself_inside_python_s_containers():
    assert f"{[of([1.0])]}" == "[tensor([1.])]"
    assert str({"a": tensor.Size((2,))}) == "{'a': torch.Size([2])}"


def test_a_cuda_device_is_said_before_the_other_suffixes():
    # Host memory that says it is elsewhere: what matters here is the text.
    here = backend_for(devices.cpu)
    storage = tensor.Storage(here.empty_bytes(16), devices.Device("cuda", 0), 16, here)
    storage.buffer[:] = 0
    elsewhere = tensor.Tensor(storage, dtypes.float64, (2,), (1,))
    assert repr_text(elsewhere) == "tensor([0., 0.], device='cuda:0', dtype=torch.float64)"
    assert repr_text(elsewhere.as_view((0, 2), (2, 1))) == (
        "tensor([], device='cuda:0', size=(0, 2), dtype=torch.float64)"
    )


def test_a_named_result_prints_its_fields():
    result = NamedResult("sort", ("values", "indices"), (of([1.0, 2.0]), of([1, 0], np.int64)))
    assert str_text(result) == "torch.return_types.sort(\nvalues=tensor([1., 2.]),\nindices=tensor([1, 0]))"


def test_lists_that_hold_themselves_or_nest_too_deeply():
    loop: list = []
    loop.append(loop)
    assert repr_text(loop) == "[[...]]"
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(TcalcError) as caught:
        repr_text(deep)
    assert caught.value.kind == "RecursionError"
    while deep:  # taken apart by hand: freeing it at once would nest as deeply
        deep = deep[0]


def test_python_s_own_refusals_become_errors_of_the_program():
    with pytest.raises(TcalcError) as caught:
        format_value(1.5, "d")
    assert (caught.value.kind, caught.value.message) == (
        "ValueError",
        "Unknown format code 'd' for object of type 'float'",
    )
    with pytest.raises(TcalcError) as caught:
        repr_text(10**400_000)  # beyond any limit that a command may have set
    assert caught.value.kind == "ValueError"


def test_impossible_print_options_are_refused_in_words():
    for name, value in [("precision", -1), ("precision", 2.5), ("edgeitems", 1.5)]:
        set_printoptions(profile="default", threshold=2)
        set_printoptions(**{name: value})
        with pytest.raises(TcalcError):
            repr_text(of([0.5, 1.5, 2.5]))


def test_set_printoptions_as_a_program_calls_it(session):
    record = namespaces["torch"]["set_printoptions"]
    record.invoke([2], {"threshold": float("inf"), "sci_mode": True})
    options = session.print_options
    assert (options.precision, options.threshold, options.sci_mode) == (2, float("inf"), True)
    record.invoke([], {"profile": "short"})
    assert (options.precision, options.edgeitems, options.threshold, options.sci_mode) == (2, 2, 1000, None)
    record.invoke([], {"linewidth": float("inf"), "profile": "full"})
    assert repr_text(of(range(100))).count("\n") == 0


def test_control_characters_are_escaped():
    assert escape_control("a\x1b[31m\x07b\x7f\x9b") == "a\\x1b[31m\\x07b\\x7f\\x9b"
    assert escape_control("one\n\ttwo é ×") == "one\n\ttwo é ×"
    assert escape_control("one\ntwo", keep="") == "one\\x0atwo"
    assert escape_control("\u202eevil\u2066 \ud800") == "\\u202eevil\\u2066 \\ud800"
    for code in range(0x110000):
        escaped = escape_control(chr(code), keep="")
        assert escaped.isprintable() or not chr(code).isprintable(), hex(code)


def test_text_loads_neither_numpy_nor_rich():
    script = "import sys, tcalc.show.text as t; t.repr_text([1, 2.5, 'a']); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "rich", "re", "typing", "dataclasses", "inspect"} & set(modules) - _loaded_by_python_itself()


def _loaded_by_python_itself():
    bare = subprocess.run([sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True)
    return set(bare.stdout.split())
