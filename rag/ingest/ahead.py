"""Working ahead: the next files are read while the documents of this one are embedded, within bounds."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

WAITING = 128
"""Most results that wait to be taken."""


def ahead(
    items: Sequence[T],
    work: Callable[[T], R],
    weigh: Callable[[T], int],
    *,
    threads: int,
    room: int,
    stop: Callable[[], None],
) -> Generator[tuple[T, R]]:
    """Yield each item with what `work` makes of it, in their order, while threads are at work on the next ones.

    Never more than WAITING items, nor more than `room` by weight, are in work or wait to be taken; a single one that
    is heavier is alone. What `work` raises is raised here. `stop` is called before the threads are waited for, however
    this ends, to cut short what they are doing.
    """
    waiting: deque[tuple[T, int, Future[R]]] = deque()
    weight, following = 0, 0
    pool = ThreadPoolExecutor(threads, "reading")
    try:
        while waiting or following < len(items):
            while following < len(items) and len(waiting) < WAITING:
                heavy = weigh(items[following])
                if waiting and weight + heavy > room:
                    break
                waiting.append((items[following], heavy, pool.submit(work, items[following])))
                weight += heavy
                following += 1
            item, light, future = waiting.popleft()
            result = future.result()
            weight -= light
            yield item, result
            del result, future  # what was taken is not kept until the next one is there
    finally:
        stop()
        pool.shutdown(wait=True, cancel_futures=True)
