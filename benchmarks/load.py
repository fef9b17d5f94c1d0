"""Many streams at once from one server, with a scripted model: how long to the first event, what fails, what it holds.

python benchmarks/load.py --streams 200 --seconds 60

All of it is on loopback: this process asks and plays the model, a second one is the server. The model says a sentence
word by word, 20 ms apart, so what is measured is the server's own work, not that of a model. Then the same number of
callers search, without any model.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from rag.client.found import find  # noqa: E402
from tests.fakes.library import QUESTION, YELLEN, library  # noqa: E402
from tests.fakes.openai_server import Reply, ScriptedServer  # noqa: E402

PAUSE = 0.02


@dataclass
class Seen:
    """What callers saw."""

    first: list[float] = field(default_factory=list)
    sentence: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)

    def failed(self, why: str) -> None:
        self.failures[why] = self.failures.get(why, 0) + 1


def serve(home: str, model: str, streams: int) -> None:
    """Be the server."""
    from rag.server.run import run

    with library(Path(home) / "docs", home=Path(home), llm=model, answers=streams, rate_limit=1_000_000) as engine:
        run(engine, "127.0.0.1", 0, page=False)


async def stream(client: httpx.AsyncClient, seen: Seen, until: float) -> None:
    """Ask one question after another."""
    while time.monotonic() < until:
        began, last = time.monotonic(), ""
        try:
            async with client.stream("POST", "/v1/ask/stream", json={"question": QUESTION}) as reply:
                if reply.status_code != 200:
                    seen.failed(str(reply.status_code))
                    continue
                first = said = True
                async for line in reply.aiter_lines():
                    if line.startswith("event: "):
                        if first:
                            seen.first.append(time.monotonic() - began)
                            first = False
                        if said and line == "event: sentence":
                            seen.sentence.append(time.monotonic() - began)
                            said = False
                        last = line
            seen.whole.append(time.monotonic() - began) if last == "event: done" else seen.failed(last or "nothing")
        except httpx.HTTPError as error:
            seen.failed(type(error).__name__)


async def search(client: httpx.AsyncClient, seen: Seen, until: float) -> None:
    """Search again and again."""
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            reply = await client.post("/v1/search", json={"question": QUESTION})
            seen.whole.append(time.monotonic() - began) if reply.is_success else seen.failed(str(reply.status_code))
        except httpx.HTTPError as error:
            seen.failed(type(error).__name__)


async def load(url: str, callers: int, seconds: float, one: object) -> Seen:
    """Let so many callers go on for so long."""
    seen, limits = Seen(), httpx.Limits(max_connections=callers)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=120, trust_env=False) as client:
        until = time.monotonic() + seconds
        await asyncio.gather(*(one(client, seen, until) for _ in range(callers)))  # type: ignore[operator]
    return seen


def held(pid: int) -> float:
    """Return the memory of a process in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1000


def spent(pid: int) -> float:
    """Return the seconds that the processor gave to a process."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else float("nan")


def measure(streams: int, seconds: float) -> dict[str, object]:
    """Start the server, load it, and return the figures."""
    with tempfile.TemporaryDirectory() as home, ScriptedServer(lambda _: Reply(YELLEN, pause=PAUSE)) as model:
        command = [sys.executable, __file__, "--serve", home, model.llm, "--streams", str(streams)]
        log = Path(home) / "log"
        with log.open("w") as errors, subprocess.Popen(command, stderr=errors, env={**os.environ}) as server:
            try:
                while (note := find(Path(home))) is None:
                    assert server.poll() is None, log.read_text()
                    time.sleep(0.1)
                headers = {"Authorization": f"Bearer {note.key}"}
                httpx.post(f"{note.url}/v1/ask", json={"question": QUESTION}, headers=headers, timeout=60)
                before, began = held(server.pid), spent(server.pid)
                asked = asyncio.run(load(note.url, streams, seconds, stream))
                after, asking = held(server.pid), spent(server.pid) - began
                searched = asyncio.run(load(note.url, min(streams, 16), seconds / 4, search))
                last = held(server.pid)
            finally:
                server.terminate()
    return {
        "streams": streams,
        "seconds": seconds,
        "answers": len(asked.whole),
        "failures": asked.failures,
        "first_event_median": round(statistics.median(asked.first), 3),
        "first_event_p95": round(p95(asked.first), 3),
        "first_sentence_median": round(statistics.median(asked.sentence), 3),
        "first_sentence_p95": round(p95(asked.sentence), 3),
        "server_cpu_ms_an_answer": round(1000 * asking / max(1, len(asked.whole)), 1),
        "server_cores_busy": round(asking / seconds, 2),
        "whole_p95": round(p95(asked.whole), 3),
        "memory_mb": [round(before), round(after), round(last)],
        "searches_per_second": round(len(searched.whole) / (seconds / 4), 1),
        "search_p95": round(p95(searched.whole), 3),
        "search_failures": searched.failures,
        "load_average": os.getloadavg()[0],
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--serve", nargs=2, metavar=("HOME", "MODEL"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(*given.serve, given.streams)
    else:
        print(json.dumps(measure(given.streams, given.seconds), indent=1))
