"""Reading ahead: in order, within bounds, and over at once when the one who takes has enough."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from rag.ingest.ahead import WAITING, ahead


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def nothing() -> None:
    pass


def test_results_come_in_order_whichever_is_done_first() -> None:
    def work(number: int) -> int:
        time.sleep(0.01 * (number % 3))
        return number * number

    found = list(ahead(range(20), work, lambda _: 1, threads=4, room=100, stop=nothing))
    assert found == [(number, number * number) for number in range(20)]


def test_no_more_is_read_than_there_is_room_for() -> None:
    begun: list[int] = []
    results = ahead(range(10), lambda n: begun.append(n), lambda _: 30, threads=2, room=100, stop=nothing)
    next(results)
    until(lambda: len(begun) == 3)
    time.sleep(0.05)
    assert begun == [0, 1, 2], "three of 30 fit into 100, and the first is not taken before it is asked for again"
    next(results)
    until(lambda: len(begun) == 4)
    results.close()


def test_what_is_heavier_than_the_room_is_read_alone() -> None:
    at_once, most = 0, 0
    lock = threading.Lock()

    def work(_: int) -> None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.01)
        with lock:
            at_once -= 1

    assert len(list(ahead(range(5), work, lambda _: 1000, threads=4, room=100, stop=nothing))) == 5
    assert most == 1


def test_many_small_ones_wait_only_so_many() -> None:
    begun: list[int] = []
    results = ahead(range(1000), lambda n: begun.append(n), lambda _: 0, threads=1, room=1, stop=nothing)
    next(results)
    until(lambda: len(begun) >= WAITING)
    time.sleep(0.05)
    assert len(begun) <= WAITING
    results.close()


def test_an_error_comes_where_its_item_would_and_ends_it() -> None:
    stopped = threading.Event()

    def work(number: int) -> int:
        if number == 2:
            raise ValueError("two")
        return number

    results = ahead(range(5), work, lambda _: 1, threads=2, room=10, stop=stopped.set)
    assert [next(results), next(results)] == [(0, 0), (1, 1)]
    with pytest.raises(ValueError, match="two"):
        next(results)
    assert stopped.is_set()


def test_who_has_enough_waits_for_nothing_but_what_stop_cuts_short() -> None:
    stopped, begun = threading.Event(), []

    def work(number: int) -> int:
        begun.append(number)
        if number:
            assert stopped.wait(20)
        return number

    results = ahead(range(100), work, lambda _: 1, threads=2, room=1000, stop=stopped.set)
    assert next(results) == (0, 0)
    until(lambda: len(begun) == 3)
    results.close()
    assert stopped.is_set() and len(begun) <= 4
