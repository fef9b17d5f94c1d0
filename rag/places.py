"""Where in its file a sentence stands, in the words a person would use to find it there."""

from __future__ import annotations

from bisect import bisect_right

from vectorstore.store import DocumentRecord, PassageRecord

LINED = ("text/plain", "text/markdown")
"""Files whose own lines are those of their text; a person who opens a Word file finds no line 212 in it."""
HEADING = 60
"""Characters of a section's heading that are shown."""
BETWEEN = " – "
"""Stands between headings that follow each other."""
WITHIN = 4
"""Places that may lie within each other: a slide, and the rows of a table on it."""


def place_of(document: DocumentRecord, passage: PassageRecord, start: int) -> str:
    """Return the named part that a sentence at `start` is in, else its page, its section or its line.

    "slide 4", "Sheet1!A7:C7", "§ Methods › Data", "p. 12", "line 7"; "§ Methods, line 7" where the file has both.
    Nothing where its only heading is the title, as in a mail: a line of what was read of it nobody finds there.
    """
    lined = document.media_type in LINED
    line = f"line {document.text.count(chr(10), 0, start) + 1}"
    after = bisect_right(document.places, start, key=lambda place: place[0])
    for first, last, label in reversed(document.places[max(0, after - WITHIN) : after]):
        if first <= start < last:
            return f"{label}, {line}" if lined else label
    if passage.page:
        return f"p. {passage.page}"
    if passage.heading and not lined:
        heading = _untitled(passage.heading, document.title)
        shown = heading if len(heading) <= HEADING else f"{heading[:HEADING].rstrip()}…"
        return f"§ {shown}" if shown else ""
    return line


def _untitled(heading: str, title: str) -> str:
    """Return a heading without the document's title, which is shown beside it; "" where it is nothing else."""
    if heading.casefold() == title.casefold():
        return ""
    return heading[len(title) + len(BETWEEN) :] if title and heading.startswith(title + BETWEEN) else heading
