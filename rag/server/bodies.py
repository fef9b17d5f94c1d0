"""How large a request may be, and how slowly it may come; what goes beyond is refused, and the connection closed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.server.problems import CLOSE, RefusedError, response_of

SILENCE = 30.0
"""Seconds in which the next piece of a body has to come, so that nobody holds a connection with nothing."""


class BodyLimit:
    """Middleware: `most` bytes a request, or what `uploads` says for its path; others than those `under` pass."""

    def __init__(
        self, app: ASGIApp, *, most: int, uploads: Mapping[str, int], under: Iterable[str], silence: float = SILENCE
    ) -> None:
        self._app = app
        self._silence = silence
        self._most = most
        self._uploads = uploads
        self._under = tuple(under)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what comes, and pass it on."""
        if scope["type"] != "http" or not scope["path"].startswith(self._under):
            await self._app(scope, receive, send)
            return
        most = self._uploads.get(scope["path"], self._most)
        sentence = f"A request here may have at most {most:,} bytes; this one has more."
        length = Headers(scope=scope).get("content-length", "0")
        if length.isascii() and length.isdigit() and int(length) > most:
            refusal = response_of(RefusedError(413, sentence))
            refusal.headers.update(CLOSE)
            await refusal(scope, receive, send)
            return
        came, whole = 0, False

        async def counted() -> Message:
            nonlocal came, whole
            try:
                # Once it is there, `receive` waits for the client to hang up.
                async with asyncio.timeout(None if whole else self._silence):
                    message = await receive()
            except TimeoutError as error:
                late = f"Nothing more of the request came for {self._silence:.0f} seconds"
                raise HTTPException(408, late, CLOSE) from error
            came += len(message.get("body", b""))
            whole = whole or not message.get("more_body", False)
            if came > most:
                # Not a RagError: what parses the body passes on nothing else.
                raise HTTPException(413, sentence.rstrip("."), CLOSE)
            return message

        await self._app(scope, counted, send)
