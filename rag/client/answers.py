"""How a server's answers are read: results, errors as the classes they were, events, and when to try again."""

from __future__ import annotations

import json
from typing import Any, TypeVar

import httpx

from rag import errors, wire
from rag.client.calls import Call, Job
from rag.errors import BusyError, RagError, ServerError, ServerUnreachableError, UsageError
from rag.types import AnswerEvent, IngestReport

T = TypeVar("T")

TYPE = "urn:footnote:error:"


def result(call: Call[T], reply: httpx.Response) -> T:
    """Return what a server's answer says.

    Raises:
        RagError: the error that the server tells of, as the class that it has there.
        ServerError: what answers is no Footnote server.
    """
    if reply.is_error:
        told = _json(reply)
        if reply.status_code == 404 and not _names_error(told):
            raise _nowhere(reply)
        raise error_of(told, reply.status_code, reply.headers)
    try:
        return call.read(reply if call.raw else _json(reply) if reply.content else None)
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise _foreign(reply) from fault


def _json(reply: httpx.Response) -> Any:
    try:
        return reply.json()
    except ValueError as fault:
        if reply.is_error:
            return None
        raise _foreign(reply) from fault


def _names_error(told: Any) -> bool:
    """Say whether a problem is one of the engine, not of the address."""
    return isinstance(told, dict) and hasattr(errors, str(told.get("type", "")).removeprefix(TYPE))


def _nowhere(reply: httpx.Response) -> UsageError:
    url = reply.request.url
    server = f"{url.scheme}://{url.netloc.decode()}"
    return UsageError(
        f"There is nothing at {server}{url.path} (404); correct the client's address or RAG_URL, which for a server "
        f"without a path of its own is {server} alone."
    )


def _foreign(reply: httpx.Response) -> ServerError:
    where = reply.request.url
    return ServerError(
        f"What answers at {where.scheme}://{where.netloc.decode()} is no Footnote server of this version; "
        "check RAG_URL."
    )


def error_of(told: Any, status: int, headers: httpx.Headers | None = None) -> RagError:
    """Return a problem (RFC 9457) as the error it was."""
    if not isinstance(told, dict) or not isinstance(told.get("detail"), str):
        return ServerError(f"The server answered with status {status} and no reason; is RAG_URL a Footnote server?")
    name, detail = str(told.get("type", "")).removeprefix(TYPE), told["detail"]
    kind = getattr(errors, name, None)
    if kind is errors.AccessError:
        return errors.AccessError(detail, known=status == 403)
    if kind is BusyError or status == 429:
        return BusyError(detail, wait_of(told, headers))
    if isinstance(kind, type) and issubclass(kind, RagError):
        return kind(detail)
    return UsageError(detail) if status in {400, 404, 405, 413, 415, 422} else ServerError(detail)


def wait_of(told: Any, headers: httpx.Headers | None) -> float:
    """Return the seconds after which a server wants to be asked again."""
    given = told.get("retry_after") if isinstance(told, dict) else None
    if given is None and headers is not None:
        given = headers.get("retry-after")
    try:
        return min(60.0, max(0.05, float(str(given))))
    except ValueError:
        return 1.0


def pause(number: int, retries: int, call: Call[Any], failure: httpx.HTTPError | httpx.Response) -> float | None:
    """Return the seconds until the next try, or None when there is to be none.

    A server that is busy has done nothing, and one that could not be connected to, either; any other failure is tried
    again only where that does nothing twice.
    """
    if number >= retries:
        return None
    if isinstance(failure, httpx.Response):
        busy = failure.status_code in {429, 503} and "retry-after" in failure.headers
        return wait_of(None, failure.headers) if busy else None
    unsent = isinstance(failure, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
    again = unsent or (call.safe and not isinstance(failure, httpx.ReadTimeout))
    return 0.2 * 2**number if again else None


def unreachable(url: str, failure: httpx.HTTPError) -> ServerUnreachableError:
    """Return the sentence for a server that doesn't answer."""
    if isinstance(failure, httpx.ReadTimeout | httpx.WriteTimeout):
        return ServerUnreachableError(f"The server at {url} was silent for too long; try again or raise RAG_TIMEOUT.")
    reason = str(failure) or type(failure).__name__
    return ServerUnreachableError(f"No answer from {url} ({reason}); start `rag serve` there or correct RAG_URL.")


class Lines:
    """Server-sent events from lines: `feed` each line, get an event where one is complete."""

    def __init__(self) -> None:
        self._name = ""
        self._data: list[str] = []

    def feed(self, line: str) -> AnswerEvent | None:
        """Return the event that this line completes.

        Raises:
            RagError: the event tells of a failure.
        """
        if line:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "event":
                self._name = value
            elif name == "data":
                self._data.append(value)
            return None
        name, data = self._name, "\n".join(self._data)
        self._name, self._data = "", []
        if not data:
            return None
        try:
            value = json.loads(data)
            if name != "error":
                # An event of a newer server is none that we need.
                return wire.read(wire.EVENTS[name], value) if name in wire.EVENTS else None
        except ValueError as fault:
            raise ServerError("The server sent an event that can't be read; is it of another version?") from fault
        raise error_of(value, int(value.get("status", 500)))


def finished(job: Job) -> dict[str, Any]:
    """Return the result of a job that is over.

    Raises:
        RagError: it failed or was cancelled.
    """
    if job.result is not None:
        return job.result
    raise error_of(job.error, int((job.error or {}).get("status", 500)))


def report_of(job: Job) -> IngestReport:
    """Return the report of a job that read documents; errors as for `finished`."""
    return wire.read(IngestReport, finished(job))
