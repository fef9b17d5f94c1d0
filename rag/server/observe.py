"""What is seen of a running server: a line of JSON a request with its id, and metrics for Prometheus.

Neither has a question, a text, a name of a file or a key in it.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
from datetime import UTC, datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.server.limits import Slots
from rag.server.traces import Traces, current

LOG = logging.getLogger("rag.server")
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SECONDS = (0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120)


class Metrics:
    """Counters of one server, in a registry of their own."""

    def __init__(self, slots: Slots) -> None:
        self._registry = CollectorRegistry()
        names = ("method", "route", "status")
        self._requests = Counter("footnote_requests", "Requests answered.", names, registry=self._registry)
        self._seconds = Histogram(
            "footnote_request_seconds",
            "Seconds to the end of an answer.",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._first = Histogram(
            "footnote_first_event_seconds", "Seconds to the first event.", buckets=_SECONDS, registry=self._registry
        )
        self._answers = Counter("footnote_answers", "Answers by status.", ("status",), registry=self._registry)
        self._tokens = Counter("footnote_tokens", "Tokens read and written.", ("kind",), registry=self._registry)
        for name, meaning, count in (
            ("footnote_answers_in_progress", "Answers being written.", lambda: slots.taken),
            ("footnote_questions_waiting", "Questions that wait for their turn.", lambda: slots.waiting),
        ):
            Gauge(name, meaning, registry=self._registry).set_function(count)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def first_event(self, seconds: float) -> None:
        """Count how long somebody waited for a first event."""
        self._first.observe(seconds)

    def answer(self, status: str, prompt: int, completion: int) -> None:
        """Count an answer and its tokens."""
        self._answers.labels(status).inc()
        self._tokens.labels("prompt").inc(prompt)
        self._tokens.labels("completion").inc(completion)

    def shown(self) -> bytes:
        """Return all of them in Prometheus' text format."""
        return generate_latest(self._registry)


class Observed:
    """Middleware: gives each request an id, says it in `X-Request-ID`, logs and counts the request at its end."""

    def __init__(self, app: ASGIApp, metrics: Metrics, traces: Traces | None = None) -> None:
        self._app = app
        self._metrics = metrics
        self._traces = traces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and watch."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        # One that was sent could forge lines of the log.
        scope["request_id"] = request_id = given if _ID.fullmatch(given) else secrets.token_hex(8)
        began, status = time.perf_counter(), 0
        span = self._traces.request(_method(scope), Headers(scope=scope)) if self._traces else None
        current.set(span)

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                headers.setdefault("X-Content-Type-Options", "nosniff")
            await send(message)

        try:
            await self._app(scope, receive, observed)
        finally:
            seconds = time.perf_counter() - began
            route = getattr(scope.get("route"), "path", "other")
            method = _method(scope)
            self._metrics.request(method, route, status, seconds)
            log("request", id=request_id, method=method, route=route, status=status, caller=scope.get("caller", ""),
                seconds=round(seconds, 4))  # fmt: skip
            if self._traces and span is not None:
                self._traces.ended(span, method, route, status, request_id)


_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "OTHER"


def log(what: str, level: int = logging.INFO, **facts: Any) -> None:
    """Log one line of JSON."""
    if LOG.isEnabledFor(level):
        line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "what": what, **facts}
        LOG.log(level, json.dumps(line))


def log_bug(job_id: str, error: Exception) -> None:
    """Log what went wrong in a job, with its traceback."""
    LOG.error("job %s failed", job_id, exc_info=error)
