"""The client for programs without an event loop."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

import httpx

from rag.client import answers, calls, sending
from rag.client.calls import Call, Job, Said
from rag.client.chats import RemoteChats
from rag.config import Settings
from rag.errors import UsageError
from rag.types import (
    Answer,
    AnswerEvent,
    Document,
    Evidence,
    FileReport,
    IngestReport,
    PageBoxes,
    PagePicture,
    Progress,
    Span,
)
from vectorstore.store import CollectionInfo, DocumentSummary, FailureRecord, Finding

if TYPE_CHECKING:
    from rag.evaluate import Options, Report

T = TypeVar("T")


class Client:
    """Ask, search and keep documents of a `rag serve`, with the methods of an Engine; threads may share one.

    Args:
        url: of the server; by default the setting `url` (RAG_URL).
        key: an API key; by default the setting `server_key` (RAG_SERVER_KEY).
        timeout: seconds of silence; by default the setting `timeout`.
        retries: further tries after a failure that may pass, where nothing is done twice by it.
        shares_disk: the server is on this machine: paths are given to it in place of the files.
        progress: is told of every step of long jobs.

    Raises:
        UsageError: no server is named.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        timeout: float | None = None,
        retries: int = calls.RETRIES,
        shares_disk: bool = False,
        progress: Progress | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.settings = settings or Settings.load()
        self.url, secret = calls.address(url, key, self.settings)
        self._http = httpx.Client(**calls.options(self.url, secret, timeout or self.settings.timeout))
        self._retries = retries
        self.shares_disk = shares_disk
        self._progress = progress
        self.documents = RemoteDocuments(self)
        self.chats = RemoteChats(self)
        """The chats of this key, with the methods of `rag.Talk`."""

    def checked(self, question: str) -> str:
        """Return a question as it will be asked; an empty one is a QuestionError, for the rest the server decides."""
        return calls.checked(question)

    def ask(
        self,
        question: str,
        *,
        collection: str | None = None,
        document_ids: Sequence[str] | None = None,
        history: Sequence[Said] = (),
    ) -> Answer:
        """Return the checked answer; arguments as for `Engine.ask`.

        Raises:
            RagError: what the engine there raised, or AccessError, BusyError, ServerUnreachableError.
        """
        return self.send(calls.ask(calls.asked(question, collection, document_ids, history)))

    def stream(
        self,
        question: str,
        *,
        collection: str | None = None,
        document_ids: Sequence[str] | None = None,
        history: Sequence[Said] = (),
        mode: Literal["strict", "lenient"] | None = None,
        quotes_only: bool = False,
    ) -> Generator[AnswerEvent]:
        """Yield the events of an answer as they happen; the last is Done. Closing it stops the model there."""
        body = calls.asked(question, collection, document_ids, history) | calls.how(mode, quotes_only)
        return self.events(calls.stream(body))

    def search(
        self,
        question: str,
        *,
        k: int | None = None,
        collection: str | None = None,
        document_ids: Sequence[str] | None = None,
    ) -> list[Evidence]:
        """Return the `k` sentences nearest to a question, best first."""
        body = calls.asked(question, collection, document_ids, ())
        del body["history"]
        return self.send(calls.search({**body, "k": k}))

    def ingest(
        self,
        paths: Sequence[Path | str] | Path | str,
        *,
        collection: str | None = None,
        prune: bool = False,
        retry: bool | None = None,
    ) -> IngestReport:
        """Bring a collection up to date with files, folders and web pages, and wait for it.

        Files are uploaded, unless the server shares this machine's disk. Then `prune` forgets documents whose files
        are gone; with uploads it can't be told.
        """
        urls, files = sending.split(paths)
        if self.shares_disk:
            there = [str(path.absolute()) for path in files]
            body = {"urls": urls, "paths": there, "collection": collection, "prune": prune, "retry": retry}
            return answers.report_of(self.wait(self.send(calls.start("ingest", body))))
        if prune:
            raise UsageError(calls.NO_PRUNE)
        jobs = [self._upload(group, collection) for group in sending.batches(sending.to_send(files))] if files else []
        if urls:
            jobs.append(self.send(calls.start("ingest", {"urls": urls, "collection": collection})))
        return merged([answers.report_of(self.wait(job)) for job in jobs])

    def attach(self, path: Path | str) -> tuple[str, IngestReport]:
        """Bring the collection that belongs to this path alone up to date; only where the server shares the disk."""
        if not self.shares_disk:
            raise calls.no_attach(self.settings)
        body = {"path": str(Path(path).expanduser().absolute())}
        report = answers.report_of(self.wait(self.send(calls.start("attach", body))))
        return report.collection, report

    def collections(self) -> list[CollectionInfo]:
        """Return the collections by name."""
        return self.send(calls.collections())

    def doctor(self) -> list[Finding]:
        """Return every way in which catalogue and index of the server differ."""
        return self.send(calls.doctor())

    def rebuild(self, collection: str | None = None) -> int:
        """Have the index made anew; return the number of passages."""
        job = self.wait(self.send(calls.start("rebuild", {"collection": collection})))
        return int(answers.finished(job)["passages"])

    def evaluate(
        self,
        questions: Path | str | Sequence[Mapping[str, Any]],
        *,
        collection: str | None = None,
        options: Options | None = None,
    ) -> Report:
        """Have the server asked the questions of a file, or these ones, over a collection: `rag.evaluate.run` there.

        Interrupting it cancels the run there. Of the options only those that choose questions count.

        Raises:
            UsageError: something is wrong with the questions; the message has all of it.
        """
        from rag.client.evaluating import asked_of, report_of

        job = self.wait(self.send(calls.start("evaluations", asked_of(questions, collection, options))))
        return report_of(self.send(calls.evaluation(answers.finished(job)["evaluation"])))

    def wait(self, job: Job) -> Job:
        """Return a job when it is over, telling `progress` of its steps; if that is interrupted, cancel the job."""
        looks = 0
        try:
            while not job.over:
                time.sleep(calls.POLL[min(looks, len(calls.POLL) - 1)])
                before = job.progress
                job, looks = self.send(calls.job(job.id)), looks + 1
                if self._progress and job.progress and job.progress != before:
                    self._progress(job.progress)
        except BaseException:
            self.send(calls.job(job.id, cancel=True))
            raise
        return job

    def events(self, call: Call[None]) -> Generator[AnswerEvent]:
        """Yield the events of a stream; closing it hangs up."""
        lines = answers.Lines()
        with self._streaming(call) as reply:
            for line in reply.iter_lines():
                if (event := lines.feed(line)) is not None:
                    yield event

    def send(self, call: Call[T]) -> T:
        """Send a request, again where that may help and does no harm, and return what the answer says."""
        return answers.result(call, self._tried(call, call.request()))

    def close(self) -> None:
        """Close the connections; the server goes on."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _upload(self, files: Sequence[tuple[str, Path]], collection: str | None) -> Job:
        call: Call[Job] = calls.uploaded()
        with sending.opened(files, self._progress) as parts:
            form = {} if collection is None else {"collection": calls.collection_of(collection)}
            return answers.result(call, self._tried(call, {**call.request(), "files": parts, "data": form}))

    def _tried(self, call: Call[Any], request: dict[str, Any], *, stream: bool = False) -> httpx.Response:
        tries = 0
        while True:
            sending.rewind(request)
            try:
                reply = self._http.send(self._http.build_request(**request), stream=stream)
            except httpx.HTTPError as failure:
                wait = answers.pause(tries, self._retries, call, failure)
                if wait is None:
                    raise answers.unreachable(self.url, failure) from failure
            else:
                wait = answers.pause(tries, self._retries, call, reply) if reply.is_error else None
                if wait is None:
                    return reply
                reply.close()
            tries += 1
            time.sleep(wait)

    @contextmanager
    def _streaming(self, call: Call[None]) -> Iterator[httpx.Response]:
        reply = self._tried(call, call.request(), stream=True)
        try:
            if reply.is_error:
                reply.read()
                answers.result(call, reply)
            yield reply
        except httpx.HTTPError as failure:
            raise answers.unreachable(self.url, failure) from failure
        finally:
            reply.close()


def merged(reports: Sequence[IngestReport]) -> IngestReport:
    """Return one report in place of one for each request."""
    files: list[FileReport] = [file for report in reports for file in report.files]
    collection = reports[0].collection if reports else ""
    listed, embedded = tuple(sorted(files, key=lambda f: f.uri)), sum(r.embedded for r in reports)
    return IngestReport(collection, listed, embedded, reports[-1].warnings if reports else ())


@dataclass(frozen=True)
class RemoteDocument(DocumentSummary):
    """A document in a list; its text is fetched when `text` or `pages` is used."""

    @property
    def text(self) -> str:
        """The text that quotes are copied from."""
        return self._whole.text

    @property
    def pages(self) -> tuple[Span, ...]:
        """One span of the text a page, where the format has pages."""
        return self._whole.pages

    @cached_property
    def _whole(self) -> Document:
        client: Client = self.__dict__["_client"]
        return client.documents.get(self.id)


class RemoteDocuments:
    """The documents of the server."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def list(self, collection: str | None = None) -> list[RemoteDocument]:
        """Return the documents of a collection, or of all, by uri."""
        found: list[RemoteDocument] = []
        after: str | None = None
        while True:
            rows, after = self._client.send(calls.documents(collection, after))
            for row in rows:
                found.append(RemoteDocument(**asdict(row)))
                # Not a field: it is no part of what the document is.
                object.__setattr__(found[-1], "_client", self._client)
            if after is None:
                return found

    def get(self, document_id: str) -> Document:
        """Return a document with its text; PathError where there is none."""
        return self._client.send(calls.document(document_id))

    def failed(self, collection: str | None = None) -> Sequence[FailureRecord]:
        """Return the files that could not be read, by uri, of a collection or of all: why, and how often tried."""
        return self._client.send(calls.failures(collection))

    def page(self, document_id: str, number: int, *, width: int = 1240) -> PagePicture:
        """Return a page of a PDF, counted from 1, as a picture; errors as for `Engine.documents.page`."""
        return self._client.send(calls.page(document_id, number, width))

    def boxes(self, document_id: str, start: int, end: int) -> tuple[PageBoxes, ...]:
        """Return where characters of a PDF's text stand on its pages; errors as for `page`."""
        return self._client.send(calls.boxes(document_id, start, end))

    def original(self, document_id: str) -> bytes:
        """Return the file a document was read from, as it is now."""
        return self._client.send(calls.original(document_id))

    def remove(self, *document_ids: str) -> None:
        """Forget documents, not their files: all of them, or none and a PathError where one is not there."""
        self._client.send(calls.remove(document_ids))
