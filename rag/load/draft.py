"""A text in the making: paragraphs, headings, rows and named places, set as the stages behind expect them.

Headings are marked as Markdown does ("## "), an empty line stands between paragraphs, " | " between the cells of a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rag.types import Place

_SPACE = re.compile(r"[^\S\n]+")
_ALL_SPACE = re.compile(r"\s+")


class Draft:
    """Collects the text of one document; `text()` and `places()` give what came together."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._last = ""
        self._places: list[Place] = []
        self._open: tuple[int, str] | None = None

    @property
    def length(self) -> int:
        """Characters so far."""
        return self._length

    def paragraph(self, text: str) -> None:
        """Add a paragraph; its line breaks stay, its other white space is one space each."""
        lines = [line for raw in text.splitlines() if (line := _SPACE.sub(" ", raw).strip())]
        self._add("\n".join(lines), "paragraph")

    def verbatim(self, text: str, language: str = "") -> None:
        """Add code between fences, unchanged."""
        if text.strip():
            fence = "~~~" if "```" in text else "```"
            self._add(f"{fence}{language}\n{text.strip(chr(10))}\n{fence}", "code")

    def heading(self, text: str, level: int = 2) -> None:
        """Add a heading; 1 is the document's title."""
        line = flat(text)
        if line:
            self._add(f"{'#' * min(max(level, 1), 6)} {line}", "heading")

    def item(self, text: str) -> None:
        """Add an item of a list."""
        line = flat(text)
        if line:
            self._add(f"- {line}", "item")

    def row(self, cells: Sequence[str], label: str = "") -> None:
        """Add a row of a table; `label` names its place."""
        line = row(cells)
        if line:
            start = self._add(line, "row")
            if label:
                self._places.append(Place(start, self._length, label))

    def rows(self, rows: Iterable[Sequence[str]]) -> None:
        """Add the rows of a table; a paragraph's edge stands before and behind."""
        self._last = "paragraph"
        for cells in rows:
            self.row(cells)
        self._last = "paragraph"

    def place(self, label: str) -> None:
        """Say that what comes from here on stands in another place; an empty label only ends the last one."""
        self._close()
        self._open = (self._length, label) if label else None

    def text(self) -> str:
        """Return the text."""
        return "".join(self._parts)

    def places(self) -> tuple[Place, ...]:
        """Return the named places in the order of their starts; an outer one comes before what it holds."""
        self._close()
        return tuple(sorted(self._places, key=lambda place: (place.start, -place.end)))

    def _add(self, text: str, kind: str) -> int:
        """Append a block; return where it starts."""
        if not text:
            return self._length
        if self._parts:
            self._append("\n" if kind == self._last and kind in {"item", "row"} else "\n\n")
        start = self._length
        self._append(text)
        self._last = kind
        return start

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)

    def _close(self) -> None:
        if self._open is not None and self._length > self._open[0]:
            start, label = self._open
            self._places.append(Place(start, self._length, label))
        self._open = None


def flat(text: str) -> str:
    """Return a text on one line."""
    return _ALL_SPACE.sub(" ", text).strip()


def row(cells: Sequence[str]) -> str:
    """Return a table row on one line, or "" where all cells are empty.

    A bar stands in front where there are fewer than three cells or the first is empty: by it the line is known as a
    row.
    """
    shown = [flat(cell).replace(" | ", " / ") for cell in cells]
    while shown and not shown[-1]:
        shown.pop()
    if not any(shown):
        return ""
    line = " | ".join(shown)
    return line if line.count(" | ") >= 2 and shown[0] else f"| {line} |"
