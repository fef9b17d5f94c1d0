"""How large a request may be: refused by what it says of itself, or as soon as more than that has come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.server.problems import RefusedError, response_of


class BodyLimit:
    """Middleware: `most` bytes a request, or what `uploads` says for its path; others than those `under` pass."""

    def __init__(self, app: ASGIApp, *, most: int, uploads: Mapping[str, int], under: Iterable[str]) -> None:
        self._app = app
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
            await response_of(RefusedError(413, sentence))(scope, receive, send)
            return
        came = 0

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                # Not a RagError: what parses the body passes on nothing else.
                raise HTTPException(413, sentence.rstrip("."))
            return message

        await self._app(scope, counted, send)
