"""``torch.cuda``: the GPUs of this machine, their memory, and the time that their work takes."""

from __future__ import annotations

from tcalc.engine.contexts import StateContext
from tcalc.engine.devices import Device, parse
from tcalc.engine.random import Generator, fresh_seed, seed_gpus
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError, type_error
from tcalc.ops.conversions import type_name
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tcalc.engine.contexts import Context


def index_of(device: Any) -> int:
    """The number of a GPU that is named by a device, a text, a number, or None for the current one."""
    if device is None:
        return current().cuda_device
    if not isinstance(device, (str, int, Device)):
        raise type_error(f"Expected a torch.device, a str or an int, but got: {type_name(device)}")
    chosen = parse(device)
    if chosen.type != "cuda":
        raise TcalcError(f"Expected a cuda device, but got: {chosen}", "ValueError")
    return current().cuda_device if chosen.index is None else chosen.index


def _backend(device: Any) -> Any:
    """The backend of a GPU; the error says what is missing."""
    from tcalc.engine.backend import backend_for

    return backend_for(Device("cuda", index_of(device)))


def _pool(device: Any) -> Any:
    backend = _backend(device)
    with backend.guard():
        return backend.xp.get_default_memory_pool()


# ---------------------------------------------------------------- which there are


@op(namespace="torch.cuda")
def is_available() -> bool:
    """Whether this machine can compute on CUDA: a GPU, its driver and CuPy."""
    from tcalc.engine import cuda

    return cuda.is_available()


@op(namespace="torch.cuda")
def is_initialized() -> bool:
    """Whether CUDA has been used."""
    from tcalc.engine import backend

    return any(kind == "cuda" for kind, _ in backend._backends)


@op(namespace="torch.cuda")
def init() -> None:
    """Make sure that CUDA can be used; the error says what is missing."""
    _backend(None)


@op(namespace="torch.cuda")
def device_count() -> int:
    """The number of GPUs that can be used."""
    from tcalc.engine import cuda

    return int(cuda.libraries().cupy.cuda.runtime.getDeviceCount()) if cuda.is_available() else 0


@op(namespace="torch.cuda")
def current_device() -> int:
    """The number of the GPU that ``cuda`` means."""
    return int(_backend(None).device.index)


@op(namespace="torch.cuda")
def set_device(device: Any) -> None:
    """Let ``cuda`` mean another GPU from now on."""
    current().cuda_device = _backend(device).device.index


@op(namespace="torch.cuda")
def device(device: Any) -> Context:
    """``with torch.cuda.device(1):`` lets ``cuda`` mean another GPU.

    None and -1 change nothing.
    """
    index = current().cuda_device if device is None or (type(device) is int and device < 0) else index_of(device)
    return StateContext("torch.cuda.device", cuda_device=index)


@op(namespace="torch.cuda")
def get_device_properties(device: Any = None) -> Any:
    """What is known of a GPU: ``name``, ``total_memory``, ``major``, ``minor``."""
    from tcalc.engine import cuda

    cuda.require()
    index = index_of(device)
    if index >= device_count():
        raise TcalcError("Invalid device id", "AssertionError")
    return cuda.properties(index)


@op(namespace="torch.cuda")
def get_device_name(device: Any = None) -> str:
    """What a GPU is called."""
    return str(get_device_properties(device).name)


@op(namespace="torch.cuda")
def get_device_capability(device: Any = None) -> tuple[int, int]:
    """A GPU's compute capability, as two numbers."""
    properties = get_device_properties(device)
    return properties.major, properties.minor


@op(namespace="torch.cuda")
def is_bf16_supported(including_emulation: bool = True) -> bool:
    """Whether there is a GPU for bfloat16: any, as float32 computes it."""
    return is_available()


@op(namespace="torch.cuda")
def get_arch_list() -> list[str]:
    """The architectures of the GPUs there are, as ``sm_90``.

    Kernels are compiled for these, when they are first used.
    """
    capabilities = {get_device_capability(index) for index in range(device_count())}
    return [f"sm_{major}{minor}" for major, minor in sorted(capabilities)]


# ---------------------------------------------------------------- memory


@op(namespace="torch.cuda")
def empty_cache() -> None:
    """Give memory that no tensor uses back to the GPU."""
    if is_initialized():
        _pool(None).free_all_blocks()


@op(namespace="torch.cuda")
def memory_allocated(device: Any = None) -> int:
    """Bytes that tensors take on a GPU."""
    return int(_pool(device).used_bytes()) if is_initialized() else 0


@op(namespace="torch.cuda")
def max_memory_allocated(device: Any = None) -> int:
    """Bytes that tensors took at most on a GPU.

    As far as its memory pool knows: what it holds.
    """
    return memory_reserved(device)


@op(namespace="torch.cuda")
def memory_reserved(device: Any = None) -> int:
    """Bytes that are held on a GPU, in use or kept for later."""
    return int(_pool(device).total_bytes()) if is_initialized() else 0


@op(namespace="torch.cuda")
def max_memory_reserved(device: Any = None) -> int:
    """Bytes that were held at most on a GPU.

    What is held is given back by ``empty_cache`` alone.
    """
    return memory_reserved(device)


@op(namespace="torch.cuda")
def reset_peak_memory_stats(device: Any = None) -> None:
    """Count the largest amount of memory from now on.

    What no tensor uses is given back to the GPU, so that the count begins at what is in use.
    """
    if is_initialized():
        _pool(device).free_all_blocks()


@op(namespace="torch.cuda")
def reset_max_memory_allocated(device: Any = None) -> None:
    """Count the largest amount of memory from now on.

    It is ``reset_peak_memory_stats`` by its older name.
    """
    reset_peak_memory_stats(device)


@op(namespace="torch.cuda")
def memory_stats(device: Any = None) -> dict[str, int]:
    """Bytes in use and held on a GPU, now and at most.

    By PyTorch's names, and empty before CUDA has been used. What is counted by
    size of block or by stream in PyTorch is not there.
    """
    if not is_initialized():
        return {}
    return {
        "allocated_bytes.all.current": memory_allocated(device),
        "allocated_bytes.all.peak": max_memory_allocated(device),
        "reserved_bytes.all.current": memory_reserved(device),
        "reserved_bytes.all.peak": max_memory_reserved(device),
    }


@op(namespace="torch.cuda")
def memory_summary(device: Any = None, abbreviated: bool = False) -> str:
    """A line that says what a GPU is called and how its memory is used."""
    from tcalc.engine import cuda

    return str(cuda.memory_line(_backend(device)))


@op(namespace="torch.cuda")
def mem_get_info(device: Any = None) -> tuple[int, int]:
    """Free and total bytes of a GPU."""
    backend = _backend(device)
    with backend.guard():
        free, total = backend.xp.cuda.runtime.memGetInfo()
    return int(free), int(total)


# ---------------------------------------------------------------- time and chance


@op(namespace="torch.cuda")
def synchronize(device: Any = None) -> None:
    """Wait until a GPU has done what was asked of it."""
    _backend(device).synchronize()


@op(namespace="torch.cuda", name="Event")
def new_event(enable_timing: bool = False, blocking: bool = False, interprocess: bool = False) -> Any:
    """A mark in a GPU's work.

    ``record()`` sets it, ``elapsed_time(end)`` is the milliseconds between two.
    """
    from tcalc.engine import cuda

    return cuda.Event(_backend(None), enable_timing)


# ---------------------------------------------------------------- random numbers


def _generator(device: Any) -> Generator:
    """The generator of a GPU; the error says what is missing."""
    from tcalc.engine.cuda_random import generator_of

    return generator_of(_backend(device).device.index)


@op(namespace="torch.cuda", name="manual_seed")
def cuda_manual_seed(seed: int) -> None:
    """Start the random numbers of ``seed`` on the current GPU.

    Where there is none, nothing happens.
    """
    if is_available():
        _generator(None).manual_seed(seed)


@op(namespace="torch.cuda", name="manual_seed_all")
def cuda_manual_seed_all(seed: int) -> None:
    """Start the random numbers of ``seed`` on every GPU."""
    seed_gpus(seed)


@op(namespace="torch.cuda", name="seed")
def cuda_seed() -> None:
    """Start unforeseeable random numbers on the current GPU."""
    if is_available():
        _generator(None).seed()


@op(namespace="torch.cuda", name="seed_all")
def cuda_seed_all() -> None:
    """Start unforeseeable random numbers, the same on every GPU."""
    seed_gpus(fresh_seed())


@op(namespace="torch.cuda", name="initial_seed")
def cuda_initial_seed() -> int:
    """The seed that the random numbers of the current GPU started from."""
    return _generator(None).initial_seed()


@op(namespace="torch.cuda", name="get_rng_state")
def cuda_get_rng_state(device: Any = None) -> Tensor:
    """The state of a GPU's generator of random numbers.

    It is 16 bytes: the seed, and how far the numbers have been used.
    """
    return _generator(device).get_state()


@op(namespace="torch.cuda", name="set_rng_state")
def cuda_set_rng_state(new_state: Tensor, device: Any = None) -> None:
    """Continue with the random numbers that follow a state."""
    _generator(device).set_state(new_state)


@op(namespace="torch.cuda", name="get_rng_state_all")
def cuda_get_rng_state_all() -> list[Tensor]:
    """The states of the generators of every GPU."""
    return [cuda_get_rng_state(index) for index in range(device_count())]


@op(namespace="torch.cuda", name="set_rng_state_all")
def cuda_set_rng_state_all(new_states: Any) -> None:
    """Continue on every GPU with the random numbers that follow its state."""
    for index, state in enumerate(new_states):
        _generator(index).set_state(state)


# ---------------------------------------------------------------- torch.accelerator, which here is CUDA


@op(namespace="torch.accelerator", name="is_available")
def has_accelerator() -> bool:
    """Whether this machine has a GPU that can be used."""
    return is_available()


@op(namespace="torch.accelerator")
def current_accelerator(check_available: bool = False) -> Device | None:
    """The kind of GPU there is, ``torch.device("cuda")``, or None."""
    return Device("cuda") if is_available() else None


@op(namespace="torch.accelerator", name="device_count")
def count_accelerators() -> int:
    """The number of GPUs that can be used."""
    return device_count()


@op(namespace="torch.accelerator")
def current_device_index() -> int:
    """The number of the GPU that ``cuda`` means."""
    _need_accelerator()
    return current_device()


def _need_accelerator() -> None:
    if not is_available():
        raise TcalcError("Cannot access accelerator device when none is available.")


@op(namespace="torch.accelerator", name="synchronize")
def synchronize_accelerator(device: Any = None) -> None:
    """Wait until a GPU has done what was asked of it."""
    _need_accelerator()
    _backend(device).synchronize()
