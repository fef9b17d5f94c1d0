"""The composition root: settings -> store, embedder, model, wired; what the CLI, the UI and Python programs call."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Generator, Sequence
from concurrent.futures import Future
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rag.answer import Task, is_promising, respond
from rag.chat import standalone
from rag.config import Settings
from rag.errors import PathError, QuestionError
from rag.ingest import collection_of, ingest
from rag.models import ModelStore
from rag.retrieve import Found, Retriever, within
from rag.types import Answer, AnswerEvent, Document, Done, Evidence, IngestReport, Progress, Span, Turn
from vectorstore.local import open_store
from vectorstore.store import CollectionInfo, DocumentSummary, Finding

if TYPE_CHECKING:
    from llama_index.core.base.base_retriever import BaseRetriever
    from llama_index.core.chat_engine.types import BaseChatEngine
    from llama_index.core.llms import LLM
    from llama_index.core.query_engine import BaseQueryEngine

    from rag.embed import SentenceEmbedder
    from rag.writer import Writer
    from vectorstore.local import LocalStore

QUOTING_TOKENS = 2000
"""Tokens of evidence where no model reads it (RAG_LLM=none)."""


class Documents:
    """The documents of the store: list, get, remove."""

    def __init__(self, store: LocalStore) -> None:
        self._store = store

    def list(self, collection: str | None = None) -> list[DocumentSummary]:
        """Return the documents of a collection, or of all, by uri; without their texts."""
        return self._store.documents(collection)

    def get(self, document_id: str) -> Document:
        """Return a document with its text.

        Raises:
            PathError: there is no such document.
        """
        found = self._store.document(document_id)
        if found is None:
            raise PathError(f"There is no document {document_id!r}; `rag documents list` shows the ones there are.")
        return Document(
            uri=found.uri,
            title=found.title,
            text=found.text,
            content_hash=found.content_hash,
            media_type=found.media_type,
            published_at=found.published_at,
            author=found.author,
            pages=tuple(Span(start, end) for start, end in found.pages),
            id=found.id,
            added_at=found.added_at,
        )

    def remove(self, document_id: str) -> None:
        """Remove a document from the store, not its file.

        Raises:
            PathError: there is no such document.
        """
        if not self._store.remove([document_id]):
            raise PathError(f"There is no document {document_id!r}; `rag documents list` shows the ones there are.")


class Engine:
    """Ask, search and keep documents. Opens quickly: models are fetched and loaded when they are first needed.

    Any number of threads may use one. Close it, or use it in a `with` block, to free the models and the store.
    """

    def __init__(
        self, settings: Settings | None = None, *, llm: LLM | None = None, progress: Progress | None = None
    ) -> None:
        self.settings = settings or Settings.load()
        self._llm = llm
        self._progress = progress
        self._models = ModelStore(self.settings.home, offline=self.settings.offline)
        self._store = open_store(
            self.settings.home, chroma_url=self.settings.chroma_url, lock_seconds=self.settings.lock_seconds
        )
        self.documents = Documents(self._store)
        self._lock = threading.Lock()
        self._opened: Future[Writer | None] | None = None

    def ask(
        self,
        question: str,
        *,
        collection: str | None = None,
        document_ids: Sequence[str] | None = None,
        history: Sequence[Turn] = (),
    ) -> Answer:
        """Return the checked answer to a question over a collection, or over some of its documents.

        Raises:
            QuestionError: the question is empty or too long.
            ModelError, LLMError, StoreError: see rag.errors.
        """
        events = self.stream(question, collection=collection, document_ids=document_ids, history=history)
        return next(event.answer for event in events if isinstance(event, Done))

    def stream(
        self,
        question: str,
        *,
        collection: str | None = None,
        document_ids: Sequence[str] | None = None,
        history: Sequence[Turn] = (),
    ) -> Generator[AnswerEvent]:
        """Yield the events of an answer as they happen; the last is Done. Closing the iterator stops the model."""
        asked = self._checked(question)
        began = time.perf_counter()
        opening = self._writer()
        understood = standalone(asked, history, opening.result) if history else asked
        understanding = time.perf_counter() - began
        found = self._find(understood, collection, document_ids)
        # What is nowhere near the documents is refused without waiting for the model.
        writer = opening.result() if is_promising(found.answerable, self.settings.mode) else None
        task = Task(
            question=asked,
            standalone=understood,
            evidence=within(found.evidence, writer.evidence_tokens if writer else QUOTING_TOKENS),
            answerable=found.answerable,
            missing=found.missing,
            searched=found.passages,
            mode=self.settings.mode,
            understand=understanding,
            retrieve=time.perf_counter() - began - understanding,
            answer_tokens=self.settings.answer_tokens,
        )
        yield from respond(task, writer)

    async def aask(
        self,
        question: str,
        *,
        collection: str | None = None,
        document_ids: Sequence[str] | None = None,
        history: Sequence[Turn] = (),
    ) -> Answer:
        """Return what `ask` returns, without blocking the event loop."""
        return await asyncio.to_thread(
            self.ask, question, collection=collection, document_ids=document_ids, history=history
        )

    async def astream(
        self,
        question: str,
        *,
        collection: str | None = None,
        document_ids: Sequence[str] | None = None,
        history: Sequence[Turn] = (),
    ) -> AsyncIterator[AnswerEvent]:
        """Yield what `stream` yields, without blocking the event loop."""
        events = self.stream(question, collection=collection, document_ids=document_ids, history=history)
        turn = threading.Lock()

        def step() -> AnswerEvent | None:
            with turn:
                return next(events, None)

        def stop() -> None:
            with turn:
                events.close()

        try:
            while (event := await asyncio.to_thread(step)) is not None:
                yield event
        finally:
            await asyncio.to_thread(stop)

    def search(self, question: str, *, k: int | None = None, collection: str | None = None) -> list[Evidence]:
        """Return the sentences nearest to a question, best first, asking no model; `k` defaults to `passages`."""
        found = self._find(self._checked(question), collection, None)
        return list(found.evidence[: k or self.settings.passages])

    def ingest(
        self, paths: Sequence[Path | str], *, collection: str | None = None, prune: bool = False
    ) -> IngestReport:
        """Bring a collection up to date with files and folders; unchanged files cost next to nothing.

        Raises:
            PathError: a path is missing or empty, or nothing there can be read.
        """
        return ingest(
            [Path(path) for path in paths],
            store=self._store,
            embedder=self._embedder,
            collection=collection or self.settings.collection,
            settings=self.settings,
            prune=prune,
            progress=self._progress,
        )

    def attach(self, path: Path | str) -> tuple[str, IngestReport]:
        """Bring the collection that belongs to this file or folder alone up to date; return its name."""
        name = collection_of(Path(path))
        return name, self.ingest([path], collection=name, prune=True)

    def collections(self) -> list[CollectionInfo]:
        """Return the collections by name."""
        return self._store.collections()

    def doctor(self) -> list[Finding]:
        """Return every way in which the catalogue and the index differ; empty when all is well."""
        from vectorstore.check import doctor

        return doctor(self._store)

    def rebuild(self, collection: str | None = None) -> int:
        """Make the index anew from the catalogue, without embedding; return the number of passages."""
        from vectorstore.check import rebuild

        return rebuild(self._store, collection)

    def retriever(self) -> Retriever:
        """Return the retrieval stage alone, for measuring it."""
        return Retriever(self._store, self._embedder, self.settings.passages)

    def as_retriever(self, collection: str | None = None) -> BaseRetriever:
        """Return a llama-index retriever over a collection: a node a sentence, with offsets to quote by."""
        from rag.llamaindex import FootnoteRetriever

        return FootnoteRetriever(self, collection)

    def as_query_engine(self, collection: str | None = None) -> BaseQueryEngine:
        """Return a llama-index query engine whose response carries the checked citations."""
        from rag.llamaindex import FootnoteQueryEngine

        return FootnoteQueryEngine(self, collection)

    def as_chat_engine(self, collection: str | None = None) -> BaseChatEngine:
        """Return a llama-index chat engine; it keeps one conversation."""
        from rag.llamaindex import FootnoteChatEngine

        return FootnoteChatEngine(self, collection)

    def close(self) -> None:
        """Free the models and release the store."""
        with self._lock:
            opened, self._opened = self._opened, None
        if opened is not None and not opened.cancel() and opened.exception() is None:
            writer = opened.result()
            if writer is not None:
                writer.close()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _checked(self, question: str) -> str:
        asked = question.strip()
        if not asked:
            raise QuestionError("The question is empty; type what you want to know.")
        if len(asked) > self.settings.question_characters:
            raise QuestionError(
                f"The question has {len(asked):,} characters; at most {self.settings.question_characters:,} are "
                "accepted (RAG_QUESTION_CHARACTERS). Put long texts among the documents and ask about them."
            )
        # A lone surrogate (half a character, from a broken terminal) can't be stored or sent.
        return asked.encode("utf-8", "replace").decode("utf-8")

    def _find(self, question: str, collection: str | None, document_ids: Sequence[str] | None) -> Found:
        name = collection or self.settings.collection
        known = next((info for info in self._store.collections() if info.name == name), None)
        if known is None or not known.passages:
            raise PathError(self._nothing_to_search(name, known))
        self._store.ensure_collection(name, self._embedder.fingerprint, self._embedder.dimensions)
        return self.retriever().search(question, name, document_ids)

    def _nothing_to_search(self, name: str, known: CollectionInfo | None) -> str:
        what = f"Collection {name!r} has no documents yet" if known else f"There is no collection {name!r} yet"
        return f"{what}; add some with `rag ingest PATH --collection {name}`, or ask with `--docs PATH`."

    @cached_property
    def _embedder(self) -> SentenceEmbedder:
        from rag.embed import SentenceEmbedder, fingerprint

        name = self.settings.embedding
        if name in self._models.catalogue:
            folder = self._models.pull(name, self._progress)
            mark = self._models.catalogue[name].sha256
        else:
            repo = name.removeprefix("hf:")
            folder = self._models.hf_folder(repo, self._progress) if name != repo else Path(name).expanduser()
            mark = fingerprint(folder)
        return SentenceEmbedder(folder, f"{Path(name).name}@{mark[:12]}", self.settings.cores)

    def _writer(self) -> Future[Writer | None]:
        """Begin to open the model that writes, once; a failed try is made again at the next question."""
        with self._lock:
            failed = self._opened is not None and self._opened.done() and self._opened.exception() is not None
            if self._opened is None or failed:
                self._opened = Future()
                threading.Thread(target=self._open_writer, args=(self._opened,), name="open-model", daemon=True).start()
            return self._opened

    def _open_writer(self, future: Future[Writer | None]) -> None:
        from rag.llm import open_writer, wrap

        if not future.set_running_or_notify_cancel():
            return
        try:
            opened = wrap(self._llm, self.settings) if self._llm is not None else None
            future.set_result(opened or open_writer(self.settings, self._fetch, self._progress))
        except BaseException as error:
            future.set_exception(error)

    def _fetch(self, name: str) -> Path:
        if name.startswith("hf:"):
            return self._models.hf_file(name.removeprefix("hf:"), self._progress)
        return self._models.pull(name, self._progress)
