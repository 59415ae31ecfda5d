"""Storage, tensors and the write path: PyTorch's memory model over raw bytes."""

from __future__ import annotations

import numpy as np
import pytest

from tcalc.engine import complex_half, devices, dtypes
from tcalc.engine.state import Meter, State, activated, human_bytes, resident_memory
from tcalc.engine.storage import contiguous_stride
from tcalc.engine.tensor import empty, share, wrap
from tcalc.engine.writing import check_no_internal_overlap, check_no_partial_overlap, store
from tcalc.errors import LimitError, TcalcError


def test_a_view_shares_bytes_and_remembers_its_base() -> None:
    base = wrap(np.arange(6, dtype=np.int64).reshape(2, 3))
    column = base.as_view((2,), (3,), 1)
    assert column.base is base
    assert column.array.tolist() == [1, 4]
    store(column, np.array([10, 40]))
    assert base.array.tolist() == [[0, 10, 2], [3, 40, 5]]
    assert base.storage.version == 1


def test_a_view_of_a_view_has_the_first_tensor_as_base() -> None:
    base = wrap(np.zeros((2, 3), np.float32))
    row = base.as_view((3,), (1,), 3)
    assert row.as_view((), (), 4).base is base


@pytest.mark.parametrize(
    ("shape", "stride"),
    [((), ()), ((3,), (1,)), ((2, 3), (3, 1)), ((2, 0, 3), (3, 3, 1)), ((0,), (1,)), ((4, 1, 2), (2, 2, 1))],
)
def test_contiguous_strides_count_an_empty_dimension_as_one(shape: tuple, stride: tuple) -> None:
    assert contiguous_stride(shape) == stride


def test_a_column_major_result_keeps_its_strides() -> None:
    made = wrap(np.asfortranarray(np.arange(6.0).reshape(2, 3)))
    assert made.stride == (1, 2)
    assert made.as_view((6,), (1,), 0).array.tolist() == [0, 3, 1, 4, 2, 5]


@pytest.mark.parametrize("cut", [np.s_[::2], np.s_[1:, 1], np.s_[:, ::2], np.s_[0:0], np.s_[2, 3]])
def test_sharing_an_array_goes_both_ways(cut: object) -> None:
    array = np.arange(24.0).reshape(4, 6)
    part = array[cut]  # type: ignore[call-overload]
    made = share(np.asarray(part))
    assert np.array_equal(made.array, part)
    if np.ndim(part) and np.size(part):
        store(made, np.full(made.shape, -1.0))
        assert (array[cut] == -1).all()  # type: ignore[call-overload]


def test_strides_over_the_shared_bytes_reach_between_the_elements() -> None:
    array = np.arange(6.0)
    every_second = share(array[::2])
    assert every_second.stride == (2,)
    assert every_second.as_view((5,), (1,), 0).array.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.arange(3.0)[::-1], "At least one stride in the given numpy array is negative"),
        (np.array([1.0], ">f8"), "byte order"),
        (np.array(["a"]), "can't convert np.ndarray of type numpy.str_"),
    ],
)
def test_arrays_that_no_tensor_can_share(array: np.ndarray, words: str) -> None:
    with pytest.raises(TcalcError, match=words):
        share(array)


def test_resizing_a_storage_keeps_every_tensor_over_it_true() -> None:
    made = wrap(np.array([1, 2], np.int32))
    view = made.as_view((2,), (1,), 0)
    made.storage.resize(16)
    store(made, np.array([7, 8], np.int32))
    assert view.array.tolist() == [7, 8]
    assert made.storage.nbytes == 16


def test_expanded_targets_are_refused_before_a_byte_is_written() -> None:
    base = wrap(np.zeros(1, np.float32))
    with pytest.raises(TcalcError, match="more than one element of the written-to tensor"):
        check_no_internal_overlap(base.as_view((3,), (0,)))


def test_partial_overlap_is_refused_and_full_overlap_is_not() -> None:
    base = wrap(np.zeros(4, np.float32))
    first, second = base.as_view((3,), (1,), 0), base.as_view((3,), (1,), 1)
    check_no_partial_overlap(first, [first, base.as_view((3,), (1,), 0)])
    with pytest.raises(TcalcError, match="some elements of the input tensor and the written-to tensor"):
        check_no_partial_overlap(first, [second])


def test_meta_tensors_have_shapes_and_no_bytes() -> None:
    ghost = empty((10**9, 10**9), dtypes.float32, devices.meta)
    assert ghost.shape == (10**9, 10**9)
    with pytest.raises(TcalcError, match="no data"):
        _ = ghost.array


def test_memory_is_refused_before_it_is_taken() -> None:
    with pytest.raises(LimitError, match=r"needs 3\.469 EiB"):
        empty((10**9, 10**9), dtypes.float32)
    state = State()
    state.meter = Meter(max_memory=resident_memory() + (8 << 20))
    with activated(state):
        empty((1 << 20,), dtypes.uint8)
        with pytest.raises(LimitError, match=r"needs 64 MiB, .* are free"):
            empty((64 << 20,), dtypes.uint8)


def test_many_small_values_meet_the_limit_too() -> None:
    state = State()
    state.meter = Meter(max_memory=resident_memory() + (16 << 20))
    kept = []
    with activated(state), pytest.raises(LimitError, match="has used the"):
        for _ in range(10_000):
            kept.append(empty((1 << 17,), dtypes.uint8))
            kept[-1].array.fill(1)
    assert len(kept) < 1000


def test_steps_run_out() -> None:
    meter = Meter(max_steps=2)
    meter.step()
    meter.step()
    with pytest.raises(LimitError, match="after 2 steps"):
        meter.step()


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 KiB"), (1 << 60, "1 EiB")]
)
def test_sizes_as_people_say_them(count: int, text: str) -> None:
    assert human_bytes(count) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [("cpu", "device(type='cpu')"), ("cuda", "device(type='cuda')"), ("cuda:1", "device(type='cuda', index=1)")],
)
def test_devices_parse_without_touching_cuda(name: str, text: str) -> None:
    assert repr(devices.parse(name)) == text
    assert str(devices.parse(name)) == name


@pytest.mark.parametrize(
    ("name", "words"), [("cuda:x", "Invalid device string: 'cuda:x'"), ("gpu", "Expected one of cpu")]
)
def test_devices_that_do_not_exist(name: str, words: str) -> None:
    with pytest.raises(TcalcError, match=words):
        devices.parse(name)


@pytest.mark.parametrize("dtype", dtypes.ALL)
def test_every_dtype_is_stored_in_its_own_size(dtype: dtypes.DType) -> None:
    made = empty((3,), dtype)
    assert made.array.dtype.itemsize == dtype.itemsize
    assert made.storage.nbytes == 3 * dtype.itemsize


def test_complex32_is_two_numbers_of_half_precision() -> None:
    """Every pair of bytes keeps its bits, whatever the array's order; what is wider is rounded once."""
    halves = np.arange(65536, dtype=np.uint16).view(np.float16)
    pairs = np.stack([halves, halves[::-1]], 1)
    elements = complex_half.decode(np, pairs.view("V4")[:, 0])
    for array in (elements.reshape(256, 256), elements.reshape(256, 256).T, elements[5:6].reshape(()), elements[:0]):
        with np.errstate(all="ignore"):
            found = complex_half.decode(np, complex_half.encode(np, array))
        assert found.shape == array.shape
        np.testing.assert_array_equal(found, array)
    rounded = complex_half.decode(np, complex_half.encode(np, np.array([1.2 - 1e-8j])))
    assert (rounded.real[0], rounded.imag[0]) == (np.float16(1.2), np.float16(-1e-8))
    assert np.signbit(rounded.imag[0])


def test_only_one_element_is_a_number() -> None:
    assert wrap(np.array([[2.5]], np.float32)).scalar() == 2.5
    with pytest.raises(TcalcError, match="a Tensor with 2 elements cannot be converted to Scalar"):
        wrap(np.zeros(2)).scalar()
    with pytest.raises(TcalcError, match="Boolean value of Tensor with more than one value is ambiguous"):
        bool(wrap(np.zeros(2)))
