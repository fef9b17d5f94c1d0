"""A question with what is known of its answer, and what can be wrong with a question file."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rag.errors import QuestionFileError
from rag.types import Turn

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Gold:
    """Where an answer stands: a quote in a document, or (`quote` None) the whole document."""

    doc_id: str
    """Empty where only the words are known; then it is whichever document holds them."""
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One question; what is not known is empty, and gives no score."""

    id: str
    question: str
    answers: tuple[str, ...] = ()
    answerable: bool = True
    known: bool = True
    """Whether it is known if the documents answer it: of a question alone it isn't, and a refusal may be right."""
    evidence: tuple[Gold, ...] = ()
    relevant: Mapping[str, float] = field(default_factory=dict)
    """Grade of each relevant document by its doc_id, where it is known apart from the evidence."""
    doc_ids: tuple[str, ...] = ()
    """Nothing but these documents is searched, where there are any."""
    pool: str = ""
    """Nothing but the documents of this pool is searched, where the documents have pools."""
    history: tuple[Turn, ...] = ()
    rewrite: str = ""
    """A follow-up as a question that stands alone, where somebody wrote it."""
    type: str = ""
    wrong_answers: tuple[str, ...] = ()
    all_answers_required: bool = False
    place: str = ""
    """Where it stands, for messages: "questions.jsonl, line 7"."""

    def grades(self) -> dict[str, float]:
        """Return the grade of each relevant document: those given, and 1 for those that hold evidence."""
        held = {gold.doc_id: 1.0 for gold in self.evidence if gold.doc_id}
        return {**held, **self.relevant} if self.answerable else {}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a question file or its documents, and where."""

    place: str
    reason: str
    case: str = ""
    """Id of the question that can't be asked because of it; empty where it is a line that is no question."""

    def __str__(self) -> str:
        """Return one line for people."""
        return f"{self.place}: {self.reason}"


def in_order(problems: Sequence[Problem]) -> list[Problem]:
    """Return the problems as they stand in their files: line 9 before line 10."""
    return sorted(problems, key=lambda one: [(len(part), part) for part in re.split(r"(\d+)", one.place)])


def refuse(problems: Sequence[Problem]) -> None:
    """Raise QuestionFileError with all problems, if there are any."""
    if not problems:
        return
    shown = "; ".join(map(str, problems[:_SHOWN]))
    more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
    raise QuestionFileError(refusal(len(problems), f": {shown}{more}"), tuple(map(str, problems)))


def refusal(problems: int, shown: str = "") -> str:
    """Return the sentence for a file that isn't asked; `shown` are its problems, where they don't stand above it."""
    them = "it" if problems == 1 else "them"
    return (
        f"{counted(problems)} in the questions or documents, so nothing was asked{shown}. "
        f"Mend {them}, or leave {them} out with --skip-invalid."
    )


def counted(problems: int) -> str:
    """Return "1 problem", "2 problems"."""
    return f"{problems} problem" if problems == 1 else f"{problems} problems"


def sample(cases: Sequence[Case], limit: int | None, seed: int) -> list[Case]:
    """Return `limit` of the cases, drawn at random; the same ones for the same seed. All of them without a limit."""
    if limit is None or limit >= len(cases):
        return list(cases)
    return random.Random(seed).sample(list(cases), limit)
