"""How large the head of a request may be, and how slowly it may come.

The parser that uvicorn uses by itself takes a head of any length into memory, and waits for its end for ever, of
everybody who can connect; whoever has no key is refused only behind it.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 65_536
"""Largest head: first line and headers, and the trailers of a body that comes in pieces."""
HEAD_SECONDS = 30.0
_PIECE_BYTES = 32
"""What stands around each piece of such a body."""


class Heads(HttpToolsProtocol):
    """A connection that is closed where a head is too large or doesn't come."""

    seconds: ClassVar[float] = HEAD_SECONDS
    _spare = HEAD_BYTES
    _fresh = 0
    """Bytes that just came and of which no request has had any: the next one begins with them."""
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first head."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in bytes: all of them count, until the parser says that some are of a body."""
        self._spare -= len(data)
        self._fresh = len(data)
        super().data_received(data)
        if self._spare < 0 and not self.transport.is_closing():
            if self.cycle is None or self.cycle.response_complete:
                self.send_400_response(f"The head of a request here may have at most {HEAD_BYTES:,} bytes.")
            else:
                self.transport.close()

    def on_message_begin(self) -> None:
        """Begin to count anew."""
        super().on_message_begin()
        self._spare = HEAD_BYTES - self._fresh
        self._wait()

    def on_headers_complete(self) -> None:
        """Leave the body to those who read it."""
        self._wait_no_more()
        super().on_headers_complete()

    def on_chunk_header(self) -> None:
        """Allow for what stands around a piece."""
        self._spare += _PIECE_BYTES

    def on_body(self, body: bytes) -> None:
        """Count what is of the body no more."""
        self._spare += len(body)
        self._fresh = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Let what came behind it count for the next one only from its next bytes on."""
        self._fresh = 0
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to another protocol."""
        self._wait_no_more()
        super().handle_websocket_upgrade()

    def _wait(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(self.seconds, self._give_up)

    def _wait_no_more(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _give_up(self, *_: Any) -> None:
        self._late = None
        self.transport.close()
