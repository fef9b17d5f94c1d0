"""Routes for documents, collections and the jobs that read them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Response, UploadFile
from fastapi.responses import JSONResponse, PlainTextResponse

from rag.errors import AccessError, UsageError
from rag.server.access import Administers, Reads, Writes
from rag.server.asking import IdempotencyKey
from rag.server.jobs import Job
from rag.server.schema import (
    Attached,
    CollectionsOut,
    DocumentsOut,
    FailuresOut,
    FindingsOut,
    Ingested,
    Rebuilt,
    Removed,
)
from rag.server.service import Served, Service
from rag.server.uploads import Upload, arrived
from rag.types import Document, Progress
from vectorstore.store import DocumentSummary

router = APIRouter(prefix="/v1", tags=["documents"])
uploads = APIRouter(prefix="/v1", tags=["documents"])
"""Apart from the others, because it has limits of its own on what a form may hold."""
jobs = APIRouter(prefix="/v1", tags=["jobs"])
_PAGE = 100


@router.get("/collections", response_model=CollectionsOut)
def collections(service: Served, _: Reads) -> Any:
    """List the collections."""
    return {"collections": service.engine.collections()}


@router.get("/documents", response_model=DocumentsOut)
def documents(
    service: Served,
    _: Reads,
    collection: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = _PAGE,
    after: Annotated[str | None, Query(max_length=9000, description="`next` of the page before.")] = None,
) -> Any:
    """List the documents of a collection, or of all, page by page."""
    rows = sorted(service.engine.documents.list(collection), key=_cursor)
    rest = [row for row in rows if after is None or _cursor(row) > after]
    more = len(rest) > limit
    return {"documents": [asdict(row) for row in rest[:limit]], "next": _cursor(rest[limit - 1]) if more else None}


def _cursor(document: DocumentSummary) -> str:
    return f"{document.uri}\n{document.id}"


@router.get("/failures", response_model=FailuresOut)
def failures(service: Served, _: Reads, collection: Annotated[str | None, Query(max_length=200)] = None) -> Any:
    """List the files that could not be read, with the reason and how often they were tried."""
    return {"failures": service.engine.documents.failed(collection)}


@router.get("/documents/{document_id}", response_model=Document)
def document(document_id: str, service: Served, _: Reads) -> Any:
    """Return a document with the text that quotes are copied from."""
    return JSONResponse(asdict(service.engine.documents.get(document_id)))


@router.get("/documents/{document_id}/text", response_class=PlainTextResponse)
def text(
    document_id: str,
    service: Served,
    _: Reads,
    start: Annotated[int, Query(ge=0, le=2**53)] = 0,
    end: Annotated[int | None, Query(ge=0, le=2**53)] = None,
) -> str:
    """Return the text of a document, or characters `start` to `end` of it: what a citation quotes."""
    return service.engine.documents.get(document_id).text[start:end]


@router.delete("/documents/{document_id}", status_code=204)
def remove(document_id: str, service: Served, _: Writes) -> None:
    """Forget a document. A file that was uploaded goes, too; others stay where they are."""
    _forget(service, [document_id])


@router.post("/documents/remove", status_code=204)
def remove_several(body: Removed, service: Served, _: Writes) -> None:
    """Forget several documents: all of them, or none where one is not there."""
    _forget(service, body.document_ids)


def _forget(service: Service, document_ids: Sequence[str]) -> None:
    uris = [service.engine.documents.get(document_id).uri for document_id in document_ids]
    service.engine.documents.remove(*document_ids)
    for path in map(Path, uris):
        if path.is_relative_to(service.uploads):
            path.unlink(missing_ok=True)


@uploads.post("/documents", response_model=Job, status_code=202)
async def upload(
    files: list[UploadFile],
    service: Served,
    caller: Writes,
    collection: Annotated[str | None, Form(max_length=200, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$")] = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Add files, or new versions of files of the same name. Reading them is a job."""
    name = collection or service.settings.collection

    async def work() -> object:
        came = await asyncio.to_thread(arrived, service.uploads, name, files, service.settings.file_bytes)
        return _upload(service, came, name, caller.owner).to_dict()

    mark = "\n".join([name, *(f"{file.filename} {file.size}" for file in files)])
    fingerprint = hashlib.sha256(mark.encode("utf-8", "replace")).hexdigest()
    return JSONResponse(await service.repeats.once(caller.owner, idempotency_key, fingerprint, work), 202)


def _upload(service: Service, came: Upload, collection: str, owner: str) -> Job:
    def work(tell: Progress) -> dict[str, Any]:
        report = service.engine.ingest(came.settle(), collection=collection, progress=tell).to_dict()
        came.keep(report)
        return report

    return service.jobs.start("upload", work, came.discard, owner=owner)


@router.post("/ingest", response_model=Job, status_code=202)
def ingest(body: Ingested, service: Served, caller: Writes) -> Response:
    """Read web pages, or (with the scope `admin`) files and folders of the server's own disk, as a job."""
    if body.paths and caller.scope != "admin":
        raise AccessError(
            f"The key {caller.name!r} may only {caller.scope}; paths of the server's disk need one with the scope "
            "'admin'. Upload the files instead.",
            known=True,
        )
    if not body.paths and not body.urls:
        raise UsageError("Nothing to read was named; give `urls`, or `paths` of the server's disk.")
    wanted: list[Path | str] = [*map(_path, body.paths), *body.urls]

    def work(tell: Progress) -> dict[str, Any]:
        report = service.engine.ingest(
            wanted, collection=body.collection, prune=body.prune, retry=body.retry, progress=tell
        )
        return report.to_dict()

    return JSONResponse(service.jobs.start("ingest", work, owner=caller.owner).to_dict(), 202)


@router.post("/attach", response_model=Job, status_code=202)
def attach(body: Attached, service: Served, caller: Administers) -> Response:
    """Bring the collection that belongs to a path of the server's disk up to date, as a job."""
    path = _path(body.path)

    def work(tell: Progress) -> dict[str, Any]:
        return service.engine.attach(path, progress=tell)[1].to_dict()

    return JSONResponse(service.jobs.start("attach", work, owner=caller.owner).to_dict(), 202)


def _path(given: str) -> Path:
    """Return a path of the server's disk; a relative one would depend on where the server was started."""
    path = Path(given)
    if "\0" in given or not path.is_absolute():
        raise UsageError(f"The path {given!r} is not absolute; a server only takes paths from the root.")
    return path


@router.get("/doctor", response_model=FindingsOut)
def doctor(service: Served, _: Reads) -> Any:
    """Say in what catalogue and index differ."""
    return {"findings": service.engine.doctor()}


@router.post("/rebuild", response_model=Job, status_code=202)
def rebuild(body: Rebuilt, service: Served, caller: Administers) -> Response:
    """Make the index anew from the catalogue, as a job."""

    def work(_: Progress) -> dict[str, Any]:
        return {"passages": service.engine.rebuild(body.collection)}

    job = service.jobs.start("rebuild", work, owner=caller.owner)
    return JSONResponse(job.to_dict(), 202)


@jobs.get("/jobs", response_model=list[Job])
def list_jobs(service: Served, caller: Writes) -> Any:
    """List the caller's jobs, the newest first; with the scope `admin` everybody's."""
    return [job.to_dict() for job in service.jobs.list(caller.sees)]


@jobs.get("/jobs/{job_id}", response_model=Job)
def get_job(job_id: str, service: Served, caller: Writes) -> Any:
    """Say how far a job is, or what came of it."""
    return service.jobs.get(job_id, caller.sees).to_dict()


@jobs.delete("/jobs/{job_id}", response_model=Job, status_code=202)
def cancel_job(job_id: str, service: Served, caller: Writes) -> Any:
    """Cancel a job: it ends at its next step, and what it finished is kept."""
    return service.jobs.cancel(job_id, caller.sees).to_dict()
