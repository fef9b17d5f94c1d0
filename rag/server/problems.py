"""Errors as problem details (RFC 9457), with the sentence that the command would print."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from rag import errors as e

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:footnote:error:"
"""Before the name of the class in rag.errors, the `type` of a problem."""
CLOSE = {"Connection": "close"}
"""Goes with a refusal that leaves a body unread: else the rest of it would be read to its end, however long it is."""
GONE = 499
"""What the log says of a client that hung up; nobody is there to read it."""

# The first that fits; what is not here is our own doing: 500.
_STATUS: tuple[tuple[type[e.RagError], int], ...] = (
    (e.PathError, 404),
    (e.QuestionError, 400),
    (e.UsageError, 400),
    (e.DocumentError, 400),
    (e.LLMTimeoutError, 504),
    (e.LLMRateLimitError, 503),
    (e.LLMError, 502),
    (e.ModelError, 503),
    (e.StoreBusyError, 503),
    (e.IndexUnavailableError, 503),
    (e.StoreWriteError, 507),
    (e.EmbeddingMismatchError, 409),
    (e.BusyError, 429),
    (e.CancelledError, 409),
)
_WAIT = {e.LLMRateLimitError: 5.0, e.StoreBusyError: 2.0, e.IndexUnavailableError: 5.0}


class RefusedError(e.RagError):
    """A request that is refused for a reason of HTTP alone, with its status."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def status_of(error: e.RagError) -> int:
    """Return the HTTP status that says what this error says."""
    if isinstance(error, RefusedError):
        return error.status
    if isinstance(error, e.AccessError):
        return 403 if error.known else 401
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def problem_of(error: Exception) -> dict[str, Any]:
    """Return the problem details of an error; of one that is a bug nothing is told but that it is one."""
    if not isinstance(error, e.RagError):
        return problem("InternalError", 500, "This is a bug in Footnote; the server's log has more of it.")
    wait = _retry_after(error)
    more = {} if wait is None else {"retry_after": wait}
    return problem(type(error).__name__, status_of(error), str(error)) | more


def problem(kind: str, status: int, detail: str) -> dict[str, Any]:
    """Return problem details with the members of RFC 9457."""
    try:
        title = HTTPStatus(status).phrase
    except ValueError:
        title = "Error"
    return {"type": TYPE + kind, "title": title, "status": status, "detail": detail}


def response_of(error: Exception) -> Response:
    """Return the answer that tells of an error."""
    told = problem_of(error)
    headers = {}
    if "retry_after" in told:
        headers["Retry-After"] = str(max(1, math.ceil(told["retry_after"])))
    if told["status"] == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="footnote"'
    return as_response(told, headers)


def as_response(told: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """Return problem details as an answer."""
    return JSONResponse(told, told["status"], headers, media_type=MEDIA_TYPE)


def add_handlers(app: FastAPI) -> None:
    """Let every error of `app` be told as a problem."""
    app.add_exception_handler(e.RagError, _rag_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _bug)


def _retry_after(error: e.RagError) -> float | None:
    if isinstance(error, e.BusyError):
        return error.retry_after
    return next((seconds for kind, seconds in _WAIT.items() if isinstance(error, kind)), None)


async def _rag_error(_: Request, error: Exception) -> Response:
    return response_of(error)


async def _bug(_: Request, error: Exception) -> Response:
    return response_of(error)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [
        {"where": ".".join(str(part) for part in fault["loc"]), "what": str(fault["msg"])} for fault in error.errors()
    ]
    detail = "; ".join(f"{fault['where']}: {fault['what']}" for fault in faults[:3]) + "."
    return as_response(problem("InvalidRequest", 422, detail) | {"errors": faults})


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = "".join(part.title() for part in HTTPStatus(error.status_code).name.split("_"))
    return as_response(problem(kind, error.status_code, f"{error.detail}."), dict(error.headers or {}))
