"""Requests and the stages of answers as OpenTelemetry spans, by its conventions for generative AI. Off by default.

No span has a question, a text, a name of a file or a key in it: what is said is how long, how many, and of which kind.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rag import __version__
from rag.errors import SettingsError
from rag.types import Answer, AnswerEvent, Done, Retrieved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

    from rag.config import Settings

_PROVIDERS = {"embedded": "llama_cpp", "gguf": "llama_cpp", "hf": "llama_cpp", "http": "openai_compatible"}
_SECOND = 1_000_000_000
current: ContextVar[Span | None] = ContextVar("request_span", default=None)
"""The span of the request that is being answered here."""


@dataclass
class Course:
    """How an answer went, in nanoseconds of the clock; what did not happen is 0."""

    collection: str
    begun: int = field(default_factory=time.time_ns)
    slot: int = 0
    """It has its turn."""
    retrieved: int = 0
    evidence: int = 0
    answer: Answer | None = None
    error: str = ""
    """Class of what ended it before its end."""

    def saw(self, event: AnswerEvent) -> None:
        """Note an event."""
        if isinstance(event, Retrieved):
            self.retrieved, self.evidence = time.time_ns(), len(event.evidence)
        elif isinstance(event, Done):
            self.answer = event.answer


class Traces:
    """Where spans go. `llm` is the setting, which says whose model writes."""

    def __init__(self, provider: TracerProvider, llm: str) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("footnote", __version__)
        kind, _, model = llm.partition(":")
        self._provider_name = _PROVIDERS.get(kind.removesuffix("s"), kind)
        # Of the path of a file only its end.
        self._model = model.rpartition("#")[2].replace("\\", "/").rpartition("/")[2]

    def request(self, method: str, headers: Mapping[str, str]) -> Span:
        """Begin the span of a request, in the trace that the caller names (`traceparent`)."""
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        caller = TraceContextTextMapPropagator().extract(dict(headers))
        attributes = {"http.request.method": method}
        return self._tracer.start_span(method, caller, kind=SpanKind.SERVER, attributes=attributes)

    def ended(self, span: Span, method: str, route: str, status: int, request_id: str) -> None:
        """End the span of a request."""
        span.update_name(f"{method} {route}")
        span.set_attributes(
            {"http.route": route, "http.response.status_code": status, "footnote.request.id": request_id}
        )
        if status >= 500:
            self._fail(span, str(status))
        span.end()

    def answered(self, course: Course) -> None:
        """Make the spans of an answer and its stages, now that it is over."""
        end = time.time_ns()
        answer, spent = course.answer, course.answer.timings if course.answer else None
        whole = self._span("answer", current.get(), course.begun, {
            "gen_ai.operation.name": "invoke_workflow",
            "gen_ai.workflow.name": "footnote.answer",
            "gen_ai.data_source.id": course.collection,
            **(_facts(answer) if answer else {}),
        })  # fmt: skip
        if course.slot:
            self._span("wait", whole, course.begun, {}).end(course.slot)
        searched = course.slot + int((spent.understand if spent else 0) * _SECOND)
        if spent and spent.understand:
            self._span("understand", whole, course.slot, {}).end(searched)
        if course.retrieved:
            where = {"gen_ai.data_source.id": course.collection, "footnote.evidence.count": course.evidence}
            name = {"gen_ai.operation.name": "retrieval"}
            self._span(f"retrieval {course.collection}", whole, searched, name | where).end(course.retrieved)
            self._chat(whole, course, end)
        if course.error:
            self._fail(whole, course.error)
        whole.end(end)

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()

    def _chat(self, whole: Span, course: Course, end: int) -> None:
        """Make the span of the model, if it was asked; of an answer that broke off it is not known what it cost."""
        from opentelemetry.trace import SpanKind

        answer = course.answer
        if self._provider_name == "none" or (answer and not answer.usage.completion_tokens):
            return
        attributes: dict[str, Any] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": self._provider_name,
            "gen_ai.request.model": self._model,
            "gen_ai.output.type": "text",
        }
        if answer:
            usage, before = answer.usage, answer.timings.understand + answer.timings.retrieve
            attributes |= {
                "gen_ai.response.model": answer.model,
                "gen_ai.usage.input_tokens": usage.prompt_tokens,
                "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens,
                "gen_ai.usage.output_tokens": usage.completion_tokens,
                "gen_ai.response.time_to_first_chunk": max(0.0, answer.timings.first_token - before),
            }
        span = self._span(f"chat {self._model}", whole, course.retrieved, attributes, SpanKind.CLIENT)
        if course.error:
            self._fail(span, course.error)
        span.end(end)

    def _span(self, name: str, parent: Span | None, start: int, facts: dict[str, Any], kind: Any = None) -> Span:
        from opentelemetry.trace import SpanKind, set_span_in_context

        context = set_span_in_context(parent) if parent is not None else None
        return self._tracer.start_span(
            name, context, kind=kind or SpanKind.INTERNAL, attributes=facts, start_time=start
        )

    @staticmethod
    def _fail(span: Span, kind: str) -> None:
        from opentelemetry.trace import StatusCode

        span.set_attribute("error.type", kind)
        span.set_status(StatusCode.ERROR)


def _facts(answer: Answer) -> dict[str, Any]:
    return {
        "footnote.answer.status": answer.status,
        "footnote.answer.claims": len(answer.claims),
        "footnote.answer.citations": len(answer.citations),
        "footnote.answer.withheld": len(answer.withheld),
        "footnote.check.seconds": answer.timings.check,
    }


def open_traces(settings: Settings) -> Traces | None:
    """Return traces that go where the setting `traces` says; None where it says nothing.

    Raises:
        SettingsError: the extra `otel` is not installed.
    """
    if settings.traces is None:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise SettingsError(
            "Setting traces (RAG_TRACES) needs OpenTelemetry; install it with `pip install 'footnote-rag[otel]'`."
        ) from error
    provider = TracerProvider(resource=Resource.create({"service.name": "footnote", "service.version": __version__}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.traces)))
    return Traces(provider, settings.llm)
