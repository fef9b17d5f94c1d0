"""JSON, JSON Lines, notebooks and XML: what is said in them, each value with its name."""

from __future__ import annotations

import json
import re
from typing import Any

from rag.errors import DocumentError
from rag.load.draft import Draft, flat
from rag.load.encoding import decode
from rag.load.mail import iso_date
from rag.load.package import local, xml
from rag.load.parsed import Parsed, Source
from rag.load.visible import visible_text

JSON = (".json",)
LINES = (".jsonl", ".ndjson")
NOTEBOOKS = (".ipynb",)
XML = (".xml", ".rss", ".atom")
_LONG = 200
"""Characters: a longer value is a paragraph of its own."""
_DEEP = 100
_MARKUP = re.compile(r"<(?:p|div|br|a|b|i|em|strong|span|ul|ol|li|h[1-6]|table|img|blockquote)\b[^>]*>", re.IGNORECASE)
_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)


def read_json(source: Source) -> Parsed:
    """Read a JSON file: each object that holds only plain values is a row, with the names of its values.

    Raises:
        DocumentError: it is no JSON, or says nothing.
    """
    draft = Draft()
    _value(_loaded(decode(source.data, source.name), source.name), "", draft, 0)
    return _parsed(draft, source, "application/json")


def read_lines(source: Source) -> Parsed:
    """Read JSON Lines: each line a unit, its number the place.

    Raises:
        DocumentError: a line is no JSON, or nothing is said.
    """
    draft = Draft()
    bad: list[int] = []
    for number, line in enumerate(decode(source.data, source.name).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            bad.append(number)
            continue
        draft.place(f"line {number}")
        _value(value, "", draft, 0)
    if bad and not draft.length:
        raise DocumentError(f"{source.name}: is no JSON Lines file (line {bad[0]} is no JSON).")
    note = f"{len(bad)} {'lines are' if len(bad) > 1 else 'line is'} no JSON, first line {bad[0]}" if bad else ""
    return _parsed(draft, source, "application/jsonl", note)


def read_notebook(source: Source) -> Parsed:
    """Read a Jupyter notebook: text, code and what the code printed, each cell a place.

    Raises:
        DocumentError: it is no notebook, or is empty.
    """
    book = _loaded(decode(source.data, source.name), source.name)
    cells = book.get("cells") if isinstance(book, dict) else None
    if cells is None and isinstance(book, dict):  # version 3 of the format
        cells = [
            cell for sheet in book.get("worksheets") or [] if isinstance(sheet, dict) for cell in sheet.get("cells", [])
        ]
    if not isinstance(cells, list):
        raise DocumentError(f"{source.name}: is no notebook.")
    draft = Draft()
    for number, cell in enumerate(cells, start=1):
        if isinstance(cell, dict):
            draft.place(f"cell {number}")
            _cell(cell, draft, book)
    heading = re.search(r"^#{1,3} (.+)$", draft.text(), re.MULTILINE)
    return _parsed(draft, source, "application/x-ipynb+json", title=heading.group(1) if heading else "")


def _cell(cell: dict[str, Any], draft: Draft, book: dict[str, Any]) -> None:
    text = _joined(cell.get("source", cell.get("input")))
    if cell.get("cell_type") != "code":
        for paragraph in re.split(r"\n\s*\n", text):
            draft.paragraph(paragraph)
        return
    facts = book.get("metadata")
    kernel = facts.get("kernelspec") if isinstance(facts, dict) else None
    draft.verbatim(text, str(kernel.get("language") or "python") if isinstance(kernel, dict) else "python")
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else ():
        if isinstance(output, dict):
            data = output.get("data")
            draft.verbatim(_joined(output.get("text") or (data.get("text/plain") if isinstance(data, dict) else "")))


def _joined(value: Any) -> str:
    return "".join(str(line) for line in value) if isinstance(value, list) else str(value or "")


def _loaded(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        at = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise DocumentError(f"{name}: is no valid JSON{at}; correct it or save it as text.") from error


def _value(value: Any, name: str, draft: Draft, depth: int) -> None:
    """Add a value; `name` is the path to it: "invoice items"."""
    if depth > _DEEP:
        return
    if isinstance(value, dict):
        _object(value, name, draft, depth)
    elif isinstance(value, list):
        for inner in value:
            _value(inner, name, draft, depth + 1)
    else:
        text = _scalar(value)
        if len(text) <= _LONG:
            draft.row([f"{name}: {text}" if name else text])
        else:
            draft.paragraph(text)


def _object(value: dict[Any, Any], name: str, draft: Draft, depth: int) -> None:
    plain = {str(k): _scalar(v) for k, v in value.items() if not isinstance(v, dict | list) or _is_plain_list(v)}
    short = [f"{key}: {text}" for key, text in plain.items() if text and len(text) <= _LONG]
    if name and depth < 5 and len(short) < len(value):
        draft.heading(name, depth + 1)
    draft.row(short)
    for key, text in plain.items():
        if len(text) > _LONG:
            draft.paragraph(f"{key}: {visible_text(text) if _MARKUP.search(text) else text}")
    for key, inner in value.items():
        if str(key) not in plain:
            _value(inner, str(key), draft, depth + 1)


def _is_plain_list(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= 20 and all(isinstance(v, str | int | float) for v in value)


def _scalar(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_scalar(inner) for inner in value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _sound(str(value))


def _sound(text: str) -> str:
    """Return text without half surrogate pairs, which JSON may write as escapes."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def read_xml(source: Source) -> Parsed:
    """Read XML: a feed by its entries, anything else by its elements, each with its name.

    Raises:
        DocumentError: it is no XML, or says nothing.
    """
    declared = _ENCODING.search(source.data[:400])
    text = decode(source.data, source.name, declared.group(1).decode() if declared else None)
    root = xml(re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1).encode("utf-8"))
    if root is None:
        raise DocumentError(f"{source.name}: is no valid XML.")
    draft = Draft()
    title = ""
    if local(root) in {"rss", "feed", "RDF"}:
        title = _feed(root, draft)
    else:
        _element(root, draft)
    return _parsed(draft, source, "application/xml", title=title)


def _feed(root: Any, draft: Draft) -> str:
    channel = next((e for e in root.iter() if local(e) in {"channel", "feed"}), root)
    title = _of(channel, "title")
    draft.heading(title, 1)
    draft.paragraph(_of(channel, "description", "subtitle"))
    for number, entry in enumerate((e for e in root.iter() if local(e) in {"item", "entry"}), start=1):
        draft.place(f"entry {number}")
        draft.heading(_of(entry, "title"), 2)
        day = _of(entry, "pubDate", "published", "updated", "date")
        facts = {"Published": iso_date(day) or day[:10], "Author": _of(entry, "creator", "author")}
        draft.paragraph("\n".join(f"{key}: {value}" for key, value in facts.items() if value))
        body = _of(entry, "encoded", "content", "description", "summary")
        for paragraph in (visible_text(body) if "<" in body else body).split("\n\n"):
            draft.paragraph(paragraph)
    return title


def _of(element: Any, *names: str) -> str:
    for name in names:
        for child in element:
            if local(child) == name and (text := "".join(child.itertext()).strip()):
                return text
    return ""


def _element(root: Any, draft: Draft) -> None:
    """Add an element: a record whose parts are plain is a row; prose with markup in it is a paragraph."""
    stack: list[tuple[Any, int]] = [(root, 0)]
    while stack:
        element, depth = stack.pop()
        if not local(element):
            continue
        children = [child for child in element if local(child)]
        if _is_prose(element, children):
            draft.paragraph(flat("".join(element.itertext())))
        elif children and all(not len(child) for child in children):
            short = [f"{local(child)}: {flat(child.text or '')}" for child in children if flat(child.text or "")]
            if max((len(part) for part in short), default=0) > _LONG or len(children) > 40:
                for child in children:
                    draft.paragraph(child.text or "")
            else:
                draft.row([*_attributes(element), *short])
        elif not children:
            draft.row([*_attributes(element), f"{local(element)}: {flat(element.text or '')}"] if element.text else [])
        else:
            if depth and depth < 5 and _attributes(element):
                draft.row(_attributes(element))
            stack.extend((child, depth + 1) for child in reversed(children))


def _is_prose(element: Any, children: list[Any]) -> bool:
    mixed = bool((element.text or "").strip()) or any((child.tail or "").strip() for child in children)
    return (mixed and bool(children)) or (not children and len(flat(element.text or "")) > _LONG)


def _attributes(element: Any) -> list[str]:
    return [f"{key.rpartition('}')[2]}: {flat(value)}" for key, value in element.attrib.items() if flat(value)]


def _parsed(draft: Draft, source: Source, media_type: str, note: str = "", title: str = "") -> Parsed:
    text = draft.text()
    if not text:
        raise DocumentError(f"{source.name}: says nothing: there is no value with text in it.")
    return Parsed(text, title, media_type, places=draft.places(), note=note)
