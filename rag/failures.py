"""What goes wrong on the wire to a model, as errors a person can act on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from rag.errors import (
    LLMAuthError,
    LLMConnectionError,
    LLMError,
    LLMRateLimitError,
    LLMResponseError,
    LLMTimeoutError,
    RagError,
)

LONGEST_WAIT = 30.0
"""Seconds of a server's Retry-After that are waited out; a longer one is told to the user instead."""
_DETAIL = 300


class BrokenReplyError(Exception):
    """The reply ended before it was whole, or is not of the protocol."""


class HungUpError(BrokenReplyError):
    """The reply ended without saying that it was at its end."""


# The SDK builds its objects without looking: what is not the protocol fails wherever it is first read.
_GARBAGE = (json.JSONDecodeError, UnicodeDecodeError, BrokenReplyError, AttributeError, TypeError, LookupError)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model answers, in the words of the settings, so that an error can say what to correct."""

    model: str
    url: str
    url_setting: str = "RAG_LLM"
    key_setting: str = "RAG_API_KEY"
    unknown_model: str = "name one it has in RAG_LLM"
    secret: str = ""
    """The key, which must not show up in a message even if the server repeats it."""

    @property
    def shown(self) -> str:
        """The address without user name, password and query; the model's name where the address isn't known."""
        if not self.url:
            return self.model
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{host}{parts.path}".rstrip("/")


@dataclass(frozen=True, slots=True)
class Failure:
    """An error to show, and whether the same call may work if it is made again after `wait` seconds."""

    error: RagError
    again: bool = False
    wait: float | None = None
    """Seconds the server asked for; None leaves it to the caller."""


def explain(error: Exception, at: Endpoint, *, timeout: float, started: bool) -> Failure:
    """Say what `error` means for the user; `started` tells that words of the answer had been shown before it."""
    import httpx

    kinds = _kinds(error)
    if isinstance(error, RagError):
        return Failure(error)
    if "APITimeoutError" in kinds or isinstance(error, httpx.TimeoutException):
        return Failure(_stalled(error, at, timeout, started), again=True)
    if "APIConnectionError" in kinds or isinstance(error, httpx.TransportError | HungUpError):
        return Failure(_unreachable(error, at, started), again=True)
    if "APIStatusError" in kinds:
        return _status(error, at)
    if "APIError" in kinds:
        return Failure(LLMResponseError(f"{at.shown} reports an error{_detail(error, at)}"), again=True)
    if at.url and isinstance(error, _GARBAGE):
        return Failure(_not_protocol(at))
    return Failure(LLMResponseError(f"{at.model} failed with {type(error).__name__}{_detail(error, at)}"))


def may_refuse_schema(error: Exception) -> bool:
    """Say whether an error may mean that the server can't hold a model to a schema: then it is worth a try without."""
    kinds, says = _kinds(error), str(error).lower()
    if "APIError" not in kinds or _too_long(error):
        return False
    if getattr(error, "status_code", 0) in (400, 422, 501):
        return True
    return any(word in says for word in ("response_format", "schema", "grammar", "unsupported param", "unknown param"))


def _kinds(error: Exception) -> set[str]:
    """Return the names of the error's classes: the SDKs of OpenAI, Anthropic and others share them, not the classes."""
    return {kind.__name__ for kind in type(error).__mro__}


def _stalled(error: Exception, at: Endpoint, timeout: float, started: bool) -> LLMError:
    import httpx

    if isinstance(error, httpx.ConnectTimeout) or isinstance(error.__cause__, httpx.ConnectTimeout):
        return LLMConnectionError(f"Nothing answers at {at.shown}; start it, or correct {at.url_setting}.")
    where = "in the middle of its answer, which is cut off" if started else "before the first word"
    return LLMTimeoutError(
        f"{at.model} at {at.shown} was silent for {timeout:g} s {where}; try again, or raise RAG_TIMEOUT."
    )


def _unreachable(error: Exception, at: Endpoint, started: bool) -> LLMError:
    import httpx

    if started:
        return LLMConnectionError(f"{at.shown} hung up in the middle of the answer, which is cut off; ask again.")
    cause = error.__cause__ or error
    if isinstance(cause, httpx.ConnectError):
        return LLMConnectionError(f"Nothing answers at {at.shown} ({cause}); start it, or correct {at.url_setting}.")
    return LLMConnectionError(f"{at.shown} hung up before the first word; try again, or correct {at.url_setting}.")


def _not_protocol(at: Endpoint) -> LLMError:
    return LLMResponseError(
        f"What {at.shown} answers is not the OpenAI protocol; check that {at.url_setting} names a model's address "
        "(most end in /v1)."
    )


def _status(error: Any, at: Endpoint) -> Failure:
    status: int = error.status_code
    if status in (401, 403):
        return Failure(
            LLMAuthError(f"{at.shown} refused the key for {at.model} ({status}); set {at.key_setting} to a valid one.")
        )
    if status == 404:
        return Failure(LLMResponseError(f"{at.shown} doesn't know the model {at.model} (404); {at.unknown_model}."))
    if status == 429:
        return _busy(error, at)
    detail = _detail(error, at)
    if status < 500 and _too_long(error):
        return Failure(
            LLMResponseError(
                f"The prompt is longer than {at.model} can read{detail} Ask a shorter question or lower "
                "RAG_EVIDENCE_TOKENS."
            )
        )
    return Failure(LLMResponseError(f"{at.shown} answered with status {status}{detail}"), again=status >= 500)


def _busy(error: Any, at: Endpoint) -> Failure:
    wait = retry_after(error.response.headers.get("retry-after"), datetime.now(UTC))
    when = "later" if wait is None else f"in {wait:.0f} s"
    failure = LLMRateLimitError(f"{at.shown} says: too many requests; try again {when}.")
    return Failure(failure, again=wait is None or wait <= LONGEST_WAIT, wait=wait)


def retry_after(header: str | None, now: datetime) -> float | None:
    """Return the seconds a Retry-After header asks for, whether it counts them or names a date; None if neither."""
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(header) - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _too_long(error: Exception) -> bool:
    text = str(error).lower()
    return "context" in text and any(word in text for word in ("exceed", "length", "size", "window"))


def _detail(error: Exception, at: Endpoint) -> str:
    """Return what the server said as the end of a sentence: one line, bounded, without the key."""
    line = " ".join(str(getattr(error, "message", error)).split())
    if at.secret:
        line = line.replace(at.secret, "(key)")
    line = line[:_DETAIL].rstrip(".")
    return f": {line}." if line else "."
