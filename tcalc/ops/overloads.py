"""How many arguments each of PyTorch's signatures takes, where a name has several.

PyTorch refuses a call that fits none of several signatures with a list of them; but where only one takes as many
arguments as were given, it says what is wrong with the call for that one. tcalc has one function a name, so these
counts are all that it knows of the signatures: ``"1-2 2-5"`` is one of one or two arguments, keywords included, and
one of two to five. A name with a single entry has further signatures that PyTorch does not show. Nothing but the
words of a refusal depends on this table.
"""

from __future__ import annotations

_FUNCTIONS = {
    "1-7 2-8": "eye",
    "1-7 2-7 2-9": "arange",
    "3-9 3-9 3-9 3-9": "linspace",
    "3-10 3-10 3-10 3-10": "logspace",
    "1-6 2-7": "hann_window blackman_window bartlett_window",
    "1-6 2-7 3-8 4-9": "hamming_window",
    "1-6 2-7 3-8": "kaiser_window",
    "2-4": "add sub",
    "2-4 2-3": "subtract",
    "2-3 2-3": (
        "rsub fmod eq ne not_equal lt less le less_equal gt greater ge greater_equal copysign clamp_min "
        "clamp_max view_copy"
    ),
    "2-3 2-2": "multiply true_divide floor_divide",
    "2-3 3-4 3-3": "div",
    "2-3 3-4 2-2 3-3": "divide",
    "2-3 2-2 2-3": "remainder bitwise_and bitwise_or bitwise_xor bitwise_left_shift bitwise_right_shift",
    "2-3 2-3 2-3": (
        "pow xlogy float_power tensor_split special_xlogy special_xlog1py special_zeta "
        "special_chebyshev_polynomial_t special_chebyshev_polynomial_u special_chebyshev_polynomial_v "
        "special_chebyshev_polynomial_w special_shifted_chebyshev_polynomial_t "
        "special_shifted_chebyshev_polynomial_u special_shifted_chebyshev_polynomial_v "
        "special_shifted_chebyshev_polynomial_w special_hermite_polynomial_h special_hermite_polynomial_he "
        "special_laguerre_polynomial_l special_legendre_polynomial_p"
    ),
    "1-2 2-3": "round",
    "3-4 3-4": "lerp",
    "3-5": "addcmul addcdiv",
    "1-2 2-5": "sum prod",
    "1-3 2-5": "mean",
    "1-2 1-4 2-4": "all any",
    "1-2 2-2": "count_nonzero",
    "1-4 1-4": "clamp clip",
    "1-2 2-3 2-4": "max min",
    "2-3 1-3": "trapezoid cumulative_trapezoid",
    "1-3 2-3": "trapz bernoulli linalg_cond",
    "2-3 3-4 1-4 2-4 3-4 2-4 3-4": "gradient",
    "2-5 1-4": "sort",
    "2-5 1-3": "argsort",
    "2-7 2-7": "searchsorted conv1d conv2d conv3d",
    "2-5 2-4": "bucketize",
    "2-5 1-5 1-2": "var std",
    "2-4 1-4 1-2": "var_mean std_mean",
    "1-1 2-4": "median nanmedian",
    "2-6 2-6": "quantile nanquantile",
    "2-3 3-4": "mm bmm",
    "2-5 2-5 2-5": "isin",
    "2-5 1-6": "histogram",
    "1-1 2-2 2-2": "squeeze",
    "3-3 3-3": "movedim moveaxis masked_fill",
    "4-4 4-4": "narrow index_fill",
    "2-2 2-2": "hsplit vsplit dsplit fill",
    "1-2 2-3 2-3": "squeeze_copy",
    "2-4 1-2 2-4": "repeat_interleave",
    "1-1 3-4 3-3 3-3 3-3": "where",
    "4-5 5-6 4-5 5-6": "scatter",
    "3-6 4-7": "addmm baddbmm",
    "3-6": "addmv addr addbmm",
    "2-8 1-7": "rand randn rand_like randn_like randperm",
    "3-9 2-8 4-10 3-9": "randint",
    "4-10 3-9 3-9 2-8 3-9 2-8": "randint_like",
    "2-4 1-4 2-4 3-10": "normal",
    "2-2 2-2 2-2 2-2": "result_type",
    "1-5 1-5 2-4 2-4": "linalg_pinv linalg_matrix_rank",
    "2-6 1-6": "linalg_matrix_norm",
    "1-6 2-6": "linalg_norm",
}
_METHODS = {
    "1-2": "add sub copy_",
    "1-2 1-2": "subtract",
    "1-1 1-1": (
        "multiply true_divide floor_divide remainder fmod pow bitwise_and bitwise_or bitwise_xor "
        "bitwise_left_shift bitwise_right_shift eq ne not_equal lt less le less_equal gt greater ge "
        "greater_equal xlogy float_power copysign clamp_min clamp_max view hsplit vsplit dsplit fill_"
    ),
    "1-1 2-2 2-2": "div",
    "1-1 2-2 1-1 2-2": "divide",
    "0-0 1-1": "round nonzero",
    "2-2 2-2": "lerp movedim moveaxis where masked_fill",
    "2-3": "addcmul addcdiv",
    "0-1 1-3": "sum prod mean",
    "0-0 0-2 1-2": "all any",
    "0-1 1-1": "count_nonzero",
    "0-2 0-2": "clamp clip",
    "0-0 1-1 1-2": "max min",
    "1-3 0-2": "sort argsort",
    "1-3 0-3 0-1": "var std",
    "0-0 1-2": "median nanmedian",
    "1-4 1-4": "quantile nanquantile",
    "1-3 0-4": "histogram",
    "0-0 1-1 1-1": "squeeze",
    "3-3 3-3": "narrow index_fill",
    "1-2 1-2 1-2": "tensor_split",
    "0-5 1-4 1-4": "to",
    "0-3": "type cuda",
    "1-3 1-3": "repeat_interleave",
    "0-0 1-1 3-4 1-1 3-4": "set_",
    "3-3 4-4 3-3 4-4": "scatter",
    "2-4": "addmm addmv addr addbmm baddbmm",
    "0-1 2-3 1-2": "random_",
    "0-1 1-2": "bernoulli",
    "1-2 0-2": "bernoulli_",
}

# Functions that PyTorch writes in Python, whose refusals are Python's.
_PYTHON = """
norm unique unique_consecutive split unravel_index tensordot lu cdist is_tensor typename set_default_tensor_type
set_float32_matmul_precision get_default_device get_float32_matmul_precision are_deterministic_algorithms_enabled
"""
_PYTHON_METHODS = "norm unique unique_consecutive split lu unflatten dim_order is_shared"
# All of torch.nn.functional is written in Python except these.
_NATIVE = """
linear bilinear one_hot softshrink prelu relu_ threshold_ selu_ celu_ rrelu_ elu_ leaky_relu_ hardtanh_ gelu
softplus logsigmoid scaled_dot_product_attention cosine_similarity pairwise_distance pdist pixel_shuffle
pixel_unshuffle channel_shuffle conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d
adaptive_avg_pool1d avg_pool1d avg_pool2d avg_pool3d
"""

# Functions of torch.linalg whose matrices PyTorch calls by letters.
_LETTERED = "qr svd svdvals det slogdet inv inv_ex diagonal lu_factor lu_factor_ex lu solve solve_ex"
_LETTERS = {"input": "A", "other": "B"}


def shown_name(parameter: str, function: str) -> str:
    """What PyTorch calls a parameter of a function."""
    if function.startswith("linalg_") and function.removeprefix("linalg_") in _LETTERED.split():
        return _LETTERS.get(parameter, parameter)
    return parameter


def counts(name: str, method: bool) -> list[tuple[int, int]]:
    """The least and most arguments of each signature of a function or method; none where it has but one."""
    if not method:
        return _counts(_FUNCTIONS, name) or _counts(_FUNCTIONS, name.rstrip("_"))
    return _counts(_METHODS, name) or _counts(_METHODS, name.removesuffix("_"))


def _counts(table: dict[str, str], name: str) -> list[tuple[int, int]]:
    for written, names in table.items():
        if name in names.split():
            pairs = [pair.split("-") for pair in written.split()]
            return [(int(least), int(most)) for least, most in pairs]
    return []


def is_python(name: str, namespace: str, method: bool) -> bool:
    """Whether PyTorch's function is one of Python's own, which checks its arguments as Python does."""
    if method:
        return name in _PYTHON_METHODS.split()
    if namespace == "torch.nn.functional":
        return name not in _NATIVE.split()
    return (
        name in _PYTHON.split()
        if namespace == "torch"
        else namespace.startswith(("torch.cuda", "torch.accelerator", "torch.random"))
    )
