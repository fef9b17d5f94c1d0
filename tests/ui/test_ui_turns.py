"""The line is fair, tells the place, and leaks none; a question goes on whoever watches."""

from __future__ import annotations

import asyncio

import pytest

from rag.ui.turns import Event, Line, Running, Tell, Turns


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_who_waits_is_told_the_place_and_comes_in_order() -> None:
    line, said, entered = Line(1), [[] for _ in range(3)], []  # type: ignore[var-annotated]
    gates = [asyncio.Event() for _ in range(3)]

    async def one(number: int) -> None:
        async with line.place(said[number].append):
            entered.append(number)
            await gates[number].wait()

    tasks = [asyncio.create_task(one(number)) for number in range(3)]
    await settle()
    assert entered == [0]
    assert [[event["place"] for event in heard] for heard in said] == [[], [1, 1], [2]]
    gates[0].set()
    await settle()
    assert entered == [0, 1] and said[2][-1] == {"type": "line", "place": 1}
    gates[1].set()
    gates[2].set()
    await asyncio.gather(*tasks)
    assert entered == [0, 1, 2]


async def test_who_gives_up_waiting_leaves_no_gap() -> None:
    line, gate = Line(1), asyncio.Event()
    heard: list[Event] = []

    async def hold(tell: Tell) -> None:
        async with line.place(tell):
            await gate.wait()

    first = asyncio.create_task(hold(lambda _: None))
    await settle()
    second = asyncio.create_task(hold(lambda _: None))
    await settle()
    third = asyncio.create_task(hold(heard.append))
    await settle()
    second.cancel()
    await settle()
    assert [event["place"] for event in heard] == [2, 1]
    gate.set()
    await asyncio.gather(first, third)
    async with asyncio.timeout(1), line.place(lambda _: None):
        pass


async def test_who_is_called_and_gives_up_in_the_same_moment_passes_the_place_on() -> None:
    line, gate = Line(1), asyncio.Event()

    async def hold() -> None:
        async with line.place(lambda _: None):
            await gate.wait()

    first = asyncio.create_task(hold())
    await settle()
    second = asyncio.create_task(hold())
    await settle()
    gate.set()
    first.add_done_callback(lambda _: second.cancel())
    await asyncio.wait([first, second])
    async with asyncio.timeout(1), line.place(lambda _: None):
        pass


async def test_a_late_watcher_sees_everything_from_the_beginning() -> None:
    gate = asyncio.Event()

    async def work(tell: Tell) -> None:
        tell({"n": 1})
        await gate.wait()
        tell({"n": 2})

    running = Running(work)
    await settle()

    async def watch() -> list[Event]:
        return [event async for event in running.follow()]

    watchers = [asyncio.create_task(watch()) for _ in range(2)]
    await settle()
    gate.set()
    assert await asyncio.gather(*watchers, watch()) == [[{"n": 1}, {"n": 2}]] * 3


async def test_a_watcher_that_leaves_stops_nothing_and_stop_lets_the_work_say_its_last() -> None:
    done: list[str] = []

    async def work(tell: Tell) -> None:
        tell({"n": 1})
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            done.append("kept")
            tell({"n": "last"})
            raise

    turns = Turns()
    running = turns.start("t", work)
    async for event in running.follow():
        assert event == {"n": 1}
        break
    await settle()
    assert turns.get("t") is running and not done
    await turns.stop("t")
    assert done == ["kept"] and [event async for event in running.follow()][-1] == {"n": "last"}
    await settle()
    assert turns.get("t") is None
    await turns.stop("t")


@pytest.mark.parametrize("at_once", [1, 3])
async def test_never_more_at_once_than_allowed(at_once: int) -> None:
    line, inside, most = Line(at_once), 0, 0

    async def one() -> None:
        nonlocal inside, most
        async with line.place(lambda _: None):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(one() for _ in range(20)))
    assert (inside, most) == (0, at_once)
