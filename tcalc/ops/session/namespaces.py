"""The names of ``torch`` that are no functions, and its smaller namespaces."""

from __future__ import annotations

from tcalc.engine import dtypes
from tcalc.engine.devices import Device
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops import registry
from tcalc.ops.registry import attribute, op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The PyTorch whose answers tcalc gives.
TORCH_VERSION = "2.13.0"


class Word:
    """A constant that is only a name: ``torch.strided``, ``torch.contiguous_format``."""

    __slots__ = ("printed_type", "text")

    def __init__(self, text: str, printed_type: str) -> None:
        self.text = text
        self.printed_type = printed_type

    def __repr__(self) -> str:
        return self.text


class Switches:
    """A namespace of settings that programs set and that change nothing here (``torch.backends.cudnn``)."""

    __slots__ = ("benchmark", "deterministic", "enabled", "path")
    public = ("benchmark", "deterministic", "enabled", "is_available")
    public_writable = ("benchmark", "deterministic", "enabled")

    def __init__(self, path: str) -> None:
        self.path = path
        self.enabled = True
        self.benchmark = False
        self.deterministic = False

    def is_available(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"<module '{self.path}'>"


STRIDED = Word("torch.strided", "torch.layout")


def _constants() -> None:
    names: dict[str, Any] = {dtype.name: dtype for dtype in dtypes.ALL} | dtypes.ALIASES | {"strided": STRIDED}
    for name in ("contiguous_format", "preserve_format", "channels_last", "channels_last_3d"):
        names[name] = Word(f"torch.{name}", "torch.memory_format")
    backends = {name: Switches(f"torch.backends.{name}") for name in ("cudnn", "mps", "mkl", "mkldnn", "openmp")}
    version = {"__version__": TORCH_VERSION, "cuda": None}
    for path, values in (("torch", names), ("torch.backends", backends), ("torch.version", version)):
        for name, value in values.items():
            registry.place(path, name, value)


_constants()


@attribute
def layout(input: Tensor) -> Word:
    """How the elements lie in memory: every tensor here is strided."""
    return STRIDED


# ---------------------------------------------------------------- torch.cuda


def _backend(device: Any) -> Any:
    """The CUDA backend of a device, a number, or None for the current one; the error says what is missing."""
    from tcalc.engine import cuda
    from tcalc.engine.backend import backend_for
    from tcalc.engine.devices import parse

    cuda.require()
    chosen = Device("cuda", 0) if device is None else parse(device)
    if chosen.type != "cuda":
        raise TcalcError(f"Expected a cuda device, but got: {chosen}", "ValueError")
    return backend_for(Device("cuda", chosen.index or 0))


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
def device_count() -> int:
    """The number of GPUs that can be used."""
    if not is_available():
        return 0
    return int(_backend(None).xp.cuda.runtime.getDeviceCount())


@op(namespace="torch.cuda")
def current_device() -> int:
    """The number of the GPU that ``cuda`` means."""
    return int(_backend(None).device.index or 0)


@op(namespace="torch.cuda")
def get_device_name(device: Any = None) -> str:
    """What a GPU is called."""
    backend = _backend(device)
    name = backend.xp.cuda.runtime.getDeviceProperties(backend.device.index or 0)["name"]
    return name.decode() if isinstance(name, bytes) else str(name)


@op(namespace="torch.cuda")
def get_device_capability(device: Any = None) -> tuple[int, int]:
    """A GPU's compute capability, as two numbers."""
    backend = _backend(device)
    properties = backend.xp.cuda.runtime.getDeviceProperties(backend.device.index or 0)
    return int(properties["major"]), int(properties["minor"])


@op(namespace="torch.cuda")
def synchronize(device: Any = None) -> None:
    """Wait until a GPU has done what was asked of it."""
    _backend(device).synchronize()


@op(namespace="torch.cuda")
def empty_cache() -> None:
    """Give memory that no tensor uses back to the GPU."""
    if is_initialized():
        _backend(None).xp.get_default_memory_pool().free_all_blocks()


@op(namespace="torch.cuda")
def memory_allocated(device: Any = None) -> int:
    """Bytes that tensors take on a GPU."""
    return int(_backend(device).xp.get_default_memory_pool().used_bytes()) if is_initialized() else 0


@op(namespace="torch.cuda")
def max_memory_allocated(device: Any = None) -> int:
    """Bytes that tensors took at most on a GPU.

    As far as its memory pool knows: what it holds.
    """
    return memory_reserved(device)


@op(namespace="torch.cuda")
def memory_reserved(device: Any = None) -> int:
    """Bytes that are held on a GPU, in use or kept for later."""
    return int(_backend(device).xp.get_default_memory_pool().total_bytes()) if is_initialized() else 0


@op(namespace="torch.cuda")
def mem_get_info(device: Any = None) -> tuple[int, int]:
    """Free and total bytes of a GPU."""
    backend = _backend(device)
    with backend.guard():
        free, total = backend.xp.cuda.runtime.memGetInfo()
    return int(free), int(total)


@op(namespace="torch.cuda", name="manual_seed")
def cuda_manual_seed(seed: int) -> None:
    """Start the random numbers of ``seed``.

    Tensors on a GPU get the numbers of the one generator there is.
    """
    if is_available():
        current().generator.manual_seed(seed)


@op(namespace="torch.cuda", name="manual_seed_all")
def cuda_manual_seed_all(seed: int) -> None:
    """Start the random numbers of ``seed`` on every GPU."""
    cuda_manual_seed(seed)
