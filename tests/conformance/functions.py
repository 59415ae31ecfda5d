"""Calls of every function and method that tcalc registers, as programs that PyTorch and tcalc both run.

Most calls are made from a function's own signature: each parameter has a few values by its name or by what it takes,
and each call is made with several element types and shapes. Functions whose arguments must fit each other have their
calls in function_calls.txt. A program names its operands (``f32_23`` is a float32 tensor of shape (2, 3));
:func:`definitions` says how those are made.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

# ---------------------------------------------------------------- operands

DTYPES = {
    "b": "bool", "u8": "uint8", "i8": "int8", "i16": "int16", "i32": "int32", "i64": "int64", "f16": "float16", "bf16": "bfloat16",
    "f32": "float32", "f64": "float64", "c32": "complex32", "c64": "complex64", "c128": "complex128",
}  # fmt: skip
# dtype _ domain shape layout letter: f32_p23t is float32, positive, 2 by 3, a transposed view; a letter makes another.
_OPERAND = re.compile(
    r"\b(b|u8|i8|i16|i32|i64|f16|bf16|f32|f64|c32|c64|c128)_([pidns]?)(z|x|\d+)([tk-]?)([e]?)([a-c]?)\b"
)
_SPECIAL = ("nan", "inf", "-inf", "0.0", "-0.0", "1e-30", "3e30", "0.5")


def definitions(source: str) -> str:
    """The assignments that make the operands which a program names."""
    names = dict.fromkeys(match.group() for match in _OPERAND.finditer(source))
    return "".join(f"{name} = {operand(name)}\n" for name in names)


def operand(name: str) -> str:
    """The source of an operand: always the same numbers for the same name."""
    match = _OPERAND.fullmatch(name)
    assert match is not None, name
    kind, domain, digits, layout, expanded, letter = match.groups()
    dtype = f"torch.{DTYPES[kind]}"
    if digits == "x":
        return f"torch.tensor([{', '.join(map(_spelled, _SPECIAL))}], dtype={dtype})"
    chance = random.Random(f"{kind[0]}{domain}{digits}{letter}")
    shape = [] if digits == "z" else [int(digit) for digit in digits]
    made = list(shape)
    if layout == "t":
        made.reverse()
    if layout == "k":
        made[-1] *= 2
    if expanded:
        made[0] = 1
    text = f"torch.tensor({_nested(_values(chance, kind, domain, made), made)}, dtype={dtype})"
    if 0 in made:
        text = f"torch.zeros({tuple(made)}, dtype={dtype})"
    if layout == "t":
        text += f".permute{tuple(range(len(made) - 1, -1, -1))}"
    if layout == "k":
        text += "[..., ::2]"
    if expanded:
        text += f".expand{tuple(shape)}"
    return text


def _spelled(value: str) -> str:
    return f'float("{value}")' if value.strip("-") in ("nan", "inf") else value


def _nested(values: list[str], shape: list[int]) -> str:
    if not shape:
        return values[0]
    step = len(values) // shape[0] if shape[0] else 0
    rows = [values[at * step : (at + 1) * step] for at in range(shape[0])]
    return f"[{', '.join(_nested(row, shape[1:]) for row in rows)}]"


def _values(chance: random.Random, kind: str, domain: str, shape: list[int]) -> list[str]:
    """Numbers of a domain: p positive (below one where floating), i indices, d positive definite, n well-conditioned."""
    count = 1
    for size in shape:
        count *= size
    if domain in ("d", "n"):
        return [str(value) for _ in range(count // shape[-1] ** 2) for value in _matrix(chance, domain, shape[-1])]
    if domain == "i":
        return [str(chance.randint(0, 1)) for _ in range(count)]
    if kind == "b":
        return [chance.choice(("True", "False")) for _ in range(count)]
    if kind in ("u8", "i8", "i16", "i32", "i64"):
        low, high = (1, 9 + count) if domain == "p" else (0, 19 + count) if kind == "u8" else (-9 - count, 9 + count)
        return [str(value) for value in chance.sample(range(low, high), count)]
    if domain == "p":
        steps = 64 if count > 15 else 16
        return [str(value / steps) for value in _drawn(chance, range(1, steps), count)]
    low, high = -16 - count, 16 + count
    reals = [value / 4 for value in chance.sample(range(low, high), count)]
    if kind not in ("c32", "c64", "c128"):
        return [str(value) for value in reals]
    return [str(complex(value, chance.randint(-8, 8) / 4)) for value in reals]


def _drawn(chance: random.Random, values: range, count: int) -> list[int]:
    return chance.sample(values, count) if count <= len(values) else chance.choices(values, k=count)


def _matrix(chance: random.Random, domain: str, size: int) -> list[int]:
    rows = [[chance.randint(-2, 2) for _ in range(size)] for _ in range(size)]
    if domain == "n":
        return [rows[i][j] + (6 if i == j else 0) for i in range(size) for j in range(size)]
    return [
        sum(a * b for a, b in zip(rows[i], rows[j], strict=True)) + (size if i == j else 0)
        for i in range(size)
        for j in range(size)
    ]


# ---------------------------------------------------------------- values of parameters

ALL = tuple(DTYPES)
SOME = ("f32", "i64")
_SHAPES = ("z", "0", "1", "5", "23t", "20", "23e", "23k", "213", "2212")
_DIM_SHAPES = ("z", "0", "20", "23t", "213")
# What a parameter is given, by its name: the first where it must be given, the others one at a time.
# $ is the dtype of the call and @ the shape of its first operand.
_BY_NAME: dict[str, tuple[str, ...]] = {
    "input": ("$_@",),
    "dim": ("0", "-1", "1", "-2", "4", "None", "'a'", "1.0", "True"),
    "keepdim": ("True",), "dtype": ("torch.float64", "torch.int64", "torch.complex64", "torch.bfloat16", "'a'"),
    "device": ("'cpu'", "'meta'", "torch.device('cpu')", "'nowhere'"),
    "requires_grad": ("True",), "layout": ("torch.strided",), "pin_memory": ("False",),
    "memory_format": ("torch.contiguous_format", "torch.preserve_format"),
    "other": ("$_@b", "2", "-1.5", "True", "2j", "$_z", "$_3", "$_13", "$_31", "i64_23", "f64_23", "b_23", "c64_23", "bf16_z",
              "$_4", "None", "'a'", "0", "300", "$_20"),
    "exponent": ("$_@b", "2", "0.5", "-1", "0", "3.0", "True", "2j", "$_z", "$_3", "i64_i23", "$_4", "'a'"),
    "n": ("2", "3", "0", "1", "-1"), "alpha": ("2", "0.5", "True"), "beta": ("2", "0.5"), "generator": (),
    "reduction": ("'sum'", "'none'", "'bad'"), "reduce": ("False",), "size_average": ("False",),
    "norm": ("'ortho'", "'forward'", "'backward'", "'bad'"), "p": ("1", "2", "3", "0", "0.5", "float('inf')"),
    "descending": ("True",), "stable": ("True",), "inplace": ("True",), "training": ("False",),
    "value": ("0.5", "2", "$_z", "True", "'a'"), "size": ("(2, 3)", "()", "(0,)", "(-1,)", "'a'", "2.5"),
    "min": ("-1", "0.5", "$_@b", "None", "$_z"), "max": ("1", "0.5", "$_@c", "None", "$_z"),
    "rounding_mode": ("'floor'", "'trunc'", "'bad'"), "decimals": ("1", "2", "-1"), "rcond": ("0.5",),
    "rtol": ("0.5",), "atol": ("0.5",), "equal_nan": ("True",), "correction": ("0", "2", "1.5"), "unbiased": ("False",),
    "q": ("0.5", "0", "1", "$_p3", "$_pz", "1.5", "-0.1"), "interpolation": ("'lower'", "'higher'", "'midpoint'", "'nearest'", "'bad'"),
    "k": ("1", "2", "0", "-1", "9"), "largest": ("False",), "sorted": ("False",), "ord": ("1", "2", "0", "3", "float('inf')", "-float('inf')", "-1"),
    "bins": ("4",), "range": ("(-2.0, 2.0)",), "density": ("True",), "weight": ("$_@c", "0.5"), "end": ("$_@b",),
    "diagonal": ("1", "-1", "5"), "offset": ("1", "-1", "5"), "dim0": ("0",), "dim1": ("1", "-1", "5"), "dim2": ("0", "-1"),
    "eps": ("0.25", "0.0"), "delta": ("0.5", "2.0"), "margin": ("0.5",), "lambd": ("0.25", "2.0"), "threshold": ("0.1", "2"),
    "negative_slope": ("0.2",), "min_val": ("-0.5",), "max_val": ("0.5",), "approximate": ("'tanh'", "'bad'"), "lower": ("0.1",), "upper": ("0.5",),
    "target": ("$_@b",), "log_target": ("True",), "log_input": ("False",), "full": ("True",), "as_tuple": ("True",),
    "values": ("$_@b",), "nan": ("0.5",), "posinf": ("2.0",), "neginf": ("-2.0",), "tensor1": ("$_@b", "$_3"), "tensor2": ("$_@c", "2"),
    "return_inverse": ("True",), "return_counts": ("True",), "weights": ("f32_p5",), "minlength": ("7",), "prepend": ("$_@b",), "append": ("$_@c",),
    "dx": ("0.5",), "x": ("$_@b",), "x1": ("$_@",), "x2": ("$_@b",), "y": ("$_@",), "spacing": ("2.0",), "edge_order": ("2",),
    "shifts": ("1", "(1, -2)"), "dims": ("(0, 1)", "(1, 0)", "0"), "dim_": (), "row": ("3",), "col": ("2",),
    "window_length": ("5", "1", "0", "-1", "2.5"), "periodic": ("False",), "d": ("0.5",), "out_int32": ("True",), "right": ("True",),
    "hermitian": ("True",), "some": ("False",), "compute_uv": ("False",), "full_matrices": ("False",), "UPLO": ("'U'", "'bad'"),
    "mode": ("'complete'", "'r'", "'bad'"), "pivot": ("False",), "check_errors": ("True",), "left": ("False",), "unitriangular": ("True",),
    "s": ("(2, 2)", "(4,)"), "norm_type": ("1.0",), "ind": ("1",), "num_classes": ("5",), "driver": ("'bad'",), "tol": ("0.5",),
    "maxnorm": ("1.0",), "mean": ("0.0",), "std": ("1.0",), "fill_value": ("2", "1.5", "True", "$_z", "2j", "'a'"), "repeats": ("2",),
    "fweights": ("i64_i3",), "aweights": ("f32_p3",), "N": ("2",), "increasing": ("True",), "assume_unique": ("True",), "invert": ("True",),
    "start": ("0",), "length": ("1",), "step": ("1",), "index": ("i64_i23",), "mask": ("b_@",), "src": ("$_@b",), "source": ("$_@b",),
    "r": ("2", "0", "3"), "with_replacement": ("True",), "side": ("'right'",), "tensors": ("[$_@, $_@b]", "[$_@]", "[]", "[$_@, $_3]", "$_@", "[$_@, 1]"),
    "copy": ("True",), "non_blocking": ("True",), "wrap": ("True",), "sigma": ("2.0",), "median": ("1.0",), "from_": ("1",), "to": ("5",),
    "input1": ("$_@",), "input2": ("$_@b",), "anchor": ("$_@",), "positive": ("$_@b",), "negative": ("$_@c",), "swap": ("True",),
    "tau": ("0.5",), "hard": ("True",), "implicit": ("True",), "force": ("True",), "ignore_index": ("1",), "label_smoothing": ("0.2",),
}  # fmt: skip
_BY_TYPE: dict[str, tuple[str, ...]] = {
    "Tensor": ("$_@b",), "Floating": ("$_@b",), "Operand": ("$_@b",), "Tensors": ("[$_@, $_@b]",), "Number": ("2",), "int": ("1",),
    "float": ("0.5",), "bool": ("True",), "Ints": ("(2, 2)",), "Floats": ("(0.5, 1.5)",), "DType": ("torch.float64",),
    "Device": ("'cpu'",), "Any": ("1",), "str": ("'a'",), "None": ("None",),
}  # fmt: skip
_DIMS = ("0", "-1", "1", "(0, 1)", "(0, -2)", "()", "(0, 0)", "[0]", "4", "None", "'a'")
# What these give differs from run to run, or is about the machine, or a program's settings; tested by hand.
SKIPPED = {
    "seed", "initial_seed", "get_rng_state", "set_rng_state", "Generator", "fork_rng", "data_ptr", "untyped_storage", "numpy",
    "set_printoptions", "set_default_device", "set_default_tensor_type", "set_default_dtype", "get_num_threads", "set_num_threads",
    "no_grad", "enable_grad", "set_grad_enabled", "inference_mode", "is_shared", "is_pinned", "cuda", "empty", "empty_like", "empty_strided",
    "empty_permuted", "new_empty", "new_empty_strided", "from_numpy", "resize_", "resize_as_", "set_", "get_default_device",
    "use_deterministic_algorithms", "are_deterministic_algorithms_enabled", "manual_seed", "retain_grad", "requires_grad_",
    "new", "const_data_ptr", "share_memory_", "pin_memory", "set_num_interop_threads", "get_num_interop_threads", "load", "save", "from_file",
    "set_deterministic_debug_mode", "is_warn_always_enabled", "from_dlpack",
}  # fmt: skip
_RANDOM = re.compile(
    r"rand|make_tensor|lowrank|fractional|dropout|rrelu|gumbel|normal_?$|bernoulli|multinomial|poisson$|exponential|cauchy|geometric|uniform"
)
_SEED = "torch.manual_seed(0)\n"


# Functions of layouts that tcalc has not: PyTorch makes a tensor, tcalc says so.
_OTHER_LAYOUTS = re.compile(r"sparse|quantize")


def _candidates(parameter) -> tuple[str, ...]:
    if parameter.name == "dim" and "Ints" in parameter.annotation:
        return _DIMS
    if parameter.name in _BY_NAME:
        return _BY_NAME[parameter.name]
    return next((_BY_TYPE[kind] for kind in parameter.annotation.split(" | ") if kind in _BY_TYPE), ("1",))


# ---------------------------------------------------------------- calls of one function


class Calls:
    """The programs for one function: made from templates, each once."""

    def __init__(self, path: str, record, method, is_alias: bool) -> None:
        self.path = path  # "torch.sum", or "" where only the method exists
        self.record = record
        self.method = method  # its name, or ""
        self.is_alias = is_alias
        self.seed = _SEED if _RANDOM.search(path or method) else ""

    def function(self, arguments: list[str]) -> str:
        if not self.path:
            return self.dotted(arguments)
        return f"{self.seed}{self.path}({', '.join(arguments)})"

    def dotted(self, arguments: list[str]) -> str:
        return f"{self.seed}{arguments[0]}.{self.method}({', '.join(arguments[1:])})"

    def inplace(self, arguments: list[str]) -> str:
        first = arguments[0]
        return f"{self.seed}r = {first}.{self.method}_({', '.join(arguments[1:])})\n(r is {first}, r)"

    def out(self, arguments: list[str], dtype: str) -> str:
        listed = ", ".join([*arguments, "out=o"])
        return f"{self.seed}o = torch.zeros(0, dtype=torch.{dtype})\nr = {self.path}({listed})\n(r is o, r)"


def from_signature(calls: Calls) -> Iterator[str]:
    """Calls with the table's values: every dtype, every shape, every parameter's values."""
    signature = calls.record.signature
    required = [p for p in signature.positional if p.required]
    base = [_candidates(p)[0] for p in required]
    if signature.variadic is not None:
        base += _variadic(signature.variadic)
    base += [f"{p.name}={_candidates(p)[0]}" for p in signature.keyword_only if p.required]
    if calls.is_alias:
        yield from expanded(calls.function(base), SOME, ("23",))
        return
    yield from expanded(calls.function(base), ALL, ("23",))
    yield from expanded(calls.function(base), ("f32",), _SHAPES)
    yield from expanded(calls.function(base), ("f32", "f64", "bf16", "c64"), ("x",) if len(required) == 1 else ())
    variations = list(_variations(signature, base))
    for arguments, name in variations:
        yield from expanded(calls.function(arguments), SOME, ("23",))
        if name == "dim":
            yield from expanded(calls.function(arguments), ("f32",), _DIM_SHAPES)
            yield from expanded(
                calls.function([*arguments, "keepdim=True"]),
                ("f32",),
                ("23", "213") if _has(signature, "keepdim") else (),
            )
    yield from other_forms(calls, base, [arguments for arguments, _ in variations])
    yield from mistaken(calls, base)


def mistaken(calls: Calls, base: list[str]) -> Iterator[str]:
    """The basic call with something in it that nothing takes."""
    if base:
        for wrong in ("None", "'a'", "2", "[1.5, 2.0]"):
            yield from expanded(calls.function([wrong, *base[1:]]), ("f32",), ("23",)) if calls.path else ()
        yield from expanded(calls.function([*base, "nonsense=1"]), ("f32",), ("23",))
        yield from expanded(calls.function([*base, *["1"] * 9]), ("f32",), ("23",))
    if calls.path:
        yield calls.function([])


def _has(signature, name: str) -> bool:
    return any(parameter.name == name for parameter in signature.parameters)


def _variadic(parameter) -> list[str]:
    if parameter.annotation == "Ints":
        return ["2", "3"]
    if parameter.name == "shapes":
        return ["(2, 1)", "(3,)"]
    return ["$_@", "$_@b"] if parameter.annotation == "Tensors" or parameter.name == "tensors" else []


def _variations(signature, base: list[str]) -> Iterator[tuple[list[str], str]]:
    """The basic call with one parameter given another value."""
    position = 0
    for parameter in signature.parameters:
        values = _candidates(parameter)
        if parameter.name == "input" or parameter is signature.variadic:
            continue
        if parameter.required and not parameter.keyword_only:
            position = [p.name for p in signature.positional if p.required].index(parameter.name)
            for value in values[1:]:
                yield [*base[:position], value, *base[position + 1 :]], parameter.name
            continue
        for value in values:
            if parameter.required:
                yield (
                    [a for a in base if not a.startswith(f"{parameter.name}=")] + [f"{parameter.name}={value}"],
                    parameter.name,
                )
            else:
                yield [*base, f"{parameter.name}={value}"], parameter.name


def other_forms(calls: Calls, base: list[str], variations: list[list[str]]) -> Iterator[str]:
    """The same calls as a method, in place, and with ``out=``."""
    record = calls.record
    if calls.method and calls.path and base and base[0].startswith("$"):
        yield from expanded(calls.dotted(base), SOME, ("23",))
        for arguments in variations[:6]:
            yield from expanded(calls.dotted(arguments), ("f32",), ("23",))
    if record.inplace and calls.method and base[0].startswith("$"):
        yield from expanded(calls.inplace(base), ALL, ("23",))
        yield from expanded(calls.inplace(base), ("f32",), ("z", "0", "23t", "23e", "23k"))
        for arguments in variations:
            yield from expanded(calls.inplace(arguments), SOME, ("23",))
    if record.out and calls.path:
        for dtype in ("float32", "int64", "float64", "bool"):
            yield from expanded(calls.out(base, dtype), SOME, ("23",))


def expanded(template: str, dtypes: tuple[str, ...], shapes: tuple[str, ...]) -> Iterator[str]:
    """A template with each dtype for $ and each shape for @."""
    for shape in shapes if "@" in template else ("",)[: len(shapes)]:
        for dtype in dtypes if "$" in template else ("",)[: len(dtypes)]:
            # A letter on a layout's shape, 23tb, is an operand too: other numbers, the same layout.
            yield template.replace("$", dtype).replace("@", shape)


# ---------------------------------------------------------------- calls written by hand


def by_hand() -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """function_calls.txt: the templates of each function, with their dtypes."""
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    dtypes: tuple[str, ...] = SOME
    for line in (Path(__file__).parent / "function_calls.txt").read_text().splitlines():
        if line.startswith("["):
            dtypes = ALL if line == "[all]" else tuple(line.strip("[]").split())
        elif line and not line.startswith("#"):
            line = re.sub(r"\bF\.", "torch.nn.functional.", line)
            name = re.match(r"(torch[\w.]*)\(|(?:[^(]*|.*\))\.(\w+)\(", line)
            assert name is not None, line
            found.setdefault(name.group(1) or f".{name.group(2)}", []).append((line, dtypes))
    return found


def from_templates(calls: Calls, templates: list[tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    """Calls written by hand, each also as a method, in place and with ``out=``."""
    for template, dtypes in templates:
        seeded = calls.seed + template
        yield from expanded(seeded, dtypes, ("",))
        arguments = arguments_of(template)
        if not arguments[0].startswith("$") or not template.startswith("torch") or "\n" in template:
            continue
        if calls.method:
            yield from expanded(calls.dotted(arguments), dtypes[:1], ("",))
        if calls.record.inplace and calls.method:
            yield from expanded(calls.inplace(arguments), dtypes, ("",))
        if calls.record.out and calls.path and template is templates[0][0]:
            yield from expanded(calls.out(arguments, "float32"), dtypes[:2], ("",))
            yield from expanded(calls.out(arguments, "int64"), dtypes[:2], ("",))
    if not calls.is_alias and templates[0][0].startswith("torch"):
        yield from mistaken(calls, arguments_of(templates[0][0]))


def arguments_of(template: str) -> list[str]:
    """The arguments of the call that a template is."""
    inside = template[template.index("(") + 1 : template.rindex(")")]
    parts, depth = [""], 0
    for character in inside:
        depth += (character in "([{") - (character in ")]}")
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


# ---------------------------------------------------------------- all functions


def functions() -> Iterator[Calls]:
    """Every function once under its first name, then its aliases, then what is a method only."""
    from tcalc.ops import registry

    registry.load()
    of_method: dict[int, list[str]] = {}
    for name, method in registry.methods.items():
        if not method.inplace:
            of_method.setdefault(id(method.record.function), []).append(name)
    seen: set[int] = set()
    for namespace, names in registry.namespaces.items():
        if not namespace.startswith(
            ("torch.cuda", "torch.accelerator", "torch.version", "torch.backends", "torch.autograd", "torch.random")
        ):
            for name, record in names.items():
                if isinstance(record, registry.Record) and name not in SKIPPED and not _OTHER_LAYOUTS.search(name):
                    methods = of_method.get(id(record.function), [])
                    method = name if name in methods and namespace == "torch" else ""
                    yield Calls(f"{namespace}.{name}", record, method, id(record.function) in seen)
                    seen.add(id(record.function))
    for name, method in registry.methods.items():
        if id(method.record.function) in seen or method.inplace or name in SKIPPED or _OTHER_LAYOUTS.search(name):
            continue
        if method.record.signature.parameters:
            yield Calls("", method.record, name, False)


def programs() -> Iterator[tuple[str, str]]:
    """Every function's name and its programs."""
    hand = by_hand()
    for calls in functions():
        name = calls.path or f".{calls.method}"
        templates = hand.pop(name, None)
        for source in from_templates(calls, templates) if templates else from_signature(calls):
            yield name, source
    from tcalc.ops import registry

    for name, templates in hand.items():
        assert name[1:] in registry.methods, f"function_calls.txt has calls of an unknown function: {name}"
        for template, dtypes in templates:
            for source in expanded(template, dtypes, ("",)):
                yield name, source
