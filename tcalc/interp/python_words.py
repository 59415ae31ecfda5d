"""What help says about Python's builtins and types: ``signature | summary``, a line a name."""

from __future__ import annotations

_WORDS = """
abs(x) | The absolute value of a number.
all(values) | Whether every item is true.
any(values) | Whether any item is true.
ascii(value) | The repr of a value with everything beyond ASCII escaped.
bin(n) | A whole number as binary text, such as '0b101'.
callable(value) | Whether a value can be called.
chr(n) | The character of a code point.
divmod(a, b) | Quotient, rounded down, and remainder.
enumerate(values, start=0) | Pairs of a running number and each item.
filter(function, values) | The items for which the function is true.
format(value, spec='') | A value as text by a format spec, as in f"{value:spec}".
getattr(value, name[, default]) | The attribute of that name.
hasattr(value, name) | Whether a value has the attribute.
hash(value) | The number by which dicts and sets find a value.
hex(n) | A whole number as hexadecimal text, such as '0xff'.
id(value) | A number that no other living value has.
isinstance(value, types) | Whether a value is of a type, or of one of several.
issubclass(type, types) | Whether a type is another, or one of its kinds.
iter(values) | An iterator over the items.
len(value) | The number of items, or of rows of a tensor.
map(function, *values) | The function's values for the items.
max(values, *, key=None, default=…) | The largest item, or the largest of several arguments.
min(values, *, key=None, default=…) | The smallest item, or the smallest of several arguments.
next(iterator[, default]) | The next item of an iterator.
oct(n) | A whole number as octal text, such as '0o17'.
ord(character) | The code point of a character.
pow(base, exponent[, modulus]) | A power, or its remainder.
print(*values, sep=' ', end='\\n') | Print values as text.
repr(value) | A value's text as an echo shows it.
reversed(values) | The items from the last to the first; a tensor flipped along its first dimension.
round(x, digits=None) | The nearest whole number, halves to the even one; or the nearest with so many digits.
sorted(values, *, key=None, reverse=False) | A sorted list of the items.
sum(values, start=0) | The sum of the items.
type(value) | The type of a value.
zip(*values, strict=False) | Tuples of the first items of several sequences, the second ones, and so on.
bool(value=False) | True or False: the truth of a value.
bytearray(source=b'') | Bytes that can be changed, made as bytes are.
bytes(source=b'') | Bytes: of whole numbers below 256, of a text in an encoding, or zeros.
complex(real=0, imag=0) | A complex number.
dict(items=(), **more) | Values by key.
float(x=0.0) | A floating-point number of 64 bits, from a number or its text.
frozenset(values=()) | A set that does not change.
int(x=0, base=10) | A whole number without bound, from a number or its text.
list(values=()) | The items in a list.
memoryview(object) | The memory of bytes, a bytearray or an array, without a copy.
object | What every value is.
range(start=0, stop, step=1) | Whole numbers from start up to but not including stop.
set(values=()) | The different items, without an order.
slice(start, stop, step=None) | What start:stop:step is in square brackets.
str(value='') | A value as text.
tuple(values=()) | The items in a tuple.
array.array(typecode, values=()) | Numbers of one type in memory that a tensor can share.
collections.Counter(values=(), **counts) | How often each item appears: a dict of counts.
collections.OrderedDict(items=(), **more) | A dict whose keys can be moved to an end.
collections.defaultdict(default_factory=None, items=()) | A dict that makes the value of a missing key.
collections.deque(values=(), maxlen=None) | A queue that grows and shrinks at both ends.
torch.Tensor(*sizes) | A tensor: numbers of one dtype in a shape. tensor([1, 2]) makes one of numbers.
torch.Size(sizes=()) | The shape of a tensor: a tuple of sizes.
torch.device(name) | Where a tensor lives: cpu, cuda, cuda:1 or meta.
torch.nn.parameter.Buffer(data=None, *, persistent=True) | A tensor of a model that is no parameter.
torch.nn.parameter.Parameter(data=None, requires_grad=True) | A tensor that a model learns.
torch.dtype | What an element type is.
"""


def _read() -> dict[str, tuple[str, str]]:
    words = {}
    for line in _WORDS.strip().split("\n"):
        signature, _, summary = line.partition(" | ")
        words[signature.partition("(")[0]] = (signature, summary)
    return words


WORDS = _read()
