"""Where in its file a sentence stands, in the words a person would use to find it there."""

from __future__ import annotations

from bisect import bisect_right

from vectorstore.store import DocumentRecord, PassageRecord

LINED = ("text/plain", "text/markdown")
"""Files whose own lines are those of their text; a person who opens a Word file finds no line 212 in it."""
HEADING = 60
"""Characters of a section's heading that are shown."""
WITHIN = 4
"""Places that may lie within each other: a slide, and the rows of a table on it."""


def place_of(document: DocumentRecord, passage: PassageRecord, start: int) -> str:
    """Return the named part that a sentence at `start` is in, else its page, its section or its line.

    "slide 4", "Sheet1!A7:C7", "§ Methods › Data", "p. 12", "line 7"; "§ Methods, line 7" where the file has both.
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
        shown = passage.heading if len(passage.heading) <= HEADING else f"{passage.heading[:HEADING].rstrip()}…"
        return f"§ {shown}"
    return line
