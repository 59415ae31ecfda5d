"""einops' functions over tensors: the library's own answers, PyTorch's views, and errors in the library's words."""

from __future__ import annotations

import einops
import numpy as np
import pytest

import tcalc

SHAPED = np.arange(24.0).reshape(2, 3, 4)


@pytest.mark.parametrize(
    "call",
    [
        "rearrange(x, 'a b c -> c (a b)')",
        "rearrange(x, 'a b (c d) -> d (b c) a', d=2)",
        "rearrange(x, 'a ... -> ... a')",
        "reduce(x, 'a b c -> a c', 'mean')",
        "reduce(x, 'a (b b2) c -> a b c', 'max', b2=3)",
        "reduce(x, 'a b c -> () b 1', 'prod')",
        "reduce(x > 3, 'a b c -> b', 'any')",
        "repeat(x, 'a b c -> a b (c r)', r=2)",
        "repeat(x, 'a b c -> a n b c', n=3)",
    ],
)
def test_answers_as_the_library_does_for_arrays(call: str) -> None:
    names = {"rearrange": einops.rearrange, "reduce": einops.reduce, "repeat": einops.repeat, "x": SHAPED}
    answer = tcalc.evaluate(call, x=SHAPED)
    expected = eval(call, names)
    assert str(answer.dtype).removeprefix("torch.") == expected.dtype.name
    assert answer.numpy().tolist() == expected.tolist()
    assert tcalc.evaluate(f"np.array_equal({call.replace('(x', '(x.numpy()')}, {call}.numpy())", x=SHAPED)


def session() -> tcalc.Session:
    made = tcalc.Session(write=lambda text: None)
    made.run("from einops import rearrange, reduce, repeat\nimport einops")
    return made


def test_views_are_pytorchs() -> None:
    assert session().run("x = torch.zeros(2, 3)\ny = rearrange(x, 'a b -> b a')\ny[0, 1] = 5\nx[1, 0].item()") == 5
    assert session().run("repeat(torch.zeros(2), 'a -> a b', b=10**12).stride()") == (1, 0)


def test_lists_functions_and_shapes_without_data() -> None:
    run = session().run
    assert run("rearrange([torch.ones(2), torch.zeros(2)], 'n c -> c n').tolist()") == [[1, 0], [1, 0]]
    assert run("reduce(torch.eye(2), 'a b -> b', lambda x, axes: x.amax(axes)).tolist()") == [1, 1]
    assert run("rearrange(torch.zeros(2, 3, device='meta'), 'a b -> (a b)').shape") == (6,)
    assert run("packed, shapes = einops.pack([torch.ones(2, 3), torch.zeros(2)], 'a *')\npacked.shape") == (2, 4)
    assert run("[part.shape for part in einops.unpack(packed, shapes, 'a *')]") == [(2, 3), (2,)]
    assert run("einops.parse_shape(torch.ones(2, 3), 'rows _')") == {"rows": 2}


def test_the_method_and_the_bare_names_are_apart() -> None:
    assert tcalc.evaluate("torch.ones(2).repeat(2).shape") == (4,)
    assert tcalc.evaluate('repeat([1, 2], "a -> a b", b=2).tolist()') == [[1, 1], [2, 2]]


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        ("rearrange(torch.ones(2), 'a b -> a')", "EinopsError", "Error while processing rearrange-reduction pattern"),
        ("reduce(torch.arange(4), 'a -> ', 'mean')", "NotImplementedError", "reduce_mean is not available"),
        ("rearrange(torch.ones(2), 3)", "TypeError", "pattern must be a str"),
        ("rearrange(torch.ones(2), 'a -> a 1', a=2.5)", "TypeError", "axis 'a' must be an int"),
        ("rearrange('word', 'a -> a')", "TypeError", "takes tensors"),
        ("repeat(torch.ones(2), 'a -> (a b)', b=10**15)", "MemoryError", "not enough memory"),
    ],
)
def test_errors(call: str, kind: str, words: str) -> None:
    with pytest.raises(tcalc.TcalcError, match=words) as caught:
        session().run(call)
    assert caught.value.kind == kind
    assert not isinstance(caught.value, tcalc.InternalError)


def test_the_librarys_error_can_be_caught_by_name() -> None:
    source = (
        "from einops import EinopsError\ntry:\n    rearrange(torch.ones(2), 'a b -> a')\nexcept EinopsError:\n    x = 1"
    )
    assert session().run(source + "\nx") == 1
