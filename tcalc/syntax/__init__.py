"""The language: text to tokens to tree. Knows errors and nothing else of tcalc."""
