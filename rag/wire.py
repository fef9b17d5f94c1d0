"""Answers, events and reports to JSON and back: the same on the server's side and on the client's."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import asdict
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

from rag.types import AnswerEvent, Done, Retrieved, Sentence, Understood

T = TypeVar("T")

EVENTS: dict[str, type[AnswerEvent]] = {
    "understood": Understood,
    "retrieved": Retrieved,
    "sentence": Sentence,
    "done": Done,
}
_NAMES = {kind: name for name, kind in EVENTS.items()}


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast(Any, kind))


def read(kind: type[T], data: object) -> T:
    """Return the dataclass that `asdict` made `data` of; fields of a newer version are left out.

    Raises:
        ValueError: it is something else.
    """
    result: T = _adapter(cast(Hashable, kind)).validate_python(data)
    return result


def name_of(event: AnswerEvent) -> str:
    """Return the name that an event has on the wire."""
    return _NAMES[type(event)]


def event_to_dict(event: AnswerEvent) -> dict[str, Any]:
    """Return plain lists, dicts and scalars; `read(EVENTS[name_of(event)], …)` is the inverse."""
    return asdict(event)
