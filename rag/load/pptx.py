"""PowerPoint: slides in their order, each a place, with tables, charts' titles and the speaker's notes. ECMA-376."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rag.errors import DocumentError
from rag.load.draft import Draft, flat
from rag.load.package import Package, attribute, local
from rag.load.parsed import Parsed, Source

SUFFIXES = (".pptx", ".pptm", ".ppsx")
_TITLES = {"title", "ctrTitle"}
_FURNITURE = {"dt", "ftr", "sldNum", "hdr"}
"""Placeholders for date, footer, number."""
_MACHINE = re.compile(r"automatically generated|\.(?:png|jpe?g|gif|emf|wmf|svg)$|^https?:|^image\b", re.IGNORECASE)
"""Descriptions of pictures that no person wrote."""
_NUMBER = re.compile(r"(\d+)\.xml$")


def read(source: Source) -> Parsed:
    """Extract the text of a presentation, a place a slide.

    Raises:
        DocumentError: it is no presentation, damaged, encrypted or without text.
    """
    package = Package(source, "PowerPoint")
    draft = Draft()
    first = ""
    for number, part in enumerate(_slides(package), start=1):
        root = package.xml(part)
        if root is None:
            continue
        draft.place(f"slide {number}")
        title = _slide(package, part, root, draft)
        first = first or title
        _notes(package, part, draft)
    if not draft.length:
        raise DocumentError(f"{source.name}: has no text on its slides.")
    facts = package.properties()
    named = facts.get("title", "")
    return Parsed(
        text=draft.text(),
        title=first if named.lower() in {"", "powerpoint presentation", "presentation"} else named,
        media_type="application/vnd.openxmlformats-officedocument.presentationml.presentation",
        author=facts.get("creator") or None,
        places=draft.places(),
    )


def _slides(package: Package) -> list[str]:
    """Return the parts of the slides in the order they are shown; where that is damaged, in that of their numbers."""
    main = package.main("ppt/presentation.xml")
    relations, root = package.relations(main), package.xml(main)
    listed = []
    for element in root.iter() if root is not None else ():
        if local(element) == "sldId":
            target = relations.get(next((v for k, v in element.attrib.items() if k.endswith("}id")), ""))
            if target and target[1] in package:
                listed.append(target[1])
    if listed:
        return listed
    found = [name for name in package.names if name.startswith("ppt/slides/slide") and _NUMBER.search(name)]
    return sorted(found, key=lambda name: int(_NUMBER.findall(name)[0]))


def _slide(package: Package, part: str, root: Any, draft: Draft) -> str:
    """Add a slide, its title first; return the title."""
    shapes = [shape for shape in _shapes(root) if _placeholder(shape) not in _FURNITURE]
    titles = [shape for shape in shapes if _placeholder(shape) in _TITLES]
    title = flat(" ".join(" ".join(_lines(shape)) for shape in titles))
    draft.heading(title, 2)
    relations = package.relations(part)
    for shape in shapes:
        if not any(shape is other for other in titles):
            _shape(package, relations, shape, draft)
    return title


def _shapes(root: Any) -> Iterator[Any]:
    """Yield what holds text, in the order of the file, groups taken apart; the copy for old programs is left out."""
    stack = [root]
    while stack:
        element = stack.pop()
        name = local(element)
        if name in {"sp", "graphicFrame", "cxnSp", "pic"}:
            yield element
        elif name != "Fallback":
            stack.extend(reversed(element))


def _placeholder(shape: Any) -> str:
    return next((attribute(element, "type") or "body" for element in shape.iter() if local(element) == "ph"), "")


def _shape(package: Package, relations: dict[str, tuple[str, str]], shape: Any, draft: Draft) -> None:
    if local(shape) == "pic":
        described = next((attribute(e, "descr") for e in shape.iter() if local(e) == "cNvPr"), "")
        draft.paragraph("" if _MACHINE.search(described) else described)
        return
    if local(shape) == "graphicFrame":
        for element in shape.iter():
            if local(element) == "tbl":
                draft.rows([_cells(row) for row in element if local(row) == "tr"])
            elif local(element) in {"chart", "relIds"}:
                _graphic(package, relations, element, draft)
        return
    listed = _placeholder(shape) in {"body", "obj"}
    lines = list(_lines(shape))
    for line in lines:
        if listed and len(lines) > 1:
            draft.item(line)
        else:
            draft.paragraph(line)


def _graphic(package: Package, relations: dict[str, tuple[str, str]], element: Any, draft: Draft) -> None:
    """Add the words of a chart (title, categories, values) or of a diagram."""
    wanted = attribute(element, "dm") or attribute(element, "id")
    target = relations.get(wanted)
    root = package.xml(target[1]) if target else None
    if root is None:
        return
    if local(element) == "relIds":
        for line in _lines(root):
            draft.item(line)
        return
    draft.paragraph(" ".join(_lines(root)))
    for series in (found for found in root.iter() if local(found) == "ser"):
        name, labels, values = (_points(series, kind) for kind in ("tx", "cat", "val"))
        for label, value in zip(labels, values, strict=False):
            draft.row([" ".join(name), label, value])


def _points(series: Any, kind: str) -> list[str]:
    found = next((child for child in series if local(child) == kind), None)
    return [point.text or "" for point in (found.iter() if found is not None else ()) if local(point) == "v"]


def _cells(row: Any) -> list[str]:
    return [" ".join(_lines(cell)) for cell in row if local(cell) == "tc"]


def _lines(element: Any) -> Iterator[str]:
    """Yield the paragraphs of a shape as lines."""
    for paragraph in element.iter():
        if local(paragraph) != "p":
            continue
        parts = (" " if local(e) == "br" else e.text or "" for e in paragraph.iter() if local(e) in {"t", "br"})
        line = flat("".join(parts))
        if line:
            yield line


def _notes(package: Package, part: str, draft: Draft) -> None:
    name = next((name for kind, name in package.relations(part).values() if kind == "notesSlide"), "")
    root = package.xml(name) if name else None
    if root is None:
        return
    lines = [line for shape in _shapes(root) if _placeholder(shape) in {"body", ""} for line in _lines(shape)]
    if lines:
        draft.heading("Notes", 3)
        for line in lines:
            draft.paragraph(line)
