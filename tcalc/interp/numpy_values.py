"""NumPy's arrays and scalars as values: operators, indexing and attributes with NumPy's own semantics.

Everything that goes to NumPy is unwrapped first, everything that comes back is looked at: no array of Python
objects, and so no object of Python's, ever reaches a program. Loaded only when a program has met an array.
"""

from __future__ import annotations

from math import prod

from tcalc.engine.backend import numpy
from tcalc.engine.dtypes import DType
from tcalc.engine.state import current
from tcalc.engine.storage import Size
from tcalc.engine.tensor import Tensor, share
from tcalc.errors import TcalcError, type_error, value_error
from tcalc.interp import guards, kinds
from tcalc.interp.faults import translate
from tcalc.interp.type_names import pythonic, type_name
from tcalc.interp.type_tokens import TypeToken
from tcalc.interp.values import BoundMethod, attribute_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

np = numpy()

_PLAIN = frozenset((int, float, bool, complex, str, type(None), slice, range, type(Ellipsis)))
# Operands with fewer elements than this (their product) are not worth a look at the result's size.
_SMALL = 1 << 22


class NumpyType(TypeToken):
    """A class of NumPy's: ``np.float32``, ``np.ndarray``."""

    __slots__ = ()

    def invoke(self, args: list, kwargs: dict[str, Any]) -> Any:
        if self.python_type is np.ndarray:
            raise type_error("use np.empty or np.array to make an array")
        return run(self.python_type, args, kwargs)


_types: dict[type, NumpyType] = {}


def numpy_type(kind: type) -> NumpyType:
    """The token of a NumPy class; one token a class."""
    if kind not in _types:
        name = "dtype" if kind is np.dtype else kind.__name__
        _types[kind] = NumpyType(f"{kind.__module__}.{name}", kind)
    return _types[kind]


def type_of(value: Any) -> NumpyType:
    return numpy_type(type(value))


# ---------------------------------------------------------------- in and out


def unwrap(value: Any) -> Any:
    """A value of the language as NumPy takes it."""
    kind = type(value)
    if kind in _PLAIN or kind is np.ndarray or isinstance(value, (np.generic, np.dtype)):
        return value
    if kind is Tensor:
        return tensor_array(value)
    if isinstance(value, Size):
        return tuple(value)
    if kind is bytearray or kind is memoryview or kind.__module__ == "array":
        return np.asarray(value)
    if isinstance(value, (list, tuple)):
        items = [unwrap(item) for item in value]
        return items if isinstance(value, list) else tuple(items)
    if isinstance(value, dict):
        return {key: unwrap(item) for key, item in value.items()}
    if isinstance(value, TypeToken) and isinstance(value.python_type, type) and value.python_type is not object:
        return value.python_type
    if kind is type:
        return value  # not a program's: the default of one of our own functions
    if kind.__module__.startswith("numpy."):
        return value
    if isinstance(value, DType):
        raise type_error(f"Cannot interpret '{value!r}' as a data type")
    if hasattr(value, "__next__"):
        return [unwrap(item) for item in guards.collect(value)]
    raise type_error(f"NumPy cannot take a value of type '{type_name(value)}'")


def tensor_array(tensor: Tensor) -> Any:
    """The tensor's memory as an array."""
    if tensor.device.type != "cpu":
        raise type_error(
            f"can't convert {tensor.device} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host "
            "memory first."
        )
    if tensor.requires_grad:
        raise TcalcError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
    return tensor.host_array()


def arguments(name: str, args: Sequence[Any]) -> list[Any]:
    """What NumPy gets for a program's arguments; a list that is shuffled is the program's own."""
    if name == "shuffle" and args and isinstance(args[0], list):
        return [args[0], *(unwrap(arg) for arg in args[1:])]
    return [unwrap(arg) for arg in args]


def checked(value: Any) -> Any:
    """An answer of NumPy's, refused where Python objects are in it."""
    if isinstance(value, np.ndarray):
        check_dtype(value.dtype)
        return value if type(value) is np.ndarray else np.asarray(value)
    if isinstance(value, (list, tuple)):
        for item in value:
            checked(item)
    elif isinstance(value, np.dtype):
        check_dtype(value)
    elif isinstance(value, np.generic):
        check_dtype(value.dtype)
    elif isinstance(value, type):
        return numpy_type(value)
    return value


def check_dtype(dtype: Any) -> None:
    """Refuse the element types that no program can do anything with."""
    if dtype.kind in "?biufcU":
        return
    if dtype.hasobject:
        raise type_error("arrays of Python objects (dtype=object) are not part of tcalc")
    if dtype.fields is not None:
        raise type_error("arrays of records (structured dtypes) are not part of tcalc: keep a dict of arrays")
    if dtype.kind in "Mm":
        raise type_error("arrays of dates (datetime64, timedelta64) are not part of tcalc")


def has_tensor(values: Any) -> bool:
    """Whether one of the arguments is a tensor: NumPy's own functions of elements then answer with tensors."""
    return any(type(value) is Tensor for value in values)


def tensors_of(answer: Any) -> Any:
    """NumPy's answer as tensors over the same memory; truth comes as uint8, as PyTorch wraps it."""
    if isinstance(answer, (list, tuple)):
        return type(answer)([tensors_of(item) for item in answer])
    if not isinstance(answer, (np.ndarray, np.generic)):
        return answer
    array = np.asarray(answer)
    return share(array.astype(np.uint8) if array.dtype == bool else array)


def run(function: Callable, args: Any, kwargs: dict[str, Any]) -> Any:
    """Call one of NumPy's functions with a program's values."""
    return call(function, [unwrap(arg) for arg in args], {name: unwrap(value) for name, value in kwargs.items()})


def call(function: Callable, args: list, kwargs: dict[str, Any]) -> Any:
    """Call one of NumPy's functions. What it raises is the program's fault; what it warns of goes to the session."""
    import warnings

    with warnings.catch_warnings(record=True) as caught, _error_state():
        warnings.simplefilter("always")
        try:
            answer = function(*args, **kwargs)
        except Exception as fault:
            raise _numpy_fault(fault) from fault
    for warning in caught:
        current().warn(str(warning.message))
    return checked(answer)


def _error_state() -> Any:
    """NumPy's way with division by zero and the like: silent, but where the program has asked for errors."""
    said = current().numpy_errors
    if not said:
        return np.errstate(all="ignore")
    return np.errstate(**{name: way if way == "raise" else "ignore" for name, way in said.items()})


def _numpy_fault(fault: Exception) -> TcalcError:
    if isinstance(fault, (TcalcError, MemoryError, RecursionError)):
        return translate(fault)
    return TcalcError(pythonic(str(fault)), kinds.register(type(fault)), values=fault.args)


# ---------------------------------------------------------------- operators and items


def operate(native: Callable, first: Any, second: Any) -> Any:
    """``native(first, second)`` where one of them is NumPy's."""
    left, right = _operand(first), _operand(second)
    check_broadcast(native.__name__, left, right)
    with _error_state():
        try:
            return checked(native(left, right))
        except Exception as fault:
            raise _numpy_fault(fault) from fault


def _operand(value: Any) -> Any:
    """An operand that NumPy knows; any other as it is, for Python's words about it."""
    if isinstance(value, (list, tuple, Tensor, TypeToken)):
        return unwrap(value)
    return value


def check_broadcast(name: str, first: Any, second: Any) -> None:
    """Ask for the memory of an operation whose operands stretch each other."""
    if name in ("matmul", "imatmul") or not (isinstance(first, np.ndarray) or isinstance(second, np.ndarray)):
        return
    if getattr(first, "size", 1) * getattr(second, "size", 1) < _SMALL:
        return
    try:
        shape = np.broadcast_shapes(np.shape(first), np.shape(second))
    except ValueError:
        return  # the operation itself says it better
    current().meter.allocate(prod(shape) * 8, f"an array of shape {tuple(shape)}")


def as_operand(value: Any, refused: Any) -> Any:
    """An array or scalar as an operand beside a tensor."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return share(value)
    return refused


def get_item(array: Any, index: Any) -> Any:
    is_flags = type(array).__name__ == "flagsobj" and type(index) is str
    if not is_flags and not isinstance(array, (np.ndarray, np.generic, np.flatiter, np.nditer)):
        raise type_error(f"'{type_name(array)}' object is not subscriptable")
    try:
        return checked(array[_index(index)])
    except Exception as fault:
        raise _numpy_fault(fault) from fault


def set_item(array: Any, index: Any, item: Any) -> None:
    if not isinstance(array, (np.ndarray, np.flatiter, np.nditer)):
        raise type_error(f"'{type_name(array)}' object does not support item assignment")
    try:
        array[_index(index)] = unwrap(item)
    except Exception as fault:
        raise _numpy_fault(fault) from fault


def _index(index: Any) -> Any:
    if isinstance(index, slice):
        return slice(*(None if part is None else part.__index__() for part in (index.start, index.stop, index.step)))
    return unwrap(index)


# ---------------------------------------------------------------- attributes


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ARRAY_METHODS = _words(
    "all any argmax argmin argpartition argsort astype byteswap choose clip compress conj conjugate copy cumprod "
    "cumsum diagonal dot fill flatten item max mean min nonzero partition prod put ravel repeat reshape resize round "
    "searchsorted setflags sort squeeze std sum swapaxes take tobytes tolist trace transpose var view"
)
_ARRAY_FIELDS = _words("T mT base device dtype flags flat imag itemsize nbytes ndim real shape size strides")
_WRITABLE_FIELDS = _words("flat imag real shape")
_SCALAR_METHODS = _ARRAY_METHODS | frozenset(("is_integer", "as_integer_ratio", "bit_count", "hex"))
_SCALAR_FIELDS = _ARRAY_FIELDS - frozenset(("base", "flat"))
_DTYPE_FIELDS = _words("alignment byteorder char itemsize kind name ndim num shape str type")
_FLAG_FIELDS = _words("c_contiguous contiguous f_contiguous owndata writeable")
_LIMIT_FIELDS = _words(
    "bits dtype eps epsneg max maxexp min minexp nexp nmant precision resolution smallest_normal "
    "smallest_subnormal tiny"
)
_GENERATOR_METHODS = _words(
    "beta binomial chisquare choice dirichlet exponential f gamma geometric get_state gumbel hypergeometric integers "
    "laplace logistic lognormal logseries multinomial multivariate_hypergeometric multivariate_normal "
    "negative_binomial noncentral_chisquare noncentral_f normal pareto permutation permuted poisson power rand randint "
    "randn random random_integers random_sample rayleigh seed set_state shuffle spawn standard_cauchy "
    "standard_exponential standard_gamma standard_normal standard_t tomaxint triangular uniform vonmises wald weibull "
    "zipf"
)
_ITERATOR_METHODS = _words("close iternext reset")
_ITERATOR_FIELDS = _words("finished index iterindex itersize multi_index ndim nop operands shape value")


def _allowed(value: Any) -> tuple[frozenset[str], frozenset[str]]:
    """The methods and fields that a value of NumPy's has for programs."""
    if isinstance(value, np.ndarray):
        return _ARRAY_METHODS, _ARRAY_FIELDS
    if isinstance(value, np.generic):
        return _SCALAR_METHODS, _SCALAR_FIELDS
    if isinstance(value, np.dtype):
        return frozenset(), _DTYPE_FIELDS
    if isinstance(value, (np.finfo, np.iinfo)):
        return frozenset(), _LIMIT_FIELDS
    if isinstance(value, np.random.RandomState):
        return _GENERATOR_METHODS, frozenset()
    if isinstance(value, np.random.Generator):
        return _GENERATOR_METHODS, frozenset(("bit_generator",))
    if isinstance(value, np.random.BitGenerator):
        return _words("jumped random_raw spawn"), _words("seed_seq state")
    if isinstance(value, np.random.SeedSequence):
        return _words("generate_state spawn"), _words("entropy n_children_spawned pool_size spawn_key")
    if type(value).__name__ == "flagsobj":
        return frozenset(), _FLAG_FIELDS
    if isinstance(value, np.flatiter):
        return frozenset(("copy",)), _words("base coords index")
    if isinstance(value, np.nditer):
        return _ITERATOR_METHODS, _ITERATOR_FIELDS
    if isinstance(value, tuple):
        return frozenset(("count", "index")), frozenset(getattr(value, "_fields", ()))
    return frozenset(), frozenset()


def get_attribute(value: Any, name: str) -> Any:
    if name == "tofile" and isinstance(value, np.ndarray):
        from tcalc.interp.numpy_files import tofile

        return BoundMethod(tofile, value, name)
    methods, fields = _allowed(value)
    if (name not in methods and name not in fields) or not hasattr(value, name):
        message = f"'{type_name(value)}' object has no attribute '{name}'"
        raise attribute_error(message, name, methods | fields)
    if name in fields:
        return _field(value, name)
    from tcalc.interp.numpy_sizes import check_size

    def method(receiver: Any, *args: Any, **kwargs: Any) -> Any:
        if name == "resize" and kwargs.pop("refcheck", True) is False:
            raise value_error("resize(refcheck=False) would leave other arrays without their memory")
        given = arguments(name, args)
        named = {keyword: unwrap(item) for keyword, item in kwargs.items()}
        check_size(name, [receiver, *given] if isinstance(receiver, np.ndarray) else given, named)
        return call(getattr(receiver, name), given, named)

    return BoundMethod(method, value, name)


def _field(value: Any, name: str) -> Any:
    try:
        found = getattr(value, name)
    except Exception as fault:
        raise _numpy_fault(fault) from fault
    if name == "base" and not isinstance(found, np.ndarray):
        return None  # whatever else keeps the memory is no value of the language
    return checked(found)


def set_attribute(value: Any, name: str, item: Any) -> bool:
    """``value.name = item`` where programs may say it; False where they may not."""
    arrays = isinstance(value, np.ndarray) and name in _WRITABLE_FIELDS
    flags = type(value).__name__ == "flagsobj" and name == "writeable"
    states = isinstance(value, np.random.BitGenerator) and name == "state"
    if not arrays and not flags and not states:
        return False
    try:
        setattr(value, name, unwrap(item))
    except Exception as fault:
        raise _numpy_fault(fault) from fault
    return True


def names_of(value: Any) -> list[str]:
    methods, fields = _allowed(value)
    return sorted(methods | fields)
