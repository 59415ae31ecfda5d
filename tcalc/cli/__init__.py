"""The command line: what was asked (`invocation`), where it comes from and goes (`inputs`, `output`), doing it (`run`)."""
