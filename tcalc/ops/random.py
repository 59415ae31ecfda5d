"""Random tensors: PyTorch's numbers for PyTorch's seeds."""

from __future__ import annotations
