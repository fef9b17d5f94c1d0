"""What a reader makes of a file."""

from __future__ import annotations

from dataclasses import dataclass

from rag.types import Span


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file's text and what the file says about itself; empty or None where it says nothing."""

    text: str
    title: str = ""
    media_type: str = "text/plain"
    published_at: str | None = None
    author: str | None = None
    pages: tuple[Span, ...] = ()
