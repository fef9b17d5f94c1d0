"""Spans of requests and stages, by the conventions, without a word of what was asked or read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes

from rag.engine import Engine
from rag.server import create_app
from rag.server.keys import Keys
from rag.server.traces import Traces
from tests.fakes.library import FILES, QUESTION
from tests.fakes.openai_server import Reply, ScriptedServer, Status
from tests.server.conftest import within

SAID = "Treasury Secretary Janet Yellen might visit Beijing in July."
CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def model() -> Iterator[ScriptedServer]:
    with ScriptedServer(lambda request: Reply(SAID) if "Blinken?" in request.prompt else Status(401)) as model:
        yield model


@pytest.fixture
def traced(
    opened: Callable[..., Engine], model: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[TestClient, InMemorySpanExporter]]:
    """A server whose spans stay in memory."""
    spans, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    engine = opened(llm=model.llm, retries=0)
    monkeypatch.setattr("rag.server.service.open_traces", lambda settings: Traces(provider, settings.llm))
    with within(create_app(engine)) as http:
        yield http, spans


def named(spans: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in spans.get_finished_spans()}


@pytest.mark.parametrize("route", ["ask", "ask/stream"])
def test_an_answer_has_a_span_a_stage_in_the_callers_trace(
    traced: tuple[TestClient, InMemorySpanExporter], route: str
) -> None:
    http, spans = traced
    http.post(f"/v1/{route}", json={"question": QUESTION}, headers={"traceparent": CALLER, "X-Request-ID": "mine"})
    found = named(spans)
    assert set(found) == {f"POST /v1/{route}", "answer", "wait", "retrieval default", "chat scripted"} | (
        {"understand"} & set(found)
    )
    request, answer = found[f"POST /v1/{route}"], found["answer"]
    assert {f"{span.context.trace_id:x}" for span in found.values()} == {"af7651916cd43dd8448eb211c80319c"}
    assert request.parent is not None and f"{request.parent.span_id:x}" == "b7ad6b7169203331"
    assert answer.parent is not None and answer.parent.span_id == request.context.span_id
    assert request.attributes is not None and request.attributes["footnote.request.id"] == "mine"
    for name in ("wait", "retrieval default", "chat scripted"):
        part = found[name]
        assert part.parent is not None and part.parent.span_id == answer.context.span_id
        assert answer.start_time <= part.start_time <= part.end_time <= answer.end_time, name  # type: ignore[operator]
    told = dict(found["chat scripted"].attributes or {})
    assert told["gen_ai.operation.name"] == "chat" and told["gen_ai.provider.name"] == "openai_compatible"
    assert (told["gen_ai.usage.input_tokens"], told["gen_ai.usage.output_tokens"]) == (10, 3)
    assert answer.attributes is not None and answer.attributes["footnote.answer.status"] == "answered"


def test_every_name_of_generative_ai_is_one_of_the_conventions(
    traced: tuple[TestClient, InMemorySpanExporter],
) -> None:
    http, spans = traced
    http.post("/v1/ask", json={"question": QUESTION})
    known = {value for name, value in vars(gen_ai_attributes).items() if name.startswith("GEN_AI_")}
    used = {name for span in spans.get_finished_spans() for name in span.attributes or {} if name.startswith("gen_ai")}
    assert used and used <= known


def test_no_span_has_a_word_of_the_documents_the_question_or_a_key(
    traced: tuple[TestClient, InMemorySpanExporter], opened: Callable[..., Engine]
) -> None:
    http, spans = traced
    key = Keys(http.app.state.service.settings.home).add("anna", "read")  # type: ignore[attr-defined]
    headers = {"Authorization": f"Bearer {key}"}
    http.post("/v1/ask", json={"question": QUESTION}, headers=headers)
    http.post("/v1/ask", json={"question": "What does Yellen bake in Paris, Blinken or Raimondo?!"}, headers=headers)
    documents = http.get("/v1/documents", headers=headers).json()["documents"]
    http.get(f"/v1/documents/{documents[0]['id']}", headers=headers)
    told = json.dumps([json.loads(span.to_json()) for span in spans.get_finished_spans()])
    secrets = {key, "Blinken", "Yellen", "Raimondo", "Paris", documents[0]["id"], documents[0]["uri"], *FILES}
    assert len(spans.get_finished_spans()) > 5 and [word for word in secrets if word in told] == []


def test_a_failure_is_marked_with_its_class(traced: tuple[TestClient, InMemorySpanExporter]) -> None:
    http, spans = traced
    assert http.post("/v1/ask", json={"question": "Who might visit Beijing after Blinken, in July"}).status_code == 502
    answer = named(spans)["answer"]
    assert answer.attributes is not None and answer.attributes["error.type"] == "LLMAuthError"
    assert not answer.status.is_ok and named(spans)["POST /v1/ask"].attributes["error.type"] == "502"  # type: ignore[index]


def test_nothing_is_traced_unless_a_setting_says_where_to(http: TestClient, opened: Callable[..., Engine]) -> None:
    assert http.app.state.service.traces is None  # type: ignore[attr-defined]
    traces = create_app(opened(traces="http://127.0.0.1:9/v1/traces")).state.service.traces
    assert traces is not None
    traces.close()
