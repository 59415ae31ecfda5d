"""Random tensors: PyTorch's numbers for PyTorch's seeds."""
