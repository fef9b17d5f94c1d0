"""The data that the stages pass on: frozen, plain, and the same in process, in JSON and in the store.

Offsets count Unicode code points of `Document.text`, end-exclusive, so `text[start:end]` is the quote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Status = Literal["answered", "partly", "not_found", "clarify"]
Support = Literal["supported", "partly", "unsupported"]


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (exclusive) of a document's text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the characters this span covers."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Place:
    """Characters `start` to `end` (exclusive) of a document's text, and where they stand in its file, for people."""

    start: int
    end: int
    label: str
    """"p. 12", "slide 4", "Sheet1!A7:C7"."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, as shares of the page's width and height from its upper left corner, 0 to 1."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class PageBoxes:
    """Where characters of a document stand on a page of its file, a box a line; `page` counts from 1."""

    page: int
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page of a document as its file shows it; `number` counts from 1, `width` and `height` are pixels."""

    number: int
    pages: int
    width: int
    height: int
    png: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Document:
    """A file as text. `text` is what was extracted, before any cleaning; quotes are copied from it."""

    uri: str
    title: str
    text: str
    content_hash: str
    """sha256 (hex) of the file's bytes: with `uri` the identity of a version."""
    media_type: str = "text/plain"
    published_at: str | None = None
    """ISO date (YYYY-MM-DD) that the document itself states, not the file's."""
    author: str | None = None
    pages: tuple[Span, ...] = ()
    """One span a page where the format has pages; page numbers count from 1."""
    id: str = ""
    added_at: str = ""
    places: tuple[Place, ...] = ()
    """Parts with a name of their own, where the format has other ones than pages: slides, rows, chapters. In the order
    of their starts; of two that hold a character the later one names it."""
    note: str = ""
    """What of the file is not in the text, and why: "pages 3 and 4 are scanned". Said once, when it is read."""
    language: str = ""
    """ISO 639-1 code of the language it is in ("en", "zh"), or "" where too little of it is words."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of kept sentences of one document, short enough for the embedder.

    `text` is the sentences with hyphenation and white space mended, joined by spaces: to index and to read,
    never to quote. `sentences` are the exact spans in the document; every quote is one or more of them.
    """

    ordinal: int
    start: int
    end: int
    text: str
    sentences: tuple[Span, ...]
    page: int | None = None
    heading: str = ""
    id: str = ""
    document_id: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a document that this turn may quote; `text` is `document.text[start:end]`."""

    document_id: str
    passage_id: str
    start: int
    end: int
    text: str
    score: float
    title: str = ""
    uri: str = ""
    published_at: str | None = None
    page: int | None = None
    place: str = ""
    """Where in the document, for people: "p. 12", "line 7"."""
    fits: bool = True
    """It holds the kind of thing that was asked for, so that it can answer by itself."""
    also_in: tuple[str, ...] = ()
    """Ids of other documents with a near-duplicate of this sentence or passage."""
    heading: str = ""
    """The heading or lead-in that it stands under; "" for one itself."""
    in_full: str = ""
    """Of a table's row its cells with the heads of their columns ("Price: £110"), as a model reads it; else ""."""
    in_part: bool = False
    """Not all of its document was read, so that there may be rows beside it that nobody looked at."""
    listed: bool = False
    """It is an entry of the very list that was asked for."""
    parts: tuple[int, ...] = ()
    """Of a question that asks several things, the numbers of those that it likely answers, from 1."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered quote under the answer; `quote` equals `document.text[start:end]` to the byte."""

    number: int
    document_id: str
    title: str
    uri: str
    published_at: str | None
    page: int | None
    place: str
    """Where in the document, for people: "p. 12", "line 7"."""
    start: int
    end: int
    quote: str
    score: float
    source_changed: bool = False
    also_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of the answer, `start` to `end` of `Answer.text`, and what the check found for it."""

    start: int
    end: int
    status: Support
    citations: tuple[int, ...]
    score: float
    why: str = ""

    def marks(self) -> str:
        """Return the numbers of its quotes as they are shown: "[1][2]", or nothing."""
        return "".join(f"[{number}]" for number in self.citations)


@dataclass(frozen=True, slots=True)
class Side:
    """What one side of a conflict says, with the numbers of its citations."""

    value: str
    citations: tuple[int, ...]
    published_at: str | None = None
    documents: int = 1
    """How many documents say so."""
    outvoted: bool = False
    """It is a version of a sentence that three times as many documents, none of them older, have otherwise."""
    corrected: bool = False
    """Another side says that it is not so, or no longer: "moved from 19 June to 26 June"."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Documents that disagree on what was asked."""

    about: str
    sides: tuple[Side, ...]

    @property
    def is_settled(self) -> bool:
        """All sides but one are corrected: what is asked has a last word."""
        return sum(not side.corrected for side in self.sides) == 1


def remark(documents: int, most: int, *, outvoted: bool, corrected: bool) -> str:
    """Say what is to be known of a side: how many documents say so for `most` that deny it, or that it is corrected."""
    if corrected:
        return "corrected by what stands above"
    return f"said by {documents} document{'' if documents == 1 else 's'}, denied by {most}" if outvoted else ""


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds of wall clock per stage; `first_token` counts from the question."""

    understand: float = 0.0
    retrieve: float = 0.0
    first_token: float = 0.0
    generate: float = 0.0
    check: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the model's server counts them; `cached_tokens` of the prompt cost next to nothing."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        """Return the sum, for an answer that took several calls."""
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.cached_tokens + other.cached_tokens,
            self.completion_tokens + other.completion_tokens,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """The one structure of an answer: streamed in parts, returned, printed, stored and scored."""

    id: str
    question: str
    understood: str
    status: Status
    text: str
    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    model: str = ""
    timings: Timings = field(default_factory=Timings)
    usage: Usage = field(default_factory=Usage)
    withheld: tuple[Claim, ...] = ()
    """Sentences of the model that no quote supports (strict mode): kept for the record, not shown as answer."""
    unanswered: tuple[str, ...] = ()
    """Of a question that asks several things, those that the documents don't say anything near of."""

    def marked(self) -> str:
        """Return the text with the numbers of its quotes behind each sentence: "Yellen might visit. [1][2]"."""
        parts, end = [], 0
        for claim in self.claims:
            marks = claim.marks()
            parts += [self.text[end : claim.end], f" {marks}" if marks else ""]
            end = claim.end
        return "".join(parts) + self.text[end:]

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, dicts and scalars: what `--json` prints."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Understood:
    """Event: the question as it is searched for; differs from the asked one in a follow-up."""

    question: str
    standalone: str


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Event: the sentences this turn may quote, best first."""

    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """Event: a sentence of the answer that has been checked, with its new and its known quotes."""

    text: str
    claim: Claim
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """Event: the whole answer; always the last."""

    answer: Answer


AnswerEvent = Understood | Retrieved | Sentence | Done
AnswerStream = Iterator[AnswerEvent]


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file of an ingestion; `reason` says why where nothing was added."""

    uri: str
    outcome: Literal["added", "updated", "moved", "unchanged", "removed", "skipped", "failed"]
    reason: str = ""
    document_id: str = ""
    passages: int = 0


@dataclass(frozen=True, slots=True)
class IngestReport:
    """Every file that was looked at, in the order of their paths."""

    collection: str
    files: tuple[FileReport, ...]
    embedded: int = 0
    """Passages that had to be embedded; 0 when nothing is new."""
    warnings: tuple[str, ...] = ()
    """What is to be said of the collection as it is now, as sentences: documents in a language that is not known."""

    def count(self, outcome: str) -> int:
        """Return how many files had this outcome."""
        return sum(file.outcome == outcome for file in self.files)

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, dicts and scalars."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Step:
    """Progress of a long job: `done` of `total` (None where it can't be known) in `unit`."""

    stage: str
    """What is being done, for people: "Fetching qwen2.5-coder-1.5b", "Reading documents", "Embedding passages"."""
    done: int
    total: int | None
    unit: Literal["bytes", "files", "passages", ""] = ""
    detail: str = ""


Progress = Callable[[Step], None]
