"""Generators of random numbers: seeds and states."""

from __future__ import annotations

from tcalc.engine import devices
from tcalc.engine.backend import canonical
from tcalc.engine.contexts import Context, RestoringContext
from tcalc.engine.devices import Device
from tcalc.engine.random import Generator, seed_gpus
from tcalc.engine.state import current
from tcalc.engine.tensor import Tensor
from tcalc.errors import TcalcError
from tcalc.ops.conversions import listed
from tcalc.ops.registry import op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@op(aliases=("random.manual_seed",))
def manual_seed(seed: Any) -> Generator:
    """Start the random numbers of ``seed``: the same numbers follow every time.

    >>> manual_seed(7);
    >>> rand(2)
    tensor([0.5349, 0.1988])
    """
    number = _whole(seed)
    made: Generator = current().generator.manual_seed(number)
    seed_gpus(number)
    return made


def _whole(seed: Any) -> int:
    try:
        return int(seed)
    except (TypeError, ValueError, OverflowError) as fault:
        kinds = [kind for kind in (ValueError, OverflowError) if isinstance(fault, kind)]
        raise TcalcError(str(fault), kinds[0].__name__ if kinds else "TypeError") from fault


@op(name="seed", aliases=("random.seed",))
def seed_() -> int:
    """Start the random numbers of a seed that nobody can foresee.

    The seed is the answer.

    >>> seed() >= 0
    True
    """
    seed = current().generator.seed()
    seed_gpus(seed)
    return int(seed)


@op(aliases=("random.initial_seed",))
def initial_seed() -> int:
    """The seed that the random numbers were started from.

    >>> manual_seed(7);
    >>> initial_seed()
    7
    """
    return current().generator.initial_seed()


@op(aliases=("random.get_rng_state",))
def get_rng_state() -> Tensor:
    """The place in the stream of random numbers, as bytes.

    >>> get_rng_state().shape
    torch.Size([5056])
    """
    return current().generator.get_state()


@op(aliases=("random.set_rng_state",))
def set_rng_state(new_state: Any) -> None:
    """Go back to a place in the stream of random numbers.

    >>> state = get_rng_state()
    >>> x = rand(2)
    >>> set_rng_state(state)
    >>> equal(rand(2), x)
    True
    """
    current().generator.set_state(new_state)


@op(namespace="torch.random")
def fork_rng(devices: Any = None, enabled: bool = True, device_type: str | None = None) -> Context:
    """Let a block draw random numbers that nobody misses.

    After ``with fork_rng():`` they go on as if none had been drawn within, on the CPU and on every GPU, or on those
    that ``devices`` names.

    >>> manual_seed(0);
    >>> with torch.random.fork_rng():
    ...     first = rand(3)
    >>> equal(first, rand(3))
    True
    """
    if not enabled:
        return RestoringContext("contextlib._GeneratorContextManager", lambda: None, lambda state: None)
    chosen = None if devices is None else [_gpu(device) for device in listed(devices)]
    return RestoringContext(
        "contextlib._GeneratorContextManager", _all_states, lambda saved: _restore_all(saved, chosen)
    )


def _gpu(device: Any) -> int:
    from tcalc.ops.session.cuda_functions import index_of

    return index_of(device)


def _all_states() -> tuple:
    """The place of every generator, and what those of GPUs will start from that have drawn nothing yet."""
    state = current()
    gpus = {index: generator.copy_state() for index, generator in state.cuda_generators.items()}
    return state.generator.copy_state(), gpus, state.cuda_seed


def _restore_all(saved: tuple, chosen: list[int] | None) -> None:
    state = current()
    host, gpus, seed = saved
    state.generator.restore(host)
    for index in list(state.cuda_generators) if chosen is None else chosen:
        if index in gpus:
            state.cuda_generators[index].restore(gpus[index])
        else:  # which drew its first numbers within
            state.cuda_generators.pop(index, None)
    if chosen is None:
        state.cuda_seed = seed


@op(name="Generator", method=False)
def new_generator(device: Device | None = None) -> Generator:
    """A stream of random numbers of its own, for ``generator=``.

    >>> g = torch.Generator().manual_seed(7)
    >>> rand(2, generator=g)
    tensor([0.5349, 0.1988])
    """
    if device is not None and device.type == "cuda":
        from tcalc.engine.cuda_random import CudaGenerator

        return CudaGenerator(device=canonical(device))
    if device is not None and device.type != "cpu":
        raise TcalcError(f"{device.type.upper()} device type not an accelerator.")
    return Generator(device=devices.cpu)
