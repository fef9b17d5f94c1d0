"""The documents that questions are asked of: a folder, a file of documents (JSONL), or a collection that is there.

Whatever they are, each document keeps the doc_id that the questions know it by.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from rag.errors import PathError
from rag.evaluate.cases import Case, Gold, Problem
from rag.types import IngestReport

if TYPE_CHECKING:
    from rag.engine import Engine

_ID = ("doc_id", "_id", "id", "document_id")
_TITLE_CHARACTERS = 80
_TITLE_BYTES = 200
"""A file's name may have 255."""
_NOT_PLAIN = re.compile(r"\W+")
_SPACE = re.compile(r"\s+")


@dataclass
class Corpus:
    """The documents by the names that questions use; `collection` and `ids` are there once `attach` was called."""

    name: str
    texts: Mapping[str, Callable[[], str]]
    """How to get a document's text, by doc_id."""
    aliases: Mapping[str, str | None] = field(default_factory=dict)
    """Other names of documents, such as the bare file name; None where it could be several."""
    pools: Mapping[str, Sequence[str]] = field(default_factory=dict)
    fingerprint: str = ""
    problems: tuple[Problem, ...] = ()
    collection: str = ""
    ids: dict[str, str] = field(default_factory=dict)
    """doc_id to the id in the store; a document without a sentence has none."""
    attach: Callable[[Corpus], None] = lambda corpus: None
    """Bring the documents into the store."""

    def __post_init__(self) -> None:
        self._read: dict[str, str] = {}

    def text(self, doc_id: str) -> str:
        """Return the text of a document as quotes are looked for in it: as it is stored, accents on letters."""
        if doc_id not in self._read:
            self._read[doc_id] = normalize("NFC", self.texts[doc_id]())
        return self._read[doc_id]

    def doc_id(self, name: str) -> str | None:
        """Return the doc_id of a document by any of its names, or None; "papers:bert" may be the file bert.pdf."""
        known = (one for one in (name, name.rpartition(":")[2]) if one in self.texts or one in self.aliases)
        found = next(known, name)
        return found if found in self.texts else self.aliases.get(found)

    def resolved(self, case: Case) -> tuple[Case, list[Problem]]:
        """Return the case with its documents by their doc_id and its quotes as they stand there, and what is wrong."""
        resolver = _Resolver(self, case)
        evidence = tuple(gold for given in case.evidence for gold in resolver.gold(given))
        relevant = {resolver.known(name): grade for name, grade in case.relevant.items()}
        doc_ids = tuple(resolver.known(name) for name in case.doc_ids)
        if case.pool and self.pools and case.pool not in self.pools:
            resolver.note(f"there is no pool {case.pool!r} of documents")
        return replace(case, evidence=evidence, relevant=relevant, doc_ids=doc_ids), resolver.problems

    def searched(self, case: Case) -> list[str] | None:
        """Return the ids in the store that a question is restricted to, or None."""
        chosen = case.doc_ids or (self.pools.get(case.pool, ()) if case.pool else ())
        return [self.ids[doc_id] for doc_id in chosen if doc_id in self.ids] or None


@dataclass
class _Resolver:
    corpus: Corpus
    case: Case
    problems: list[Problem] = field(default_factory=list)

    def note(self, reason: str) -> None:
        self.problems.append(Problem(self.case.place, reason, self.case.id))

    def known(self, name: str) -> str:
        found = self.corpus.doc_id(name)
        if found is None:
            several = "could be several documents" if name in self.corpus.aliases else "is no document"
            self.note(f"{name!r} {several} of {self.corpus.name}")
        return found or name

    def gold(self, given: Gold) -> Iterator[Gold]:
        if given.doc_id:
            doc_id = self.known(given.doc_id)
            if given.quote is None or doc_id not in self.corpus.texts:
                yield Gold(doc_id, given.quote)
                return
            quote = as_it_stands(given.quote, self.corpus.text(doc_id))
            if quote is None:
                self.note(f"its quote does not stand in {given.doc_id!r}: “{shortened(given.quote)}”")
            yield Gold(doc_id, quote or given.quote)
            return
        wanted, found = given.quote or "", False
        for doc_id in self.corpus.texts:
            quote = as_it_stands(wanted, self.corpus.text(doc_id))
            if quote is not None:
                found = True
                yield Gold(doc_id, quote)
        if not found:
            self.note(f"its quote does not stand in any document: “{shortened(wanted)}”")


def as_it_stands(quote: str, text: str) -> str | None:
    """Return the words of a quote as they stand in a text, however white space is set there; None if they don't."""
    quote = normalize("NFC", quote)
    if quote in text:
        return quote
    words = quote.split()
    if not words or not all(word in text for word in words):
        return None
    found = re.search(r"\s+".join(map(re.escape, words)), text)
    return found[0] if found else None


def shortened(text: str, most: int = 80) -> str:
    """Return a text on one line, cut where it is long."""
    line = _SPACE.sub(" ", text).strip()
    return line if len(line) <= most else f"{line[: most - 1]}…"


def from_collection(engine: Engine, collection: str) -> Corpus:
    """Return the documents of a collection, named by their file: its whole path, or its name alone."""
    listed = engine.documents.list(collection)
    if not listed:
        raise PathError(f"Collection {collection!r} has no documents; `rag collections` shows the ones there are.")
    return _of_store(engine, collection, {document.uri: document.id for document in listed})


def from_path(engine: Engine, path: Path, questions: Path) -> tuple[Corpus, IngestReport]:
    """Bring a folder or file up to date and return its documents, named by their path in the folder.

    The question file itself is no document, also where it lies in the folder.
    """
    collection, report = engine.attach(path)
    root, own = root_of(path), str(questions.expanduser().absolute())
    names = {
        relative(document.uri, root): document.id
        for document in engine.documents.list(collection)
        if document.uri != own
    }
    if not names:
        raise PathError(f"Nothing of {path} could be read, so there is nothing to ask about.")
    return _of_store(engine, collection, names, name=path.name), report


def root_of(path: Path) -> Path:
    """Return the folder that documents are named within: the path itself, or that of a file."""
    root = path.expanduser().absolute()
    return root if root.is_dir() else root.parent


def relative(uri: str, root: Path | None) -> str:
    """Return a document's path in the folder; what lies elsewhere keeps its own."""
    try:
        return Path(uri).relative_to(root).as_posix() if root else uri
    except ValueError:
        return uri


def _of_store(engine: Engine, collection: str, ids: dict[str, str], name: str = "") -> Corpus:
    listed = {document.id: document for document in engine.documents.list(collection)}
    by_id = {document_id: doc_id for doc_id, document_id in ids.items()}

    def reader(document_id: str) -> Callable[[], str]:
        return lambda: engine.documents.get(document_id).text

    return Corpus(
        name or f"collection {collection}",
        {doc_id: reader(document_id) for doc_id, document_id in ids.items()},
        {**_aliases(ids), **by_id, **{listed[document_id].uri: doc_id for doc_id, document_id in ids.items()}},
        fingerprint=_hash(
            f"{doc_id}\0{listed[document_id].content_hash}" for doc_id, document_id in sorted(ids.items())
        ),
        collection=collection,
        ids=dict(ids),
    )


def _aliases(names: Iterator[str] | Mapping[str, str]) -> dict[str, str | None]:
    """Return file names and stems, each with the one document that it can mean."""
    found: dict[str, str | None] = {}
    for name in names:
        for alias in {Path(name).name, Path(name).stem} - {name}:
            found[alias] = None if alias in found else name
    return found


def from_jsonl(engine: Engine, path: Path) -> Corpus:
    """Return the documents of a JSONL file: doc_id, text, and title, published_at, pool where they are known.

    BEIR's names (_id) do as well. Nothing is put into the store before `attach`.
    """
    rows: dict[str, dict[str, Any]] = {}
    problems = []
    for place, row in _rows(path):
        doc_id = str(next((row[name] for name in _ID if row.get(name) not in (None, "")), "")) if row else ""
        if row is None or not doc_id or not isinstance(row.get("text"), str):
            reason = "is not JSON with an object" if row is None else "has no doc_id or no text"
            problems.append(Problem(place, reason))
        elif doc_id in rows:
            problems.append(Problem(place, f"its doc_id {doc_id!r} stands there already"))
        else:
            rows[doc_id] = row
    if not rows and not problems:
        raise PathError(f'{path} is empty; put one document on each line: {{"doc_id": …, "text": …}}.')
    pools: dict[str, list[str]] = {}
    for doc_id, row in rows.items():
        if row.get("pool"):
            pools.setdefault(str(row["pool"]), []).append(doc_id)

    def put(corpus: Corpus) -> None:
        folder = engine.settings.home / "evaluate" / f"{_plain(path.parent.name)}-{corpus.fingerprint[:8]}"
        paths = _written(folder, rows)
        corpus.collection, _ = engine.attach(folder)
        there = {document.uri: document.id for document in engine.documents.list(corpus.collection)}
        corpus.ids = {doc_id: there[uri] for doc_id, uri in paths.items() if uri in there}

    return Corpus(
        path.name,
        {doc_id: _constant(str(row["text"])) for doc_id, row in rows.items()},
        pools=pools,
        fingerprint=_hash(f"{doc_id}\0{_contents(row)}" for doc_id, row in sorted(rows.items())),
        problems=tuple(problems),
        attach=put,
    )


def _constant(text: str) -> Callable[[], str]:
    return lambda: text


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any] | None]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield f"{path.name}, line {number}", _object(line)
    except FileNotFoundError as error:
        raise PathError(f"There is no file {path}; check the path.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise PathError(f"{path} can't be read as UTF-8 text ({error}).") from error


def _object(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _written(folder: Path, rows: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    """Write each document into a file of its own, titled by its name; return the path by doc_id."""
    paths: dict[str, str] = {}
    for number, (doc_id, row) in enumerate(rows.items()):
        title = _NOT_PLAIN.sub(" ", str(row.get("title") or "")).strip()[:_TITLE_CHARACTERS].strip()
        title = title.encode("utf-8", "replace")[:_TITLE_BYTES].decode("utf-8", "ignore")
        path = folder / f"{number:05d}" / f"{title or 'untitled'}.txt"
        text = _contents(row)
        if not path.exists() or path.read_bytes() != text.encode("utf-8", "replace"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8", "replace"))
        paths[doc_id] = str(path.absolute())
    return paths


def _contents(row: Mapping[str, Any]) -> str:
    """Return the text with its date on top, as front matter, where it is known: the reader takes it from there."""
    dated = f"---\ndate: {str(row['published_at'])[:10]}\n---\n\n" if row.get("published_at") else ""
    return dated + str(row["text"])


def _plain(name: str) -> str:
    return _NOT_PLAIN.sub("-", name).strip("-") or "documents"


def _hash(parts: Iterator[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode("utf-8", "replace") + b"\0")
    return digest.hexdigest()
