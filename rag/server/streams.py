"""Server-sent events, and work that stops within a moment when the client hangs up.

The format is that of the HTML standard, "Server-sent events".
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import aclosing, suppress
from typing import Any, TypeVar

from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from rag.errors import RagError
from rag.server.observe import log_bug
from rag.server.problems import GONE, RefusedError, problem_of

T = TypeVar("T")

EARLY = 2.0
"""Seconds in which a failure still becomes a status; after that the answer has begun, and it becomes an event."""
PING = 10.0
"""Seconds of silence after which a comment is sent, so that nobody in between takes the connection for dead."""
_END = object()


def event(name: str, data: Any) -> bytes:
    """Return an event as it is sent."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def failure(error: Exception) -> bytes:
    """Return the event that tells of a failure after the answer has begun."""
    if not isinstance(error, RagError):
        log_bug("stream", error)
    return event("error", problem_of(error))


async def unless_gone(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` gives; it is cancelled when the client hangs up.

    Raises:
        RefusedError: the client is gone; nobody will read that.
    """
    task = asyncio.ensure_future(work)
    left = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait([task, left], return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise RefusedError(GONE, "The client hung up.")
        return task.result()
    finally:
        for one in (task, left):
            one.cancel()
        await asyncio.gather(task, left, return_exceptions=True)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class EventStream(Response):
    """An answer of events; `events` is closed as soon as the client is gone.

    `await EventStream.begun(…)` in place of the constructor lets what fails early be told with a status of its own.
    """

    def __init__(
        self,
        events: AsyncGenerator[bytes],
        first: asyncio.Task[Any] | None = None,
        told: Any = failure,
        ping: float = PING,
    ) -> None:
        self.status_code = 200
        self.media_type = "text/event-stream"
        self.background = None
        self.body = b""
        # For proxies: pass on what comes when it comes.
        self.init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._events = events
        self._first = first
        self._told = told
        self._ping = ping

    @classmethod
    async def begun(cls, events: AsyncGenerator[bytes], **options: Any) -> EventStream:
        """Return the stream once its first event is there, or it is clear that it takes longer.

        Raises:
            RagError: it failed before its first event.
        """
        first = asyncio.ensure_future(_next(events))
        try:
            done, _ = await asyncio.wait([first], timeout=EARLY)
            if done and first.exception() is not None:
                await events.aclose()
                first.result()
        except BaseException:
            first.cancel()
            raise
        return cls(events, first, **options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events until their end, or until the client is gone."""
        sending = asyncio.ensure_future(self._send(send))
        left = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait([sending, left], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in (sending, left):
                one.cancel()
            await asyncio.gather(sending, left, return_exceptions=True)
        if not sending.cancelled():
            sending.result()

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with aclosing(self._chunks()) as chunks:
            async for chunk in chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _chunks(self) -> AsyncGenerator[bytes]:
        """Yield the events, and a comment where nothing comes for long."""
        waiting = self._first or asyncio.ensure_future(_next(self._events))
        try:
            while True:
                done, _ = await asyncio.wait([waiting], timeout=self._ping)
                if not done:
                    yield b": still at it\n\n"
                    continue
                try:
                    chunk = waiting.result()
                except Exception as error:
                    yield self._told(error)
                    return
                if chunk is _END:
                    return
                assert isinstance(chunk, bytes)
                yield chunk
                waiting = asyncio.ensure_future(_next(self._events))
        finally:
            waiting.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await waiting
            await self._events.aclose()


async def _next(events: AsyncIterator[bytes]) -> object:
    return await anext(events, _END)
