"""A GPU's random numbers, on simulated GPUs of 132 multiprocessors. GPU code simulated, not executed.

What stands in for a kernel is its reference in NumPy; the kernels' own sources are compiled for the host, where there
is a compiler, and held to those.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

import kernel_references
from kernel_references import REFERENCES, philox
from simulation import account, simulated

import tcalc
from tcalc.engine import cuda_random_kernels
from tcalc.interp.text import repr_of

ONES = 2**64 - 1
# Random123's known answers (kat_vectors, philox4x32, 10 rounds): the key, the counter's halves, the words.
KNOWN = {
    "zeros": (0, 0, 0, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    "ones": (ONES, ONES, ONES, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    "pi": (0x299F31D0A4093822, 0x85A308D3243F6A88, 0x0370734413198A2E, "d16cfe09 94fdcceb 5001e420 24126ea1"),
}


@pytest.mark.parametrize("what", KNOWN)
def test_philox_is_that_of_the_paper(what) -> None:
    key, place, stream, words = KNOWN[what]
    assert " ".join(f"{int(word):08x}" for word in philox(key, place, stream)) == words


# ---------------------------------------------------------------- the kernels' own sources, on the host

_SHIM = """
#include <cmath>
#define __device__ inline
#define __global__
struct uint4 { unsigned x, y, z, w; };
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
inline unsigned __umulhi(unsigned a, unsigned b) { return ((unsigned long long)a * b) >> 32; }
#define __logf std::log
#define __expf std::exp
#define __tanf std::tan
#define __sincosf(x, sine, cosine) (*(sine) = std::sin(x), *(cosine) = std::cos(x))
inline void sincospi(double x, double* sine, double* cosine) { *sine = std::sin(x * M_PI); *cosine = std::cos(x * M_PI); }
static struct { unsigned x; } blockIdx, blockDim, threadIdx;
"""  # noqa: E501


def _parameters(name: str, source: str) -> list[tuple[str, str]]:
    text = source.partition(f"void {name}(")[2].partition(")")[0]
    return [tuple(part.rsplit(None, 1)) for part in text.split(",")]  # type: ignore[misc]


@pytest.fixture(scope="module")
def host_kernels(tmp_path_factory):
    """Every kernel as a function of the host, whose first argument is the number of threads."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("the kernels are not run on the host: there is no C++ compiler here")
    folder = tmp_path_factory.mktemp("kernels")
    text = _SHIM
    for name, source in cuda_random_kernels.structures():
        parameters = ", ".join(" ".join(part) for part in _parameters(name, source))
        arguments = ", ".join(argument for _, argument in _parameters(name, source))
        text += f"namespace of_{name} {{ using namespace std;\n" + source.replace('extern "C" __global__', "static")
        text += f'extern "C" void run_{name}(unsigned total, {parameters}) {{ blockDim.x = 256;\n'
        text += "for (unsigned at = 0; at < total; ++at) { blockIdx.x = at / 256; threadIdx.x = at % 256;"
        text += f" {name}({arguments}); }} }} }}\n"
    (folder / "kernels.cpp").write_text(text.replace("static void", "void"))
    command = [compiler, "-O1", "-ffp-contract=off", "-shared", "-fPIC", "-o", "kernels.so", "kernels.cpp"]
    made = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr[:3000]
    return ctypes.CDLL(str(folder / "kernels.so"))


def run_on_host(library, name: str, source: str, threads: int, arguments: list) -> list:
    given = []
    for (kind, _), value in zip(_parameters(name, source), arguments, strict=True):
        if isinstance(value, np.ndarray):
            given.append(ctypes.c_void_p(value.ctypes.data))
        else:
            given.append((ctypes.c_double if "double" in kind else ctypes.c_ulonglong)(value))
    getattr(library, f"run_{name}")(ctypes.c_uint(threads), *given)
    return arguments


SEED, OFFSET, COUNT = 2**63 + 12345, 8, 1000
# Of fewer threads than elements, and of several elements that lie together.
LAYOUTS = ((1024, 0), (256, 0), (250, 4), (256, 8), (256, 2), (512, 1))


@pytest.mark.parametrize("name", [name for name, _ in cuda_random_kernels.structures() if name.startswith("draw")])
def test_drawing_kernels_do_what_their_references_do(host_kernels, name) -> None:
    _, distribution, dtype = name.split("_")
    source = cuda_random_kernels.draw_source(distribution, dtype)[1]
    for threads, vector in LAYOUTS if dtype.endswith("32") else LAYOUTS[:2]:
        arguments = [SEED, OFFSET, threads, vector, 0.3, 0.7]
        found = run_on_host(host_kernels, name, source, 1024, [*arguments, np.zeros(COUNT, dtype), COUNT])[-2]
        wanted = np.zeros(COUNT, dtype)
        REFERENCES["draw"](name, *arguments, wanted, COUNT)
        if distribution in ("bits", "standard"):
            assert found.tolist() == wanted.tolist()
        else:
            tolerance = {"float32": 1e-6, "float64": 1e-14}[dtype]
            np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance)


def test_other_kernels_do_what_their_references_do(host_kernels) -> None:
    keys = np.sort(np.random.default_rng(1).integers(0, COUNT // 2, COUNT)).astype(np.uint64)
    trials, chances = np.linspace(0, 100, COUNT).round(), np.linspace(0, 1, COUNT)
    trials[500:503], chances[503] = (np.inf, -np.inf, np.nan), np.nan  # none of which may count for ever
    calls = {
        "shuffle": [keys, np.arange(COUNT), COUNT],
        "poisson": [np.append(np.linspace(0, 6000, COUNT - 3), (1e6, 1e12, np.inf)), np.zeros(COUNT), COUNT],
        "binomial_float64": [trials, chances, np.zeros(COUNT), COUNT, 128],
        "binomial_float32": [*(array.astype("f4") for array in (trials, chances, np.zeros(COUNT))), COUNT, 128],
    }
    sources = dict(cuda_random_kernels.structures())
    for name, arguments in calls.items():
        written = 1 if name == "shuffle" else len(arguments) - (3 if "binomial" in name else 2)
        wanted = [value.copy() if isinstance(value, np.ndarray) else value for value in arguments]
        REFERENCES[name.split("_")[0]](name, SEED, OFFSET, *wanted)
        run_on_host(host_kernels, name, sources[name], 1024, [SEED, OFFSET, *arguments])
        np.testing.assert_array_equal(arguments[written], wanted[written], err_msg=name)
        assert len(set(arguments[written].tolist())) > 20


# ---------------------------------------------------------------- what programs get


@pytest.fixture
def session():
    with simulated():
        made = tcalc.Session(write=lambda text: None)
        made.run("import torch\nimport torch.nn.functional as F\ng = torch.manual_seed(0)")
        account.clear()
        yield made


# What real machines print after torch.manual_seed(0), as people have published it.
SEEN = {
    "torch.randn(2, 8, device='cuda')": (
        "tensor([[-0.9247, -0.4253, -2.6438,  0.1452, -0.1209, -0.5797, -0.6229, -0.3284],\n"
        "        [-1.0745, -0.3631, -1.6711,  2.2655,  0.3117, -0.1842,  1.2866,  1.1820]],\n       device='cuda:0')"
    ),
    "torch.randn(2, 8, device='cuda', dtype=torch.float64)": (
        "tensor([[-0.3104, -0.0343,  0.1756, -2.2804,  0.5039,  0.5596, -0.0750,  0.9691],\n"
        "        [-0.2357, -0.4582,  0.5661,  1.2851, -1.8667, -0.0312,  1.2433,  1.3689]],\n"
        "       device='cuda:0', dtype=torch.float64)"
    ),
    "torch.cuda.manual_seed(42); torch.rand(3, 4, device='cuda')": (
        "tensor([[0.6130, 0.0101, 0.3984, 0.0403],\n        [0.1563, 0.4825, 0.7362, 0.4060],\n"
        "        [0.5189, 0.2867, 0.2416, 0.9228]], device='cuda:0')"
    ),
    "torch.rand(3, device='cuda')": "tensor([0.3990, 0.5167, 0.0249], device='cuda:0')",
    "torch.randn(4, device='cuda')": "tensor([-0.9247, -0.4253, -2.6438,  0.1452], device='cuda:0')",
    "torch.empty(3, device='cuda:1').uniform_()": "tensor([0.3990, 0.5167, 0.0249], device='cuda:1')",
}


@pytest.mark.parametrize("source", SEEN)
def test_numbers_are_those_of_real_machines(session, source) -> None:
    assert repr_of(session.run(source)) == SEEN[source]


# Each is made on the device: only what is printed or created crosses.
MADE = (
    "torch.rand(1000, device='cuda')", "torch.randn(7, 3, device='cuda', dtype=torch.bfloat16)",
    "torch.randint(5, (9,), device='cuda')", "torch.randperm(500, device='cuda')",
    "torch.empty(9, device='cuda').random_()", "torch.bernoulli(torch.rand(9, device='cuda'))",
    "torch.rand(9, device='cuda').bernoulli_(0.3)", "torch.multinomial(torch.rand(3, 9, device='cuda'), 5)",
    "torch.multinomial(torch.rand(3, 9, device='cuda'), 50, True)",
    "torch.poisson(torch.rand(9, device='cuda') * 99)", "torch.empty(9, device='cuda').exponential_()",
    "torch.binomial(torch.ones(9, device='cuda') * 50, torch.rand(9, device='cuda'))",
    "torch.empty(9, device='cuda').cauchy_()", "torch.empty(9, device='cuda').log_normal_()",
    "torch.empty(9, device='cuda').geometric_(0.2)", "torch.normal(torch.zeros(9, device='cuda'), 2.)",
    "F.dropout(torch.ones(9, 4, device='cuda'))", "F.alpha_dropout(torch.ones(9, device='cuda'), training=True)",
    "F.rrelu(torch.randn(9, device='cuda'), training=True)", "F.gumbel_softmax(torch.ones(9, device='cuda'))",
)  # fmt: skip


@pytest.mark.parametrize("source", MADE)
def test_numbers_are_made_on_the_device(session, source) -> None:
    session.run(f"a = {source}")
    assert account.transfers == 0
    assert session.run("str(a.device)") == "cuda:0"
    assert session.run(f"g = torch.manual_seed(0); a.equal({source})")
    assert not session.run(f"torch.Size([3]) == a.shape or a.equal({source})")


def test_each_element_has_its_thread(session) -> None:
    """A launch has at most 132 times 2048 threads; each takes four elements, as many apart as there are threads."""
    threads = 132 * 2048
    found = session.run("torch.rand(5 * 132 * 2048 + 3, device='cuda').cpu()").array
    assert session.run("g = torch.Generator('cuda'); a = torch.rand(5 * 132 * 2048 + 3, device='cuda', generator=g)"
                       "\ng.get_offset()") == 8  # fmt: skip
    for element in (0, 1, threads - 1, threads, 3 * threads + 5, 4 * threads, 5 * threads + 2):
        four = philox(0, element // threads // 4, element % threads)
        assert found[element] == kernel_references.uniform(four[element // threads % 4])


def test_whole_numbers_of_a_wide_range_take_two_words(session) -> None:
    found = session.run("torch.randint(0, 2**40, (600,), device='cuda').cpu()").array
    assert session.run("torch.cuda.get_rng_state()[8:].tolist()") == [4, 0, 0, 0, 0, 0, 0, 0]
    for element in (0, 1, 599):
        high, low = philox(0, 0, element)[:2]
        assert found[element] == ((int(high) << 32) | int(low)) % 2**40


def test_dropout_reads_as_many_elements_as_fit_in_sixteen_bytes(session) -> None:
    def kept(element: int, vector: int, threads: int = 256) -> bool:
        call = element // vector // threads * ((vector + 3) // 4) + element % vector // 4
        word = philox(0, call, element // vector % threads)[element % vector % 4]
        return bool(kernel_references.uniform(word) < np.float32(0.7))

    for dtype, vector in (("float32", 4), ("float16", 8), ("float64", 2)):
        source = f"g = torch.manual_seed(0); F.dropout(torch.ones(32, device='cuda', dtype=torch.{dtype}), 0.3).cpu()"
        found = session.run(source).array != 0
        assert found.tolist() == [kept(element, vector) for element in range(32)], dtype
    found = session.run("g = torch.manual_seed(0); F.dropout(torch.ones(31, device='cuda'), 0.3).cpu()").array != 0
    assert found.tolist() == [bool(kernel_references.uniform(philox(0, 0, e)[0]) < np.float32(0.7)) for e in range(31)]


def test_dropout_in_place_draws_as_bernoulli_does(session) -> None:
    found = session.run("a = torch.ones(32, device='cuda'); F.dropout(a, 0.3, inplace=True).cpu()").array != 0
    assert found.tolist() == [bool(kernel_references.uniform(philox(0, 0, e)[0]) < np.float32(0.7)) for e in range(32)]


def test_a_permutation_sorts_random_keys(session) -> None:
    found = session.run("torch.randperm(20000, device='cuda').cpu()").array
    high, low = philox(0, 0, np.arange(20000))[:2]
    keys = (high.astype(np.uint64) << np.uint64(32) | low) % np.uint64(2**32 - 1) + np.uint64(2**31)
    keys &= np.uint64(2**31 - 1)  # 31 bits make it unlikely that two of 20000 are equal
    assert len(set(keys.tolist())) == 20000
    assert found.tolist() == np.argsort(keys).tolist()


def test_values_of_equal_keys_are_shuffled(session) -> None:
    """Of 40 numbers in 14 bits, equal keys come about in one of thirty permutations."""
    orders = [session.run("torch.randperm(40, device='cuda').cpu()").array.tolist() for _ in range(60)]
    assert all(sorted(order) == list(range(40)) for order in orders)
    assert len({tuple(order) for order in orders}) == 60


STATES = {
    "torch.cuda.initial_seed()": "0",
    "torch.cuda.manual_seed(7); torch.cuda.initial_seed(), torch.initial_seed()": "(7, 0)",
    "torch.cuda.manual_seed_all(7)\nwith torch.cuda.device(1):\n    a = torch.cuda.initial_seed()\na": "7",
    "a = torch.rand(3, device='cuda'); torch.cuda.get_rng_state()": (
        "tensor([0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0], dtype=torch.uint8)"
    ),
    "s = torch.cuda.get_rng_state(); a = torch.rand(3, device='cuda'); torch.cuda.set_rng_state(s)\n"
    "a.equal(torch.rand(3, device='cuda'))": "True",
    "s = torch.cuda.get_rng_state_all(); torch.cuda.seed_all(); torch.cuda.set_rng_state_all(s)\n"
    "len(s), torch.rand(1, device='cuda:1')": "(2, tensor([0.3990], device='cuda:1'))",
    "with torch.random.fork_rng():\n    a = torch.rand(3, device='cuda')\ntorch.rand(1, device='cuda')": (
        "tensor([0.3990], device='cuda:0')"
    ),
    "with torch.random.fork_rng(devices=[1]):\n    a, b = [torch.rand(1, device=x) for x in ('cuda:0', 'cuda:1')]\n"
    "torch.cuda.get_rng_state()[8], torch.cuda.get_rng_state(1)[8]": (
        "(tensor(4, dtype=torch.uint8), tensor(0, dtype=torch.uint8))"
    ),
    "torch.cuda.seed(); torch.cuda.initial_seed() == 0": "False",
    "torch.seed() == torch.cuda.initial_seed()": "True",
    "g = torch.Generator(device='cuda'); g.device, g.initial_seed(), g.get_offset()": (
        "(device(type='cuda', index=0), 67280421310721, 0)"
    ),
    "g = torch.Generator('cuda').manual_seed(0); a = torch.rand(2, device='cuda', generator=g); g.get_offset()": "4",
    "g = torch.Generator('cuda').manual_seed(0); g.set_offset(8); h = g.clone_state(); h.get_offset()": "8",
    "g = torch.Generator('cuda').manual_seed(-1); g.initial_seed() == 2**64 - 1, g.get_state()[:8].min()": (
        "(True, tensor(255, dtype=torch.uint8))"
    ),
    "g = torch.Generator('cuda:1').manual_seed(0); torch.rand(1, device='cuda:0', generator=g)": (
        "tensor([0.3990], device='cuda:0')"
    ),
    "g = torch.Generator('cuda').set_offset(-4); a = torch.rand(2, device='cuda', generator=g); g.get_offset()": "0",
    "a = torch.rand(0, device='cuda'); torch.cuda.get_rng_state()[8]": "tensor(0, dtype=torch.uint8)",
}


@pytest.mark.parametrize("source", STATES)
def test_states(session, source) -> None:
    assert repr_of(session.run(source)) == STATES[source]


REFUSED = {
    "torch.rand(3, device='cuda', generator=torch.Generator())": (
        "Expected a 'cuda' device type for generator but found 'cpu'"
    ),
    "torch.rand(3, generator=torch.Generator('cuda'))": "Expected a 'cpu' device type for generator but found 'cuda'",
    "torch.Generator('cuda').set_offset(5)": "offset must be a multiple of 4",
    "torch.Generator('cuda').set_offset(1.5)": "manual_offset expected a long, but got float",
    "torch.Generator('cuda').set_offset(2**64)": "Overflow when unpacking long long",
    "torch.Generator('cuda').graphsafe_set_state(torch.Generator())": "Expected a CUDA Generator",
    "torch.cuda.set_rng_state(torch.get_rng_state())": "RNG state is wrong size",
    "torch.cuda.set_rng_state(torch.zeros(16))": "RNG state must be a torch.ByteTensor",
    "torch.set_rng_state(torch.cuda.get_rng_state())": (
        "Expected a CPUGeneratorImplState of size 5056 but found the input RNG state size to be 16"
    ),
    "torch.bernoulli(torch.tensor([1.5], device='cuda'))": "Expected p_in >= 0 && p_in <= 1 to be true",
    "torch.multinomial(torch.tensor([-1., 2.], device='cuda'), 1)": "probability tensor contains either `inf`, `nan`",
}


@pytest.mark.parametrize("source", REFUSED)
def test_refusals(session, source) -> None:
    with pytest.raises(tcalc.TcalcError) as raised:
        session.run(source)
    assert str(raised.value).startswith(REFUSED[source])
