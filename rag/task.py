"""One question with all that is known of it before a model is asked, and the prompt that is made of it."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from rag.entries import is_introduced
from rag.fitted import fitted
from rag.naming import naming
from rag.prompts import (
    ANSWER_SYSTEM,
    ANSWER_USER,
    EXAMPLE_SYSTEM,
    EXAMPLE_USER,
    EXAMPLES,
    WHETHER,
    WRITE_OR_REFUSE,
    material,
)
from rag.types import Evidence
from rag.understand.options import asks_whether
from rag.understand.several import asks_for_names, asks_for_several

if TYPE_CHECKING:
    from llama_index.core.llms import ChatMessage

    from rag.cite import Checker

Mode = Literal["strict", "lenient"]
Situation = Literal["pool", "whole"]
BEST = 2
"""Sentences that a small model is asked over first, alone (rag.judge). Two tell near misses better than all; no other
number was measured."""
QUOTED = 3
"""Quotes that make an answer where the model is none or of no help."""
QUOTED_IN_A_LIST = 8
_ENDED = re.compile(r"[.?!:…。？！؟।]\W*$")


@dataclass(frozen=True, slots=True)
class Task:
    """One question with all that is known before the model is asked."""

    question: str
    standalone: str
    evidence: tuple[Evidence, ...]
    """All that may be quoted, best first."""
    answerable: float
    missing: tuple[str, ...]
    searched: int
    """Passages that were read."""
    situation: Situation = "pool"
    """See rag.relevance: each situation has thresholds of its own."""
    mode: Mode = "strict"
    understand: float = 0.0
    """Seconds spent on understanding the question."""
    retrieve: float = 0.0
    """Seconds spent on finding the evidence."""
    answer_tokens: int = 256
    read: tuple[Evidence, ...] = ()
    """The best of the evidence, as much as the model has time to read; by default all."""
    checker: Checker | None = field(default=None, compare=False)
    """A model that is asked, too, whether quotes bear a sentence."""
    stopped: threading.Event = field(default_factory=threading.Event, compare=False)
    """Set from another thread, it makes the model stop at its next word."""
    unanswered: tuple[str, ...] = ()
    """Of a question that asks several things, those that nothing is near."""
    understood: str = ""
    """What it was understood as, for people, if that is not `standalone`: see rag.chat.Heard.alone."""

    @property
    def several(self) -> bool:
        """The question asks for all that there is of something."""
        return asks_for_several(self.standalone)


def likely(task: Task, share: str = "") -> list[int]:
    """Return the evidence that can answer by itself and is nearly as likely to as the best, best first.

    `share` names the fitted threshold that says how nearly; by default that of the kind of question.
    """
    fitting = [index for index, item in enumerate(task.evidence) if item.fits]
    if not fitting:
        return []
    if not share and (named := of_names(task, "share")):
        return named
    thresholds = fitted(f"relevance_{task.situation}").thresholds
    least = thresholds[share or ("share_in_a_list" if task.several else "share")] * task.evidence[fitting[0]].score
    likely = [index for index in fitting if task.evidence[index].score >= least]
    return likely[: QUOTED_IN_A_LIST if task.several else QUOTED]


def of_names(task: Task, share: str) -> list[int]:
    """Return the evidence that names what a list of names lacks, best first; none where no such list is asked for.

    `share` names the fitted threshold that says how likely it has to be.
    """
    if not (task.several and asks_for_names(task.standalone)):
        return []
    fitting = [index for index, item in enumerate(task.evidence) if item.fits]
    return naming(task.standalone, task.evidence, fitting, fitted("naming").thresholds[share], QUOTED_IN_A_LIST)


def prompt(task: Task, wanted: str = WRITE_OR_REFUSE) -> list[ChatMessage]:
    """Return the messages for the model: evidence, then the question, then what is wanted of it."""
    text = ANSWER_USER.format(evidence=_material(task), question=material(task.standalone), wanted=wanted)
    return _messages(("system", ANSWER_SYSTEM), ("user", text))


def by_example(task: Task, begun: str = "") -> list[ChatMessage]:
    """Return the messages for a small model: first examples, the same for every question, then evidence and question.

    With `begun` the reply is begun for it and the model goes on from there; all before that is the same to the
    letter, so that a model that keeps what it has read needn't read it again.
    """
    shown = [
        (role, text)
        for evidence, question, reply in EXAMPLES
        for role, text in (
            ("user", EXAMPLE_USER.format(evidence=evidence, question=question)),
            ("assistant", reply),
        )
    ]
    question = _as_in_examples(task.standalone)
    question = WHETHER.format(question) if asks_whether(task.standalone) else question
    asked = EXAMPLE_USER.format(evidence=_material(task, ahead=BEST), question=material(question))
    return _messages(("system", EXAMPLE_SYSTEM), *shown, ("user", asked), *([("assistant", begun)] if begun else []))


def _as_in_examples(question: str) -> str:
    """Return a question as the examples put theirs: typed in a hurry, it gets a less sure Yes (0.3 in log-odds)."""
    said = question.strip()
    ends = "" if not said or _ENDED.search(said) else "?"
    first = said[:1].upper()
    return f"{first if len(first) == 1 else said[:1]}{said[1:]}{ends}"


def examples() -> list[ChatMessage]:
    """Return what every prompt `by_example` begins with, to be read ahead of the first question."""
    return by_example(Task("", "", (), 0.0, (), 0))[:-1]


def _messages(*parts: tuple[str, str]) -> list[ChatMessage]:
    from llama_index.core.llms import ChatMessage

    return [ChatMessage(role=role, content=text) for role, text in parts]


def _material(task: Task, ahead: int = 0) -> str:
    """Return what is to be read: the sentences of each document in their order, the document of the best one first.

    The `ahead` best of all stand before the rest, as if there were no other: what a model has read that was asked over
    them alone (rag.judge) it needn't read again.
    """
    items = task.read or task.evidence
    return "\n\n".join(filter(None, (_blocks(items[:ahead]), _blocks(items[ahead:]))))


def _blocks(items: Sequence[Evidence]) -> str:
    blocks: dict[str, list[Evidence]] = {}
    for item in items:
        blocks.setdefault(item.document_id, []).append(item)
    return "\n\n".join(
        f"{heading(of_one[0])}\n" + "\n".join(_said(item) for item in sorted(of_one, key=lambda e: e.start))
        for of_one in blocks.values()
    )


def _said(item: Evidence) -> str:
    """Return a sentence as it is read, an item with what it stands under, a row with the heads of its columns."""
    if item.in_full:
        return material(item.in_full)
    if is_introduced(item.text, item.heading) and item.heading != item.title:
        return material(f"{item.heading.rstrip(' :')}: {item.text}")
    return material(item.text)


def heading(item: Evidence) -> str:
    """Return the line that a model reads above the sentences of a document: its title, and its date if it has one."""
    dated = f" ({item.published_at})" if item.published_at else ""
    return f"# {material(item.title)}{dated}"
