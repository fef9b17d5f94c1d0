"""Questions at work: each runs to its end whoever is watching, so that a reload or a lost connection loses nothing.

A machine that answers one question at a time makes the others wait in line; each is told its place.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

Event = dict[str, Any]
Tell = Callable[[Event], None]
Work = Callable[[Tell], Awaitable[None]]


class Line:
    """Lets so many in at once; the others wait in the order they came and are told their place, 1 being next."""

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: list[tuple[asyncio.Future[None], Tell]] = []

    @contextlib.asynccontextmanager
    async def place(self, tell: Tell) -> AsyncIterator[None]:
        """Wait for one's turn and keep it until the end of the block."""
        if self._free:
            self._free -= 1
        else:
            await self._wait(tell)
        try:
            yield
        finally:
            self._next()

    async def _wait(self, tell: Tell) -> None:
        ticket: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (ticket, tell)
        self._waiting.append(entry)
        self._announce()
        try:
            await ticket
        except asyncio.CancelledError:
            if entry in self._waiting:
                self._waiting.remove(entry)
                self._announce()
            elif ticket.done() and not ticket.cancelled():
                self._next()  # it was called and gave up in the same moment: the place goes on to the next
            raise

    def _next(self) -> None:
        if not self._waiting:
            self._free += 1
            return
        ticket, _ = self._waiting.pop(0)
        if not ticket.done():
            ticket.set_result(None)
        self._announce()

    def _announce(self) -> None:
        for number, (_, tell) in enumerate(self._waiting, 1):
            tell({"type": "line", "place": number})


class Running:
    """One question at work: what has happened so far, for any number of watchers."""

    def __init__(self, work: Work) -> None:
        self._events: list[Event] = []
        self._news = asyncio.Event()
        self._ended = False
        self._task = asyncio.get_running_loop().create_task(self._run(work))

    def stop(self) -> None:
        """Break it off; `work` sees a CancelledError and may still tell what it has."""
        self._task.cancel()

    async def ended(self) -> None:
        """Wait until it is over, however it ends."""
        await asyncio.wait([self._task])

    async def follow(self) -> AsyncIterator[Event]:
        """Yield all events from the first, then each as it happens, until it is over."""
        seen = 0
        while True:
            news = self._news
            while seen < len(self._events):
                yield self._events[seen]
                seen += 1
            if self._ended:
                return
            if news is self._news:
                await news.wait()

    def _tell(self, event: Event) -> None:
        self._events.append(event)
        self._wake()

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def _run(self, work: Work) -> None:
        try:
            await work(self._tell)
        except asyncio.CancelledError:
            pass
        finally:
            self._ended = True
            self._wake()


class Turns:
    """The questions at work, by the id of their turn."""

    def __init__(self) -> None:
        self._running: dict[str, Running] = {}

    def start(self, turn_id: str, work: Work) -> Running:
        """Begin to work on a question."""
        running = Running(work)
        self._running[turn_id] = running
        running._task.add_done_callback(lambda _: self._running.pop(turn_id, None))
        return running

    def get(self, turn_id: str) -> Running | None:
        """Return a question that is still at work."""
        return self._running.get(turn_id)

    async def stop(self, turn_id: str) -> None:
        """Break off a question and wait until what it has is kept; nothing happens if it is over."""
        if running := self._running.get(turn_id):
            running.stop()
            await running.ended()
