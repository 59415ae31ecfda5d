"""``torch.nn.functional``, held to what PyTorch answered (conformance/record_linalg.py)."""

from __future__ import annotations

import pytest
from test_ops_linalg import RECORDER, check_program, recorded

import tcalc


@pytest.mark.parametrize(("program", "answer"), recorded("nn"))
def test_answers_are_those_of_pytorch(program, answer):
    check_program(program, answer)


def test_in_place_forms_write_into_their_argument():
    session = tcalc.Session()
    session.run("x = tensor([1., -1]); y = F.relu(x, inplace=True); z = tensor([2., -2]); torch.relu_(z); z.relu_()")
    assert session.run("y is x and x.tolist() == [1., 0.] and z.tolist() == [2., 0.]") is True


def test_dropout_that_drops_nothing_is_the_tensor_itself():
    session = tcalc.Session()
    assert session.run("x = ones(3); F.dropout(x, 0.5, training=False) is x and F.dropout(x, 0.) is x") is True


def test_batch_norm_moves_the_running_statistics():
    session = tcalc.Session()
    session.run("m = zeros(2); v = ones(2); F.batch_norm(arange(6.).reshape(3, 2), m, v, training=True)")
    assert session.run("torch.allclose(m, tensor([0.2, 0.3])) and torch.allclose(v, tensor([1.3, 1.3]))") is True


def test_convolution_of_three_dimensions_is_a_sum_over_windows():
    session = tcalc.Session()
    session.run("x = arange(24.).reshape(1, 1, 2, 3, 4); y = F.conv3d(x, ones(1, 1, 2, 2, 2))")
    assert session.run("y.flatten().tolist()") == session.run("(F.avg_pool3d(x, 2, 1) * 8).flatten().tolist()")


def test_transposed_convolution_is_the_adjoint_of_convolution():
    session = tcalc.Session()
    session.run(
        "torch.manual_seed(1); x = randn(2, 4, 7, 6, dtype=torch.float64); w = randn(6, 2, 3, 2, dtype=torch.float64)\n"
        "y = F.conv2d(x, w, stride=2, padding=1, dilation=(1, 2), groups=2)\n"
        "g = randn(y.shape, dtype=torch.float64)\n"
        "back = F.conv_transpose2d(g, w, stride=2, padding=1, dilation=(1, 2), groups=2, output_padding=(0, 1))"
    )
    assert session.run("back.shape == x.shape and torch.allclose((y * g).sum(), (x * back).sum())") is True


def test_shapes_are_known_without_computing():
    session = tcalc.Session()
    session.run(RECORDER.START)
    for program in (
        "F.conv2d({0}, {0}[..., :2, :2])", "F.max_pool2d({0}, 2, return_indices=True)[1]", "F.interpolate({0}, size=3)",
        "F.unfold({0}, 2)", "F.softmax({0}, 1)", "F.pad({0}, (1, 2))", "F.mse_loss({0}, {0})",
        "F.layer_norm({0}, (4,))", "F.pixel_unshuffle({0}, 2)",
        "F.conv_transpose2d({0}, {0}[..., :2, :2], stride=2)",
        "F.adaptive_avg_pool2d({0}, 3)",
    ):  # fmt: skip
        real = session.run(program.format("picture"))
        meta = session.run(program.format("picture.to('meta')"))
        assert (tuple(real.shape), real.dtype) == (tuple(meta.shape), meta.dtype), program


@pytest.mark.parametrize("chunk", [1, 300, 1 << 18])
def test_convolution_in_chunks_is_that_by_its_definition(chunk, monkeypatch):
    import tcalc.ops.nn.convolving as convolving

    monkeypatch.setattr(convolving, "_CHUNK", chunk)
    session = tcalc.Session()
    session.run("torch.manual_seed(2); x = randn(3, 40, 9, 7); w = randn(6, 20, 3, 2); b = randn(6)")
    session.run("y = F.conv2d(x, w, b, stride=(2, 1), padding=(1, 0), dilation=(1, 2), groups=2)")
    session.run("s = F.pad(x, (0, 0, 1, 1)).unfold(2, 3, 2).unfold(3, 3, 1)[..., ::2].reshape(3, 2, 20, 5, 5, 3, 2)")
    session.run("z = torch.einsum('ngcijhw,gochw->ngoij', s, w.reshape(2, 3, 20, 3, 2)).reshape(3, 6, 5, 5)")
    assert session.run("torch.allclose(y, z + b.reshape(6, 1, 1), atol=1e-4)") is True


def test_transposed_convolution_without_steps_is_its_spread():
    session = tcalc.Session()
    session.run("torch.manual_seed(2); x = randn(2, 20, 6, 5); w = randn(20, 3, 3, 2)")
    session.run("wide = zeros(2, 20, 11, 9); wide[..., ::2, ::2] = x")
    stepped = "F.conv_transpose2d(x, w, stride=2, padding=(1, 0))"
    assert session.run(f"torch.allclose(F.conv_transpose2d(wide, w, padding=(1, 0)), {stepped}, atol=1e-4)") is True
