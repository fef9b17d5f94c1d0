"""The `rag` command. Its entry point is here, all the rest in `rag.cli.command`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `rag` with the arguments of this process, and exit."""
    try:
        # Here, because Ctrl-C may come while it is imported.
        from rag.cli.command import run, tolerate

        tolerate(sys.stdout, sys.stderr)
        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        sys.stderr.write("rag: interrupted.\n")
        code = 130
    sys.exit(code)
