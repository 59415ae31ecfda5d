"""Every function over dtypes and odd shapes against what PyTorch was recorded to answer, without PyTorch.

``tests/conformance/record_functions.py`` makes the record. An error must be of PyTorch's class; other words of it are
counted, not refused. What differs otherwise is in :data:`DIFFERENCES`, with its reason. The same programs also run on
operands without memory (``device="meta"``), and with nonsense for arguments.
"""

from __future__ import annotations

import random
import re
import signal
import sys
import warnings
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from conformance import answers
from conformance.functions import definitions

import tcalc

# What the program matches, what the difference (as `answers.difference` words it) matches, and why tcalc differs.
DIFFERENCES = (
    # The calculator's notation.
    (r"\[1\.5, 2\.0\]", r"for (TypeError|AttributeError): .*(list|Tensor|float|NoneType|no attribute)", "a list of numbers is a tensor where one is wanted, or one that fits no better"),
    (r"\((2|1|0|300|-1\.5)(, (2|3|1))?\)$", r"answered .* for TypeError.*(not (int|float)|got \((int|float))", "maths on Python's numbers answers as a calculator does"),
    (r"arange\(10\*\*30\)", r"class MemoryError", "what is too large for memory is a limit, which no program catches"),
    # Where PyTorch refuses and the meaning is plain.
    (r"", r"for TypeError: .*(invalid combination|must be int, not NoneType|takes 2 positional|missing 1 required|multiple values|unexpected keyword argument 'out')", "one signature takes the parameters of all overloads"),
    (r"", r"answered .* for NotImplementedError: ", "PyTorch has no kernel for the dtype, the answer is plain"),
    (r"", r"answered .* for RuntimeError: .*(could not infer output dtype|bool tensor|does not support complex|for complex tensors|Expected a floating point or complex|mode_cpu|clamp is not)", "PyTorch has no kernel for the dtype, the answer is plain"),
    (r"out=o", r"answered .* for RuntimeError", "out= of another dtype is cast, as in most of PyTorch's functions"),
    (r"_\(.*dtype=", r"answered .* Bad in-place call", "the answer in another dtype is cast into the tensor"),
    (r"index_put", r"answered .* for TypeError", "indices are what they are in brackets: None, or a tensor"),
    (r"index_add_?\((f32_3, |i64_3, )?0, torch.tensor\(1\)", r"answered", "one number added at one place"),
    (r"fft\.fft\(\w+_03\)", r"MKL FFT error", "a fault of the machine's library"),
    (r"logsumexp", r"answered .* broadcast shape \[1", "no dimension is every dimension, as in sum"),
    (r"torch\.detach_\(", r"answered .* Can't detach views", "nothing is recorded yet that a view would have to leave"),
    (r"(layer_norm|torch\.linalg\.\w+|finfo)\(", r"answered .* for TypeError: ", "one number for a tuple of one; the default for None"),
    (r"linear\(\w+, \w+_3, \w+_z\)", r"answered", "a bias on the product with a vector"),
    (r"scalar_tensor\(1j\)|broadcast_shapes\(\(-1,\)\)", r"answered", "PyTorch's own refusal is no rule of its other functions"),
    (r"index_put\(.*\[\], ", r"answered .* undefined Tensor", "no index is everything"),
    # Which of two faults is told first.
    (r"", r"class NotImplementedError: .*\n.*for (RuntimeError|ValueError|TypeError)", "two faults: tcalc names the dtype first"),
    (r"", r"class RuntimeError: .*\n.*for NotImplementedError", "two faults: tcalc names the shape first"),
    (r"out=o", r"class (RuntimeError|TypeError|IndexError)", "two faults of a call with out=: tcalc names the other one first"),
    (r"", r"class TypeError: .*\n.*for AttributeError", "nonsense for a tensor, where PyTorch's Python code looks for an attribute"),
    (r"broadcast_shapes|einsum\(\)|set_float32_matmul_precision|lowrank|signal\.windows|squeeze_\(", r"class \w+: ", "nonsense for an argument, where PyTorch's Python code stumbles"),
    (r"bilinear|rot90|amax|amin|rfft\(c64_z|avg_pool3d|native_batch_norm|reduction='bad'", r"class \w+: ", "two faults: tcalc names the other one first"),
    # Numbers at the edge.
    (r"chalf|complex\(f16", r"tcalc does not store complex32", "no complex32"),
    (r"(matrix_exp|soft_margin_loss|log_softmax|addbmm|_window|svd|cosine|loss)\S*(\w*f16|.*bfloat16)", r"^values", "half precision is computed in float32 and rounded once; PyTorch rounds at every step here"),
    (r"c64_x|f(32|16|64)_x|f16_x", r"^values", "infinite and complex at once: which parts are nan is the compiler's choice"),
    (r"polygamma\(1, i64_23\)|i64_23\.polygamma", r"^values", "PyTorch's trigamma of 0, -1, … is a huge number where the function is infinite"),
    (r"linspace\(-3, 7, 4, dtype=torch\.uint8\)", r"^values", "steps from -3, where PyTorch steps from its wrap 253"),
    # Memory.
    (r"conj_physical|chain_matmul|combinations\(f32_3, 0\)|adjoint|conj\(|native_dropout", r"^(memory|refused|dtype)", "a copy where PyTorch hands back the operand, or the other way round"),
    (r"23e\.\w+_\(|threshold_\(f32_23e|23e", r"refused: RuntimeError: unsupported operation: more than one element", "PyTorch misses this check here and writes to shared elements"),
    (r"diff|sort|loss|quantile|unique|frexp|svd|fft|matrix_power|nonzero|argwhere|lstsq|mvlgamma|rrelu|logsigmoid|unravel|lu_solve|out=o|grid|affine|rnn|ldl|lowrank|fractional", r"^stride", "NOT YET: the answer's strides"),
    (r"lu\(get_infos=True\)", r"_lu_with_info", "the method's answer has PyTorch's name here only as a function"),
    # Other things not yet as in PyTorch.
    (r"cum(max|min)\(f32_2?0, ", r"refused", "NOT YET: PyTorch does not check dim where there is no element"),
    (r"out=o", r"refused: .* can't be cast", "NOT YET: out= decides the dtype that these sums are made in"),
    (r"set_float32_matmul_precision", r"refused", "NOT YET: PyTorch only warns of an unknown precision"),
    (r"general_cosine\(1, a=1", r"refused", "NOT YET: PyTorch returns before it looks at the coefficients"),
    (r"(hinge|triplet|margin_ranking)\w*\(u8", r"^values", "NOT YET: losses of uint8 wrap in PyTorch"),
    (r"norm_except_dim|nuclear_norm|histogramdd|torch\.instance_norm", r"^(answered|shape|class|values)", "NOT YET: operands of too few dimensions"),
    (r"_(0|20)\.(apply|map|map2)_\(", r"refused", "what is no function is refused even where there is nothing to call it for"),
    (r"\.to\(3\)", r"class AssertionError", "the third GPU: what is missing is said with the command that mends it"),
    (r"native_batch_norm\(f32_0", r"refused", "NOT YET: a batch of no channels"),
)  # fmt: skip


def reason(source: str, found: str) -> str | None:
    """Why a difference is meant, or None."""
    for program, difference, why in DIFFERENCES:
        if re.search(program, source) and re.search(difference, found, re.DOTALL):
            return why
    return None


@pytest.fixture(scope="module")
def recorded():
    return answers.recorded()


def test_functions_answer_as_pytorch_does(recorded) -> None:
    unexpected, counts = [], Counter()
    for name, programs in recorded.items():
        for source, expected in programs:
            found = answers.difference(source, expected)
            if found is None or found.startswith("words "):
                counts["equal" if found is None else "other words"] += 1
            elif reason(source, found):
                counts["meant"] += 1
            else:
                unexpected.append(f"{name}: {source}\n   {found}")
    assert not unexpected, f"{len(unexpected)} differences, {dict(counts)}\n" + "\n".join(unexpected[:20])
    assert counts["other words"] * 25 < counts["equal"], counts
    assert counts["meant"] * 15 < counts["equal"], counts


# ---------------------------------------------------------------- without memory

# What a function that looks at the numbers says of operands that have none.
_NEEDS_DATA = re.compile("meta|no data|data-dependent|same device|nonzero|two devices|Cannot copy out", re.IGNORECASE)


def _on_meta(source: str) -> str:
    made = definitions(source)
    names = re.findall(r"^(\w+) = ", made, re.MULTILINE)
    return made + "".join(f"{name} = {name}.to('meta')\n" for name in names)


def meta_difference(source: str, expected: dict) -> str | None:
    """How the answer for operands on the meta device differs from the recorded one in shape or dtype."""
    try:
        value, _ = answers.run(source, _on_meta(source))
    except tcalc.InternalError as fault:
        return f"INTERNAL {fault}"
    except tcalc.TcalcError as fault:
        return None if _NEEDS_DATA.search(str(fault)) else f"refused: {fault.kind}: {fault}"
    shape, dtype = list(value.shape), str(value.dtype).removeprefix("torch.")
    dtype = answers.SHORT.get(dtype, dtype)
    if (dtype, shape) != (expected["dtype"], expected["shape"]):
        return f"{dtype} {shape} for {expected['dtype']} {expected['shape']}"
    return None


def test_shapes_are_known_without_memory(recorded) -> None:
    """Of every program with one tensor for an answer that tcalc has, on operands that have a shape only."""
    unexpected, count = [], 0
    for programs in recorded.values():
        for source, expected in programs:
            if (
                "shape" not in expected
                or "\n" in source
                or not definitions(source)
                or re.search("device=|as_strided", source)
            ):
                continue
            if answers.difference(source, expected) is None:
                count += 1
                found = meta_difference(source, expected)
                if found:
                    unexpected.append(f"{source}\n   {found}")
    assert not unexpected, f"{len(unexpected)} of {count}\n" + "\n".join(unexpected[:20])
    assert count > 9000


# ---------------------------------------------------------------- nonsense

_NONSENSE = (
    "None", "'a'", "''", "2**70", "-1", "0", "1", "2.5", "-2**62", "2**62", "float('nan')", "float('inf')", "1j", "True", "[]", "[[]]",
    "[1, 'a']", "[[1], [2, 3]]", "()", "(1, None)", "(-1, -1)", "(2**40, 2**40)", "{}", "{'a': 1}", "torch.float32", "torch.device('cpu')",
    "'meta'", "f32_23", "i64_3", "b_z", "c64_22", "f32_0", "bf16_213", "slice(1)", "range(3)", "torch.Size([2])", "[f32_23, 1]",
    "[f32_3, i64_3]", "(f32_3, None)", "torch.sum", "lambda x: x", "[None]", "'mean'", "i64_i2", "-5", "7", "(1, 1)", "f32_d33", "10**5",
)  # fmt: skip
# Polynomials of a degree without bound are made step by step; steps are counted, and Ctrl-C works.
_ENDLESS = re.compile(r"polynomial|mvlgamma|multigammaln|matrix_power")


def _with_nonsense(chance: random.Random, source: str) -> str:
    """A recorded call with some arguments replaced."""
    match = re.match(r"(?s)((?:.*\n)?(?:[\w.]+))\((.*)\)$", source)
    if match is None:
        return source
    from conformance.functions import arguments_of

    arguments = arguments_of(f"f({match[2]})")
    for at, argument in enumerate(arguments):
        if chance.random() < 0.5:
            keyword = re.match(r"\w+=", argument)
            arguments[at] = (keyword[0] if keyword else "") + chance.choice(_NONSENSE)
    return f"{match[1]}({', '.join(arguments)})"


def test_nonsense_is_refused_in_python_classes(recorded) -> None:
    """Whatever the arguments are, the answer is a value or a fault of the program's, soon and within its memory."""
    chance = random.Random(20261)
    found = []
    for programs in recorded.values():
        for source, _ in chance.sample(programs, min(8, len(programs))):
            nonsense = _with_nonsense(chance, source)
            if _ENDLESS.search(nonsense):
                continue
            fault = outcome(nonsense)
            if fault:
                found.append(f"{nonsense}\n   {fault}")
    assert not found, f"{len(found)}\n" + "\n".join(found[:20])


def outcome(source: str) -> str | None:
    """None for a value or a fault of the program's; else what tcalc did instead."""

    def stop(*_: object) -> None:
        raise TimeoutError("no answer in 10 seconds")

    session = tcalc.Session(write=lambda text: None)
    session.set_lists("python")
    session.meter.max_memory = 1 << 30
    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(10)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            session.run(definitions(source) + source)
    except tcalc.InternalError as fault:
        return f"INTERNAL {fault}"
    except tcalc.TcalcError:
        return None
    except Exception as fault:
        return f"{type(fault).__name__}: {fault}"
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    return None
