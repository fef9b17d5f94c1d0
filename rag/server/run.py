"""A server process: bound, announced to the commands of the same user, run until it is told to end."""

from __future__ import annotations

import errno
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from rag.client.found import Note
from rag.errors import UsageError
from rag.server.access import is_loopback
from rag.server.app import create_app
from rag.server.heads import Heads
from rag.server.keys import Keys
from rag.server.observe import LOG

if TYPE_CHECKING:
    from rag.engine import Engine

DRAIN_SECONDS = 10
"""How long answers that are being written may go on when the server is told to end."""


def run(
    engine: Engine, host: str, port: int, *, page: bool = True, say: Callable[[str], None] = lambda _: None
) -> None:
    """Serve the engine until SIGINT or SIGTERM.

    Raises:
        UsageError: the address is taken or none, or others can reach it and there is no key.
    """
    if not is_loopback(host) and not Keys(engine.settings.home).all():
        raise UsageError(f"Others can reach {host}, and there is no key for them yet; `rag keys add NAME` makes one.")
    page = page and _page_can_be_shown(engine, host, say)
    secret = secrets.token_urlsafe(32)
    application = create_app(engine, host=host, secret=secret, ui=page)
    config = uvicorn.Config(
        application,
        http=Heads,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        timeout_keep_alive=30,
        lifespan="on",
    )
    with _bound(host, port) as listening, _logged():
        url = f"http://{_reached(host)}:{listening.getsockname()[1]}"
        note = Note(url, secret, application.state.service.name, os.getpid())
        note.leave(engine.settings.home)
        say(f"Footnote is at {url}{'' if page else '/v1 (no chat page)'}; Ctrl-C ends it.")
        try:
            with _ending_by_signal():
                uvicorn.Server(config).run(sockets=[listening])
        finally:
            note.take_away(engine.settings.home)


@contextmanager
def _ending_by_signal() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl-C does, when the server has drained: it is how it is meant to end.

    The server raises the signal once more at its end; by default that would end the process then and there.
    """

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _page_can_be_shown(engine: Engine, host: str, say: Callable[[str], None]) -> bool:
    if find_spec("rag.ui") is None:
        return False
    if not is_loopback(host) and getattr(engine.settings, "auth", None) is None:
        say("The chat page is left out: others can reach it, and RAG_AUTH names no users who may log in.")
        return False
    return True


@contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise UsageError(f"{host} is no address of this machine ({error.strerror}); leave --host out.") from error
    with listening:
        try:
            if os.name != "nt":  # there, it would let two servers have the same port
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(2048)
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            reason = "another program has it" if taken else (error.strerror or str(error))
            raise UsageError(f"Port {port} of {host} can't be used ({reason}); choose another with --port.") from error
        yield listening


def _reached(host: str) -> str:
    """Return the host by which this machine itself reaches the server."""
    if host in {"0.0.0.0", "::"}:
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


@contextmanager
def _logged() -> Iterator[None]:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    LOG.propagate = False
    try:
        yield
    finally:
        LOG.removeHandler(handler)
        LOG.propagate = True
