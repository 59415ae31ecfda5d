"""What PyTorch has and a program may look for, and why it is not here: one table for names, imports and methods."""

from __future__ import annotations

_GRADIENTS = "gradients are not part of tcalc yet"

# Why -> what, by its whole path; a path stands for everything in it. ``Tensor.`` is a method or attribute.
_REASONS = {
    _GRADIENTS: """
        Tensor.backward Tensor.grad_dtype Tensor.register_hook Tensor.register_post_accumulate_grad_hook
        torch.autograd.Function torch.autograd.backward torch.autograd.detect_anomaly torch.autograd.forward_ad
        torch.autograd.function torch.autograd.functional torch.autograd.grad torch.autograd.gradcheck
        torch.autograd.gradgradcheck torch.autograd.graph torch.autograd.set_detect_anomaly torch.func
        torch.is_anomaly_enabled torch.set_anomaly_enabled torch.utils.checkpoint torch.nn.grad torch.nn.functional.grad
    """,
    "a Variable has been a tensor since PyTorch 0.4: use torch.tensor(…, requires_grad=True)": """
        torch.autograd.Variable torch.autograd.variable
    """,
    "functions are not mapped over batches: stack([f(row) for row in x]) does it one row after the other": """
        torch.vmap torch.func.vmap
    """,
    "training loops with classes are not part of tcalc, nor are gradients yet: compute the steps themselves":
        "torch.optim",
    "layers are classes, which are not part of tcalc's language: a model is a function that takes its weights": """
        torch.nn.Module torch.nn.ModuleDict torch.nn.ModuleList torch.nn.ParameterDict torch.nn.ParameterList
        torch.nn.Sequential torch.nn.modules
    """,
    "layers and gradients are not part of tcalc: there is nothing to clip, prune or parametrize": """
        torch.nn.utils.clip_grad_norm_ torch.nn.utils.clip_grad_value_ torch.nn.utils.clip_grads_with_norm_
        torch.nn.utils.parametrizations torch.nn.utils.parametrize torch.nn.utils.prune torch.nn.utils.spectral_norm
        torch.nn.utils.weight_norm
    """,
    "data sets are classes, which are not part of tcalc's language: x.split(32) gives batches, load(path) reads files":
        "torch.utils.data",
    "models are not exported; save(value, path) writes tensors as .safetensors, .pt or .npz": "torch.onnx torch.export",
    "there is no profiler; :time in the shell, or time.perf_counter(), measures": """
        torch.profiler torch.autograd.profiler torch.utils.benchmark
    """,
    "tcalc downloads nothing: load(path) reads the weights of a file": "torch.hub",
    "compiling is not part of tcalc": "torch.compile torch.compiler torch.fx torch.jit",
    "random variables as classes are not part of tcalc: use normal, rand, bernoulli and their like":
        "torch.distributions",
    "tcalc computes in one process": "torch.distributed torch.futures torch.multiprocessing torch.nn.parallel",
    "tcalc's tensors are dense": "torch.sparse torch.nested torch.masked",
    "tcalc's tensors are not quantized": """
        torch.ao torch.quantization torch.qint8 torch.qint32 torch.quint8 torch.quint4x2 torch.nn.quantized torch.nn.qat
        torch.nn.intrinsic torch.nn.quantizable Tensor.int_repr Tensor.q_scale Tensor.q_zero_point Tensor.qscheme
    """,
    "tcalc computes in the dtype of the operands": "torch.amp torch.autocast torch.cuda.amp torch.GradScaler",
    "a GPU does its work in one order, on one stream: torch.cuda.synchronize() waits for it": """
        torch.Stream torch.cuda.Stream torch.cuda.ExternalStream torch.cuda.StreamContext torch.cuda.current_stream
        torch.cuda.default_stream torch.cuda.set_stream torch.cuda.stream torch.accelerator.current_stream
        torch.accelerator.set_stream
    """,
    "torch.cuda is the module of GPUs, by its name": "torch.get_device_module",
    "work on a GPU is not captured into graphs": """
        torch.cuda.CUDAGraph torch.cuda.graph torch.cuda.graphs torch.cuda.graph_pool_handle
        torch.cuda.is_current_stream_capturing torch.cuda.make_graphed_callables
    """,
    "nvidia-smi says how busy and warm a GPU is; torch.cuda.memory_summary() says how its memory is used": """
        torch.cuda.clock_rate torch.cuda.list_gpu_processes torch.cuda.memory_usage torch.cuda.power_draw
        torch.cuda.temperature torch.cuda.utilization
    """,
    "tcalc computes in one process: no memory of a GPU is shared with others": "torch.cuda.comm torch.cuda.ipc_collect",
    "memory of a GPU is held by CuPy's pool: torch.cuda.memory_allocated() and empty_cache() are there": """
        torch.cuda.MemPool torch.cuda.caching_allocator_alloc torch.cuda.caching_allocator_delete torch.cuda.memory
        torch.cuda.memory_snapshot torch.cuda.set_per_process_memory_fraction
    """,
    "there is no profiler; torch.cuda.Event(enable_timing=True) measures a GPU's work": """
        torch.cuda.nvtx torch.cuda.profiler
    """,
    "tcalc computes on the CPU and, by CuPy, on CUDA": "torch.mps torch.mtia torch.xpu Tensor.xpu Tensor.ipu",
    # What is no part of PyTorch and stands beside it in every tutorial.
    "pictures are drawn by plot, scatter, hist, heatmap and imshow": "matplotlib seaborn",
    "classes are not part of tcalc's language; collections.namedtuple makes tuples with names": "abc dataclasses enum",
    "load(path) reads JSON, CSV and more, and save(value, path) writes them": "csv h5py json pickle",
    "a program reaches no files but by load and save, and nothing of the system": """
        argparse glob io logging os pathlib shutil subprocess sys tempfile
    """,
    "tables are read by load(path) or as an input of the command line": "pandas polars",
    "downloading and transforming data sets is not part of tcalc": "torchvision torchaudio torchtext datasets",
}  # fmt: skip

_LAYERS = "layers are classes, which are not part of tcalc's language: use the functions of F"

_reasons: dict[str, str] = {}


def reason(path: str) -> str | None:
    """Why there is no ``torch.optim.SGD`` or ``Tensor.backward``; None for what nobody would look for."""
    if not _reasons:
        _reasons.update((name, why) for why, names in _REASONS.items() for name in names.split())
    known = path
    while known:
        if known in _reasons:
            return _reasons[known]
        known = known.rpartition(".")[0]
    parent, _, name = path.rpartition(".")
    return _layer(name) if parent == "torch.nn" and name[:1].isupper() else None


def _layer(name: str) -> str:
    """What to use for ``nn.Linear``: the function of the same name, where there is one."""
    from tcalc.interp import library

    functions = library.registry().namespaces["torch.nn.functional"]
    plain = name.lower()
    for candidate in functions:
        if candidate.replace("_", "") in (plain, plain.removesuffix("loss")):
            return f"{_LAYERS}: F.{candidate}"
    return f"{_LAYERS} (F.linear, F.relu)"
