"""Sections of a text as places: under which headings a sentence stands, from the outermost to its own.

Readers set headings as Markdown does ("## "), so one rule serves Word, OpenDocument, web pages, books and markup alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rag.layout import front_matter, is_title
from rag.types import Place

SHOWN = 60
"""Characters of one heading that are shown."""
LONGEST = 500
"""Characters of a heading that are looked at."""
DEEPEST = 3
"""Headings of a path that are shown: its last ones."""
UNDERLINED = ("text/markdown",)
"""Where a line under another makes that one a heading; elsewhere it may be the rule of a table."""
BETWEEN = " › "
_LINE = re.compile(
    r"^(?:(?P<fence>`{3,}|~{3,})[^`\n]*|(?P<hashes>#{1,6})[ \t]+(?P<marked>\S.*)|"
    r"(?P<above>[^\s#>|].*)\n(?P<under>=+|-{2,})[ \t]*\r?)$",
    re.MULTILINE,
)
_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)")
_MARKS = re.compile(r"\*\*|__|`|(?<!\w)[*_]|[*_](?!\w)")
_UNSEEN = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_NUMBERED = re.compile(r"(?:\d{1,3}|[A-Z])(?:\.\d{1,3})+\.?\s")
"""A number that says by itself where the section is: "2.1 Data"."""


class _Heading(NamedTuple):
    start: int
    level: int
    title: str


def sections(text: str, media_type: str, places: Sequence[Place] = (), title: str = "") -> tuple[Place, ...]:
    """Return the places of a text with its sections among them.

    Args:
        text: with headings as Markdown has them.
        media_type: of its file.
        places: that the reader named, like chapters; each gets the sections in it, by its own name and theirs.
        title: of the whole, which names no section of a chapter. (Without chapters it may be the first heading's.)
    """
    found = list(_headings(text, media_type in UNDERLINED))
    if not places:
        return tuple(_labelled(found, len(text)))
    inner: list[Place] = []
    for place in places:
        within = [_untitled(heading, title) for heading in found if place.start <= heading.start < place.end]
        inner += _chapter(within, place)
    return tuple(sorted([*places, *inner], key=lambda place: (place.start, -place.end)))


def _headings(text: str, underlined: bool) -> Iterator[_Heading]:
    head = front_matter(text)
    fence = ""
    for match in _LINE.finditer(text, head.end if head else 0):
        if mark := match["fence"]:
            fence = "" if fence and mark.startswith(fence) else fence or mark[:3]
        elif fence:
            continue
        elif match["hashes"]:
            yield _Heading(match.start(), len(match["hashes"]), _plain(match["marked"]))
        elif underlined and is_title(match["above"].strip()):
            yield _Heading(match.start(), 1 if match["under"][0] == "=" else 2, _plain(match["above"]))


def _plain(title: str) -> str:
    words = _UNSEEN.sub("", title[:LONGEST]).strip().rstrip("#")
    return " ".join(_MARKS.sub("", _LINK.sub(r"\1", words)).split())


def _untitled(heading: _Heading, title: str) -> _Heading:
    return heading._replace(title="") if heading.title.casefold() == title.casefold() else heading


def _labelled(found: Sequence[_Heading], end: int) -> Iterator[Place]:
    """Yield the sections; what stands under the title of the whole alone is in none."""
    if found and found[0].level == 1 and sum(heading.level == 1 for heading in found) == 1:
        found = [found[0]._replace(title=""), *found[1:]]
    for start, stop, shown in _paths(found, end):
        if shown:
            yield Place(start, stop, f"§ {_shown(shown)}")


def _chapter(found: Sequence[_Heading], place: Place) -> Iterator[Place]:
    for start, stop, path in _paths(found, place.end):
        shown = [title for title in path if title[:SHOWN] not in place.label]
        yield Place(start, stop, BETWEEN.join([place.label, _shown(shown)]) if shown else place.label)


def _paths(found: Sequence[_Heading], end: int) -> Iterator[tuple[int, int, list[str]]]:
    """Yield each section's start, its end, and the headings that it stands under."""
    path: list[_Heading] = []
    for index, heading in enumerate(found):
        while path and path[-1].level >= heading.level:
            path.pop()
        path.append(heading)
        stop = found[index + 1].start if index + 1 < len(found) else end
        yield heading.start, stop, [one.title for one in path if one.title]


def _shown(path: Sequence[str]) -> str:
    if _NUMBERED.match(path[-1]):
        path = path[-1:]
    names = [title if len(title) <= SHOWN else f"{title[:SHOWN].rstrip()}…" for title in path]
    return BETWEEN.join(names if len(names) <= DEEPEST else ["…", *names[-DEEPEST:]])
