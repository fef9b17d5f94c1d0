"""Routes for what a document looks like: pages as pictures, where a quote stands on them, the file itself."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from rag.server.access import Reads
from rag.server.schema import BoxesOut
from rag.server.service import Served

router = APIRouter(prefix="/v1", tags=["documents"])
PAGES = "X-Pages"
"""Header of a picture: how many pages its document has."""
_WIDTH = 1240
# Nothing in a file may run in the name of this address, whatever a browser makes of it.
_HARMLESS = {"Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "private, no-cache"}
_BYTES = {"type": "string", "format": "binary"}


@router.get(
    "/documents/{document_id}/pages/{number}",
    response_class=Response,
    responses={200: {"description": "The page.", "content": {"image/png": {"schema": _BYTES}}}},
)
def page(
    document_id: str,
    number: int,
    service: Served,
    _: Reads,
    width: Annotated[int, Query(ge=100, le=3000, description="Pixels.")] = _WIDTH,
) -> Response:
    """Return a page of a PDF, counted from 1, as a picture."""
    found = service.engine.documents.page(document_id, number, width=width)
    return Response(found.png, media_type="image/png", headers={**_HARMLESS, PAGES: str(found.pages)})


@router.get("/documents/{document_id}/boxes", response_model=BoxesOut)
def boxes(
    document_id: str,
    service: Served,
    _: Reads,
    start: Annotated[int, Query(ge=0, le=2**53)],
    end: Annotated[int, Query(ge=0, le=2**53)],
) -> Any:
    """Say where characters of a PDF's text, such as a quote, stand on its pages, in shares of width and height."""
    return {"pages": service.engine.documents.boxes(document_id, start, end)}


@router.get(
    "/documents/{document_id}/original",
    response_class=Response,
    responses={200: {"description": "The file.", "content": {"application/octet-stream": {"schema": _BYTES}}}},
)
def original(document_id: str, service: Served, _: Reads) -> Response:
    """Return the file that a document was read from, to be saved, never shown."""
    headers = {**_HARMLESS, "Content-Disposition": "attachment"}
    return Response(
        service.engine.documents.original(document_id), media_type="application/octet-stream", headers=headers
    )
