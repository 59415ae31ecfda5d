"""Sorting and searching."""

from __future__ import annotations
