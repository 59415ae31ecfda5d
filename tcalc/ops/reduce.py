"""Reductions over dimensions."""

from __future__ import annotations
