"""Joining tensors and splitting them."""

from __future__ import annotations
