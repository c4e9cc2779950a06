"""The command line: `python -m lib.cli`."""
