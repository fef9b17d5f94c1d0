"""What both clients say to a server, as data; nothing here touches the network."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import httpx

from rag import wire
from rag.config import Settings
from rag.errors import PathError, UsageError
from rag.types import Answer, Document, Evidence, Step, Turn
from vectorstore.store import CollectionInfo, DocumentSummary, FailureRecord, Finding

T = TypeVar("T")

RETRIES = 2
POLL = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Seconds between two looks at a job; the last one for all further ones."""
PAGE = 1000
CONNECT_SECONDS = 10.0
_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")


@dataclass(frozen=True)
class Job:
    """A long work of the server, as it stands."""

    id: str
    state: str
    progress: Step | None = None
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in {"done", "failed", "cancelled"}


@dataclass(frozen=True)
class Call(Generic[T]):
    """One request and how its answer is read. `safe`: sent twice, it does nothing twice."""

    method: str
    path: str
    read: Callable[[Any], T]
    body: Any = None
    params: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    safe: bool = True

    def request(self) -> dict[str, Any]:
        """Return the arguments of httpx."""
        body = {} if self.body is None else {"json": self.body}
        params = {name: value for name, value in self.params.items() if value is not None}
        return {"method": self.method, "url": self.path, "params": params, "headers": self.headers, **body}


def asked(
    question: str, collection: str | None, document_ids: Sequence[str] | None, history: Sequence[Turn]
) -> dict[str, Any]:
    """Return the body of a question."""
    body: dict[str, Any] = {"question": _sound(question), "collection": collection}
    if document_ids is not None:
        body["document_ids"] = list(document_ids)
    return body | {"history": [{"role": turn.role, "content": _sound(turn.content)} for turn in history]}


def how(mode: str | None, quotes_only: bool) -> dict[str, Any]:
    """Return the rest of the body of a question: what differs from the server's own way of answering."""
    return {"mode": mode, "quotes_only": quotes_only}


def _sound(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def ask(body: dict[str, Any]) -> Call[Answer]:
    """Ask for a whole answer."""
    return Call("POST", "/v1/ask", _reader(Answer), body, headers=once())


def search(body: dict[str, Any]) -> Call[list[Evidence]]:
    """Ask for sentences."""
    return Call("POST", "/v1/search", _reader(list[Evidence], "evidence"), body)


def collections() -> Call[list[CollectionInfo]]:
    """Ask for the collections."""
    return Call("GET", "/v1/collections", _reader(list[CollectionInfo], "collections"))


def documents(collection: str | None, after: str | None) -> Call[tuple[list[DocumentSummary], str | None]]:
    """Ask for one page of the documents, and where the next one begins."""
    rows = _reader(list[DocumentSummary], "documents")
    params = {"collection": collection, "limit": PAGE, "after": after}
    return Call("GET", "/v1/documents", lambda data: (rows(data), data.get("next")), params=params)


def failures(collection: str | None) -> Call[list[FailureRecord]]:
    """Ask for the files that could not be read."""
    read = _reader(list[FailureRecord], "failures")
    return Call("GET", "/v1/failures", read, params={"collection": collection})


def document(document_id: str) -> Call[Document]:
    """Ask for a document with its text."""
    return Call("GET", f"/v1/documents/{_segment(document_id)}", _reader(Document))


def remove(document_ids: Sequence[str]) -> Call[None]:
    """Have documents forgotten."""
    body = {"document_ids": list(document_ids)}
    return Call("POST", "/v1/documents/remove", lambda _: None, body, safe=False)


def doctor() -> Call[list[Finding]]:
    """Ask what is wrong in the store."""
    return Call("GET", "/v1/doctor", _reader(list[Finding], "findings"))


def start(kind: str, body: dict[str, Any]) -> Call[Job]:
    """Have a job started: "ingest", "attach" or "rebuild"."""
    return Call("POST", f"/v1/{kind}", _reader(Job), body, safe=False)


def uploaded() -> Call[Job]:
    """Have files taken; they go beside it, as a form."""
    return Call("POST", "/v1/documents", _reader(Job), headers=once())


def rewind(request: dict[str, Any]) -> None:
    """Let the files of a request be sent from their beginning, also at the second try."""
    for _, (_, file) in request.get("files", ()):
        file.seek(0)


def job(job_id: str, *, cancel: bool = False) -> Call[Job]:
    """Ask how far a job is, or have it cancelled."""
    return Call("DELETE" if cancel else "GET", f"/v1/jobs/{_segment(job_id)}", _reader(Job))


def once() -> dict[str, str]:
    """Return the header that lets a request be sent again without being done again."""
    return {"Idempotency-Key": secrets.token_hex(16)}


def _segment(text: str) -> str:
    if not _ID.fullmatch(text):  # it would lead elsewhere
        raise PathError(f"There is no {text!r}: an id is letters and digits.")
    return text


def _reader(kind: Any, member: str | None = None) -> Callable[[Any], Any]:
    return lambda data: wire.read(kind, data if member is None else data[member])


def address(url: str | None, key: str | None, settings: Settings) -> tuple[str, str | None]:
    """Return the server's address and key, from the arguments or the settings.

    Raises:
        UsageError: neither names a server, or what they name is no address.
    """
    wanted = (url or settings.url or "").rstrip("/")
    if not wanted:
        raise UsageError(
            'No server was named; give its address, as in Client("http://127.0.0.1:7860"), or set RAG_URL.'
        )
    try:
        parsed = httpx.URL(wanted)
    except httpx.InvalidURL as fault:
        raise UsageError(f"{wanted!r} is no address of a server ({fault}); write http://HOST:PORT.") from fault
    if parsed.scheme not in {"http", "https"} or not re.fullmatch(r"[\w.:-]+", parsed.host):
        raise UsageError(f"{wanted!r} is no address of a server; write http://HOST:PORT.")
    secret = settings.server_key.get_secret_value() if settings.server_key else None
    return wanted.removesuffix("/v1"), key or secret


def options(url: str, key: str | None, timeout: float) -> dict[str, Any]:
    """Return the arguments of an httpx client."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    limit = httpx.Timeout(timeout, connect=CONNECT_SECONDS)
    # Proxies are for other machines.
    local = httpx.URL(url).host in {"127.0.0.1", "localhost", "::1"}
    return {"base_url": url, "headers": headers, "timeout": limit, "trust_env": not local}


@contextmanager
def opened(files: Sequence[tuple[str, Path]]) -> Iterator[list[tuple[str, Any]]]:
    """Open files for an upload, each under the name that it is to have there.

    Raises:
        UsageError: one can't be read.
    """
    with ExitStack() as stack:
        try:
            parts = [("files", (name, stack.enter_context(path.open("rb")))) for name, path in files]
        except OSError as fault:
            raise UsageError(f"{fault.filename} can't be read ({fault.strerror}); check its permissions.") from fault
        yield parts


def split(paths: Sequence[Path | str]) -> tuple[list[str], list[Path]]:
    """Return the web pages and the files and folders among what is to be read."""
    urls = [str(path) for path in paths if str(path).startswith(("http://", "https://"))]
    return urls, [Path(path).expanduser() for path in paths if str(path) not in urls]


def to_send(paths: Sequence[Path]) -> list[tuple[str, Path]]:
    """Return the files under these paths, each with its name from the path on; hidden ones don't count.

    Raises:
        PathError: there is nothing at a path.
    """
    found: list[tuple[str, Path]] = []
    for path in paths:
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.is_file())
            inner = [(file, file.relative_to(path)) for file in files]
            found += [
                (f"{path.absolute().name}/{name.as_posix()}", file)
                for file, name in inner
                if not any(part.startswith(".") for part in name.parts)
            ]
        elif path.exists():
            found.append((path.name, path))
        else:
            raise PathError(f"There is no file or folder {path}; check the path.")
    if not found:
        raise PathError("Nothing to send: the folder is empty (hidden files don't count); put documents there.")
    return found


def batches(
    files: Sequence[tuple[str, Path]], most: int = 50, size: int = 50_000_000
) -> Iterator[list[tuple[str, Path]]]:
    """Yield files in groups that are sent in one request each."""
    group: list[tuple[str, Path]] = []
    weight = 0
    for name, path in files:
        weight += path.stat().st_size
        if group and (len(group) >= most or weight > size):
            yield group
            group, weight = [], path.stat().st_size
        group.append((name, path))
    if group:
        yield group
