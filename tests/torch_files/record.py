"""Record the files that ``test_formats_torch.py`` reads, with a real PyTorch; the tests themselves need none.

python tests/torch_files/record.py
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from pathlib import Path

import torch

HERE = Path(__file__).parent

DTYPES = (
    "bool uint8 int8 int16 int32 int64 uint16 uint32 uint64 float16 bfloat16 float32 float64 complex32 complex64 "
    "complex128 float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz"
)


def every_dtype():
    """0, 1 and 2 in every element type."""
    return {name: torch.tensor([0, 1, 2]).to(getattr(torch, name)) for name in DTYPES.split()}


def state_dictionary():
    module = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    with torch.no_grad():
        for number, tensor in enumerate(module.state_dict().values()):
            tensor.fill_(number)
    return module.state_dict()


def checkpoint():
    parameter = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    optimizer = torch.optim.Adam([parameter])
    parameter.sum().backward()
    optimizer.step()
    return {
        "epoch": 3, "loss": 0.5, "name": "run", "done": False, "nothing": None, "size": torch.Size([2, 3]),
        "model": OrderedDict(w=torch.ones(2, 2)), "optimizer": optimizer.state_dict(), "history": [(1, 0.5), (2, 0.25)],
        "dtype": torch.bfloat16, "device": torch.device("cpu"), "number": 1 - 2j, "large": -(2**80), "kinds": {1, 2},
    }  # fmt: skip


def shared():
    base = torch.arange(6.0)
    return {"base": base, "view": base[2:4], "transposed": base.view(2, 3).T, "expanded": base[:1].expand(4)}


def special():
    bits = torch.tensor([0x7FC00001, -0x80000000, 1, 0x7F800000], dtype=torch.int32)
    return {
        "bits": bits.view(torch.float32), "empty": torch.empty(0, 3), "scalar": torch.tensor(2**62 + 1),
        "conjugate": torch.tensor([1 + 2j]).conj(), "meta": torch.empty(2, 2, device="meta"),
        "gradient": torch.ones(2, requires_grad=True), "parameter": torch.nn.Parameter(torch.ones(1)),
    }  # fmt: skip


def further():
    """Dictionaries of other classes, and tensors with attributes."""
    state = defaultdict(dict)
    state["a"]["b"] = 1
    marked = torch.ones(2)
    marked.note = "x"
    parameter = torch.nn.Parameter(torch.ones(1))
    parameter.note = "y"
    return {"state": state, "count": Counter("aab"), "marked": marked, "parameter": parameter}


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)


def main():
    torch.manual_seed(0)
    torch.save(every_dtype(), HERE / "dtypes.pt")
    torch.save(state_dictionary(), HERE / "state.pth")
    torch.save(checkpoint(), HERE / "checkpoint.pt")
    torch.save(checkpoint(), HERE / "protocol4.pt", pickle_protocol=4)
    torch.save(shared(), HERE / "shared.pt")
    torch.save(special(), HERE / "special.pt")
    torch.save(further(), HERE / "further.pt")
    torch.save(torch.arange(12).reshape(3, 4), HERE / "tensor.pt")
    torch.save([torch.zeros(1), "text", {"a": [torch.ones(1)]}], HERE / "nested.pt")
    torch.save(Net(), HERE / "module.pt")
    torch.save(torch.zeros(2), HERE / "legacy.pt", _use_new_zipfile_serialization=False)
    torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), HERE / "script.pt")


if __name__ == "__main__":
    main()
