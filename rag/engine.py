"""The composition root: settings -> store, embedder, model, wired; what the CLI, the UI and Python programs call."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Generator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rag.answer import Task, is_promising, respond
from rag.budget import fitting_first, within
from rag.chat import ask_back, asked_back
from rag.chats import Chats
from rag.choices import Choices
from rag.config import Settings
from rag.documents import Documents
from rag.errors import PathError, QuestionError, UsageError
from rag.ingest import collection_of, ingest
from rag.line import Line
from rag.load import readable_suffixes
from rag.mend import sound
from rag.opening import Models, WriterState
from rag.retrieve import Retriever
from rag.seeking import Scope
from rag.task import Mode
from rag.types import Answer, AnswerEvent, Done, Evidence, IngestReport, Progress, Step, Turn, Understood
from rag.understand.several import asks_for_several
from vectorstore.local import open_store
from vectorstore.store import CollectionInfo, Finding

if TYPE_CHECKING:
    from llama_index.core.base.base_retriever import BaseRetriever
    from llama_index.core.chat_engine.types import BaseChatEngine
    from llama_index.core.llms import LLM
    from llama_index.core.query_engine import BaseQueryEngine

    from rag.embed import Embedder, Vectors
    from rag.writer import Writer

QUOTING_TOKENS = 2000
"""Tokens of evidence that may be quoted, whether a model reads it or not."""
STOP_SECONDS = 0.5
"""How long a cancelled `astream` waits for a model to take notice that can't be hung up on: at its next word."""


class Engine:
    """Ask, search and keep documents. Opens quickly: models are fetched and loaded when they are first needed.

    Any number of threads may use one. Close it, or use it in a `with` block, to free the models and the store;
    what is asked of it afterwards is refused with a RagError.

    Args:
        settings: by default those of rag.toml and the environment (Settings.load).
        llm: a llama-index LLM that writes the answers, in place of the one that `settings.llm` names.
        embedder: what turns text into vectors, in place of the model that `settings.embedding` names.
        progress: is told of every step of long jobs, from any thread.

    Raises:
        UsageError: a setting is wrong, or `llm` is no LLM.
        StoreUnreadableError, StoreWriteError: the catalogue is damaged, or its folder can't be used.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        llm: LLM | None = None,
        embedder: Embedder | None = None,
        progress: Progress | None = None,
    ) -> None:
        if llm is not None and not hasattr(llm, "stream_chat"):
            raise UsageError(
                f"Engine(llm=…) takes an LLM object of llama-index, not {llm!r}; "
                "a model is named in the settings: Engine(Settings.load(llm=…))."
            )
        self.settings = settings or Settings.load()
        self._listeners: dict[object, Progress] = {object(): progress} if progress else {}
        self._models = Models(self.settings, llm, embedder, self._tell)
        self._models.refuse_unknown()
        self._store = open_store(
            self.settings.home, chroma_url=self.settings.chroma_url, lock_seconds=self.settings.lock_seconds
        )
        self.documents = Documents(self._store, self.settings)
        self.chats = Chats(self._store.chats, self._store)
        self.choices = Choices(self)
        self._retriever: Retriever | None = None
        self._wiring = threading.Lock()

    def checked(self, question: str) -> str:
        """Return a question as it will be asked, without waiting for documents or models.

        Raises:
            QuestionError: it is empty or too long.
        """
        asked = question.strip()
        if not asked:
            raise QuestionError("The question is empty; type what you want to know.")
        if len(asked) > self.settings.question_characters:
            raise QuestionError(
                f"The question has {len(asked):,} characters; at most {self.settings.question_characters:,} are "
                "accepted (RAG_QUESTION_CHARACTERS). Put long texts among the documents and ask about them."
            )
        return sound(asked)

    def ask(
        self,
        question: str,
        *,
        collection: str | None = None,
        document_ids: Sequence[str] | None = None,
        history: Sequence[Turn] = (),
    ) -> Answer:
        """Return the checked answer to a question over a collection, or over some of its documents.

        Args:
            question: up to `settings.question_characters` long.
            collection: by default `settings.collection`.
            document_ids: ids of documents of the collection; nothing else is searched or quoted.
            history: what was said before, oldest first; a follow-up is understood from it.

        Raises:
            QuestionError: the question is empty or too long.
            PathError: there is no such collection or document in it, or nothing to search.
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
        mode: Mode | None = None,
        quotes_only: bool = False,
    ) -> Generator[AnswerEvent]:
        """Yield the events of an answer as they happen; the last is Done. Closing the iterator stops the model.

        Arguments and errors are those of `ask`; a wrong question or collection is refused at once, before the
        first event is asked for. `mode` is by default that of the settings; `quotes_only` asks no model to write.
        """
        asked, name = self._admitted(question, collection, document_ids)
        return self._events(asked, name, document_ids, history, threading.Event(), mode, quotes_only)

    def _events(
        self,
        asked: str,
        collection: str,
        document_ids: Sequence[str] | None,
        history: Sequence[Turn],
        stopped: threading.Event,
        mode: Mode | None,
        quotes_only: bool,
    ) -> Generator[AnswerEvent]:
        began, mode = time.perf_counter(), mode or self.settings.mode
        opened: Callable[[], Writer | None] = (lambda: None) if quotes_only else self._models.writer().result
        self._ready(collection)
        scope = Scope(self.retriever(), collection, document_ids)
        sought = scope.sought(asked, history, opened)
        understanding = time.perf_counter() - began
        yield Understood(asked, sought.whole)
        found = scope.found(sought)
        if doubt := ask_back(asked, sought.heard.spoken, found.evidence):
            return (yield from asked_back(asked, sought.whole, doubt, found.evidence, began, understanding))
        # What is nowhere near the documents is refused without waiting for the model.
        writer = opened() if is_promising(found.answerable, found.situation, "lenient") else None
        ordered = fitting_first(found.evidence) if asks_for_several(sought.asks) else found.evidence
        task = Task(
            question=asked,
            standalone=found.asks(sought.asks),
            unanswered=found.unanswered,
            understood=sought.whole,
            evidence=within(found.evidence, max(QUOTING_TOKENS, writer.evidence_tokens if writer else 0)),
            read=within(ordered, writer.evidence_tokens) if writer else (),
            answerable=found.answerable,
            missing=found.missing,
            searched=found.passages,
            situation=found.situation,
            mode=mode,
            understand=understanding,
            retrieve=time.perf_counter() - began - understanding,
            answer_tokens=self.settings.answer_tokens,
            checker=self._models.checker(),
            stopped=stopped,
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
        mode: Mode | None = None,
        quotes_only: bool = False,
    ) -> AsyncIterator[AnswerEvent]:
        """Yield what `stream` yields, without blocking the event loop; cancelling it or `aclose` stops the model."""
        stopped, turn = Line(), threading.Lock()

        def begin() -> Generator[AnswerEvent]:
            asked, name = self._admitted(question, collection, document_ids)
            yield from self._events(asked, name, document_ids, history, stopped, mode, quotes_only)

        events = begin()

        def step() -> AnswerEvent | None:
            with turn, stopped.held():
                return next(events, None)

        def stop() -> None:
            with turn:
                events.close()

        try:
            while (event := await asyncio.to_thread(step)) is not None:
                yield event
        finally:
            stopped.set()
            # A step may be waiting for a model that can't be hung up on; whoever cancelled must not wait for that, too.
            await asyncio.wait([asyncio.get_running_loop().run_in_executor(None, stop)], timeout=STOP_SECONDS)

    def search(
        self,
        question: str,
        *,
        k: int | None = None,
        collection: str | None = None,
        document_ids: Sequence[str] | None = None,
    ) -> list[Evidence]:
        """Return the `k` sentences nearest to a question, best first, asking no model to write.

        `k` is by default `settings.passages`; errors as for `ask`.
        """
        asked, name = self._admitted(question, collection, document_ids)
        self._ready(name)
        wanted = self.settings.passages if k is None else max(0, k)
        scope = Scope(self.retriever(), name, document_ids)
        return list(scope.found(scope.sought(asked, (), lambda: None)).evidence[:wanted])

    def ingest(
        self,
        paths: Sequence[Path | str],
        *,
        collection: str | None = None,
        prune: bool = False,
        retry: bool | None = None,
        progress: Progress | None = None,
    ) -> IngestReport:
        """Bring a collection up to date with files, folders and web pages; unchanged ones cost next to nothing.

        Arguments and errors are those of `rag.ingest.ingest`. `progress` is told of the steps of this one, in place of
        the engine's; what it raises ends the work, and what was finished before is kept.
        """
        return ingest(
            paths,
            store=self._store,
            embedder=self._models.embedder(),
            collection=collection or self.settings.collection,
            settings=self.settings,
            prune=prune,
            retry=retry,
            progress=progress or self._tell,
        )

    def attach(self, path: Path | str, *, progress: Progress | None = None) -> tuple[str, IngestReport]:
        """Bring the collection that belongs to this file or folder alone up to date; return its name.

        Raises:
            PathError: there is nothing at the path; what was read before is kept (a disk may be unmounted).
        """
        if not Path(path).expanduser().exists():
            raise PathError(f"There is no file or folder {path}; check the path.")
        name = collection_of(Path(path))
        return name, self.ingest([path], collection=name, prune=True, progress=progress)

    def collections(self) -> list[CollectionInfo]:
        """Return the collections by name."""
        return self._store.collections()

    def readable(self) -> list[str]:
        """Return the suffixes of the files that can be read, with their dot."""
        return list(readable_suffixes())

    def listen(self, progress: Progress) -> Callable[[], object]:
        """Tell `progress` of every step of long jobs from now on, from any thread; call what is returned to end it."""
        self._listeners[key := object()] = progress
        return partial(self._listeners.pop, key, None)

    def warm(self, *, writer: bool = True) -> None:
        """Fetch and open the models now, so that the first question needn't wait; returns when they are there.

        Without `writer` only the one that finds sentences: it is small, and enough for answers made of quotes.

        Raises:
            ModelError, LLMError: one can't be had; questions will say so, too.
        """
        self._models.embedder()
        if writer:
            self._models.writer().result()

    def writer_state(self) -> WriterState:
        """Say what has become of the model that writes: nobody wanted it yet, opening, ready, or failed and why."""
        return self._models.state()

    def doctor(self) -> list[Finding]:
        """Return every way in which the catalogue and the index differ; empty when all is well."""
        from vectorstore.check import doctor

        return doctor(self._store)

    def rebuild(self, collection: str | None = None) -> int:
        """Make the index anew from the catalogue, without embedding; return the number of passages."""
        from vectorstore.check import rebuild

        step = "Rebuilding the index"
        return rebuild(self._store, collection, lambda done, all_: self._tell(Step(step, done, all_, "passages")))

    def writer(self) -> Writer | None:
        """Return the model that writes, alone, for judging answers with it; None where the settings name none.

        Raises:
            ModelError, LLMError: it can't be had.
        """
        return self._models.writer().result()

    def retriever(self) -> Retriever:
        """Return the retrieval stage alone, for measuring it; always the same one, because it remembers sentences.

        Raises:
            ModelError: the embedding model can't be had.
        """
        if self._retriever is None:
            made = self._models.retriever(self._store, self.settings.passages)
            with self._wiring:  # threads that come at once share one line and one memory
                self._retriever = self._retriever or made
        return self._retriever

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return a row of unit length for each text, by the model that finds sentences; errors as for `retriever`."""
        return self._models.embedder().documents(list(texts))

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
        """Free the models and release the store, in seconds (rag.opening.CLOSE_SECONDS); a second call does nothing."""
        self._models.close()
        self.documents.close()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _tell(self, step: Step) -> None:
        for listener in tuple(self._listeners.values()):
            listener(step)

    def _admitted(self, question: str, collection: str | None, document_ids: Sequence[str] | None) -> tuple[str, str]:
        asked = self.checked(question)
        return asked, self.documents.searchable(collection or self.settings.collection, document_ids)

    def _ready(self, collection: str) -> None:
        self._store.ensure_collection(collection, (model := self._models.embedder()).fingerprint, model.dimensions)
