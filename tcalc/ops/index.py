"""Indexing and slice assignment."""

from __future__ import annotations
