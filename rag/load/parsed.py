"""What a reader gets and what it makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from rag.types import Place, Span


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read: its bytes, its name (which only says what kind it is), and what may be needed to open it."""

    data: bytes = field(repr=False)
    name: str
    passwords: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Member:
    """A file within a file: an attachment, a member of an archive. `problem` says why its bytes can't be had."""

    name: str
    data: bytes = field(default=b"", repr=False)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file's text and what the file says about itself; empty or None where it says nothing."""

    text: str
    title: str = ""
    media_type: str = "text/plain"
    published_at: str | None = None
    author: str | None = None
    pages: tuple[Span, ...] = ()
    places: tuple[Place, ...] = ()
    members: tuple[Member, ...] = ()
    """Documents of their own; a file that only holds others has no text."""
    note: str = ""
    """What could not be read of an otherwise readable file, as a clause: "page 3 is scanned"."""
