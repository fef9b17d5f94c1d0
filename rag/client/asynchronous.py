"""The client for programs with an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

import httpx

from rag.client import answers, calls, sending
from rag.client.calls import Call, Job, Said
from rag.client.chats import AsyncChats
from rag.client.synchronous import merged
from rag.config import Settings
from rag.errors import UsageError
from rag.types import Answer, AnswerEvent, Document, Evidence, IngestReport, PageBoxes, PagePicture, Progress
from vectorstore.store import CollectionInfo, DocumentSummary, FailureRecord, Finding

if TYPE_CHECKING:
    from rag.evaluate import Options, Report

T = TypeVar("T")


class AsyncClient:
    """What `Client` is, with methods to be awaited; arguments and errors are the same."""

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
        self._http = httpx.AsyncClient(**calls.options(self.url, secret, timeout or self.settings.timeout))
        self._retries = retries
        self._shares_disk = shares_disk
        self._progress = progress
        self.documents = AsyncDocuments(self)
        self.chats = AsyncChats(self)
        """The chats of this key, with the methods of `rag.Talk`, to be awaited."""

    def checked(self, question: str) -> str:
        """Return a question as it will be asked; an empty one is a QuestionError, for the rest the server decides."""
        return calls.checked(question)

    async def ask(
        self,
        question: str,
        *,
        collection: str | None = None,
        document_ids: Sequence[str] | None = None,
        history: Sequence[Said] = (),
    ) -> Answer:
        """Return the checked answer; cancelling it stops the model there."""
        return await self.send(calls.ask(calls.asked(question, collection, document_ids, history)))

    def stream(
        self,
        question: str,
        *,
        collection: str | None = None,
        document_ids: Sequence[str] | None = None,
        history: Sequence[Said] = (),
        mode: Literal["strict", "lenient"] | None = None,
        quotes_only: bool = False,
    ) -> AsyncGenerator[AnswerEvent]:
        """Yield the events of an answer as they happen; the last is Done. `aclose` stops the model there."""
        body = calls.asked(question, collection, document_ids, history) | calls.how(mode, quotes_only)
        return self.events(calls.stream(body))

    async def search(
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
        return await self.send(calls.search({**body, "k": k}))

    async def ingest(
        self,
        paths: Sequence[Path | str] | Path | str,
        *,
        collection: str | None = None,
        prune: bool = False,
        retry: bool | None = None,
    ) -> IngestReport:
        """Bring a collection up to date with files, folders and web pages, and wait for it; see `Client.ingest`."""
        urls, files = sending.split(paths)
        if self._shares_disk:
            there = [str(path.absolute()) for path in files]
            body = {"urls": urls, "paths": there, "collection": collection, "prune": prune, "retry": retry}
            return answers.report_of(await self.wait(await self.send(calls.start("ingest", body))))
        if prune:
            raise UsageError(calls.NO_PRUNE)
        groups = await asyncio.to_thread(lambda: list(sending.batches(sending.to_send(files)))) if files else []
        jobs = [await self._upload(group, collection) for group in groups]
        if urls:
            jobs.append(await self.send(calls.start("ingest", {"urls": urls, "collection": collection})))
        return merged([answers.report_of(await self.wait(job)) for job in jobs])

    async def attach(self, path: Path | str) -> tuple[str, IngestReport]:
        """Bring the collection that belongs to this path alone up to date; only where the server shares the disk."""
        if not self._shares_disk:
            raise calls.no_attach(self.settings)
        body = {"path": str(Path(path).expanduser().absolute())}
        report = answers.report_of(await self.wait(await self.send(calls.start("attach", body))))
        return report.collection, report

    async def collections(self) -> list[CollectionInfo]:
        """Return the collections by name."""
        return await self.send(calls.collections())

    async def doctor(self) -> list[Finding]:
        """Return every way in which catalogue and index of the server differ."""
        return await self.send(calls.doctor())

    async def rebuild(self, collection: str | None = None) -> int:
        """Have the index made anew; return the number of passages."""
        job = await self.wait(await self.send(calls.start("rebuild", {"collection": collection})))
        return int(answers.finished(job)["passages"])

    async def evaluate(
        self,
        questions: Path | str | Sequence[Mapping[str, Any]],
        *,
        collection: str | None = None,
        options: Options | None = None,
    ) -> Report:
        """Have the server asked the questions of a file, or these ones, over a collection; see `Client.evaluate`."""
        from rag.client.evaluating import asked_of, report_of

        body = await asyncio.to_thread(asked_of, questions, collection, options)
        job = await self.wait(await self.send(calls.start("evaluations", body)))
        return report_of(await self.send(calls.evaluation(answers.finished(job)["evaluation"])))

    async def wait(self, job: Job) -> Job:
        """Return a job when it is over, telling `progress` of its steps; if that is cancelled, cancel the job."""
        looks = 0
        try:
            while not job.over:
                await asyncio.sleep(calls.POLL[min(looks, len(calls.POLL) - 1)])
                before = job.progress
                job, looks = await self.send(calls.job(job.id)), looks + 1
                if self._progress and job.progress and job.progress != before:
                    self._progress(job.progress)
        except BaseException:
            await asyncio.shield(self.send(calls.job(job.id, cancel=True)))
            raise
        return job

    async def events(self, call: Call[None]) -> AsyncGenerator[AnswerEvent]:
        """Yield the events of a stream; `aclose` hangs up."""
        lines = answers.Lines()
        reply = await self._tried(call, call.request(), stream=True)
        try:
            if reply.is_error:
                await reply.aread()
                answers.result(call, reply)
            async for line in reply.aiter_lines():
                if (event := lines.feed(line)) is not None:
                    yield event
        except httpx.HTTPError as failure:
            raise answers.unreachable(self.url, failure) from failure
        finally:
            await reply.aclose()

    async def send(self, call: Call[T]) -> T:
        """Send a request, again where that may help and does no harm, and return what the answer says."""
        return answers.result(call, await self._tried(call, call.request()))

    async def close(self) -> None:
        """Close the connections; the server goes on."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _upload(self, files: Sequence[tuple[str, Path]], collection: str | None) -> Job:
        call: Call[Job] = calls.uploaded()
        with sending.opened(files, self._progress) as parts:
            form = {} if collection is None else {"collection": calls.collection_of(collection)}
            return answers.result(call, await self._tried(call, {**call.request(), "files": parts, "data": form}))

    async def _tried(self, call: Call[Any], request: dict[str, Any], *, stream: bool = False) -> httpx.Response:
        tries = 0
        while True:
            sending.rewind(request)
            try:
                reply = await self._http.send(self._http.build_request(**request), stream=stream)
            except httpx.HTTPError as failure:
                wait = answers.pause(tries, self._retries, call, failure)
                if wait is None:
                    raise answers.unreachable(self.url, failure) from failure
            else:
                wait = answers.pause(tries, self._retries, call, reply) if reply.is_error else None
                if wait is None:
                    return reply
                await reply.aclose()
            tries += 1
            await asyncio.sleep(wait)


class AsyncDocuments:
    """The documents of the server."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def list(self, collection: str | None = None) -> list[DocumentSummary]:
        """Return the documents of a collection, or of all, by uri."""
        found: list[DocumentSummary] = []
        after: str | None = None
        while True:
            rows, after = await self._client.send(calls.documents(collection, after))
            found += rows
            if after is None:
                return found

    async def get(self, document_id: str) -> Document:
        """Return a document with its text; PathError where there is none."""
        return await self._client.send(calls.document(document_id))

    async def failed(self, collection: str | None = None) -> Sequence[FailureRecord]:
        """Return the files that could not be read, by uri, of a collection or of all: why, and how often tried."""
        return await self._client.send(calls.failures(collection))

    async def page(self, document_id: str, number: int, *, width: int = 1240) -> PagePicture:
        """Return a page of a PDF, counted from 1, as a picture; errors as for `Engine.documents.page`."""
        return await self._client.send(calls.page(document_id, number, width))

    async def boxes(self, document_id: str, start: int, end: int) -> tuple[PageBoxes, ...]:
        """Return where characters of a PDF's text stand on its pages; errors as for `page`."""
        return await self._client.send(calls.boxes(document_id, start, end))

    async def original(self, document_id: str) -> bytes:
        """Return the file a document was read from, as it is now."""
        return await self._client.send(calls.original(document_id))

    async def remove(self, *document_ids: str) -> None:
        """Forget documents, not their files: all of them, or none and a PathError where one is not there."""
        await self._client.send(calls.remove(document_ids))
