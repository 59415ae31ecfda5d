"""The names of ``torch`` that are no functions, and its smaller namespaces."""

from __future__ import annotations
