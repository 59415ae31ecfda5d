"""Products of matrices, equations, factorisations."""
