"""The few routes beside Gradio's: the page's own files, documents by id, and uploads. Nothing is served by path."""

from __future__ import annotations

from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote as quoted

from anyio.to_thread import run_sync
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, Response

from rag.errors import PathError, RagError, UsageError
from rag.types import Document
from rag.ui import view
from rag.ui.access import Access
from rag.ui.passage import Mark, around, located, page_of, window

if TYPE_CHECKING:
    from rag.chats import Kept
    from rag.engine import Engine
    from rag.ui.asking import Asking
    from rag.ui.library import Library

PAGE_WIDTH = 1600
"""Pixels of the widest picture of a page."""
_TEXT_OF = {"quotes": "quote", "nearest": "text"}
_STATIC = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_SHOWN_INLINE = {"application/pdf", "text/plain"}
_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
# Even a document that is shown by the browser itself can do nothing.
_SANDBOX = {**_HEADERS, "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'"}


def add_routes(app: FastAPI, engine: Engine, asking: Asking, library: Library, access: Access, path: str) -> None:
    """Add the routes under `path`ui/; each answers errors with {"message": a sentence}."""
    _add_static(app, path)
    _add_documents(app, engine, asking, access, path)
    _add_pages(app, engine, asking, access, path)
    _add_upload(app, engine, library, path)


def _add_static(app: FastAPI, path: str) -> None:
    folder = files("rag.ui") / "static"
    assets = {item.name: item.read_bytes() for item in folder.iterdir() if Path(item.name).suffix in _STATIC}

    @app.get(f"{path}ui/static/{{name}}", include_in_schema=False)
    def static(name: str) -> Response:
        if name not in assets:
            return _problem(404, "There is no such file.")
        kind = _STATIC[Path(name).suffix]
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
        return Response(assets[name], media_type=kind, headers=headers)


def _add_documents(app: FastAPI, engine: Engine, asking: Asking, access: Access, path: str) -> None:
    def owner(request: Request) -> str:
        return access.user(request) or ""

    @app.get(f"{path}ui/turns/{{turn}}/{{kind}}/{{number}}", include_in_schema=False)
    def quote(request: Request, turn: str, kind: str, number: int, begin: int | None = None) -> Response:
        """Return the document of a turn's quote (`quotes`, by number) or nearest passage (`nearest`, from 0)."""
        try:
            kept = asking.kept(owner(request), turn)
            return JSONResponse(_cited(engine, kept, kind, number, begin), headers=_HEADERS)
        except PathError as error:
            return _problem(404, str(error))

    @app.get(f"{path}ui/documents/{{document}}", include_in_schema=False)
    def whole(document: str, begin: int = 0) -> Response:
        """Return a part of a document's text."""
        try:
            found = engine.documents.get(document)
        except PathError as error:
            return _problem(404, str(error))
        return JSONResponse({**_facts(engine, found), **window(found, [], begin)}, headers=_HEADERS)

    @app.get(f"{path}ui/documents/{{document}}/original", include_in_schema=False)
    def original(document: str) -> Response:
        """Return the file a document was read from, where it still is."""
        try:
            found = engine.documents.get(document)
        except PathError as error:
            return _problem(404, str(error))
        file = _file(found)
        inline = found.media_type in _SHOWN_INLINE
        kind = found.media_type if inline else "application/octet-stream"
        how = "inline" if inline else "attachment"
        # A sandbox keeps the browser's own PDF viewer from opening; a PDF runs nothing in the page's name.
        headers = _HEADERS if kind == "application/pdf" else _SANDBOX
        if file is not None:
            name = file.name
            return FileResponse(file, media_type=kind, filename=name, content_disposition_type=how, headers=headers)
        try:
            data = engine.documents.original(document)
        except RagError as error:
            return _problem(404, str(error))
        named = {"Content-Disposition": f"{how}; filename*=UTF-8''{quoted(view.name_of(found.uri))}"}
        return Response(data, media_type=kind, headers={**headers, **named})


def _add_pages(app: FastAPI, engine: Engine, asking: Asking, access: Access, path: str) -> None:
    @app.get(f"{path}ui/documents/{{document}}/pages/{{number}}", include_in_schema=False)
    def page(document: str, number: int, width: int = PAGE_WIDTH) -> Response:
        """Return a page of a PDF as a picture; `width` in pixels."""
        try:
            shown = engine.documents.page(document, number, width=min(width, PAGE_WIDTH))
        except RagError as error:
            return _problem(404, str(error))
        return Response(shown.png, media_type="image/png", headers=_SANDBOX)

    @app.get(f"{path}ui/turns/{{turn}}/{{kind}}/{{number}}/boxes", include_in_schema=False)
    def boxes(request: Request, turn: str, kind: str, number: int) -> Response:
        """Return where a turn's quote stands on the pages of its PDF, to be drawn over them; none if it can't be told.

        Not with the quote itself: it costs a reading of the file, and the page has something to show before.
        """
        try:
            kept = asking.kept(access.user(request) or "", turn)
            item = _numbered(kept, kind, number)[number]
            document = engine.documents.get(item["document_id"])
            _, span = located(document.text, item[_TEXT_OF[kind]], item["start"], item["end"])
            found = engine.documents.boxes(document.id, span.start, span.end) if span else ()
        except RagError as error:
            return _problem(404, str(error))
        return JSONResponse({"pages": [asdict(one) for one in found]}, headers=_HEADERS)


def _add_upload(app: FastAPI, engine: Engine, library: Library, path: str) -> None:
    @app.put(f"{path}ui/uploads/{{batch}}", include_in_schema=False)
    async def upload(request: Request, batch: str, name: str) -> Response:
        """Take one file of an upload, as the body; `name` is its path within what was dropped."""
        most = engine.settings.file_bytes
        try:
            place = await run_sync(library.place, batch, name)
        except UsageError as error:
            return _problem(400, str(error))
        got = 0
        with place.open("wb") as file:
            async for piece in request.stream():
                got += len(piece)
                if got > most:
                    break
                file.write(piece)
        if got > most:
            place.unlink()
            return _problem(413, f"larger than {most:,} bytes (RAG_FILE_BYTES)")
        return JSONResponse({"bytes": got})


def _cited(engine: Engine, kept: Kept, kind: str, number: int, begin: int | None) -> dict[str, Any]:
    """Return what the panel shows of a quote: its document around it, all quotes of this turn in it marked."""
    numbered = _numbered(kept, kind, number)
    item, text_of = numbered[number], _TEXT_OF[kind]
    document = _there(engine, item["document_id"])
    facts = _facts(engine, document) if document else _gone(item)
    shown = {"quote": view.safe(item[text_of]), "also": _others(engine, item), "number": number}
    if document is None:
        return {**facts, **shown, "state": "removed", "segments": [], "begin": 0, "end": 0, "characters": 0}
    mine = {place: one for place, one in numbered.items() if one["document_id"] == document.id}
    found = {place: located(document.text, one[text_of], one["start"], one["end"]) for place, one in mine.items()}
    marks = [Mark(place, span) for place, (_, span) in found.items() if span is not None]
    state, span = found[number]
    changed = kept.state_of(document.id, document.content_hash) == "changed"
    first = around(document, span) if begin is None else begin
    at = page_of(document, span.start) if span else None
    return {**facts, **shown, "state": state, "changed": changed, "at": at, **window(document, marks, first)}


def _numbered(kept: Kept, kind: str, number: int) -> dict[int, dict[str, Any]]:
    """Return the quotes of an answer, or its nearest passages, by number.

    Raises:
        PathError: none of them has this number.
    """
    answer = kept.answer or {}
    items = answer.get("citations", []) if kind == "quotes" else answer.get("evidence", [])[: view.NEAREST]
    numbered = {item["number"] if kind == "quotes" else place: item for place, item in enumerate(items)}
    if kind not in _TEXT_OF or number not in numbered:
        raise PathError("This answer has no such quote.")
    return numbered


def _there(engine: Engine, document_id: str) -> Document | None:
    try:
        return engine.documents.get(document_id)
    except PathError:
        return None


def _facts(engine: Engine, document: Document) -> dict[str, Any]:
    there = engine.documents.is_there(document)
    return {
        "document": document.id,
        "title": view.safe(document.title) or view.name_of(document.uri),
        "file": view.name_of(document.uri),
        "date": view.safe(document.published_at or ""),
        "author": view.safe(document.author or ""),
        "pages": len(document.pages),
        "original": there,
        "pictures": there and document.media_type == "application/pdf",
        "headings": document.media_type != "text/plain",
    }


def _gone(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "document": item["document_id"],
        "title": view.safe(item["title"]) or view.name_of(item["uri"]),
        "file": view.name_of(item["uri"]),
        "date": view.safe(item["published_at"] or ""),
        "author": "",
        "pages": 0,
        "original": False,
        "pictures": False,
        "headings": False,
    }


def _others(engine: Engine, item: dict[str, Any]) -> list[dict[str, str]]:
    """Return the other documents that say nearly the same."""
    found = (_there(engine, document_id) for document_id in item["also_in"])
    return [{"document": d.id, "title": view.safe(d.title) or view.name_of(d.uri)} for d in found if d is not None]


def _file(document: Document) -> Path | None:
    path = Path(document.uri)
    try:
        return path if path.is_absolute() and path.is_file() else None
    except (OSError, ValueError):
        return None


def _problem(status: int, message: str) -> JSONResponse:
    return JSONResponse({"message": message}, status, headers=_HEADERS)
