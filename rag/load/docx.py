"""Word documents, from their XML: paragraphs, headings, lists, tables, text boxes, notes and comments.

Read directly, because what a reader sees also stands where libraries don't look: in insertions that were not yet
accepted, in boxes and content controls. What was deleted but not yet accepted is not read. ECMA-376, part 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rag.errors import DocumentError
from rag.load.dates import stated_date
from rag.load.draft import Draft, flat
from rag.load.package import Package, attribute, local
from rag.load.parsed import Parsed, Source

SUFFIXES = (".docx", ".docm", ".dotx")
_SKIPPED = {
    "del",
    "moveFrom",
    "Fallback",
    "instrText",
    "delText",
    "sectPr",
    "rPr",
    "tblPr",
    "tcPr",
    "trPr",
    "delInstrText",
}
_NOTES = {"footnotes": "Footnote", "endnotes": "Endnote", "comments": "Comment"}


@dataclass(frozen=True, slots=True)
class _Styles:
    levels: dict[str, int]
    """Heading level by style id; 0 is the title."""


def read(source: Source) -> Parsed:
    """Extract the text of a Word document.

    Raises:
        DocumentError: it is no Word document, damaged, encrypted or without text.
    """
    package = Package(source, "Word")
    main = package.main("word/document.xml")
    root = package.xml(main)
    if root is None:
        raise DocumentError(f"{source.name}: is no Word document or is damaged; open it and save it anew.")
    draft = Draft()
    relations = package.relations(main)
    styles = _styles(package, relations)
    _body(root, draft, styles)
    for kind, name in dict.fromkeys(relations.values()):
        if kind in {"header", "footer"}:
            continue  # what runs along every page
        if kind in _NOTES:
            _notes(package.xml(name), draft, _NOTES[kind])
    if not draft.length:
        # A letterhead alone is still a text.
        for kind, name in dict.fromkeys(relations.values()):
            part = package.xml(name) if kind in {"header", "footer"} else None
            if part is not None:
                _body(part, draft, styles)
    if not draft.length:
        raise DocumentError(f"{source.name}: has no text.")
    facts = package.properties()
    text = draft.text()
    return Parsed(
        text=text,
        title=facts.get("title", "") or _title(root, styles),
        media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        published_at=stated_date(text),
        author=facts.get("creator") or None,
    )


def _styles(package: Package, relations: dict[str, tuple[str, str]]) -> _Styles:
    part = next((name for kind, name in relations.values() if kind == "styles"), "word/styles.xml")
    root = package.xml(part)
    levels: dict[str, int] = {}
    for style in root if root is not None else ():
        name = attribute(_child(style, "name"), "val").lower()
        outline = attribute(_child(_child(style, "pPr"), "outlineLvl"), "val")
        based = attribute(_child(style, "basedOn"), "val")
        if name == "title":
            level: int | None = 0
        elif name.startswith("heading ") and name[8:].isdigit():
            level = int(name[8:])
        elif outline.isdigit() and int(outline) < 9:
            level = int(outline) + 1
        else:
            level = levels.get(based) if based else None
        if level is not None:
            levels[attribute(style, "styleId")] = level
    return _Styles(levels)


def _child(element: Any, name: str) -> Any:
    if element is None:
        return None
    return next((child for child in element if local(child) == name), None)


def _title(root: Any, styles: _Styles) -> str:
    for paragraph in root.iter():
        if local(paragraph) == "p" and _level(paragraph, styles) in {0, 1}:
            title = flat("".join(_text(paragraph)))
            if title:
                return title
    return ""


def _body(root: Any, draft: Draft, styles: _Styles) -> None:
    """Add paragraphs and tables in order; what stands around them (content controls, boxes) is looked into."""
    stack = [root]
    while stack:
        element = stack.pop()
        name = local(element)
        if name in _SKIPPED:
            continue
        if name == "p":
            _paragraph(element, draft, styles)
            stack.extend(reversed(list(_boxes(element))))
        elif name == "tbl":
            draft.rows(list(_rows(element)))
        else:
            stack.extend(reversed(element))


def _paragraph(paragraph: Any, draft: Draft, styles: _Styles) -> None:
    text = "".join(_text(paragraph))
    level = _level(paragraph, styles)
    if level is not None and flat(text):
        draft.heading(text, max(level, 1))
    elif _child(_child(paragraph, "pPr"), "numPr") is not None:
        draft.item(text)
    else:
        draft.paragraph(text)


def _level(paragraph: Any, styles: _Styles) -> int | None:
    properties = _child(paragraph, "pPr")
    outline = attribute(_child(properties, "outlineLvl"), "val")
    if outline.isdigit() and int(outline) < 9:
        return int(outline) + 1
    return styles.levels.get(attribute(_child(properties, "pStyle"), "val"))


def _text(element: Any) -> Iterator[str]:
    """Yield the text of a paragraph or cell, but not of boxes in it, which are paragraphs of their own."""
    stack = list(reversed(element))
    while stack:
        current = stack.pop()
        name = local(current)
        if name in _SKIPPED or name in {"txbxContent", "pPr"}:
            continue
        if name == "t":  # of a run, or of an equation
            yield current.text or ""
        elif name in {"tab", "ptab"}:
            yield "\t"
        elif name in {"br", "cr"}:
            yield "\n"
        elif name == "noBreakHyphen":
            yield "-"
        elif name == "sym":
            yield _symbol(current)
        elif name == "oMathPara":
            yield " "
            stack.extend(reversed(current))
        else:
            stack.extend(reversed(current))


def _symbol(element: Any) -> str:
    code = attribute(element, "char")
    try:
        value = int(code, 16)
    except ValueError:
        return ""
    return chr(value) if value < 0xD800 else ""


def _boxes(paragraph: Any) -> Iterator[Any]:
    """Yield the contents of text boxes; the copy for old programs ("Fallback") is not read."""
    stack = list(reversed(paragraph))
    while stack:
        current = stack.pop()
        name = local(current)
        if name == "txbxContent":
            yield current
        elif name not in _SKIPPED:
            stack.extend(reversed(current))


def _rows(table: Any) -> Iterator[list[str]]:
    for row in _parts(table, "tr"):
        yield [" ".join(flat("".join(_text(p))) for p in _paragraphs(cell)) for cell in _parts(row, "tc")]


def _parts(element: Any, wanted: str) -> Iterator[Any]:
    """Yield rows or cells, also those in content controls and insertions, but not those of tables within."""
    stack = list(reversed(element))
    while stack:
        current = stack.pop()
        name = local(current)
        if name == wanted:
            yield current
        elif name not in _SKIPPED and name not in {"tbl", "p"}:
            stack.extend(reversed(current))


def _paragraphs(cell: Any) -> Iterator[Any]:
    stack = list(reversed(cell))
    while stack:
        current = stack.pop()
        name = local(current)
        if name == "p":
            yield current
            stack.extend(reversed([p for box in _boxes(current) for p in box]))
        elif name not in _SKIPPED:
            stack.extend(reversed(current))


def _notes(root: Any, draft: Draft, kind: str) -> None:
    for note in root if root is not None else ():
        text = flat(" ".join("".join(_text(p)) for p in _paragraphs(note)))
        if text and attribute(note, "type") not in {"separator", "continuationSeparator"}:
            who = attribute(note, "author")
            draft.paragraph(f"{kind}{f' by {who}' if who else ''}: {text}")
