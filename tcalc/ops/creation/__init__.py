"""Tensors out of nothing: from data, constants, ranges, windows."""
