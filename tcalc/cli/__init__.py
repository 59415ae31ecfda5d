"""The command line: what was asked (`invocation`), its `inputs` and `output`, and doing it (`run`)."""
