"""A document beside the chat: the part of its text around a quote, cut into pieces so that the quote can be marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rag.types import Document, Span
from rag.ui.view import safe

WINDOW = 20_000
"""Characters that are sent at once; a document may be one line of ten million."""
BEFORE = 6_000

Whereabouts = Literal["there", "moved", "gone"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A quote to be marked in a document: its number, or 0 for a passage without one."""

    number: int
    span: Span


def located(text: str, quote: str, start: int, end: int) -> tuple[Whereabouts, Span | None]:
    """Find a quote in a document that may have changed since: where it was, else nearest to that, else nowhere."""
    if text[start:end] == quote:
        return "there", Span(start, end)
    after, before = text.find(quote, start), text.rfind(quote, 0, start + len(quote))
    found = [place for place in (after, before) if place >= 0]
    if not quote or not found:
        return "gone", None
    place = min(found, key=lambda candidate: abs(candidate - start))
    return "moved", Span(place, place + len(quote))


def window(document: Document, marks: Sequence[Mark], begin: int) -> dict[str, Any]:
    """Return WINDOW characters of a document from `begin`, with the marks that lie in them.

    `segments` are the text in order, each with the number of the quote it belongs to (0 a passage without a number,
    None no quote); joined they are the window. `page` is the number of the page the window begins on, where there are.
    """
    text = document.text
    begin = max(0, min(begin, len(text)))
    end = min(len(text), begin + WINDOW)
    return {
        "begin": begin,
        "end": end,
        "characters": len(text),
        "segments": _segments(text, begin, end, marks),
        "page": page_of(document, begin),
    }


def around(document: Document, span: Span | None) -> int:
    """Return where a window has to begin to have the span in it, at the beginning of a line if one is near."""
    if span is None or span.end <= WINDOW // 2:
        return 0
    begin = max(0, span.start - BEFORE)
    line = document.text.find("\n", begin, span.start)
    return line + 1 if line >= 0 else begin


def page_of(document: Document, place: int) -> int | None:
    """Return the number of the page on which a character stands, counted from 1."""
    found = [number for number, page in enumerate(document.pages, 1) if page.start <= place]
    return found[-1] if found else None


def _segments(text: str, begin: int, end: int, marks: Sequence[Mark]) -> list[dict[str, Any]]:
    segments: list[dict[str, Any]] = []
    place = begin
    for mark in sorted(marks, key=lambda one: (one.span.start, one.span.end)):
        start, stop = max(place, mark.span.start), min(end, mark.span.end)
        if start >= stop:
            continue
        if start > place:
            segments.append({"text": safe(text[place:start]), "number": None})
        segments.append({"text": safe(text[start:stop]), "number": mark.number})
        place = stop
    if place < end:
        segments.append({"text": safe(text[place:end]), "number": None})
    return segments
