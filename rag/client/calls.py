"""What both clients say to a server, as data; nothing here touches the network."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import httpx

from rag import wire
from rag.config import COLLECTION_NAME, Settings
from rag.errors import PathError, QuestionError, UsageError
from rag.types import Answer, Document, Evidence, PageBoxes, PagePicture, Step, Turn
from vectorstore.store import CollectionInfo, DocumentSummary, FailureRecord, Finding

T = TypeVar("T")

RETRIES = 2
POLL = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Seconds between two looks at a job; the last one for all further ones."""
PAGE = 1000
CONNECT_SECONDS = 10.0
NO_PRUNE = "--prune is for files on the server's own disk; remove documents one by one instead."
Said = Turn | Mapping[str, str]
"""One message of a conversation, also as question files have it: {"role": "user", "content": "…"}."""
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
    raw: bool = False
    """`read` gets the answer as it came, not its JSON."""

    def request(self) -> dict[str, Any]:
        """Return the arguments of httpx; UsageError where they name a collection that none can be called."""
        for given in (self.body, self.params):
            if isinstance(given, dict):
                collection_of(given.get("collection"))
        body = {} if self.body is None else {"json": self.body}
        params = {name: value for name, value in self.params.items() if value is not None}
        return {"method": self.method, "url": self.path, "params": params, "headers": self.headers, **body}


def checked(question: str) -> str:
    """Return a question as it will be asked; an empty one is a QuestionError, for the rest the server decides."""
    if not _text(question).strip():
        raise QuestionError("The question is empty; type what you want to know.")
    return question.strip()


def asked(
    question: str, collection: str | None, document_ids: Sequence[str] | None, history: Sequence[Said]
) -> dict[str, Any]:
    """Return the body of a question.

    Raises:
        UsageError: the question is no text, or something in the history is no message.
    """
    body: dict[str, Any] = {"question": _sound(_text(question)), "collection": collection}
    if document_ids is not None:
        body["document_ids"] = list(document_ids)
    said = [_turn(turn) for turn in history]
    return body | {"history": [{"role": turn.role, "content": _sound(turn.content)} for turn in said]}


def _text(question: Any) -> str:
    if not isinstance(question, str):
        raise QuestionError(f"The question is not a text but {type(question).__name__}; type what you want to know.")
    return question


def _turn(said: Any) -> Turn:
    if isinstance(said, Turn):
        return said
    if isinstance(said, Mapping) and said.get("role") in {"user", "assistant"} and isinstance(said.get("content"), str):
        return Turn(said["role"], said["content"])
    raise UsageError(
        f'history has {said!r:.80}, which is no message; give Turn("user", "…") or {{"role": "user", "content": "…"}}, '
        "with the role user or assistant."
    )


def how(mode: str | None, quotes_only: bool) -> dict[str, Any]:
    """Return the rest of the body of a question: what differs from the server's own way of answering."""
    return {"mode": mode, "quotes_only": quotes_only}


def _sound(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def ask(body: dict[str, Any]) -> Call[Answer]:
    """Ask for a whole answer."""
    return Call("POST", "/v1/ask", reader(Answer), body, headers=once())


def search(body: dict[str, Any]) -> Call[list[Evidence]]:
    """Ask for sentences."""
    return Call("POST", "/v1/search", reader(list[Evidence], "evidence"), body)


def collections() -> Call[list[CollectionInfo]]:
    """Ask for the collections."""
    return Call("GET", "/v1/collections", reader(list[CollectionInfo], "collections"))


def documents(collection: str | None, after: str | None) -> Call[tuple[list[DocumentSummary], str | None]]:
    """Ask for one page of the documents, and where the next one begins."""
    rows = reader(list[DocumentSummary], "documents")
    params = {"collection": collection, "limit": PAGE, "after": after}
    return Call("GET", "/v1/documents", lambda data: (rows(data), data.get("next")), params=params)


def failures(collection: str | None) -> Call[list[FailureRecord]]:
    """Ask for the files that could not be read."""
    read = reader(list[FailureRecord], "failures")
    return Call("GET", "/v1/failures", read, params={"collection": collection})


def document(document_id: str) -> Call[Document]:
    """Ask for a document with its text."""
    return Call("GET", f"/v1/documents/{segment(document_id)}", reader(Document))


def page(document_id: str, number: int, width: int) -> Call[PagePicture]:
    """Ask for a page as a picture."""

    def read(reply: httpx.Response) -> PagePicture:
        png = reply.content
        if not png.startswith(b"\x89PNG"):
            raise ValueError("no picture")
        size = (int.from_bytes(png[16:20]), int.from_bytes(png[20:24]))
        return PagePicture(number, int(reply.headers["x-pages"]), *size, png)

    return Call("GET", f"/v1/documents/{segment(document_id)}/pages/{number}", read, params={"width": width}, raw=True)


def boxes(document_id: str, start: int, end: int) -> Call[tuple[PageBoxes, ...]]:
    """Ask where characters stand on their pages."""
    rows = reader(tuple[PageBoxes, ...], "pages")
    return Call("GET", f"/v1/documents/{segment(document_id)}/boxes", rows, params={"start": start, "end": end})


def original(document_id: str) -> Call[bytes]:
    """Ask for the file that a document was read from."""
    path = f"/v1/documents/{segment(document_id)}/original"
    return Call("GET", path, lambda reply: bytes(reply.content), raw=True)


def stream(body: dict[str, Any]) -> Call[None]:
    """Ask for an answer as events."""
    return Call("POST", "/v1/ask/stream", lambda _: None, body)


def evaluation(run_id: str) -> Call[dict[str, Any]]:
    """Ask for what came of a question set."""
    return Call("GET", f"/v1/evaluations/{segment(run_id)}", lambda data: dict(data))


def remove(document_ids: Sequence[str]) -> Call[None]:
    """Have documents forgotten."""
    body = {"document_ids": list(document_ids)}
    return Call("POST", "/v1/documents/remove", lambda _: None, body, safe=False)


def doctor() -> Call[list[Finding]]:
    """Ask what is wrong in the store."""
    return Call("GET", "/v1/doctor", reader(list[Finding], "findings"))


def start(kind: str, body: dict[str, Any]) -> Call[Job]:
    """Have a job started: "ingest", "attach" or "rebuild"."""
    return Call("POST", f"/v1/{kind}", reader(Job), body, safe=False)


def uploaded() -> Call[Job]:
    """Have files taken; they go beside it, as a form."""
    return Call("POST", "/v1/documents", reader(Job), headers=once())


def job(job_id: str, *, cancel: bool = False) -> Call[Job]:
    """Ask how far a job is, or have it cancelled."""
    return Call("DELETE" if cancel else "GET", f"/v1/jobs/{segment(job_id)}", reader(Job))


def once() -> dict[str, str]:
    """Return the header that lets a request be sent again without being done again."""
    return {"Idempotency-Key": secrets.token_hex(16)}


def collection_of(name: str | None) -> str | None:
    """Return the name of a collection; UsageError where none can be called so."""
    if name is not None and not (isinstance(name, str) and re.fullmatch(COLLECTION_NAME, name)):
        raise UsageError(
            f"{name!r} can't be the name of a collection; it has letters, digits, '.', '_' and '-' (at most 200) and "
            "begins with a letter or digit."
        )
    return name


def no_attach(settings: Settings) -> UsageError:
    """Return the error of a path that the server can't see."""
    way = "unset RAG_URL" if settings.url else "make the client with shares_disk=True if the server is on this machine"
    return UsageError(f"The server can't see paths of this machine; send them with `ingest`, or {way}.")


def segment(text: str) -> str:
    """Return an id as a part of a path; PathError where it is none."""
    if not _ID.fullmatch(text):  # it would lead elsewhere
        raise PathError(f"There is no {text!r}: an id is letters and digits.")
    return text


def reader(kind: Any, member: str | None = None) -> Callable[[Any], Any]:
    """Return what reads an answer, or a member of it, as this type."""
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
