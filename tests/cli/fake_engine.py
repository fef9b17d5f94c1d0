"""An engine with a script in place of documents and models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

from rag.errors import QuestionError
from rag.types import (
    Answer,
    AnswerEvent,
    Citation,
    Claim,
    Document,
    Done,
    Evidence,
    FileReport,
    IngestReport,
    Progress,
    Retrieved,
    Sentence,
    Step,
    Understood,
)
from vectorstore.store import CollectionInfo, DocumentSummary, FailureRecord, Finding

QUOTE = "On the list is Janet Yellen."
CITATION = Citation(1, "aaa111", "Who is next", "/notes/next.txt", "2023-06-15", None, "line 7", 0, 28, QUOTE, 0.9)
EVIDENCE = Evidence("aaa111", "p1", 0, 28, QUOTE, 0.5, title="Who is next", uri="/notes/next.txt")
SAID = Sentence("Janet Yellen might visit.", Claim(0, 25, "supported", (1,), 0.9), (CITATION,))


def answer(**changes: Any) -> Answer:
    fields: dict[str, Any] = {
        "id": "a1",
        "question": "Who is next?",
        "understood": "Who is next?",
        "status": "answered",
        "text": "Janet Yellen might visit.",
        "claims": (SAID.claim,),
        "citations": (CITATION,),
        "evidence": (EVIDENCE,),
        "model": "none",
    }
    return Answer(**(fields | changes))


def summary(document_id: str, uri: str) -> DocumentSummary:
    return DocumentSummary(
        document_id, "default", uri, "Who is next", "0", "text/plain", None, None, 1, 0, "", "", 2, 9
    )


@dataclass
class FakeEngine:
    """Gives back what the test put in, or raises it; remembers what it was asked."""

    sentences: Sequence[Sentence] = (SAID,)
    answer: Answer = field(default_factory=answer)
    report: IngestReport = field(default_factory=lambda: IngestReport("default", ()))
    summaries: list[DocumentSummary] = field(default_factory=list)
    failures: list[FailureRecord] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    error: BaseException | None = None
    steps: Sequence[Step] = ()
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    closed: bool = False
    mode: str | None = None
    settings: Any = None
    progress: Progress | None = None

    def __post_init__(self) -> None:
        self.documents = SimpleNamespace(list=self._list, get=self._get, remove=self._remove, failed=self._failed)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True

    def _called(self, *call: Any) -> None:
        self.calls.append(call)
        for step in self.steps:
            assert self.progress
            self.progress(step)
        if self.error:
            raise self.error

    def stream(self, question: str, *, collection: str | None = None, mode: str | None = None) -> Iterator[AnswerEvent]:
        yield Understood(question, question)
        self.mode = mode
        self._called("stream", question, collection)
        yield Retrieved((EVIDENCE,))
        yield from self.sentences
        yield Done(self.answer)

    def search(self, question: str, *, k: int | None = None, collection: str | None = None) -> list[Evidence]:
        self._called("search", question, k, collection)
        return list(self.answer.evidence)

    def ingest(
        self, paths: Sequence[Path], *, collection: str | None = None, prune: bool = False, retry: bool | None = None
    ) -> IngestReport:
        self._called("ingest", paths, collection, prune, *(() if retry is None else (retry,)))
        return self.report

    def checked(self, question: str) -> str:
        if not question.strip():
            raise QuestionError("The question is empty; type what you want to know.")
        return question

    def attach(self, path: Path) -> tuple[str, IngestReport]:
        self._called("attach", path)
        return "docs-of-path", self.report

    def collections(self) -> list[CollectionInfo]:
        self._called("collections")
        return [CollectionInfo("default", "minilm", 384, 1, 2)]

    def doctor(self) -> list[Finding]:
        self._called("doctor")
        return self.findings

    def rebuild(self, collection: str | None = None) -> int:
        self._called("rebuild", collection)
        return 2

    def _list(self, collection: str | None = None) -> list[DocumentSummary]:
        self._called("list", collection)
        return self.summaries

    def _failed(self, collection: str | None = None) -> list[FailureRecord]:
        self._called("failed", collection)
        return self.failures

    def _get(self, document_id: str) -> Document:
        self._called("get", document_id)
        return Document("/notes/next.txt", "Who is next", f"First line.\n{QUOTE}\n", "0", id=document_id)

    def _remove(self, *document_ids: str) -> None:
        self._called("remove", *document_ids)


def reported(*outcomes: tuple[str, str, str]) -> IngestReport:
    return IngestReport("default", tuple(FileReport(uri, outcome, reason) for uri, outcome, reason in outcomes))  # type: ignore[arg-type]
