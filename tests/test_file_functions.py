"""Files in the language: load and save, and what PyTorch and NumPy have for files."""

from __future__ import annotations

import os

import numpy as np
import pytest

import tcalc
from tcalc.errors import DataError, TcalcError


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    session = tcalc.Session(write=lambda text: None)
    return session.run


def message(run, source):
    with pytest.raises(TcalcError) as caught:
        run(source)
    return f"{caught.value.kind}: {caught.value.message}"


@pytest.mark.parametrize("ending", ["npy", "pt", "csv", "tsv", "txt"])
def test_a_tensor_goes_round(run, ending):
    run(f"x = arange(6.).reshape(2, 3) / 7; save(x, 'x.{ending}'); y = load('x.{ending}').to(x.dtype)")
    assert run("(x == y).all().item()")


@pytest.mark.parametrize("ending", ["npz", "safetensors", "pt", "pth"])
def test_named_tensors_go_round(run, ending):
    run(f"save({{'a': ones(2).half(), 'b': [1, 2]}}, 'x.{ending}'); w = load('x.{ending}')")
    assert run("list(w)") == ["a", "b"]
    assert run("w['a'].dtype == torch.float16, w['b'].tolist()") == (True, [1, 2])


def test_load_takes_a_device_and_a_format(run):
    run("save([[1, 2], [3, 4]], 'x.csv'); save({'a': [1]}, 'x.npz')")
    assert run("load('x.csv', device='meta').is_meta, load('x.npz', 'meta')['a'].is_meta") == (True, True)
    assert run("load('x.csv', format='csv').shape") == (2, 2)
    assert "there is no format 'xls'" in message(run, "load('x.csv', format='xls')")


def test_files_that_are_not_there(run):
    for source in ("load('no.npy')", "torch.load('no.npy')", "np.load('no.npy')", "np.loadtxt('no.npy')"):
        assert message(run, source) == "FileNotFoundError: [Errno 2] No such file or directory: 'no.npy'"
    assert run("try:\n    load('no.npy')\nexcept FileNotFoundError as e:\n    r = 'caught'\nr") == "caught"
    with pytest.raises(DataError):
        run("save(1, 'no/where/x.npy')")
    assert "takes a path in quotes" in message(run, "load(3)")
    assert "no format ends in .xyz" in message(run, "save(1, 'x.xyz')")


def test_a_failed_save_leaves_the_old_file(run):
    run("save(ones(2), 'x.npy')")
    before = open("x.npy", "rb").read()  # noqa: SIM115
    for value in ("'text'", "ones(2).bfloat16()", "{'a': 1}"):
        message(run, f"save({value}, 'x.npy')")
    assert open("x.npy", "rb").read() == before  # noqa: SIM115
    assert os.listdir() == ["x.npy"]


def test_a_file_may_be_saved_over_itself(run):
    run("save(arange(1_000_000.), 'x.npy'); x = load('x.npy'); save(x + 1, 'x.npy')")
    assert run("x[:2].tolist(), load('x.npy')[:2].tolist()") == ([0, 1], [1, 2])


def test_torch_save_and_load_keep_pythons_containers(run):
    run("torch.save({'a': ones(1), 'n': [1, 'x', None], 's': (2.5, True)}, 'x.anything')")
    assert run("d = torch.load('x.anything', map_location='cpu', weights_only=True); d['n'], d['s']") == (
        [1, "x", None], (2.5, True),
    )  # fmt: skip
    assert run("type(torch.load('x.anything'))") is run("dict")
    assert run("torch.load('x.anything', map_location='meta')['a'].is_meta")
    assert "no zip archive" in message(run, "save([1], 'x.npy'); torch.load('x.npy')")


def test_from_file(run):
    np.arange(4, dtype=np.int16).tofile("x.bin")
    assert run("torch.from_file('x.bin', size=3, dtype=torch.int16).tolist()") == [0, 1, 2]
    assert "cut short" in message(run, "torch.from_file('x.bin', size=5, dtype=torch.int16)")
    assert "NotImplementedError" in message(run, "torch.from_file('x.bin', shared=True, size=1)")
    run("x = torch.from_file('x.bin', size=4, dtype=torch.int16); x.zero_()")
    assert np.fromfile("x.bin", np.int16).tolist() == [0, 1, 2, 3]


def test_numpys_binary_files(run):
    run("np.save('x', np.arange(3)); np.savez('y', np.ones(2), b=np.zeros(1)); np.savez_compressed('z', a=np.ones(9))")
    assert np.load("x.npy").tolist() == [0, 1, 2]
    assert np.load("y.npz").files == ["arr_0", "b"] and np.load("z.npz")["a"].sum() == 9
    assert run("np.load('x.npy').sum() == 3")
    assert run("z = np.load('y.npz'); z.files, 'b' in z, len(z), list(z.keys())") == (
        ["arr_0", "b"], True, 2, ["arr_0", "b"],
    )  # fmt: skip
    assert repr(run("z")) == "NpzFile 'y.npz' with keys: arr_0, b"
    assert run("with np.load('y.npz') as z:\n    a = z['arr_0']\na.tolist()") == [1, 1]
    assert message(run, "np.load('y.npz')['c']") == "KeyError: 'c' is not a file in the archive"
    assert "neither a .npy nor a .npz" in message(run, "np.savetxt('t.txt', [1.]); np.load('t.txt')")


def test_numpys_pickles_are_refused(run):
    np.save("x.npy", np.array([{}], dtype=object))
    for source in ("np.load('x.npy')", "np.load('x.npy', allow_pickle=True)", "load('x.npy')"):
        assert "Python objects, which only a pickle could restore" in message(run, source)


def test_numpys_text_files(run):
    run("np.savetxt('x.txt', np.array([[1, 2.5], [3, 4]]), fmt='%.2f', delimiter=',', header='a,b')")
    with open("x.txt") as file:
        assert file.read() == "# a,b\n1.00,2.50\n3.00,4.00\n"
    assert run("np.loadtxt('x.txt', delimiter=',').tolist()") == [[1, 2.5], [3, 4]]
    assert run("np.loadtxt('x.txt', delimiter=',', usecols=1, skiprows=1).tolist()") == [2.5, 4]
    with open("gaps.csv", "w") as file:
        file.write("1,,3\n4,5,x\n")
    found = run("np.genfromtxt('gaps.csv', delimiter=',')")
    assert np.isnan(found).tolist() == [[False, True, False], [False, False, True]]
    assert run("np.genfromtxt('gaps.csv', delimiter=',', filling_values=0).tolist()")[0] == [1, 0, 3]
    assert "unexpected keyword" in message(run, "np.loadtxt('x.txt', converters={0: int})")
    assert "more than 400 characters" in message(run, "np.savetxt('x.txt', [1.], fmt='%999999999f')")


def test_raw_numbers(run):
    run("np.arange(6, dtype=np.int32).reshape(2, 3).T.tofile('x.bin')")
    assert np.fromfile("x.bin", np.int32).tolist() == [0, 3, 1, 4, 2, 5]
    assert run("np.fromfile('x.bin', dtype=np.int32, count=2, offset=4).tolist()") == [3, 1]
    assert "Python objects" in message(run, "np.fromfile('x.bin', dtype='O')")
    run("np.arange(3).tofile('x.txt', sep=' ')")
    assert run("np.fromfile('x.txt', sep=' ').tolist()") == [0, 1, 2]


@pytest.mark.parametrize(
    "source",
    [
        "load('x.npy')", "load('*.npy')", "save(1, 'y.npy')", "torch.load('x.npy')", "torch.save(1, 'y.pt')",
        "torch.from_file('x.npy', size=1)", "np.load('x.npy')", "np.save('y', 1)", "np.savez('y', 1)",
        "np.loadtxt('x.npy')",
        "np.savetxt('y', [1.])", "np.genfromtxt('x.npy')", "np.fromfile('x.npy')", "np.ones(1).tofile('y')",
    ],
)  # fmt: skip
def test_a_sandbox_has_no_files(source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("x.npy", [1])
    session = tcalc.Session(write=lambda text: None)
    session.state.files_allowed = False
    with pytest.raises(TcalcError) as caught:
        session.run(source)
    assert caught.value.kind == "PermissionError"
    assert os.listdir() == ["x.npy"]
