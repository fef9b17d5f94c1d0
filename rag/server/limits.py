"""How much at once: answers being written, requests a minute of one caller, a request that is sent twice."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from rag.errors import BusyError
from rag.server.problems import RefusedError

_USUAL_SECONDS = 5.0
"""What an answer takes, before one was measured."""


class Slots:
    """The right to have an answer written: `most` at once, `waiting` more in line, the others are refused."""

    def __init__(self, most: int, waiting: int) -> None:
        self.most = most
        self.most_waiting = waiting
        self.taken = 0
        self.waiting = 0
        self._free = asyncio.Semaphore(most)
        self._seconds = _USUAL_SECONDS

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Wait for a slot and hold it.

        Raises:
            BusyError: too many wait already.
        """
        if self._free.locked() and self.waiting >= self.most_waiting:
            wait = max(1.0, self._seconds * (self.waiting + 1) / self.most)
            raise BusyError(
                f"{self.taken} answers are being written and {self.waiting} questions wait; ask again in {wait:.0f} s.",
                wait,
            )
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        self.taken += 1
        began = time.monotonic()
        try:
            yield
        finally:
            self._seconds += 0.2 * (time.monotonic() - began - self._seconds)
            self.taken -= 1
            self._free.release()


class Rate:
    """A bucket of tokens for each caller: `most` at once, refilled within a minute."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def spend(self, caller: str) -> None:
        """Take one token.

        Raises:
            BusyError: there is none left.
        """
        now, speed = self._clock(), self._most / 60
        tokens, since = self._buckets.pop(caller, (float(self._most), now))
        tokens = min(float(self._most), tokens + (now - since) * speed)
        if tokens < 1:
            self._buckets[caller] = (tokens, now)
            raise BusyError(
                f"More than {self._most} requests a minute are not taken of one key (RAG_RATE_LIMIT); wait a little.",
                (1 - tokens) / speed,
            )
        self._buckets[caller] = (tokens - 1, now)
        while len(self._buckets) > 10_000:
            self._buckets.popitem(last=False)


@dataclass
class _Kept:
    print: str
    """Of the request: another one with the same key is refused."""
    result: asyncio.Future[object]
    since: float


class Repeats:
    """What became of requests with an Idempotency-Key: one sent again gets the same answer, and nothing is done twice.

    After the IETF draft "The Idempotency-Key HTTP Header Field". Kept for a day, at most `most`, until the end of the
    process. A request that failed is not kept, so that it can be tried again.
    """

    def __init__(
        self, most: int = 1000, seconds: float = 86_400.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()

    async def once(
        self, caller: str, key: str | None, fingerprint: str, work: Callable[[], Awaitable[object]]
    ) -> object:
        """Return what `work` gives, or gave the first time.

        Raises:
            RefusedError: the key came with another request before, or that one is still being worked on.
        """
        if key is None:
            return await work()
        self._forget()
        kept = self._kept.get((caller, key))
        if kept is not None:
            if kept.print != fingerprint:
                raise RefusedError(422, "This Idempotency-Key came with another request before; take a new one.")
            if not kept.result.done():
                raise RefusedError(409, "The request with this Idempotency-Key is still being worked on; wait for it.")
            return kept.result.result()
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._kept[caller, key] = _Kept(fingerprint, future, self._clock())
        try:
            result = await work()
        except BaseException:
            del self._kept[caller, key]
            raise
        future.set_result(result)
        return result

    def _forget(self) -> None:
        now = self._clock()
        for key in [key for key, kept in self._kept.items() if now - kept.since > self._seconds]:
            del self._kept[key]
        finished = [key for key, kept in self._kept.items() if kept.result.done()]
        for key in finished[: max(0, len(self._kept) - self._most)]:
            del self._kept[key]
