"""Views and copies of a tensor in another shape."""

from __future__ import annotations
