"""``.pt`` files: what PyTorch wrote is read (see torch_files/record.py), what we write round-trips, code is refused."""

from __future__ import annotations

import io
import os
import pickle
import pickletools
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tcalc
from tcalc.engine.bundle import Bundle
from tcalc.errors import DataError, TcalcError
from tcalc.formats.loaded import TextOptions
from tcalc.formats.source import in_memory, open_file
from tcalc.formats.torch_zip import TorchFile, opened, read
from tcalc.formats.writing import encode

FILES = Path(__file__).parent / "torch_files"


def of_file(name):
    """What ``torch.load`` gives."""
    return opened(open_file(str(FILES / name)), TorchFile.plain)


def bundle_of(name):
    return read(open_file(str(FILES / name)), "pt", TextOptions()).x


def written(value):
    return b"".join(encode(value, "pt"))


def back(value):
    return opened(in_memory(written(value), "f"), TorchFile.plain)


# ---------------------------------------------------------------- PyTorch's files


def test_every_element_type_is_read():
    found = bundle_of("dtypes.pt")
    assert len(found) == 20
    for name, tensor in found.items():
        assert tensor.dtype.name == name
        assert tcalc.evaluate("x.tolist()", x=tensor) == [0, 1, 2 if name != "bool" else 1]


def test_complex32_goes_round():
    made = tcalc.evaluate("torch.tensor([1.5 - 2j, 3]).chalf()")
    found = back(made)
    assert found.dtype.name == "complex32"
    assert found.array.tobytes() == made.array.tobytes()


def test_a_state_dictionary_is_a_bundle():
    found = bundle_of("state.pth")
    assert isinstance(found, Bundle)
    assert list(found) == [
        "0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked"
    ]  # fmt: skip
    for number, tensor in enumerate(found.values()):
        assert set(tensor.host_array().reshape(-1).tolist()) == {number}


@pytest.mark.parametrize("name", ["checkpoint.pt", "protocol4.pt"])
def test_a_checkpoint_keeps_its_structure(name):
    found = of_file(name)
    expected = {
        "epoch": 3, "loss": 0.5, "name": "run", "done": False, "nothing": None, "size": (2, 3), "number": 1 - 2j,
        "history": [(1, 0.5), (2, 0.25)], "large": -(2**80), "kinds": {1, 2},
    }  # fmt: skip
    assert {key: found[key] for key in expected} == expected
    assert repr(found["size"]) == "torch.Size([2, 3])" and repr(found["dtype"]) == "torch.bfloat16"
    assert repr(found["device"]) == "device(type='cpu')"
    assert found["model"]["w"].host_array().tolist() == [[1, 1], [1, 1]]
    assert found["optimizer"]["param_groups"][0]["betas"] == (0.9, 0.999)
    assert found["optimizer"]["state"][0]["step"].host_array() == 1
    assert isinstance(bundle_of(name)["model"], Bundle)


def test_shared_storages_stay_shared():
    found = bundle_of("shared.pt")
    tensors = dict(found.items())
    assert len({id(tensor.storage) for tensor in tensors.values()}) == 1
    assert tensors["view"].offset == 2 and tensors["transposed"].stride == (1, 3) and tensors["expanded"].stride == (0,)
    tensors["base"].host_array()[:] = 7
    assert tensors["transposed"].host_array().tolist() == [[7, 7]] * 3


def test_special_tensors():
    found = of_file("special.pt")
    assert found["bits"].host_array().view(np.int32).tolist() == [0x7FC00001, -0x80000000, 1, 0x7F800000]
    assert tuple(found["empty"].shape) == (0, 3)
    assert found["scalar"].scalar() == 2**62 + 1
    assert found["conjugate"].host_array().tolist() == [1 - 2j]
    assert found["meta"].is_meta and tuple(found["meta"].shape) == (2, 2)
    assert found["gradient"].requires_grad and found["parameter"].requires_grad
    assert not bundle_of("special.pt")["gradient"].requires_grad


def test_dictionaries_of_other_classes_and_tensors_with_attributes():
    found = of_file("further.pt")
    assert (found["state"], found["count"]) == ({"a": {"b": 1}}, {"a": 2, "b": 1})
    assert found["marked"].host_array().tolist() == [1, 1] and found["parameter"].requires_grad


def test_other_values_than_dictionaries():
    assert of_file("tensor.pt").host_array().tolist() == np.arange(12).reshape(3, 4).tolist()
    zero, text, rest = of_file("nested.pt")
    assert (zero.scalar(), text, rest["a"][0].scalar()) == (0, "text", 1)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("legacy.pt", "before version 1.6"),
        ("module.pt", "'__main__.Net'"),
        ("script.pt", "TorchScript"),
    ],
)
def test_what_is_not_read_is_refused_by_name(name, words, tcalc):
    with pytest.raises(DataError, match=words):
        bundle_of(name)
    done = tcalc(str(FILES / name))
    assert (done.returncode, done.stdout) == (4, "") and words in done.stderr


# ---------------------------------------------------------------- our files

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.complex_numbers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
    | st.tuples(inner, inner),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(VALUES)
def test_values_go_round(value):
    assert repr(back(value)) == repr(value)


@settings(max_examples=50, deadline=None)
@given(VALUES)
def test_pythons_own_unpickler_agrees(value):
    data = zipfile.ZipFile(io.BytesIO(written(value))).read("archive/data.pkl")
    pickletools.dis(data, io.StringIO())  # the stream is well formed
    assert repr(pickle.loads(data)) == repr(value)


def test_tensors_keep_strides_and_share_memory():
    session = tcalc.Session(write=lambda text: None)
    value = session.run("b = arange(6.); {'b': b, 't': b.view(2, 3).T, 'e': b[:1].expand(3), 'again': b}")
    found = back(value)
    assert found["t"].stride == (1, 3) and found["e"].stride == (0,)
    assert found["t"].storage is found["b"].storage
    assert found["again"] is found["b"]
    assert found["t"].host_array().tolist() == [[0, 3], [1, 4], [2, 5]]


def test_containers_keep_their_identity():
    inner = [1]
    loop = [inner, inner]
    loop.append(loop)
    found = back(loop)
    assert found[0] is found[1] and found[2] is found


def test_storages_are_aligned_and_stored():
    data = written({f"t{n}": tcalc.tensor(np.ones(n + 1, np.int8)) for n in range(5)})
    archive = zipfile.ZipFile(io.BytesIO(data))
    for info in archive.infolist():
        assert info.compress_type == zipfile.ZIP_STORED
        start = info.header_offset + 30 + sum(data[info.header_offset + 26 : info.header_offset + 30 : 2])
        assert not start % 64, info.filename


def test_what_has_no_place_in_the_format_is_told_before_anything_is_written(tmp_path):
    session = tcalc.Session(write=lambda text: None)
    path = tmp_path / "x.pt"
    with pytest.raises(TcalcError, match="holds tensors, numbers, texts"):
        session.run(f"torch.save({{'a': ones(1), 'f': lambda: 1}}, {str(path)!r})")
    with pytest.raises(TcalcError, match="as different types"):
        session.run(f"x = ones(2); torch.save([x, x.view(torch.int32)], {str(path)!r})")
    assert os.listdir(tmp_path) == []


# ---------------------------------------------------------------- pickles that want more


class Evil:
    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


def archived(data, **members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", data)
        archive.writestr("archive/version", "3\n")
        for name, content in members.items():
            archive.writestr(f"archive/data/{name}", content)
    return file.getvalue()


def refused(data):
    with pytest.raises(DataError) as caught:
        opened(in_memory(data, "f"), TorchFile.plain)
    return caught.value.message


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    ("value", "name"),
    [
        (Evil(os.system, "touch hacked"), "posix.system"), (Evil(eval, "1"), "eval"), (Evil(exec, "1"), "exec"),
        (Evil(getattr, 1, "real"), "getattr"), (Evil(__import__, "os"), "__import__"), (np.float64(1), "numpy"),
        (io.BytesIO, "BytesIO"), (Evil(print, "x"), "print"), ({"a": [Evil(os.getcwd)]}, "getcwd"),
    ],
)  # fmt: skip
def test_code_in_a_pickle_is_refused_by_name_and_not_run(value, name, protocol, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    message = refused(archived(pickle.dumps(value, protocol)))
    assert name in message or "opcode" in message
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("protocol", range(2, 6))
def test_a_bare_pickle_is_refused_by_name(protocol, tcalc):
    (tcalc.folder / "x.pkl").write_bytes(pickle.dumps({"a": 1}, protocol))
    for line in (["x.pkl"], ["-e", "load('x.pkl')"]):
        done = tcalc(*line)
        assert done.returncode == 4 and "this is a Python pickle (which could run code)" in done.stderr
    (tcalc.folder / "x.pt").write_bytes(pickle.dumps({"a": 1}, protocol))
    assert "a bare Python pickle" in tcalc("x.pt").stderr


def tensor_pickle(key="0", count=4, offset=0, size=(4,), stride=(1,), kind=b"FloatStorage"):
    """A pickle of one tensor, from the opcodes up."""

    def number(value):
        return b"\x8a\x09" + value.to_bytes(9, "little", signed=True)

    def numbers(values):
        return b"(" + b"".join(map(number, values)) + b"t"

    def text(value):
        return b"X" + len(value).to_bytes(4, "little") + value.encode()

    storage = b"(" + text("storage") + b"ctorch\n" + kind + b"\n" + text(key) + text("cpu") + number(count) + b"tQ"
    rest = number(offset) + numbers(size) + numbers(stride) + b"\x89ccollections\nOrderedDict\n)R"
    return b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(" + storage + rest + b"tR."


def test_a_tensor_from_the_opcodes_up():
    data = archived(tensor_pickle(), **{"0": np.arange(4, dtype=np.float32).tobytes()})
    assert opened(in_memory(data, "f"), TorchFile.plain).host_array().tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"size": (5,)}, "reaches beyond its storage"), ({"offset": 1}, "reaches beyond"),
        ({"size": (2, 2), "stride": (3, 1)}, "reaches beyond"), ({"offset": 2**60}, "reaches beyond"),
        ({"size": (2**30, 2**30), "stride": (1, 1)}, "reaches beyond"),
        ({"size": (2**40, 2**40), "stride": (0, 0)}, "larger than any array"),
        ({"size": (0, 2**61, 2**61), "stride": (0, 0, 0)}, "larger than any array"), ({"size": (-1,)}, "damaged"),
        ({"stride": (-1,)}, "damaged"), ({"size": (2, 2)}, "damaged"), ({"offset": -1}, "damaged"),
        ({"count": 5}, "16 bytes, where 20 are promised"), ({"count": 2**62}, "are promised"),
        ({"count": -4}, "damaged"), ({"key": "1"}, "missing"), ({"key": "../data.pkl"}, "missing"),
        ({"kind": b"QUInt8Storage"}, "torch.QUInt8Storage"), ({"kind": b"float32"}, "damaged"),
    ],
)  # fmt: skip
def test_lying_tensors_are_refused(changes, words):
    assert words in refused(archived(tensor_pickle(**changes), **{"0": bytes(16)}))


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x80\x02", b"\x80\x02.", b"\x80\x02(.", b"\x80\x02]a.", b"\x80\x02}]K\x01s.", b"\x80\x02]]s.",
        b"\x80\x02h\x05.", b"\x80\x02K\x01K\x02R.", b"\x80\x02)Q.", b"\x80\x02K\x01Q.", b"\x80\x02K\x01}b.",
        b"\x80\x02]K\x01b.", b"\x80\x02}((K\x01u.", b"\x80\x02ctorch\nSize\nK\x01R.", b"\x80\x02X\xff\xff\xff\x7fa.",
        b"\x80\x02\x8b\xff\xff\xff\x7f.", b"\x80\x02ctorch\n", b"\x80\x02ctorch\nSize\n\x85R.", b"\xff" * 20,
        b"\x80\x02ctorch\ndevice\nX\x03\x00\x00\x00xyz\x85R.", b"\x80\x02ctorch\nFloatStorage\n.",
        b"\x80\x02(K\x01t0", b"\x80\x02\x80\x02K\x01", b"I1\nI2\n2.", b"(i os\nsystem\n.", b"(cos\nsystem\no.",
    ],
)  # fmt: skip
def test_damaged_pickles_are_refused(data):
    with pytest.raises(TcalcError) as caught:
        opened(in_memory(archived(data), "f"), TorchFile.plain)
    assert caught.value.kind != "InternalError"


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_change_of_the_pickle_makes_it_crash(data):
    good = bytearray(zipfile.ZipFile(FILES / "checkpoint.pt").read("checkpoint/data.pkl"))
    for _ in range(data.draw(st.integers(1, 3))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        repr(opened(in_memory(archived(bytes(good), **{str(n): bytes(16) for n in range(6)}), "f"), TorchFile.plain))
    except TcalcError as fault:
        assert fault.kind != "InternalError"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60))
def test_no_stream_of_opcodes_makes_it_crash(stream):
    try:
        opened(in_memory(archived(b"\x80\x02" + stream + b"."), "f"), TorchFile.plain)
    except TcalcError as fault:
        assert fault.kind != "InternalError"


def test_nesting_has_an_end():
    message = refused(archived(b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b"."))
    assert "nested too deeply" in message


def test_containers_that_share_do_not_multiply():
    """Thirty lists, each with the one before it twice: a billion leaves, if they were copied."""
    stream = b"\x80\x02]q\x00"
    for number in range(30):
        stream += b"](h" + bytes([number]) + b"h" + bytes([number]) + b"eq" + bytes([number + 1])
    found = opened(in_memory(archived(stream + b"."), "f"), TorchFile.plain)
    assert found[0] is found[1]


def test_the_archive_may_be_cut_anywhere():
    data = (FILES / "nested.pt").read_bytes()
    for length in range(0, len(data), 7):
        refused(data[:length])


def test_the_other_byte_order():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x/data.pkl", tensor_pickle())
        archive.writestr("x/byteorder", "big")
        archive.writestr("x/data/0", np.arange(4, dtype=">f4").tobytes())
    assert opened(in_memory(file.getvalue(), "f"), TorchFile.plain).host_array().tolist() == [0, 1, 2, 3]
