"""Load the chat page: many chats at once, and many turns in a row, with a model that answers at once.

    python benchmarks/page.py [--chats 20] [--turns 500]

Everything is on loopback and made up, so the figures are of the page, its queue and the store, not of a model.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.fakes.library import QUESTION
from tests.fakes.page import engine_over, serving


def ask(client: httpx.Client, question: str) -> tuple[float, dict]:
    """Return the seconds to the first sentence, and the turn as it was kept."""
    began = time.perf_counter()
    event_id = client.post("gradio_api/call/ask", json={"data": [{"question": question}]}).json()["event_id"]
    first, turn = 0.0, {}
    with client.stream("GET", f"gradio_api/call/ask/{event_id}") as response:
        for line in response.iter_lines():
            if not line.startswith("data: ["):
                continue
            event = json.loads(line.removeprefix("data: "))[0]
            first = first or (time.perf_counter() - began if event["type"] == "sentence" else 0.0)
            turn = event.get("turn", turn)
    return first, turn


def resident() -> float:
    """Return this process's memory in use now, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chats", type=int, default=20)
    parser.add_argument("--turns", type=int, default=500)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        with (
            engine_over(at / "documents", at / "home") as engine,
            serving(engine) as address,
            httpx.Client(base_url=address, timeout=300) as client,
        ):
            ask(client, QUESTION)
            with ThreadPoolExecutor(given.chats) as pool:
                done = list(pool.map(lambda n: ask(client, f"{n}: {QUESTION}"), range(given.chats)))
            firsts = sorted(first for first, _ in done)
            lost = sum(turn.get("state") != "done" for _, turn in done)
            mixed = sum(not turn.get("question", "").startswith(f"{n}: ") for n, (_, turn) in enumerate(done))
            p95 = firsts[min(len(firsts) - 1, round(0.95 * len(firsts)))]
            print(f"{given.chats} chats at once: first sentence p50 {firsts[len(firsts) // 2]:.2f} s,")
            print(f"  p95 {p95:.2f} s; {lost} lost, {mixed} mixed")
            before, began = resident(), time.perf_counter()
            for number in range(given.turns):
                ask(client, f"{number}: {QUESTION}")
            seconds = time.perf_counter() - began
            print(f"{given.turns} turns: {before:.0f} MB before, {resident():.0f} MB after, {seconds:.0f} s")


if __name__ == "__main__":
    main()
