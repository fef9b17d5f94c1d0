"""Asking over HTTP: the same answers, events and sentences of errors as in process."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from rag import wire
from rag.engine import Engine
from rag.server import create_app
from rag.types import Answer, Done
from tests.fakes.library import QUESTION, ROOMS, ROOMS_QUESTION, YELLEN
from tests.fakes.openai_server import Reply, ScriptedServer, Stall, Status
from tests.fakes.serving import served, until
from tests.server.conftest import within


def same(answer: dict[str, Any]) -> dict[str, Any]:
    """What of an answer is the same each time it is given."""
    return {name: value for name, value in answer.items() if name not in {"id", "timings"}}


def events(text: str) -> list[tuple[str, Any]]:
    blocks = [block.split("\n") for block in text.strip().split("\n\n") if not block.startswith(":")]
    return [(b[0].removeprefix("event: "), json.loads(b[1].removeprefix("data: "))) for b in blocks]


def test_an_answer_is_the_one_of_the_engine(http: TestClient, engine: Engine) -> None:
    reply = http.post("/v1/ask", json={"question": ROOMS_QUESTION})
    expected = json.loads(json.dumps(engine.ask(ROOMS_QUESTION).to_dict()))
    assert reply.status_code == 200 and same(reply.json()) == same(expected)
    assert ROOMS in {quote["quote"] for quote in reply.json()["citations"]}


def test_the_events_are_those_of_the_engine_in_the_same_order(http: TestClient, engine: Engine) -> None:
    reply = http.post("/v1/ask/stream", json={"question": QUESTION})
    assert reply.headers["content-type"].startswith("text/event-stream")
    came = [wire.read(wire.EVENTS[name], data) for name, data in events(reply.text)]
    expected = list(engine.stream(QUESTION))
    assert came[:-1] == expected[:-1]
    assert isinstance(came[-1], Done) and isinstance(expected[-1], Done)
    assert came[-1].answer.claims == expected[-1].answer.claims


def test_history_and_documents_narrow_the_question(http: TestClient, engine: Engine) -> None:
    history = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": YELLEN}]
    assert http.post("/v1/ask", json={"question": "and she?", "history": history}).json()["understood"] != "and she?"
    weather = next(document.id for document in engine.documents.list() if document.title == "Weather")
    reply = http.post("/v1/search", json={"question": QUESTION, "document_ids": [weather], "k": 2}).json()
    assert {one["document_id"] for one in reply["evidence"]} == {weather}


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({"question": " "}, 400, "The question is empty; type what you want to know."),
        ({"question": "x" * 8001}, 400, "RAG_QUESTION_CHARACTERS"),
        ({"question": "x", "collection": "work"}, 404, "There is no collection 'work' yet"),
        ({"question": "x", "document_ids": ["nope"]}, 404, "has no document 'nope'"),
        ({"question": "x", "colection": "work"}, 422, "body.colection"),
        ({"question": "x", "collection": "../etc"}, 422, "body.collection"),
        ({}, 422, "body.question"),
    ],
)
@pytest.mark.parametrize("route", ["ask", "ask/stream"])
def test_what_is_wrong_is_a_problem_with_the_sentence_of_the_command(
    http: TestClient, route: str, body: dict[str, Any], status: int, sentence: str
) -> None:
    reply = http.post(f"/v1/{route}", json=body)
    told = reply.json()
    assert (reply.status_code, told["status"]) == (status, status) and sentence in told["detail"]
    assert reply.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("act", "status", "kind"),
    [
        (Status(401), 502, "LLMAuthError"),
        (Status(429), 503, "LLMRateLimitError"),
        (Status(500), 502, "LLMResponseError"),
    ],
)
def test_a_model_that_fails_is_told(opened: Callable[..., Engine], act: Any, status: int, kind: str) -> None:
    with ScriptedServer(lambda _: act) as model, within(create_app(opened(llm=model.llm, retries=0))) as http:
        reply = http.post("/v1/ask", json={"question": QUESTION})
    assert reply.status_code == status and reply.json()["type"] == f"urn:footnote:error:{kind}"
    assert (status == 503) == ("retry-after" in reply.headers)


def test_a_failure_after_the_beginning_is_an_event(
    opened: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.server.streams.EARLY", 0.0)
    with (
        ScriptedServer(lambda _: Status(401)) as model,
        within(create_app(opened(llm=model.llm, retries=0))) as http,
    ):
        name, told = events(http.post("/v1/ask/stream", json={"question": QUESTION}).text)[-1]
    assert name == "error" and told["type"] == "urn:footnote:error:LLMAuthError"


@pytest.mark.parametrize("said", ["", "Treasury Secretary "], ids=["silent", "begun"])
@pytest.mark.parametrize("route", ["ask", "ask/stream"])
def test_hanging_up_stops_the_model_and_frees_its_slot_within_a_second(
    opened: Callable[..., Engine], route: str, said: str
) -> None:
    with ScriptedServer(lambda _: Stall(said)) as model:
        app = create_app(opened(llm=model.llm, answers=1, waiting=0))
        slots = app.state.service.slots
        with served(app) as url:
            with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as line:
                body = json.dumps({"question": QUESTION}).encode()
                head = f"POST /v1/{route} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                line.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
                until(lambda: model.requests and slots.taken)
                with httpx.Client(base_url=url, trust_env=False) as other:
                    busy = other.post("/v1/ask", json={"question": QUESTION})
                assert busy.status_code == 429 and int(busy.headers["retry-after"]) >= 1
                assert slots.taken and not model.left.is_set()
                hung_up = time.monotonic()
            until(lambda: not slots.taken)
            freed = time.monotonic() - hung_up
            assert model.left.wait(10), "the model's server is told, too"
    assert freed < 1.0 and len(model.requests) == 1, "and it is not asked again"


def test_a_question_that_waits_gets_its_turn(opened: Callable[..., Engine]) -> None:
    said = "Treasury Secretary Janet Yellen might visit Beijing in July."
    with (
        ScriptedServer(lambda _: Reply(said, pause=0.02)) as model,
        served(create_app(opened(llm=model.llm, answers=1, waiting=5))) as url,
    ):
        replies: list[httpx.Response] = []
        threads = [
            threading.Thread(target=lambda: replies.append(httpx.post(f"{url}/v1/ask", json={"question": QUESTION})))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [reply.status_code for reply in replies] == [200] * 4


def test_a_question_sent_twice_is_answered_once(http: TestClient) -> None:
    ask = {"json": {"question": QUESTION}, "headers": {"Idempotency-Key": "once"}}
    first, second = http.post("/v1/ask", **ask), http.post("/v1/ask", **ask)
    assert first.json() == second.json()
    other = http.post("/v1/ask", json={"question": "Who else?"}, headers={"Idempotency-Key": "once"})
    assert other.status_code == 422


def test_every_request_has_an_id_and_is_counted(http: TestClient) -> None:
    assert http.get("/v1/health", headers={"X-Request-ID": "mine-1"}).headers["x-request-id"] == "mine-1"
    forged = http.get("/v1/health", headers={"X-Request-ID": "a b{}"}).headers["x-request-id"]
    assert forged not in {"", "a b{}"}
    http.post("/v1/ask", json={"question": ROOMS_QUESTION})
    shown = http.get("/metrics").text
    assert 'footnote_requests_total{method="GET",route="/v1/health",status="200"} 2.0' in shown
    assert 'footnote_answers_total{status="answered"} 1.0' in shown


def test_the_log_has_no_question_and_no_key(http: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "rag.server"):
        http.post("/v1/ask", json={"question": "My secret Blinken question?"}, headers={"Authorization": "Bearer hush"})
    lines = [json.loads(record.message) for record in caplog.records if record.name == "rag.server"]
    assert lines and lines[0]["route"] == "/v1/ask" and lines[0]["caller"] == "local"
    assert "secret" not in caplog.text and "hush" not in caplog.text


def test_what_is_on_the_wire_is_what_was_sent(engine: Engine) -> None:
    answer = engine.ask(QUESTION)
    assert wire.read(Answer, json.loads(json.dumps(answer.to_dict()))) == answer
