"""``:save``: what was entered as a Python script for PyTorch. `log` remembers it, `rewriting` says it in PyTorch's
words statement by statement, `script` puts the parts together."""
