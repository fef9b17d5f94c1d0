"""What a reader gets and what it makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from unicodedata import is_normalized

from rag.mend import normalized
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


def composed(parsed: Parsed) -> Parsed:
    """Return what was read with each accent on its letter (Unicode's NFC), as people type it and nearly all files do.

    Else no word of a text whose accents stand beside their letters (NFD) would be the one that is asked for. By
    Unicode's rules it is the same text; pages and places stay around what they were around.
    """
    author = parsed.author and normalized(parsed.author)
    named = replace(parsed, title=normalized(parsed.title), author=author)
    if is_normalized("NFC", text := parsed.text):
        return named
    spans: tuple[Span | Place, ...] = (*parsed.pages, *parsed.places)
    edges = sorted({0, len(text), *(edge for span in spans for edge in (span.start, span.end))})
    pieces = [normalized(text[start:end]) for start, end in pairwise(edges)]
    moved = dict(zip(edges, accumulate(map(len, pieces), initial=0), strict=True))
    return replace(
        named,
        text="".join(pieces),
        pages=tuple(Span(moved[page.start], moved[page.end]) for page in parsed.pages),
        places=tuple(replace(place, start=moved[place.start], end=moved[place.end]) for place in parsed.places),
    )
