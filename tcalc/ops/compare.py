"""Comparisons and tests: what answers with bool, and choices made by it."""

from __future__ import annotations
