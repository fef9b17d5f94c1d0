"""What became of one question: a line of cases.jsonl, from which scores, report and comparison are made."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

AROUND = 240
"""Characters kept on each side of a quote, to show it where it stands."""


@dataclass(frozen=True)
class Excerpt:
    """A quote where it stands: the words before, the quote, the words behind."""

    doc_id: str
    quote: str
    before: str = ""
    after: str = ""
    title: str = ""
    place: str = ""
    start: int = -1
    """Offset in the document; -1 where it is not known."""
    number: int = 0
    """Of a citation, as it stands behind the sentences of the answer."""
    right: bool | None = None
    """Of a citation, whether it is where the gold evidence is; None where no gold is known."""
    cited: bool | None = None
    """Of gold evidence, whether a citation is there."""


@dataclass(frozen=True)
class Sentence:
    """A sentence of the answer, and what the product's own check found."""

    text: str
    status: str
    citations: tuple[int, ...]
    why: str = ""


@dataclass(frozen=True)
class Outcome:
    """One question with its gold, what was found, what was answered, and how that scores."""

    id: str
    question: str
    type: str
    answerable: bool
    answers: tuple[str, ...] = ()
    wrong_answers: tuple[str, ...] = ()
    history: tuple[dict[str, str], ...] = ()
    rewrite: str = ""
    documents: dict[str, float] = field(default_factory=dict)
    """Grade of each relevant document, by doc_id."""
    gold: tuple[Excerpt, ...] = ()
    found: tuple[str, ...] = ()
    """doc_ids, best first."""
    fused: tuple[str, ...] = ()
    """doc_ids in the order of the search alone, best first."""
    chance: float | None = None
    understood: str = ""
    status: str = ""
    """That of the answer; empty where none was asked for."""
    text: str = ""
    sentences: tuple[Sentence, ...] = ()
    withheld: tuple[Sentence, ...] = ()
    citations: tuple[Excerpt, ...] = ()
    conflicts: tuple[dict[str, Any], ...] = ()
    nearest: tuple[Excerpt, ...] = ()
    """What is nearest to a question that was refused."""
    model: str = ""
    scores: dict[str, float] = field(default_factory=dict)
    """By "group.name"; a metric whose gold is not known is missing."""
    seconds: dict[str, float] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    judged: dict[str, Any] = field(default_factory=dict)
    pool: str = ""
    error: str = ""

    @property
    def refused(self) -> bool | None:
        """Whether the system declined to answer; None where it wasn't asked to."""
        return self.status in {"not_found", "clarify"} if self.status else None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return asdict(self)

    @classmethod
    def of(cls, data: dict[str, Any]) -> Outcome:
        """Return the outcome that `to_dict` gave. Raises TypeError or KeyError for anything else."""
        excerpts = {
            name: tuple(Excerpt(**item) for item in data.get(name, ())) for name in ("gold", "citations", "nearest")
        }
        sentences = {
            name: tuple(Sentence(**{**item, "citations": tuple(item["citations"])}) for item in data.get(name, ()))
            for name in ("sentences", "withheld")
        }
        lists = ("answers", "wrong_answers", "history", "found", "fused", "conflicts")
        tuples = {name: tuple(data.get(name, ())) for name in lists}
        return cls(**{**data, **tuples, **excerpts, **sentences})
