"""What a program sets: defaults, grad mode, printing."""

from __future__ import annotations
