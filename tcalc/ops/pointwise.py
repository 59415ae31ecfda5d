"""Maths on each element: rows of a table over the frame of :mod:`tcalc.ops.elementwise`."""

from __future__ import annotations
