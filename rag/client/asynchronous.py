"""The client for programs with an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

import httpx

from rag.client import answers, calls
from rag.client.calls import Call, Job
from rag.client.synchronous import merged
from rag.config import Settings
from rag.types import Answer, AnswerEvent, Document, Evidence, IngestReport, Progress, Turn
from vectorstore.store import CollectionInfo, DocumentSummary, FailureRecord, Finding

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
        progress: Progress | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.settings = settings or Settings.load()
        self.url, secret = calls.address(url, key, self.settings)
        self._http = httpx.AsyncClient(**calls.options(self.url, secret, timeout or self.settings.timeout))
        self._retries = retries
        self._progress = progress
        self.documents = AsyncDocuments(self)

    async def ask(
        self,
        question: str,
        *,
        collection: str | None = None,
        document_ids: Sequence[str] | None = None,
        history: Sequence[Turn] = (),
    ) -> Answer:
        """Return the checked answer; cancelling it stops the model there."""
        return await self.send(calls.ask(calls.asked(question, collection, document_ids, history)))

    async def stream(
        self,
        question: str,
        *,
        collection: str | None = None,
        document_ids: Sequence[str] | None = None,
        history: Sequence[Turn] = (),
        mode: Literal["strict", "lenient"] | None = None,
        quotes_only: bool = False,
    ) -> AsyncGenerator[AnswerEvent]:
        """Yield the events of an answer as they happen; the last is Done. `aclose` stops the model there."""
        body = calls.asked(question, collection, document_ids, history) | calls.how(mode, quotes_only)
        call = Call("POST", "/v1/ask/stream", lambda _: None, body)
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

    async def ingest(self, paths: Sequence[Path | str], *, collection: str | None = None) -> IngestReport:
        """Upload files and folders, have web pages read, and wait for the end of it."""
        urls, files = calls.split(paths)
        groups = await asyncio.to_thread(lambda: list(calls.batches(calls.to_send(files)))) if files else []
        jobs = [await self._upload(group, collection) for group in groups]
        if urls:
            jobs.append(await self.send(calls.start("ingest", {"urls": urls, "collection": collection})))
        return merged([answers.report_of(await self.wait(job)) for job in jobs])

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

    async def wait(self, job: Job) -> Job:
        """Return a job when it is over, telling `progress` of its steps; if that is cancelled, cancel the job."""
        looks = 0
        try:
            while not job.over:
                await asyncio.sleep(calls.POLL[min(looks, len(calls.POLL) - 1)])
                job, looks = await self.send(calls.job(job.id)), looks + 1
                if self._progress and job.progress:
                    self._progress(job.progress)
        except BaseException:
            await asyncio.shield(self.send(calls.job(job.id, cancel=True)))
            raise
        return job

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
        with calls.opened(files) as parts:
            form = {} if collection is None else {"collection": collection}
            return answers.result(call, await self._tried(call, {**call.request(), "files": parts, "data": form}))

    async def _tried(self, call: Call[Any], request: dict[str, Any], *, stream: bool = False) -> httpx.Response:
        tries = 0
        while True:
            calls.rewind(request)
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

    async def remove(self, *document_ids: str) -> None:
        """Forget documents, not their files: all of them, or none and a PathError where one is not there."""
        await self._client.send(calls.remove(document_ids))
