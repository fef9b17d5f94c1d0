"""Hanging up on a model from another thread, also while it says nothing.

A thread that waits for the first word of an answer looks at no flag. So each question has a Line, the connections of
`rag.writer` say which line they serve, and setting the line shuts the connection down: whoever reads it wakes at once.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpcore
    import httpx

_current: ContextVar[Line | None] = ContextVar("line", default=None)


class Line(threading.Event):
    """Set, it makes the model stop: at its next word by those who look, at once by hanging up.

    Work that is to be hung up on runs inside `with line.held():`, on whatever thread.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._stream: _Tapped | None = None

    def set(self) -> None:
        """Stop, from any thread."""
        super().set()
        with self._lock:
            if self._stream is not None and self._stream.line is self:
                self._stream.shut()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let the connections that are used in this block belong to this line."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    def takes(self, stream: _Tapped) -> None:
        """Note what is waited on.

        Raises:
            httpcore.WriteError: the line was hung up already.
        """
        with self._lock:
            if self.is_set():
                import httpcore

                raise httpcore.WriteError("hung up")
            self._stream, stream.line = stream, self


def hung_up() -> bool:
    """Say whether what runs here was hung up on, so that nobody waits for it any more."""
    line = _current.get()
    return line is not None and line.is_set()


def tap(client: httpx.Client) -> None:
    """Let a client's connections be shut by the lines that they serve."""
    for transport in (client._transport, *client._mounts.values()):
        pool = getattr(transport, "_pool", None)
        if pool is not None:
            pool._network_backend = _Backend(pool._network_backend)


class _Backend:
    """Makes connections that know whom they serve."""

    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(self, *args: Any, **options: Any) -> _Tapped:
        return _Tapped(self._inner.connect_tcp(*args, **options))

    def connect_unix_socket(self, *args: Any, **options: Any) -> _Tapped:
        return _Tapped(self._inner.connect_unix_socket(*args, **options))

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _Tapped:
    """A connection; who writes to it waits for its answer."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner
        self.line: Line | None = None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.line = None
        if (line := _current.get()) is not None:
            line.takes(self)
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self.line = None
        self._inner.close()

    def start_tls(self, *args: Any, **options: Any) -> _Tapped:
        return _Tapped(self._inner.start_tls(*args, **options))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

    def shut(self) -> None:
        """Wake who reads; the connection itself is closed by the thread that has it."""
        connection = self._inner.get_extra_info("socket")
        try:
            # Of a TLS socket the plain one: its own `shutdown` would take its state from under the reader.
            socket.socket.shutdown(connection, socket.SHUT_RDWR)
        except OSError:
            self.line = None  # it ended by itself in this moment
