"""The `rag` command. Its entry point and what Ctrl-C does are here, all the rest is in `rag.cli.command`."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import NoReturn

GRACE = 5.0
"""Seconds that an interrupted command has to put things away."""
_INTERRUPTED = 130
_SHOW_CURSOR = b"\x1b[?25h"


def main() -> NoReturn:
    """Run `rag` with the arguments of this process, and exit."""
    until_interrupted(_command)


def _command() -> int:
    # Imported here, because Ctrl-C may come meanwhile.
    from rag.cli.command import run, tolerate

    tolerate(sys.stdout, sys.stderr)
    return run(sys.argv[1:])


def until_interrupted(command: Callable[[], int], grace: float = GRACE) -> NoReturn:
    """Exit with the command's code; on Ctrl-C with 130, after `grace` seconds at the latest.

    Without that limit it can take forever: a Ctrl-C in the midst of an import can leave Python's lock of that module
    taken for good, and a thread that loads a model waits for it. Leaving all of a sudden harms no store.
    """

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, lambda *_: _leave())
        limit = threading.Timer(grace, _leave)
        limit.daemon = True
        limit.start()
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    try:
        code = command()
    except KeyboardInterrupt:
        _leave()
    if code == _INTERRUPTED:
        # Not by the interpreter's own exit, which waits for threads: a download would go on to its end.
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        _leave()
    _exit(code)


def _exit(code: int) -> NoReturn:
    """Let the interpreter put itself away; Ctrl-C meanwhile changes nothing of what was done, said and returned."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(code))  # as long as it waits for threads
    atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)  # and when it can't run Python any more
    sys.exit(code)


def _leave() -> NoReturn:
    """Say so and be gone, past buffers and locks that someone else may hold."""
    if os.isatty(2):
        os.write(2, _SHOW_CURSOR)
    os.write(2, b"rag: interrupted; what was finished is kept.\n")
    os._exit(_INTERRUPTED)
