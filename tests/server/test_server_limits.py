"""Every limit of the API, crossed."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from rag.engine import Engine
from rag.errors import BusyError
from rag.server import create_app, jobs
from rag.server.bodies import BodyLimit
from rag.server.jobs import Jobs
from rag.server.limits import Repeats
from rag.server.uploads import MOST_FILES
from tests.fakes.library import QUESTION
from tests.fakes.serving import served, until
from tests.server.conftest import within

TURN = {"role": "user", "content": "x"}


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        ("/v1/ask", {"question": QUESTION, "document_ids": ["x"] * 1001}, "body.document_ids"),
        ("/v1/ask", {"question": QUESTION, "document_ids": ["x" * 201]}, "body.document_ids"),
        ("/v1/ask", {"question": QUESTION, "history": [TURN] * 201}, "body.history"),
        ("/v1/ask", {"question": QUESTION, "history": [{**TURN, "content": "x" * 200_001}]}, "body.history"),
        ("/v1/ask", {"question": "x" * 1_000_001}, "body.question"),
        ("/v1/search", {"question": QUESTION, "k": 101}, "body.k"),
        ("/v1/search", {"question": QUESTION, "k": 0}, "body.k"),
        ("/v1/ingest", {"urls": ["https://example.com/"] * 1001}, "body.urls"),
        ("/v1/ingest", {"urls": ["https://example.com/" + "x" * 4000]}, "body.urls"),
        ("/v1/ingest", {"paths": ["/x" * 2001]}, "body.paths"),
        ("/v1/documents/remove", {"document_ids": ["x"] * 1001}, "body.document_ids"),
        ("/v1/chats", {"title": "x" * 2001}, "body.title"),
        ("/v1/chats", {"title": ""}, "body.title"),
        ("/v1/evaluations", {"questions": [{}] * 10_001}, "body.questions"),
        ("/v1/evaluations", {"questions": [{}], "limit": 0}, "body.limit"),
        ("/openai/v1/chat/completions", {"messages": [TURN] * 201}, "body.messages"),
        ("/openai/v1/responses", {"input": [TURN] * 201}, "body.input"),
        ("/openai/v1/embeddings", {"input": ["x"] * 513}, "body.input"),
    ],
)
def test_a_body_beyond_its_limits_is_refused(http: TestClient, path: str, body: dict[str, Any], where: str) -> None:
    reply = http.post(path, json=body)
    assert reply.status_code == 422 and where in reply.json()["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/documents?limit=1001",
        "/v1/documents?limit=0",
        f"/v1/documents?collection={'x' * 201}",
        f"/v1/documents?after={'x' * 9001}",
        "/v1/chats?limit=1001",
        f"/v1/chats?words={'x' * 1001}",
        "/v1/documents/x/pages/1?width=3001",
        "/v1/documents/x/pages/1?width=99",
        "/v1/documents/x/text?start=-1",
    ],
)
def test_an_address_beyond_its_limits_is_refused(http: TestClient, path: str) -> None:
    assert http.get(path).status_code == 422


def test_a_key_of_a_repeated_request_has_a_length(http: TestClient) -> None:
    reply = http.post("/v1/ask", json={"question": QUESTION}, headers={"Idempotency-Key": "x" * 201})
    assert reply.status_code == 422


def test_an_upload_has_so_many_files(http: TestClient) -> None:
    files = [("files", (f"{number}.txt", b"x")) for number in range(MOST_FILES + 1)]
    reply = http.post("/v1/documents", files=files)
    assert reply.status_code == 400 and "1000" in reply.json()["detail"]


def test_a_body_that_does_not_come_is_not_waited_for(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.server.app.BodyLimit", partial(BodyLimit, silence=0.2))
    head = "POST /v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n"
    with served(create_app(engine)) as url:
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=20) as line:
            line.sendall(f'{head}{{"question": '.encode())
            assert line.recv(100).startswith(b"HTTP/1.1 408")
        asked = httpx.post(f"{url}/v1/ask", json={"question": QUESTION}, trust_env=False, timeout=30)
        assert asked.status_code == 200, "an answer may take longer than that"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/chats", b'{"title": "\\ud800"}'),
        ("POST", "/v1/ask", b'{"question": "\\ud800 rooms?"}'),
        ("POST", "/openai/v1/responses", b'{"model": "\\ud800", "input": "\\ud800 rooms?"}'),
        ("POST", "/openai/v1/chat/completions", b'{"model": "\\ud8", "messages": []}'),
    ],
)
def test_halves_of_characters_break_nothing(http: TestClient, method: str, path: str, body: bytes) -> None:
    reply = http.request(method, path, content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code < 500 and "\ud800" not in reply.text


def test_only_so_many_questions_wait(opened: Callable[..., Engine]) -> None:
    with within(create_app(opened(answers=1, waiting=0))) as http:
        slots = http.app.state.service.slots  # type: ignore[attr-defined]

        async def taken() -> int:
            async with slots.one():
                with pytest.raises(BusyError) as refused:
                    async with slots.one():
                        pass
                return int(refused.value.retry_after)

        assert http.portal is not None and http.portal.call(taken) >= 1
        assert slots.taken == slots.waiting == 0


def test_only_so_many_jobs_wait_and_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_QUEUED", 2)
    monkeypatch.setattr(jobs, "MOST_KEPT", 2)
    there, go = Jobs(), threading.Event()
    for _ in range(2):
        there.start("ingest", lambda _: {"ok": go.wait(10)})
    with pytest.raises(BusyError, match="2 jobs wait"):
        there.start("ingest", lambda _: {})
    go.set()
    until(lambda: all(job.over for job in there.list()))
    for _ in range(3):
        last = there.start("ingest", lambda _: {})
        until(lambda: all(job.over for job in there.list()))
    assert len(there.list()) <= 3 and there.list()[0].id == last.id
    there.close()


async def test_repeated_requests_are_remembered_for_so_long_and_so_many() -> None:
    now, done = [0.0], list[str]()
    repeats = Repeats(most=2, seconds=100, clock=lambda: now[0])

    async def ask(key: str) -> object:
        async def work() -> object:
            done.append(key)
            return key

        return await repeats.once("anna", key, "print", work)

    for key in ("a", "a", "b"):
        await ask(key)
    assert done == ["a", "b"]
    now[0] = 101
    await ask("a")
    assert done == ["a", "b", "a"], "after a day it is a new one"
    for key in ("c", "d", "e", "a"):
        await ask(key)
    assert done[-1] == "a", "the oldest made room"
