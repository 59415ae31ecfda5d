"""The language in short topics: what ``help("for")`` shows and the manual page tcalc-language(7) is made of.

Every example here is run as a test. The operators are not described here: they have a table of their own.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Topic:
    """One thing to read about: its name, further words that lead to it, a summary, and paragraphs with examples."""

    __slots__ = ("name", "summary", "text", "words")

    def __init__(self, name: str, words: str, summary: str, text: str) -> None:
        self.name = name
        self.words = words.split()
        self.summary = summary
        self.text = text.strip("\n")


LITERALS = (
    Topic(
        "numbers",
        "int float complex literals hex binary octal",
        "Whole numbers, floats and imaginary numbers, in every spelling of Python.",
        """
Underscores may separate digits. Numbers are Python's own: whole numbers have no bound and floats are float64, until
they meet a tensor.

>>> 1_000_000, 0xff, 0b101, 0o17, 1e-3, 2j
(1000000, 255, 5, 15, 0.001, 2j)
>>> 2 ** 100
1267650600228229401496703205376
>>> 1 / 3
0.3333333333333333
""",
    ),
    Topic(
        "strings",
        "str text quotes escapes raw f-strings fstrings format bytes bytearray",
        "Text in quotes, with Python's escapes; f-strings with format specs; bytes.",
        """
Single, double and triple quotes, raw strings, f-strings and bytes are as in Python. A 0-d tensor in an f-string is
formatted as its number.

>>> name = "loss"
>>> f"{name}: {tensor(0.25):.3f}"
'loss: 0.250'
>>> "a,b".split(",")
['a', 'b']
>>> frombuffer(bytearray(b"\\x01\\x00\\x02\\x00"), dtype=torch.int16)
tensor([1, 2], dtype=torch.int16)
""",
    ),
    Topic(
        "lists",
        "list tensor-literals brackets literals matrix vector",
        "Brackets; a rectangle of numbers is also a tensor.",
        """
Brackets are a Python list. When all that is in them are numbers and the rows are of one length, they are a tensor
too: in arithmetic, before a tensor method or attribute, where a function wants a tensor, and when they are shown.

>>> [[1, 2], [3, 4]] @ [5, 6]
tensor([17, 39])
>>> [1, 2, 3].mean()
tensor(2.)
>>> len([1, 2, 3]), [1, 2] == [1, 2]
(3, True)

Once a program has run import torch (or numpy) brackets are plain lists, as pasted Python expects; :lists in the shell
and lists in the configuration say it outright. Lists that a program makes in other ways are always plain.

>>> ["a", 1] + [2]
['a', 1, 2]
""",
    ),
    Topic(
        "tuples",
        "tuple unpacking",
        "Values in round brackets; unpacking as in Python.",
        """
>>> values, indices = sort([3, 1, 2])
>>> values
tensor([1, 2, 3])
>>> first, *others = (1, 2, 3)
>>> others
[2, 3]
""",
    ),
    Topic(
        "dicts",
        "dict keys",
        "Values by key; what a file with several tensors is read as is used alike.",
        """
>>> weights = {"w": ones(2, 2), "b": zeros(2)}
>>> {name: tuple(value.shape) for name, value in weights.items()}
{'w': (2, 2), 'b': (2,)}
""",
    ),
    Topic(
        "sets",
        "set",
        "Different values without an order.",
        """
>>> {1, 2} | {2, 3}
{1, 2, 3}
""",
    ),
    Topic(
        "comprehensions",
        "comprehension generators generator",
        "Lists, dicts, sets and generators made by a loop in one expression.",
        """
>>> [n ** 2 for n in range(5) if n % 2 == 0]
[0, 4, 16]
>>> sum(n for n in range(101))
5050
""",
    ),
)

EXPRESSIONS = (
    Topic(
        "indexing",
        "index slice slices subscript ellipsis ... newaxis mask masks",
        "Elements, slices, masks and tensors of positions in square brackets.",
        """
Slices are views: writing to them writes to the tensor. A mask or a tensor of positions makes a copy. None adds a
dimension, ... stands for all dimensions that are not named. Assigning to an index writes.

>>> x = arange(12).reshape(3, 4)
>>> x[1], x[-1, 0], x[:, 1:3].shape
(tensor([4, 5, 6, 7]), tensor(8), torch.Size([3, 2]))
>>> x[x % 5 == 0]
tensor([ 0,  5, 10])
>>> x[[0, 2], 1]
tensor([1, 9])
>>> x[..., None].shape
torch.Size([3, 4, 1])
>>> x[0] = -1; x[0]
tensor([-1, -1, -1, -1])
""",
    ),
    Topic(
        "calls",
        "call arguments keywords keyword axis keepdims",
        "Functions by name, methods with a dot, arguments by position or keyword.",
        """
torch.sum(x), sum(x) and x.sum() are the same. axis and keepdims are accepted for dim and keepdim. A method that ends
in an underscore writes its result into the tensor; out= writes it into another one.

>>> x = tensor([[1., 2.], [3., 4.]])
>>> sum(x, dim=0), x.sum(axis=0)
(tensor([4., 6.]), tensor([4., 6.]))
>>> x.mul_(10)
tensor([[10., 20.],
        [30., 40.]])
""",
    ),
    Topic(
        "lambda",
        "anonymous",
        "A function in one expression.",
        """
>>> sorted([3, -1, 2], key=lambda n: n ** 2)
[-1, 2, 3]
""",
    ),
    Topic(
        "broadcasting",
        "broadcast shapes",
        "How tensors of different shapes meet.",
        """
Shapes are compared from the last dimension: sizes must be equal, or one of them 1 or missing, which is repeated
without being copied.

>>> ones(3, 1) + arange(4)
tensor([[1., 2., 3., 4.],
        [1., 2., 3., 4.],
        [1., 2., 3., 4.]])
""",
    ),
)

STATEMENTS = (
    Topic(
        "assignment",
        "= += -= *= /= augmented variables annotated",
        "Names, tuples, indices and attributes take values.",
        """
x += 1 writes into the tensor that x is, so every name and view of it sees the change; x = x + 1 makes a new one.
A line that ends in ; does not show its value.

>>> a = b = zeros(2)
>>> a += 1
>>> b
tensor([1., 1.])
""",
    ),
    Topic(
        "if",
        "elif else condition conditional",
        "Run the block whose condition holds. In an expression: a if condition else b.",
        """
>>> n = 3
>>> if n % 2:
...     print("odd")
... else:
...     print("even")
odd
>>> "many" if n > 2 else "few"
'many'
""",
    ),
    Topic(
        "for",
        "break continue loop loops in",
        "Run a block for each item of a list, range, tensor or other sequence.",
        """
A tensor gives its slices along the first dimension. break leaves the loop, continue goes on with the next item, an
else block runs when no break did.

>>> for row in [[1, 2], [3, 4]]:
...     print(sum(row))
3
7
""",
    ),
    Topic(
        "while",
        "loop",
        "Run a block while a condition holds. Ctrl-C stops a loop without end.",
        """
>>> n = 1
>>> while n < 100:
...     n *= 2
>>> n
128
""",
    ),
    Topic(
        "def",
        "function functions return parameters global nonlocal",
        "Define a function, with defaults, *args and **kwargs.",
        """
global and nonlocal let it assign to a variable of the session, or of the function around it.

>>> def normalized(x, eps=1e-12):
...     return x / (x.norm() + eps)
>>> normalized([3., 4.])
tensor([0.6000, 0.8000])
""",
    ),
    Topic(
        "with",
        "no_grad context",
        "Run a block in a mode, such as no_grad() or fork_rng().",
        """
>>> with torch.no_grad():
...     print(ones(2) * 2)
tensor([2., 2.])
""",
    ),
    Topic(
        "try",
        "except finally exceptions errors exception",
        "Catch an error and go on. The names are Python's, the texts PyTorch's.",
        """
Limits, interrupts and faults of tcalc itself cannot be caught.

>>> try:
...     ones(2, 3) @ ones(2, 3)
... except RuntimeError as error:
...     print(error)
mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)
""",
    ),
    Topic(
        "raise",
        "error throw",
        "Raise an error of one of Python's kinds.",
        """
>>> raise ValueError("not like this")
ValueError: not like this
""",
    ),
    Topic(
        "assert",
        "test check",
        "Raise an AssertionError when a condition does not hold; the command then exits with 1.",
        """
>>> assert allclose([0.1] + [0.2], [0.3]), "arithmetic is broken"
""",
    ),
    Topic(
        "del",
        "delete",
        "Forget a name, which uncovers a function of the same name; or remove an item.",
        """
>>> sum = 3
>>> del sum
>>> sum([1, 2])
3
""",
    ),
    Topic(
        "import",
        "from modules module torch numpy math itertools collections functools operator random time typing array",
        "Names for torch, numpy, einops, and small modules of Python's.",
        """
torch, np, math, F and nn need no import, and every function of torch is there by its bare name. After import torch
or numpy, brackets are plain Python lists. Of Python's modules there are array, bisect, collections, copy, functools,
heapq, itertools, math, operator, random, statistics, string, time, typing and warnings, with what touches values only.
Nothing else can be imported, and no import loads a real module.

>>> import torch.nn.functional as F
>>> F.relu(torch.tensor([-1., 2.]))
tensor([0., 2.])
""",
    ),
    Topic(
        "pass",
        "",
        "Do nothing.",
        """
>>> for _ in range(3):
...     pass
""",
    ),
)

VALUES = (
    Topic(
        "dtypes",
        "dtype types promotion float32 element",
        "Element types, and which one an operation answers in.",
        """
There are bool, uint8, int8, int16, int32, int64, uint16, uint32, uint64, float16, bfloat16, float32, float64,
complex32, complex64, complex128 and four kinds of float8; the default is float32 (set_default_dtype, --dtype). Where
types meet, the higher category wins: bool, integer, float, complex; within a category tensors with dimensions decide
before 0-d tensors, and these before Python's numbers. Whole numbers divided with / give floats; sums of them are int64.

>>> (arange(3) + 0.5).dtype, (ones(2, dtype=float16) * 2).dtype
(torch.float32, torch.float16)
>>> [1, 2] / 2
tensor([0.5000, 1.0000])
""",
    ),
    Topic(
        "devices",
        "device cpu cuda gpu meta",
        "Where a tensor lives: cpu, cuda, cuda:1, and meta for shapes without numbers.",
        """
.to("cuda") moves a tensor, device= makes it there, --device makes it the default. An operation runs where its
operands are.

>>> zeros(10 ** 6, 10 ** 6, device="meta").sum(0).shape
torch.Size([1000000])
""",
    ),
    Topic(
        "names",
        "builtins scope variables functions torch np",
        "What a name means: a variable, else Python's builtin, else a function of torch.",
        """
A variable hides a function of its name until del uncovers it. sum, max, min, abs, all, any, round and pow are torch's
for a tensor and Python's for anything else. Maths on plain numbers gives plain numbers; torch.sqrt(2) is an error, as
in PyTorch.

>>> sum([1, 2]), max(2, 3), sqrt(2)
(3, 3, 1.4142135623730951)
>>> sum(tensor([1, 2]))
tensor(3)
""",
    ),
    Topic(
        "inputs",
        "x c xs files tables table columns column data csv bundle bundles",
        "The data that a command line names: x, x2, xs, files, and c for a table's columns.",
        """
An input binds x (and x1), the next one x2, or NAME where it is given as NAME=PATH; xs holds all and files their
names. Text with a header also binds c: c.price, c["unit price"], c[0]. A column of text compares and gives masks:
c.price[c.city == "Oslo"].mean(). A file of several tensors is a bundle: x["weight"], x.keys().

>>> x = tensor([[1., 2.], [3., 4.]])
>>> x.mean(0)
tensor([2., 3.])
""",
    ),
    Topic(
        "differences",
        "python differs limits class classes yield async decorator",
        "What differs from Python, and what is not part of the language.",
        """
A program is a Python program with the same tree. Two things differ: brackets of numbers are tensors as well (see
lists), and functions of torch have bare names. Classes, decorators, yield, async and match are not part of the
language; the error names the construct.

A program reaches nothing but what is described here: no files but by load and save, no other modules, no eval, no
attributes with two underscores. Nesting, memory and the digits of whole numbers have bounds, and Ctrl-C stops any
statement.
""",
    ),
)

SECTIONS = (
    ("LITERALS", LITERALS),
    ("EXPRESSIONS", EXPRESSIONS),
    ("STATEMENTS", STATEMENTS),
    ("NAMES AND VALUES", VALUES),
)


def topics() -> Iterable[Topic]:
    """Every topic, in order."""
    for _, section in SECTIONS:
        yield from section


def find(name: str) -> Topic | None:
    """The topic of that name, else the first to which the word leads."""
    found = None
    for topic in topics():
        if topic.name == name:
            return topic
        if found is None and (name in topic.words or name + "s" == topic.name):
            found = topic
    return found
