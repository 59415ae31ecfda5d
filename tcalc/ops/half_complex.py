"""complex32 on the CPU: PyTorch moves, adds, multiplies and compares its elements, and has no kernel for the rest."""

from __future__ import annotations

from tcalc.engine.dtypes import complex32
from tcalc.engine.tensor import Tensor
from tcalc.errors import not_implemented

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tcalc.ops.dispatch import Launch

# The kernels that are missing, by the functions that would run them.
_FUNCTIONS = {
    "{}_vml_cpu": "acos asin atan cos exp expm1 log log10 log1p log2 sin sqrt tan tanh",
    "{}_cpu": "acosh addr angle asinh atanh cosh logaddexp logical_and logical_not logical_or logical_xor "
    "polar reciprocal rsqrt sigmoid silu sinc sinh sum take",
    "{}_out_cpu": "cumprod cumsum logcumsumexp prod",
    "{}_impl_cpu": "addmv",
    "{}": "baddbmm binary_cross_entropy bmm dot exp2 nan_to_num pow trace vdot",
    "div_cpu": "div softsign",
    "tanh_vml_cpu": "tanhshrink",
    "sum_cpu": "mean trapezoid vecdot",
    "cumsum_out_cpu": "cumulative_trapezoid",
    "pow": "ldexp square",
    "exp_vml_cpu": "logsumexp soft_margin_loss",
    "lerp_kernel_scalar": "lerp",
    "cross": "cross",
    "bmm": "einsum matrix_exp",
    "addmm_impl_cpu_": "addbmm addmm inner linear matmul matrix_power mm tensordot",
    "addmv_impl_cpu": "mv",
    "addcdiv_cpu_out": "addcdiv",
    "mse_cpu": "mse_loss",
    "smooth_l1_cpu": "smooth_l1_loss",
    "huber_cpu": "huber_loss",
    "scatter_gather_tensor_cpu": "gather scatter scatter_add scatter_reduce",
    "take_put_cpu": "put",
}
_MISSING = {name: kernel.format(name) for kernel, names in _FUNCTIONS.items() for name in names.split()}


def check_kernel(name: str, launch: Launch) -> None:
    """Refuse what the function ``name`` would compute in complex32 without a kernel of PyTorch's."""
    kernel = _MISSING.get(name)
    if kernel is not None and _is_half(launch):
        raise not_implemented(f"\"{kernel}\" not implemented for 'ComplexHalf'")


def _is_half(launch: Launch) -> bool:
    """Whether it is complex32 that a launch computes in: it gives that, or truths or real numbers of it."""
    results = [spec.dtype for spec in launch.outputs]
    if complex32 in results:
        return True
    given = {operand.dtype for operand in launch.operands if isinstance(operand, Tensor) and operand.dtype.is_complex}
    return given == {complex32} and not any(dtype.is_complex for dtype in results)
