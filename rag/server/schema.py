"""Bodies of requests and answers as the OpenAPI document shows them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from rag.chats import Kept
from rag.config import CollectionName
from rag.types import Evidence, PageBoxes, Turn
from vectorstore.chats import ChatRecord
from vectorstore.store import CollectionInfo, DocumentSummary, FailureRecord, Finding

MOST_DOCUMENTS = 1000
MOST_TURNS = 200


def sound(text: str) -> str:
    """Return a text without halves of characters, which JSON can hold but no store and no answer can."""
    return text.encode("utf-8", "replace").decode()


Sound = AfterValidator(sound)
Id = Annotated[str, Field(max_length=200, examples=["3f2a9c"])]


class Body(BaseModel):
    """A body: a member that is not known is an error, not ignored."""

    model_config = ConfigDict(extra="forbid")


class TurnIn(Body):
    """One message of the conversation so far."""

    role: Literal["user", "assistant"]
    content: str = Field(max_length=200_000)

    def turn(self) -> Turn:
        """Return it as the engine takes it."""
        return Turn(self.role, self.content)


class Question(Body):
    """A question, and how it is to be answered."""

    question: str = Field(max_length=1_000_000, examples=["Who might visit after Blinken?"])
    document_ids: list[Id] | None = Field(None, max_length=MOST_DOCUMENTS, description="Search and quote only these.")
    mode: Literal["strict", "lenient"] | None = Field(
        None, description="Withhold what no quote supports, or show it marked; by default as the server's settings say."
    )
    quotes_only: bool = Field(False, description="Ask no model to write: the best quotes are the answer.")


class Asked(Question):
    """A question over a collection, or over some of its documents."""

    collection: CollectionName | None = Field(None, description="By default the server's.", examples=["default"])
    history: list[TurnIn] = Field([], max_length=MOST_TURNS, description="What was said before, oldest first.")

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of `Engine.stream` but the question."""
        history = [turn.turn() for turn in self.history]
        return {
            "collection": self.collection,
            "document_ids": self.document_ids,
            "history": history,
            "mode": self.mode,
            "quotes_only": self.quotes_only,
        }


class ChatIn(Body):
    """A chat to begin."""

    title: Annotated[str, Sound] = Field(min_length=1, max_length=2000, examples=["Visits to Beijing"])
    collection: CollectionName | None = Field(None, description="What it is about; by default the server's.")


class ChatRenamed(Body):
    """Another title."""

    title: Annotated[str, Sound] = Field(min_length=1, max_length=2000)


class Judged(Body):
    """What the reader thinks of an answer."""

    verdict: Literal["up", "down"] | None = Field(description="null takes an earlier one back.", examples=["up"])
    reason: Annotated[str, Sound] = Field("", max_length=20_000)


class Searched(Body):
    """A search for the sentences that bear on a question."""

    question: str = Field(max_length=1_000_000, examples=["next visitors"])
    collection: CollectionName | None = None
    document_ids: list[Id] | None = Field(None, max_length=MOST_DOCUMENTS)
    k: int | None = Field(None, ge=1, le=100, description="Most sentences; by default the setting `passages`.")


class Ingested(Body):
    """What to read: web pages, or files and folders of the server's own disk (that needs the scope `admin`)."""

    urls: list[Annotated[str, Field(max_length=4000, pattern=r"^https?://")]] = Field([], max_length=1000)
    paths: list[Annotated[str, Field(min_length=1, max_length=4000)]] = Field([], max_length=1000)
    collection: CollectionName | None = None
    prune: bool = Field(False, description="Remove documents whose file is gone from these folders.")
    retry: bool | None = Field(
        None,
        description="true: also try files that were given up; false: only files that have changed since they failed.",
    )


class Attached(Body):
    """A file or folder of the server's own disk that gets a collection of its own."""

    path: str = Field(min_length=1, max_length=4000)


class EvaluationIn(Body):
    """Questions with known answers, each as a line of a question file (docs/evaluation.md)."""

    questions: list[dict[str, Any]] = Field(
        min_length=1,
        max_length=10_000,
        examples=[[{"id": "1", "question": "Who might visit after Blinken?", "answers": ["Janet Yellen"]}]],
    )
    collection: CollectionName | None = Field(None, description="What is asked; by default the server's.")
    limit: int | None = Field(None, ge=1, le=10_000, description="Ask so many of them, drawn at random.")
    seed: int = Field(0, ge=0, le=2**31, description="The same seed draws the same ones.")
    only: Literal["retrieval"] | None = Field(None, description="Measure only the search; no model writes.")
    skip_invalid: bool = Field(False, description="Leave out what is wrong in the questions, and ask the rest.")


class Removed(Body):
    """Documents to forget."""

    document_ids: list[Id] = Field(min_length=1, max_length=MOST_DOCUMENTS)


class Rebuilt(Body):
    """The collection whose index is made anew; all of them where none is named."""

    collection: CollectionName | None = None


class FoundOut(BaseModel):
    """The sentences that were found, best first."""

    evidence: list[Evidence]


class CollectionsOut(BaseModel):
    """The collections by name."""

    collections: list[CollectionInfo]


class ChatsOut(BaseModel):
    """A page of chats, the latest first; `next` goes into `after` for the page behind it."""

    chats: list[ChatRecord]
    next: str | None


class TurnsOut(BaseModel):
    """What was asked and answered in a chat, oldest first."""

    turns: list[Kept]


class DocumentsOut(BaseModel):
    """A page of documents by uri; `next` goes into `after` for the page behind it."""

    documents: list[DocumentSummary]
    next: str | None


class FailuresOut(BaseModel):
    """The files that could not be read, by uri."""

    failures: list[FailureRecord]


class FindingsOut(BaseModel):
    """Every way in which catalogue and index differ."""

    findings: list[Finding]


class BoxesOut(BaseModel):
    """Where the characters stand: boxes by page, one a line of the page."""

    pages: list[PageBoxes]


class EvaluationRow(BaseModel):
    """A run in a list."""

    id: str
    finished: bool


class EvaluationsOut(BaseModel):
    """The runs that are kept, the newest first."""

    evaluations: list[EvaluationRow]


class EvaluationOut(BaseModel):
    """A finished run; docs/evaluation.md says what is in it."""

    id: str
    summary: dict[str, Any]
    run: dict[str, Any]
    cases: list[dict[str, Any]]


class HealthOut(BaseModel):
    """That the server lives."""

    status: Literal["ok"] = "ok"
    version: str
    server: str = Field(description="Name of this process, another one after each start.")


class Problem(BaseModel):
    """What went wrong (RFC 9457), in a sentence for people."""

    type: str = Field(examples=["urn:footnote:error:PathError"])
    title: str
    status: int
    detail: str = Field(examples=["There is no document '3f2a9c'; `rag documents list` shows the ones there are."])
    retry_after: float | None = Field(None, description="Seconds after which it may go well.")
    errors: list[dict[str, str]] | None = Field(None, description="What is wrong with the request, member by member.")
