"""OpenDocument text, slides and sheets (OASIS ODF 1.3): paragraphs, headings, lists, tables, notes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rag.errors import DocumentError
from rag.load.dates import stated_date
from rag.load.draft import Draft, flat
from rag.load.package import Package, attribute, local
from rag.load.parsed import Parsed, Source
from rag.load.tables import Cells, sheet

SUFFIXES = (".odt", ".ott", ".odp", ".ods")
_SKIPPED = {"tracked-changes", "annotation-end", "sequence-decls", "bookmark"}
_REPEATS = 200
"""Cells or rows that are repeated more often than this are the empty rest of a sheet."""


def read(source: Source) -> Parsed:
    """Extract the text of an OpenDocument file: paragraphs of a text, slides, or rows of a sheet.

    Raises:
        DocumentError: it is no OpenDocument file, damaged, encrypted or without text.
    """
    package = Package(source, "OpenDocument")
    manifest = package.xml("META-INF/manifest.xml")
    if manifest is not None and any(local(element) == "encryption-data" for element in manifest.iter()):
        raise DocumentError(f"{source.name}: is encrypted with a password; save a copy without one.")
    root = package.xml("content.xml")
    if root is None:
        raise DocumentError(f"{source.name}: is no OpenDocument file or is damaged; open it and save it anew.")
    draft = Draft()
    _body(root, draft)
    if not draft.length:
        raise DocumentError(f"{source.name}: has no text.")
    facts = _facts(package)
    text = draft.text()
    return Parsed(
        text=text,
        title=facts.get("title", ""),
        media_type=package.read("mimetype").decode("ascii", "replace").strip()[:100] or "application/zip",
        published_at=stated_date(text),
        author=facts.get("creator") or facts.get("initial-creator") or None,
        places=draft.places(),
    )


def _facts(package: Package) -> dict[str, str]:
    root = package.xml("meta.xml")
    return {local(e): flat(e.text or "") for e in (root.iter() if root is not None else ()) if local(e)}


def _body(root: Any, draft: Draft) -> None:
    slides = 0
    spreadsheet = any(local(element) == "spreadsheet" for element in root.iter())
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        element, listed = stack.pop()
        name = local(element)
        if name in _SKIPPED:
            continue
        if name == "page":
            slides += 1
            draft.place(f"slide {slides}")
        if name == "h":
            draft.heading(_text(element), int(attribute(element, "outline-level") or 2))
        elif name == "p":
            (draft.item if listed else draft.paragraph)(_text(element))
            stack.extend((box, False) for box in reversed(list(_inside(element))))
        elif name == "table" and spreadsheet:
            sheet(draft, attribute(element, "name"), list(_rows(element)))
        elif name == "table":
            draft.rows([cells for _, cells in _rows(element)])
        else:
            stack.extend((child, listed or name == "list-item") for child in reversed(element))


def _inside(paragraph: Any) -> Iterator[Any]:
    """Yield the text boxes and notes of a paragraph."""
    stack = list(reversed(paragraph))
    while stack:
        element = stack.pop()
        if local(element) in {"text-box", "note-body", "annotation"}:
            yield element
        else:
            stack.extend(reversed(element))


def _text(element: Any) -> str:
    parts: list[str] = []
    _collect(element, parts)
    return "".join(parts)


def _collect(element: Any, parts: list[str]) -> None:
    parts.append(element.text or "")
    for child in element:
        name = local(child)
        if name == "s":
            parts.append(" ")
        elif name in {"tab", "line-break"}:
            parts.append("\t" if name == "tab" else "\n")
        elif name == "p":
            _collect(child, parts)
            parts.append(" ")
        elif name and name not in _SKIPPED | {"note", "annotation", "text-box"}:
            _collect(child, parts)
        parts.append(child.tail or "")


def _rows(table: Any) -> Iterator[tuple[int, Cells]]:
    number = 0
    for row in (element for element in table.iter() if local(element) == "table-row"):
        cells: list[str] = []
        for cell in row:
            if local(cell) not in {"table-cell", "covered-table-cell"}:
                continue
            repeated = int(attribute(cell, "number-columns-repeated") or 1)
            text = flat(" ".join(_text(p) for p in cell if local(p) in {"p", "h"}))
            cells += [text] * (repeated if repeated <= _REPEATS else 1)
        repeated = int(attribute(row, "number-rows-repeated") or 1)
        for copy in range(repeated if repeated <= _REPEATS else 1):
            yield number + copy + 1, cells
        number += repeated
