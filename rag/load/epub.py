"""E-books (EPUB 2 and 3): the chapters in their order, each a place."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from rag.errors import DocumentError
from rag.load.draft import Draft, flat
from rag.load.encoding import decode
from rag.load.package import Package, attribute, local, resolved
from rag.load.parsed import Parsed, Source
from rag.load.visible import visible_text

SUFFIXES = (".epub",)
_PAGES = {"application/xhtml+xml", "text/html", "application/x-dtbook+xml"}
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def read(source: Source) -> Parsed:
    """Extract the text of an e-book.

    Raises:
        DocumentError: it is no e-book, damaged, protected or without text.
    """
    package = Package(source, "EPUB")
    opf = _opf(package)
    root = package.xml(opf)
    if root is None:
        raise DocumentError(f"{source.name}: is no e-book or is damaged; get it again.")
    pages = list(_pages(package, opf, root))
    locked = _protected(package)
    if pages and all(page in locked for page in pages):
        raise DocumentError(f"{source.name}: is protected against copying (DRM); only its own reader can open it.")
    facts = {local(e): flat("".join(e.itertext())) for e in reversed(list(root.iter())) if local(e)}
    authors = [flat("".join(e.itertext())) for e in root.iter() if local(e) == "creator"]
    draft = Draft()
    _front(draft, facts, authors)
    names = _names(package, opf, root)
    for number, page in enumerate(pages, start=1):
        text = visible_text(decode(package.read(page), posixpath.basename(page), "utf-8")) if page not in locked else ""
        if not text:
            continue
        heading = _HEADING.search(text)
        name = names.get(page) or (flat(heading.group(1)) if heading else "")
        draft.place(f"ch. “{name[:80]}”" if name else f"part {number}")
        for paragraph in text.split("\n\n"):
            draft.paragraph(paragraph)
    if not draft.length:
        raise DocumentError(f"{source.name}: has no text.")
    day = _DAY.match(facts.get("date", ""))
    return Parsed(
        text=draft.text(),
        title=facts.get("title", ""),
        media_type="application/epub+zip",
        published_at=day.group() if day else None,
        author=", ".join(filter(None, authors)) or None,
        places=draft.places(),
    )


def _front(draft: Draft, facts: dict[str, str], authors: list[str]) -> None:
    """Add what the book says of itself; many have no title page that would."""
    description = facts.get("description", "")
    if not description:
        return
    draft.place("about the book")
    draft.heading(facts.get("title", ""), 1)
    draft.paragraph(f"Authors: {', '.join(authors)}" if authors else "")
    for paragraph in (visible_text(description) if "<" in description else description).split("\n\n"):
        draft.paragraph(paragraph)


def _opf(package: Package) -> str:
    """Return the name of the part that lists the others."""
    root = package.xml("META-INF/container.xml")
    listed = [attribute(e, "full-path") for e in (root.iter() if root is not None else ()) if local(e) == "rootfile"]
    return next((name for name in [*listed, *package.names] if name in package and name.endswith(".opf")), "")


def _items(opf: str, root: Any) -> dict[str, tuple[str, str, str]]:
    """Return what the book is made of: id → (part, media type, properties)."""
    folder = posixpath.dirname(opf)
    return {
        attribute(e, "id"): (
            resolved(folder, attribute(e, "href")),
            attribute(e, "media-type"),
            attribute(e, "properties"),
        )
        for e in root.iter()
        if local(e) == "item"
    }


def _pages(package: Package, opf: str, root: Any) -> Iterator[str]:
    items = _items(opf, root)
    spine = [attribute(e, "idref") for e in root.iter() if local(e) == "itemref"]
    for name in spine or items:
        part, kind, properties = items.get(name, ("", "", ""))
        if part in package and kind in _PAGES and "nav" not in properties.split():
            yield part


def _names(package: Package, opf: str, root: Any) -> dict[str, str]:
    """Return the chapters' names from the table of contents: part → the first name that leads to it."""
    names: dict[str, str] = {}
    for part, kind, properties in _items(opf, root).values():
        contents = package.xml(part) if kind == "application/x-dtbncx+xml" or "nav" in properties.split() else None
        folder = posixpath.dirname(part)
        for element in contents.iter() if contents is not None else ():
            if local(element) == "navPoint":
                target = next((attribute(e, "src") for e in element if local(e) == "content"), "")
                label = next(("".join(e.itertext()) for e in element if local(e) == "navLabel"), "")
            elif local(element) == "a":
                target, label = attribute(element, "href"), "".join(element.itertext())
            else:
                continue
            if target and flat(label):
                names.setdefault(resolved(folder, target), flat(label))
    return names


def _protected(package: Package) -> set[str]:
    """Return the parts that are encrypted (fonts often are, which doesn't matter)."""
    root = package.xml("META-INF/encryption.xml")
    found = root.iter() if root is not None else ()
    return {resolved("", attribute(e, "URI")) for e in found if local(e) == "CipherReference"}
