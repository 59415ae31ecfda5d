"""Bundles of named tensors: as values of the language, on the command line, in several files."""

from __future__ import annotations

import json
import os
import pty
import resource
import select
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import tcalc
from tcalc.engine.bundle import Bundle
from tcalc.errors import TcalcError

TENSORS = {
    "embed.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
    "norm.bias": np.zeros(3, np.float16),
    "norm.weight": np.ones(3, np.float16),
}


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_file(TENSORS, "w.safetensors", {"who": "me"})
    session = tcalc.Session(write=lambda text: None)
    session.run('w = load("w.safetensors")')
    return session


def fault(session, source):
    with pytest.raises(TcalcError) as caught:
        session.run(source)
    return caught.value


def test_it_is_a_dictionary_of_tensors(session):
    assert session.run("len(w), 'norm.bias' in w, 'x' in w, list(w)") == (3, True, False, list(TENSORS))
    assert list(session.run("w.keys()")) == list(TENSORS)
    assert session.run("[name for name, tensor in w.items() if tensor.dtype == torch.float16]") == list(TENSORS)[1:]
    assert session.run("[tuple(t.shape) for t in w.values()]") == [(2, 3), (3,), (3,)]
    assert session.run("w.get('x', 5)") == 5
    assert session.run("w.metadata") == {"who": "me"}
    assert session.run("w['embed.weight'].tolist()") == TENSORS["embed.weight"].tolist()


def test_a_tensor_is_the_same_at_every_look(session):
    session.run("w['norm.bias'] += 7")
    assert session.run("w['norm.bias'].tolist()") == [7, 7, 7]
    session.run("w['embed.weight'][0, 0] = 9")
    assert session.run("w['embed.weight'][0, 0].item()") == 9
    session.run("w.add_(1)")
    assert session.run("w['norm.bias'].tolist()") == [8, 8, 8]
    assert load_file("w.safetensors")["norm.bias"].tolist() == [0, 0, 0]  # and the file knows nothing of it


def test_tensors_are_put_in_and_taken_out(session):
    session.run("w['new'] = ones(2); del w['norm.bias']; w.update({'b': zeros(1)})")
    assert list(session.run("w.keys()")) == ["embed.weight", "norm.weight", "new", "b"]
    assert "a bundle holds tensors" in fault(session, "w['x'] = 'text'").message


def test_dictionaries_are_made_of_it(session):
    assert list(session.run("dict(w)")) == list(TENSORS) == list(session.run("{**w}"))
    assert session.run("len(w.items()), len(w.values()), [*w] == list(w.keys())") == (3, 3, True)
    assert session.run("v = bundle({'weight': [[1., 2.]], 'bias': [1.]}); F.linear(ones(2), **v).tolist()") == [4]
    assert "updated from a bundle or a dictionary" in fault(session, "w.update(3)").message
    assert fault(session, "w.items()[0]").message == "'dict_items' object is not subscriptable"
    assert session.run("w.pop('norm.bias').shape") == (3,) and session.run("w.pop('x', 5)") == 5
    assert fault(session, "w.pop('norm.bias')").kind == "KeyError"


def test_patterns_and_lists_choose_several(session):
    assert list(session.run("w['*.weight']")) == ["embed.weight", "norm.weight"]
    assert list(session.run("w['norm.????']")) == ["norm.bias"]
    assert list(session.run("w[['norm.bias', 'embed.weight']]")) == ["norm.bias", "embed.weight"]
    assert fault(session, "w['nothing*']").kind == "KeyError"


def test_names_that_are_not_there_are_proposed(session):
    error = fault(session, "w['norm.wieght']")
    assert (error.kind, error.hint) == ("KeyError", "did you mean 'norm.weight'?")
    assert "chosen by name" in fault(session, "w[0]").message


def test_arithmetic_is_by_name(session):
    session.run("d = (w * 3 - w).norm() / w.norm()")
    assert isinstance(session.run("d"), Bundle)
    assert session.run("d['embed.weight'].item(), d['norm.weight'].item()") == (2, 2)
    assert session.run("(2 - w)['norm.weight'].tolist()") == [1, 1, 1]
    assert session.run("(-w)['norm.weight'].tolist()") == [-1, -1, -1]
    assert session.run("(w + tensor(1.))['norm.bias'].dtype") is session.run("torch.float16")
    assert session.run("(tensor(1.) + w)['norm.bias'].tolist()") == [1, 1, 1]
    assert session.run("(w == w).all()['embed.weight'].item()") is True
    assert session.run("(w > 4)['embed.weight'].sum().item()") == 1
    assert session.run("(w * 2).metadata") == {"who": "me"}


def test_methods_and_functions_are_by_name(session):
    assert session.run("w.sum()['embed.weight'].item()") == 15
    assert session.run("torch.sum(w)['embed.weight'].item()") == 15
    assert session.run("w.shape['norm.bias']") == (3,)
    assert session.run("w.numel()") == {"embed.weight": 6, "norm.bias": 3, "norm.weight": 3}
    assert session.run("sum(w.numel().values())") == 12
    assert session.run("w.to(torch.float64)['norm.bias'].dtype") is session.run("torch.float64")
    assert session.run("{k: v.std().item() for k, v in w.items()}")["norm.weight"] == 0
    assert "did you mean mean" in fault(session, "w.meen()").hint


def test_different_names_are_told(session):
    error = fault(session, "w - w['*.weight']")
    assert error.message == "the bundles have different names: only the first has 'norm.bias'"
    assert "only the second has 'b'" in fault(session, "w['norm.bias*'] - bundle({'b': 1})").message


def test_a_fault_says_which_tensor_it_is_about(session):
    error = fault(session, "w @ ones(2, 2)")
    assert error.hint == "this is about the tensor 'embed.weight'"


def test_a_bundle_prints_as_a_short_list(session):
    assert repr(session.run("w")) == (
        "bundle of 3 tensors, 12 elements, 36 bytes\n"
        "  embed.weight  float32  (2, 3)\n"
        "  norm.bias     float16  (3,)\n"
        "  norm.weight   float16  (3,)"
    )
    assert "norm.weight   float32  ()  1.73205" in repr(session.run("w.float().norm()"))
    many = session.run("bundle({f'layer.{i}': ones(1) for i in range(100)})")
    assert len(repr(many).split("\n")) < 30 and "more ..." in repr(many)
    assert repr(Bundle({})) == "bundle of 0 tensors, 0 elements, 0 bytes"


def test_names_are_a_list_for_the_next_program(session, tcalc):
    names = ["embed.weight", "norm.weight", "norm.bias"]
    assert sorted(tcalc("x.keys()", "w.safetensors").stdout.split("\n")[:-1]) == sorted(names)
    assert sorted(json.loads(tcalc("-o", "json", "x.keys()", "w.safetensors").stdout)) == sorted(names)
    assert sorted(json.loads(tcalc("-o", "json", "{'names': x.keys()}", "w.safetensors").stdout)["names"]) == sorted(
        names
    )
    assert tcalc("{'a': 1, 'b': 2}.values()").stdout == "1\n2\n"
    assert tcalc("-o", "csv", "{'a': 1, 'b': 2}.keys()").stdout == tcalc("-o", "csv", "['a', 'b']").stdout
    done = tcalc("-o", "json", "(i for i in [1])")
    assert done.returncode == 4 and "json has no generator" in done.stderr and "list(...)" in done.stderr


def test_names_cannot_steer_a_terminal(session, tcalc):
    save_file({"a\x1b[31m\nb\u202e": np.zeros(1)}, "evil.safetensors")
    for line in (
        ["evil.safetensors"],
        ["print(x.keys())", "evil.safetensors"],
        ["-o", "repr", "x", "evil.safetensors"],
    ):
        done = tcalc(*line)
        assert done.returncode == 0, done.stderr
        assert "\x1b" not in done.stdout and "\u202e" not in done.stdout
    done = tcalc("x['b']", "evil.safetensors")
    assert "\x1b" not in done.stderr and "\u202e" not in done.stderr


# ---------------------------------------------------------------- the command line


def test_the_file_is_listed_from_its_header(session, tcalc):
    assert tcalc("w.safetensors").stdout == (
        "w.safetensors: 3 tensors, 12 parameters, 36 bytes\n"
        "  embed.weight  float32  (2, 3)  24 bytes\n"
        "  norm.bias     float16  (3,)     6 bytes\n"
        "  norm.weight   float16  (3,)     6 bytes\n"
        "  metadata: who = me\n"
    )
    with open("w.safetensors", "rb") as file:
        assert "\n  norm.bias " in tcalc(stdin=file.read()).stdout


def test_as_json_it_is_listed_for_programs(session, tcalc):
    found = json.loads(tcalc("w.safetensors", "-o", "json").stdout)
    assert found["tensors"][0] == {"name": "embed.weight", "dtype": "float32", "shape": [2, 3], "bytes": 24}
    assert (found["parameters"], found["bytes"], found["metadata"]) == (12, 36, {"who": "me"})
    assert json.loads(tcalc("x", "w.safetensors", "-o", "json").stdout)["norm.bias"] == [0, 0, 0]


def test_as_rows_it_is_listed_for_programs(session, tcalc):
    assert tcalc("w.safetensors", "-o", "csv").stdout == (
        "name,dtype,shape,elements,bytes\n"
        "embed.weight,float32,2x3,6,24\nnorm.bias,float16,3,3,6\nnorm.weight,float16,3,3,6\n"
    )
    assert json.loads(tcalc("w.safetensors", "-o", "jsonl").stdout.split("\n")[0])["bytes"] == 24


def test_json_is_not_listed_but_written(tcalc):
    text = '{"a": [1, 2], "b": [[3, 4]]}'
    assert json.loads(tcalc("-o", "json", "-", stdin=text).stdout) == json.loads(text)
    assert tcalc("-o", "csv", "x * 2", stdin='{"a": [[1, 2]]}').returncode == 4
    assert tcalc("-o", "csv", "bundle({'a': [1, 2], 'b': [3, 4]})").stdout == "a,b\n1,3\n2,4\n"


def test_values_beside_tensors_are_listed_too(session, tcalc):
    session.run("torch.save({'model': {'w': ones(2)}, 'epoch': 3, 'betas': (0.9, 0.99), 'log': [zeros(1)]}, 'c.pt')")
    assert tcalc("c.pt").stdout == (
        "c.pt: 2 tensors, 3 parameters, 12 bytes\n"
        "  model.w  float32  (2,)         8 bytes\n"
        "  epoch    int      3\n"
        "  betas    tuple    (0.9, 0.99)\n"
        "  log[0]   float32  (1,)         4 bytes\n"
    )
    assert json.loads(tcalc("c.pt", "-o", "json").stdout)["values"] == {"epoch": 3, "betas": [0.9, 0.99]}
    session.run("torch.save([1, 'x'], 'd.pt')")
    assert tcalc("d.pt").stdout == "d.pt: [1, 'x']\n"
    assert tcalc("x['model']['w'].sum()", "c.pt").stdout == "2.0\n"


def test_ten_gigabytes_are_listed_at_once_in_little_memory(session, tcalc):
    """The file is a hole; a process that read or mapped it would not fit."""
    fields = {
        f"t{n}": {"dtype": "F32", "shape": [1 << 28], "data_offsets": [n << 30, (n + 1) << 30]} for n in range(10)
    }
    header = json.dumps(fields).encode()
    with open("big.safetensors", "wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + (10 << 30))
    limit = 700 << 20
    done = tcalc("big.safetensors", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
    assert done.stdout.startswith("big.safetensors: 10 tensors, 2,684,354,560 parameters, 10 GiB\n"), done.stderr


def test_on_a_terminal_it_is_a_table(session, tcalc):
    master, slave = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "tcalc", "w.safetensors"], stdin=slave, stdout=slave, stderr=slave,
        env=tcalc.environment,
    )  # fmt: skip
    os.close(slave)
    text = b""
    while select.select([master], [], [], 20)[0]:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        if not piece:
            break
        text += piece
    assert running.wait(20) == 0
    os.close(master)
    for word in (b"embed.weight", b"float16", b"(2, 3)", b"12 parameters", b"36 bytes", b"3 tensors", b"who = me"):
        assert word in text
    assert b"\x1b[" in text


def test_results_are_written_back_with_their_metadata(session, tcalc):
    assert tcalc("x.half()", "w.safetensors", "-o", "half.safetensors").returncode == 0
    back = load_file("half.safetensors")
    assert {name: array.dtype.name for name, array in back.items()} == dict.fromkeys(TENSORS, "float16")
    assert tcalc("x.metadata['who']", "half.safetensors").stdout == "me\n"
    assert tcalc("w.safetensors", "-o", "w.npz").returncode == 0
    with np.load("w.npz") as found:
        assert set(found.files) == set(TENSORS)
        assert np.array_equal(found["embed.weight"], TENSORS["embed.weight"])


def test_formats_that_cannot_hold_a_bundle_say_so(session, tcalc):
    for name in ("npy", "csv"):
        done = tcalc("x", "w.safetensors", "-o", f"out.{name}")
        assert done.returncode in (4, 5) and name in done.stderr
        assert not os.path.exists(f"out.{name}")
    done = tcalc("x.bfloat16()", "w.safetensors", "-o", "out.npz")
    assert (done.returncode, os.path.exists("out.npz")) == (4, False)
    assert "no element type for bfloat16 (the tensor 'embed.weight')" in done.stderr


def test_as_text_it_is_a_line_a_name(session, tcalc):
    assert tcalc("x.sum()", "w.safetensors").stdout == "embed.weight\t15.0\nnorm.bias\t0.0\nnorm.weight\t3.0\n"


# ---------------------------------------------------------------- several files


def shards(count=2):
    names = [f"model-{number:05}-of-{count:05}.safetensors" for number in range(1, count + 1)]
    for number, name in enumerate(names):
        save_file({f"t{number}": np.full(2, number, np.float32)}, name)
    return names


def test_shards_are_one_bundle(session, tcalc):
    names = shards()
    assert tcalc("x.sum()", *names).stdout == "t0\t0.0\nt1\t2.0\n"
    assert tcalc(*names).stdout.startswith("model-*-of-00002.safetensors: 2 tensors, 4 parameters")
    assert tcalc("w.sum()", "w=model-*.safetensors").stdout == "t0\t0.0\nt1\t2.0\n"
    assert list(session.run("load('model-*.safetensors').keys()")) == ["t0", "t1"]


def test_an_index_is_its_bundle_in_its_order(session, tcalc):
    names = shards()
    index = {"metadata": {"total_size": 16}, "weight_map": {"t1": names[1], "t0": names[0]}}
    with open("model.safetensors.index.json", "w") as file:
        json.dump(index, file)
    assert tcalc("x.sum()", "model.safetensors.index.json").stdout == "t1\t2.0\nt0\t0.0\n"
    for wrong, words in (
        ({"t9": names[0]}, "'t9' is not in"), ({"t0": "../x.safetensors"}, "does not lie beside it"),
        ({}, "weight_map"), ({"t0": "gone.safetensors"}, "no such file"),
    ):  # fmt: skip
        with open("model.safetensors.index.json", "w") as file:
            json.dump({"weight_map": wrong}, file)
        done = tcalc("x", "model.safetensors.index.json")
        assert done.returncode == 4 and words in done.stderr, done.stderr


def test_one_name_in_two_shards_is_a_fault(session, tcalc):
    names = shards()
    save_file({"t0": np.zeros(1)}, names[1])
    done = tcalc("x", *names)
    assert done.returncode == 4 and "the tensor 't0' is in model-00001-of-00002.safetensors too" in done.stderr
