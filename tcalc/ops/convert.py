"""Conversions: dtype, device, NumPy, Python."""

from __future__ import annotations
