"""The command line: verbs in the order of the walk, nouns as groups.  Results on stdout, logs on stderr."""

from digest.cli.app import main

__all__ = ["main"]
