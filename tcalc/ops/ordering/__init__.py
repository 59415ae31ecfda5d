"""Sorting, selecting, telling apart."""
