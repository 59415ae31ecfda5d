"""Devices as in PyTorch, on two simulated GPUs. GPU code simulated, not executed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

import simulated_cupy
from simulated_array import account
from simulation import simulated

import tcalc
from tcalc.engine.backend import wait_for_devices


@pytest.fixture(autouse=True)
def device():
    with simulated():
        yield


@pytest.fixture
def session():
    printed: list[str] = []
    made = tcalc.Session(write=printed.append)
    made.printed = printed
    made.run("x = torch.arange(6.).reshape(2, 3).to('cuda'); y = torch.ones(2, 3)")
    return made


def shown(session, source):
    session.printed.clear()
    session.run(source, echo="all")
    return "".join(session.printed).rstrip("\n")


PRINTED = {
    "x": "tensor([[0., 1., 2.],\n        [3., 4., 5.]], device='cuda:0')",
    "x.sum()": "tensor(15., device='cuda:0')",
    "x.to(torch.bfloat16)[0] / 3": "tensor([0.0000, 0.3340, 0.6680], device='cuda:0', dtype=torch.bfloat16)",
    "x.half().mean()": "tensor(2.5000, device='cuda:0', dtype=torch.float16)",
    "torch.arange(2000, device='cuda:1')": ("tensor([   0,    1,    2,  ..., 1997, 1998, 1999], device='cuda:1')"),
    "x.to(torch.float8_e4m3fn)[:, 1:]": "tensor([[1., 2.],\n        [4., 5.]], device='cuda:0', "
    "dtype=torch.float8_e4m3fn)",
    "z = x.to(torch.float8_e5m2); z[0] = 1.5; torch.cat([z, z.flip(0)])[1:3].float() * 2": (
        "tensor([[ 6.,  8., 10.],\n        [ 6.,  8., 10.]], device='cuda:0')"
    ),
    "torch.full((2,), 3., dtype=torch.float8_e5m2, device='cuda').cpu()": "tensor([3., 3.], dtype=torch.float8_e5m2)",
    "z = torch.tensor([1 + 2j, 3, 4j], device='cuda').chalf(); z[1] = 5 - 1j; z.real[0] = 7; z": (
        "tensor([7.+2.j, 5.-1.j, 0.+4.j], device='cuda:0', dtype=torch.complex32)"
    ),
    "z = (x[0] + 2j).chalf(); torch.cat([z, z.conj()])[::2] * 2j": (
        "tensor([-4.+0.j, -4.+4.j,  4.+2.j], device='cuda:0', dtype=torch.complex32)"
    ),
    "z = (x[0] + 2j).chalf(); torch.where(z == 1 + 2j, z, 0), z.abs().cpu()": (
        "(tensor([0.+0.j, 1.+2.j, 0.+0.j], device='cuda:0', dtype=torch.complex32), "
        "tensor([2.0000, 2.2363, 2.8281], dtype=torch.float16))"
    ),
    "z = x[0].chalf(); torch.block_diag(z[:1], z[1:2]).T[1], z.exp()[0]": (
        "(tensor([0.+0.j, 1.+0.j], device='cuda:0', dtype=torch.complex32), "
        "tensor(1.+0.j, device='cuda:0', dtype=torch.complex32))"
    ),
    "x.device": "device(type='cuda', index=0)",
    "x.is_cuda, x.get_device(), y.is_cuda, y.get_device()": "(True, 0, False, -1)",
    "x.type()": "'torch.cuda.FloatTensor'",
    "x.cuda(1).device": "device(type='cuda', index=1)",
    "x.to('cuda:1', torch.int64)[1]": "tensor([3, 4, 5], device='cuda:1')",
    "x.to(y).device": "device(type='cpu')",
    "y.to(x).device": "device(type='cuda', index=0)",
    "x.to(x.device) is x, x.cuda() is x, y.cpu() is y": "(True, True, True)",
    "x.cpu()": "tensor([[0., 1., 2.],\n        [3., 4., 5.]])",
    "x.item if False else x[1, 1].item()": "4.0",
    "x.tolist()": "[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]",
    "x + torch.tensor(10.)": "tensor([[10., 11., 12.],\n        [13., 14., 15.]], device='cuda:0')",
    "x + [10, 20, 30]": "tensor([[10., 21., 32.],\n        [13., 24., 35.]], device='cuda:0')",
    "[1, 2] @ x.cuda(1)": "tensor([ 6.,  9., 12.], device='cuda:1')",
    "x[0] == [0, 2, 2]": "tensor([ True, False,  True], device='cuda:0')",
    "2 * x[0] - 1": "tensor([-1.,  1.,  3.], device='cuda:0')",
    "x[torch.tensor([1])]": "tensor([[3., 4., 5.]], device='cuda:0')",
    "x[x > 2]": "tensor([3., 4., 5.], device='cuda:0')",
    "x[y > 0].shape": "torch.Size([6])",
    "z = y.copy_(x); y[1]": "tensor([3., 4., 5.])",
    "z = x.copy_(y, non_blocking=True); x[0]": "tensor([1., 1., 1.], device='cuda:0')",
    "x[0] = y[0]; x[0]": "tensor([1., 1., 1.], device='cuda:0')",
    "torch.zeros(2, device='cuda')": "tensor([0., 0.], device='cuda:0')",
    "torch.ones_like(y, device='cuda:1')[0]": "tensor([1., 1., 1.], device='cuda:1')",
    "torch.full_like(x, 7)[0]": "tensor([7., 7., 7.], device='cuda:0')",
    "torch.tensor([1, 2], device='cuda')": "tensor([1, 2], device='cuda:0')",
    "torch.eye(2, device='cuda')[0]": "tensor([1., 0.], device='cuda:0')",
    "torch.linspace(0, 1, 3, device='cuda')": "tensor([0.0000, 0.5000, 1.0000], device='cuda:0')",
    "x.new_zeros(2)": "tensor([0., 0.], device='cuda:0')",
    "with torch.device('cuda:1'):\n    torch.arange(2)": "tensor([0, 1], device='cuda:1')",
    "with torch.cuda.device(1):\n    y[0].cuda()": "tensor([1., 1., 1.], device='cuda:1')",
    "torch.set_default_device('cuda'); torch.ones(1)": "tensor([1.], device='cuda:0')",
    "torch.cuda.set_device(1); torch.zeros(1, device='cuda')": "tensor([0.], device='cuda:1')",
    "torch.cuda.is_available(), torch.cuda.device_count(), torch.cuda.current_device()": "(True, 2, 0)",
    "torch.accelerator.current_accelerator() if torch.accelerator.is_available() else 'cpu'": "device(type='cuda')",
    "torch.accelerator.device_count(), torch.accelerator.current_device_index()": "(2, 0)",
    "torch.cuda.get_device_name(0), torch.cuda.get_device_capability('cuda:1')": "('Simulated GPU', (9, 0))",
    "torch.cuda.get_device_properties(0).total_memory // 2**20": "1024",
    "torch.cuda.memory_allocated() > 0, torch.cuda.memory_reserved() > 0": "(True, True)",
    "torch.cuda.reset_peak_memory_stats(); torch.cuda.memory_summary()": (
        "'Simulated GPU: 1 MiB in tensors, 2 MiB held, 512 MiB of 1 GiB free'"
    ),
    "torch.set_default_device('cuda'); torch.FloatTensor([1]), torch.FloatTensor(2).device": (
        "(tensor([1.]), device(type='cpu'))"
    ),
    "x.type(), torch.typename(x), isinstance(x, torch.cuda.FloatTensor)": (
        "('torch.cuda.FloatTensor', 'torch.cuda.FloatTensor', True)"
    ),
    "x.cuda(1).type(torch.cuda.LongTensor)[1]": "tensor([3, 4, 5], device='cuda:1')",
    "y.type('torch.cuda.HalfTensor')[1]": "tensor([1., 1., 1.], device='cuda:0', dtype=torch.float16)",
    "x.type(torch.DoubleTensor)[1]": "tensor([3., 4., 5.], dtype=torch.float64)",
    "x.type(torch.int32)[1]": "tensor([3, 4, 5], device='cuda:0', dtype=torch.int32)",
    "torch.cuda.FloatTensor([1, 2]), torch.cuda.LongTensor(2, 3).device": (
        "(tensor([1., 2.], device='cuda:0'), device(type='cuda', index=0))"
    ),
    "torch.cuda.get_arch_list()": "['sm_90']",
    "s = torch.cuda.memory_stats(); torch.cuda.reset_max_memory_allocated()\n"
    "s['allocated_bytes.all.current'] == torch.cuda.memory_allocated(), "
    "s['reserved_bytes.all.peak'] == torch.cuda.max_memory_reserved()": "(True, True)",
    "torch.backends.cuda.matmul.allow_tf32 = True; torch.backends.cudnn.allow_tf32 = True\n"
    "torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.version()": "(True, None)",
    "torch.cuda.mem_get_info()": "(536870912, 1073741824)",
    "torch.cuda.empty_cache(); torch.cuda.synchronize(); torch.cuda.manual_seed_all(3)": "",
    "g = torch.manual_seed(3); torch.cuda.initial_seed()": "3",
    "s = torch.cuda.get_rng_state(); a = torch.rand(3, device='cuda'); torch.cuda.set_rng_state(s)\n"
    "a.equal(torch.rand(3, device='cuda'))": "True",
    "y.pin_memory().device": "device(type='cpu')",
    "a = torch.cuda.Event(enable_timing=True); b = torch.cuda.Event(enable_timing=True)\n"
    "a.record(); x @ x.T; b.record(); 0 <= a.elapsed_time(b) < 1000": "tensor([[ 5., 14.],\n        [14., 50.]], "
    "device='cuda:0')\nTrue",
    "x.clone().data_ptr() != x.data_ptr()": "True",
    "z = x.T.cuda(1).to(torch.bfloat16).cuda(0); z[1], z.stride()": (
        "(tensor([1., 4.], device='cuda:0', dtype=torch.bfloat16), (1, 3))"
    ),
    "x[:, ::2].cuda(1)": "tensor([[0., 2.],\n        [3., 5.]], device='cuda:1')",
    "x.to(torch.float8_e5m2)[:, ::2].cuda(1).cpu()[1]": "tensor([3., 5.], dtype=torch.float8_e5m2)",
    "z = torch.zeros(2, 2, device='cuda:1'); z.copy_(x[:, 1:])[1]": "tensor([4., 5.], device='cuda:1')",
    "x.to(torch.float8_e5m2).cuda(1)[0].cpu()": "tensor([0., 1., 2.], dtype=torch.float8_e5m2)",
    "x[torch.tensor([0])] = torch.tensor(7.); x[0] = y[0].cuda(1); x": (
        "tensor([[1., 1., 1.],\n        [3., 4., 5.]], device='cuda:0')"
    ),
    "x[x > 4] = torch.tensor(7.); x[1]": "tensor([3., 4., 7.], device='cuda:0')",
    "x.tensor_split(torch.tensor([1]), 1)[1][0]": "tensor([1., 2.], device='cuda:0')",
    "torch.gru(x, torch.tensor([2]), x.new_ones(1, 2, 2), [x.new_ones(6, 3), x.new_ones(6, 2)], False, 1, 0.0, "
    "False, False)[0].shape": "torch.Size([2, 2])",
    "F.ctc_loss(torch.zeros(2, 1, 3, device='cuda').log_softmax(-1), y[:1, :1].to('cuda', torch.int64), (2,), "
    "torch.tensor([1]))": "tensor(1.0986, device='cuda:0')",
    "x.T.is_contiguous(), x.T.stride(), x.t().view(-1, 3) if False else 0": "(False, (1, 3), 0)",
    "z = x.view(3, 2); z[0, 0] = 9; x[0, 0]": "tensor(9., device='cuda:0')",
}


@pytest.mark.parametrize("source", PRINTED)
def test_printed(session, source) -> None:
    assert shown(session, source) == PRINTED[source]


TWO = "Expected all tensors to be on the same device, but found at least two devices, "
REFUSED = {
    "x + y": ("RuntimeError", TWO + "cuda:0 and cpu!"),
    "y @ x.T": ("RuntimeError", TWO + "cpu and cuda:0!"),
    "x[torch.tensor([0])] = y[:1]": ("RuntimeError", TWO + "cuda:0 and cpu!"),
    "x[x > 2] = y[0].cuda(1)": ("RuntimeError", TWO + "cuda:0 and cuda:1!"),
    "x.masked_fill(y > 0, 2)": (
        "RuntimeError",
        "expected self and mask to be on the same device, but got mask on cpu and self on cuda:0",
    ),
    "torch.cat([x, x.cuda(1)])": ("RuntimeError", TWO + "cuda:0 and cuda:1!"),
    "x.add_(y)": ("RuntimeError", TWO + "cuda:0 and cpu!"),
    "torch.add(x, x, out=y)": ("RuntimeError", TWO + "cuda:0 and cpu!"),
    "y[torch.tensor([1], device='cuda')]": (
        "RuntimeError",
        "indices should be either on cpu or on the same device as the indexed tensor (cpu)",
    ),
    "x.numpy()": (
        "TypeError",
        "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first.",
    ),
    "torch.zeros(2, device='cuda:7')": ("AcceleratorError", "CUDA error: invalid device ordinal"),
    "torch.zeros(2, device=-1)": ("RuntimeError", "Device index must not be negative"),
    "torch.device('cuda:x')": ("RuntimeError", "Invalid device string: 'cuda:x'"),
    "torch.cuda.get_device_name(9)": ("AssertionError", "Invalid device id"),
    "torch.cuda.get_device_name('cpu')": ("ValueError", "Expected a cuda device, but got: cpu"),
    "x[torch.tensor([2])]": ("IndexError", "index 2 is out of bounds for dimension 0 with size 2"),
    "x.gather(0, torch.tensor([[5, 0, 0]], device='cuda'))": (
        "RuntimeError",
        "index 5 is out of bounds for dimension 0 with size 2",
    ),
    "torch.linalg.inv(torch.zeros(2, 2, device='cuda'))": (
        "_LinAlgError",
        "linalg.inv: The diagonal element 1 is zero, the inversion could not be completed because the input matrix is "
        "singular.",
    ),
    "torch.zeros(2**40, device='cuda')": (
        "OutOfMemoryError",
        "CUDA out of memory. Tried to allocate 4 TiB. GPU 0 has a total capacity of 1 GiB of which 512 MiB is free. "
        "1 MiB is allocated by tensors, and 1 MiB is reserved but unallocated.",
    ),
    "x.tensor_split(torch.tensor([1], device='cuda'), 1)": (
        "RuntimeError",
        "tensor_split expected tensor_indices_or_sections to be on cpu, but it's on cuda:0",
    ),
    "torch.gru(x, torch.tensor([2], device='cuda'), x.new_ones(1, 2, 2), [x.new_ones(6, 3), x.new_ones(6, 2)], "
    "False, 1, 0.0, False, False)": ("ValueError", "batch_sizes should always be on CPU, but they are on cuda:0"),
    "torch.cuda.Event().elapsed_time(torch.cuda.Event())": (
        "ValueError",
        "Both events must be created with argument 'enable_timing=True'.",
    ),
}


@pytest.mark.parametrize("source", REFUSED)
def test_refused(session, source) -> None:
    with pytest.raises(tcalc.TcalcError) as caught:
        session.run(source)
    assert (caught.value.kind, str(caught.value)) == REFUSED[source]


def test_an_error_of_memory_can_be_caught(session) -> None:
    source = "try:\n    torch.zeros(2**40, device='cuda')\nexcept torch.OutOfMemoryError:\n    print('too large')"
    assert shown(session, source) == "too large"


def test_memory_that_runs_out_is_freed_and_asked_for_again(session, monkeypatch) -> None:
    """A kernel that finds no memory runs once more after the pool has been emptied."""
    freed = []
    monkeypatch.setattr(simulated_cupy.Pool, "free_all_blocks", lambda self, stream=None: freed.append(1))
    real, asked = simulated_cupy.cupy.concatenate, []

    def scarce(*args, **kwargs):
        asked.append(1)
        if len(asked) == 1:
            raise simulated_cupy.OutOfMemoryError(1 << 33)
        return real(*args, **kwargs)

    monkeypatch.setattr(simulated_cupy.cupy, "concatenate", scarce)
    with simulated():
        made = tcalc.Session(write=lambda text: None)
        made.run("x = torch.ones(2, device='cuda'); z = torch.cat([x, x])")
        assert (len(asked), len(freed)) == (2, 1)
        asked.clear()
        monkeypatch.setattr(simulated_cupy.cupy, "concatenate", _never)
    with simulated():
        made = tcalc.Session(write=lambda text: None)
        with pytest.raises(tcalc.TcalcError, match="Tried to allocate 8 GiB") as caught:
            made.run("x = torch.ones(2, device='cuda'); z = torch.cat([x, x])")
        assert caught.value.kind == "OutOfMemoryError"


def _never(*args, **kwargs):
    raise simulated_cupy.OutOfMemoryError(1 << 33)


# ---------------------------------------------------------------- the same answer every time


def test_positions_that_occur_twice_keep_the_last_value(session) -> None:
    session.run("i = torch.tensor([0, 0, 1], device='cuda'); v = torch.tensor([1., 2., 3.], device='cuda')")
    assert shown(session, "z = torch.zeros(2, device='cuda'); z[i] = v; z") == "tensor([2., 3.], device='cuda:0')"
    assert shown(session, "z.scatter(0, i, v * 2)") == "tensor([4., 6.], device='cuda:0')"
    assert shown(session, "z.index_copy(0, i, v)") == "tensor([2., 3.], device='cuda:0')"


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16", "int8", "int64", "complex64", "bool"])
@pytest.mark.parametrize("name", ["sum", "prod", "amax", "amin", "mean"])
def test_scattered_reductions_are_the_cpus(session, dtype, name) -> None:
    if dtype == "complex64" and name in ("amax", "amin"):
        return
    made = "torch.arange(12) % 2 == 0" if dtype == "bool" else f"(torch.arange(12) % 5).to(torch.{dtype})"
    session.run(f"a = ({made}).reshape(3, 4); b = a.flip(0); i = torch.tensor([[2, 0, 0, 1], [2, 2, 0, 1]])")
    session.run(f"on_cpu = a.scatter_reduce(0, i, b, '{name}')")
    session.run(f"on_gpu = a.cuda().T.clone().T.scatter_reduce(0, i.cuda(), b.cuda(), '{name}')")
    assert session.run("torch.equal(on_gpu.cpu(), on_cpu)")


# ---------------------------------------------------------------- from and to others


def test_files_and_inputs_go_to_the_device(tmp_path, session) -> None:
    np.save(tmp_path / "a.npy", np.arange(4.0, dtype=np.float32))
    (tmp_path / "t.csv").write_text("price,city\n1,Oslo\n2,Rome\n")
    np.savez(tmp_path / "b.npz", w=np.ones(3, np.float32))
    session.run(
        f"a = load({str(tmp_path / 'a.npy')!r}, device='cuda'); b = load({str(tmp_path / 'b.npz')!r}, 'cuda:1')"
    )
    assert shown(session, "a") == "tensor([0., 1., 2., 3.], device='cuda:0')"
    assert shown(session, "b['w']") == "tensor([1., 1., 1.], device='cuda:1')"
    # A process of its own: the command changes settings of Python.
    line = ["tcalc", "--device", "cuda", "-e", "x.device", "-e", "c.price.device", str(tmp_path / "t.csv")]
    program = (
        "import sys\nfrom simulation import simulated\nfrom tcalc.__main__ import main\n"
        f"sys.argv = {line}\nwith simulated():\n    sys.exit(main())"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parent, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("cuda:0\ncuda:0\n", "")


def made(array):
    """An array of somebody else's on the first GPU."""
    with simulated_cupy.Device(0):
        return simulated_cupy.cupy.asarray(array)


def test_arrays_of_a_gpu_come_and_go_without_a_copy() -> None:
    array = made(np.arange(3, dtype=np.float32))
    account.clear()
    value = tcalc.evaluate("x.add_(1); x", x=array)
    assert str(value.device) == "cuda:0"
    assert value.__cuda_array_interface__["data"] == array.__cuda_array_interface__["data"]
    assert value.__cuda_array_interface__["shape"] == (3,)
    assert value.__dlpack_device__() == (2, 0)
    assert account.transfers == 0
    assert array.get().tolist() == [1, 2, 3]


class OnlyDLPack:
    def __init__(self, array):
        self._array = array

    def __dlpack__(self, **options):
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self._array.__dlpack_device__()


def test_dlpack_on_the_cpu_shares_memory() -> None:
    array = np.arange(3.0)
    value = tcalc.evaluate("x.mul_(2)", x=OnlyDLPack(array))
    assert array.tolist() == [0, 2, 4]
    assert np.from_dlpack(value).tolist() == [0, 2, 4]
    assert np.shares_memory(np.from_dlpack(value), array)
    with pytest.raises(AttributeError):
        _ = value.__cuda_array_interface__


def test_dlpack_of_a_gpu() -> None:
    array = made(np.arange(3, dtype=np.int64))
    assert str(tcalc.evaluate("x * 2", x=OnlyDLPack(array)).device) == "cuda:0"


def test_a_tensor_that_wants_a_gradient_is_not_shown() -> None:
    with pytest.raises(tcalc.TcalcError, match="require gradient"):
        tcalc.evaluate("torch.ones(2, requires_grad=True)").__dlpack__()


# ---------------------------------------------------------------- the shell


@pytest.fixture
def shell(monkeypatch, tmp_path):
    from tcalc.shell import timing

    monkeypatch.setattr(timing, "_ROUND", 0.001)
    return tcalc.Session(write=lambda text: None)


def test_time_is_measured_by_the_device(shell, monkeypatch) -> None:
    from tcalc.shell import timing

    marks = []
    real = simulated_cupy.Event.record
    monkeypatch.setattr(simulated_cupy.Event, "record", lambda self, stream=None: (marks.append(1), real(self))[1])
    shell.run("x = torch.ones(4, 4, device='cuda')")
    assert timing.measure(shell, "x @ x").seconds > 0
    assert len(marks) >= 4


def test_device_shows_the_memory() -> None:
    from tcalc.engine import cuda
    from tcalc.engine.backend import backend_for
    from tcalc.engine.devices import parse

    line = cuda.memory_line(backend_for(parse("cuda:1")))
    assert line == "Simulated GPU: 1 MiB in tensors, 2 MiB held, 512 MiB of 1 GiB free"


NOTHING = (
    "torch.zeros(3).scatter_add(0, n, f)",
    "torch.zeros(3).scatter_reduce(0, n, f, 'prod')",
    "torch.zeros(3).index_add(0, n, f)",
    "torch.zeros(3).index_reduce(0, n, f, 'amax')",
    "torch.zeros(3).index_put((n,), f, accumulate=True)",
    "torch.zeros(3).put(n, f, accumulate=True)",
    "F.embedding_bag(n, torch.ones(2, 2), torch.tensor([0, 0]), mode='max')",
    "torch.embedding_bag(torch.ones(2, 2), n, torch.tensor([0, 0]), False, 2)",
    "torch.segment_reduce(f, 'max', lengths=torch.tensor([0, 0]))",
    "torch.linalg.det(torch.zeros(0, 3, 3))",
    "torch.linalg.lu(torch.zeros(2, 0, 3)).U",
    "torch.linalg.solve(torch.eye(2), torch.zeros(2, 0))",
    "f.cummax(0).values",
    "f.logcumsumexp(0)",
    "f.unique()",
    "torch.bernoulli(f)",
    "torch.poisson(f)",
    "torch.randperm(0)",
)


@pytest.mark.parametrize("source", NOTHING)
def test_empty_operands_launch_nothing(session, source) -> None:
    """CUDA refuses a kernel of no blocks."""
    session.run("torch.set_default_device('cuda'); n = torch.zeros(0, dtype=torch.int64); f = torch.zeros(0)")
    found = session.run(source)
    tensors = found if isinstance(found, tuple) else (found,)
    assert all(str(tensor.device) == "cuda:0" for tensor in tensors)


def test_libraries_without_memory_are_given_what_the_pool_holds(monkeypatch) -> None:
    """cuFFT and others take memory beside CuPy's pool, and say in their own ways that there is none."""
    freed = []
    monkeypatch.setattr(simulated_cupy.Pool, "free_all_blocks", lambda self, stream=None: freed.append(1))
    fault = type("CuFFTError", (RuntimeError,), {"__module__": "cupy.cuda.cufft"})

    def failing(*args, **kwargs):
        raise fault("CUFFT_ALLOC_FAILED")

    monkeypatch.setattr(simulated_cupy.cupy, "concatenate", failing)
    with simulated():
        made = tcalc.Session(write=lambda text: None)
        with pytest.raises(tcalc.TcalcError, match="CUDA out of memory") as caught:
            made.run("x = torch.ones(2, device='cuda'); z = torch.cat([x, x])")
    assert (caught.value.kind, freed) == ("OutOfMemoryError", [1])


def test_a_fault_of_the_gpu_is_told_at_the_end_of_its_statement(session, monkeypatch) -> None:
    """A kernel's fault comes to light when the device is waited for; it is CUDA's fault, and none of tcalc's."""
    fault = type("CUDARuntimeError", (RuntimeError,), {"__module__": "cupy_backends.cuda.api.runtime"})

    def fail(self):
        raise fault("cudaErrorIllegalAddress: an illegal memory access was encountered")

    monkeypatch.setattr(simulated_cupy.Device, "synchronize", fail)
    with pytest.raises(tcalc.TcalcError) as caught:
        wait_for_devices()
    assert caught.value.kind == "AcceleratorError"
    assert str(caught.value) == "CUDA error: cudaErrorIllegalAddress: an illegal memory access was encountered"


def test_eigenvalues_that_the_toolkit_lacks(session, monkeypatch) -> None:
    def lacking(matrices):
        raise RuntimeError("geev is not available")

    monkeypatch.setattr(simulated_cupy.cupy.linalg, "eig", lacking)
    with pytest.raises(tcalc.TcalcError, match="this CUDA toolkit has no eigenvalues"):
        session.run("torch.linalg.eig(torch.eye(2, device='cuda'))")


def test_without_a_gpu_tutorials_take_the_cpu(monkeypatch) -> None:
    from tcalc.engine import cuda, diagnosis

    missing = diagnosis.Stage("driver", fault="there is no NVIDIA driver", remedy="install one")
    monkeypatch.setattr(cuda, "diagnose", lambda: missing)
    assert tcalc.evaluate("'cuda' if torch.cuda.is_available() else 'cpu'") == "cpu"
    chosen = "torch.accelerator.current_accelerator().type if torch.accelerator.is_available() else 'cpu'"
    assert tcalc.evaluate(chosen) == "cpu"
    assert tcalc.evaluate("torch.cuda.device_count(), torch.accelerator.current_accelerator()") == (0, None)
    with pytest.raises(tcalc.TcalcError, match="Cannot access accelerator device when none is available"):
        tcalc.evaluate("torch.accelerator.synchronize()")
