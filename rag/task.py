"""One question with all that is known of it before a model is asked, and the prompt that is made of it."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from rag.entries import is_introduced
from rag.fitted import fitted
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
_LIST = re.compile(
    r"\bwho (?:(?:is|are|was|were) )?(?:might|may|could|would|will|else|likely|expected|all)\b|\bwho (?:are|were)\b"
    r"|\bwho (?:(?:is|was) going to(?! be\b)|have been)\b"
    r"|\b(?:which|what)(?: \w+){0,2} (?:\w+[^s\W]s|people|men|women|children)"
    r" (?:may|might|could|would|will|are|were|have|had|do|did|can)\b"
    r"|^\W*(?:the )?(?:names|members|candidates|participants)\b"
    r"|\bname (?:all|the)\b|\ball the\b|\b(?:any|other) \w+s\b",
    re.IGNORECASE,
)
_TO_LIST = re.compile(
    r"^\W*(?:(?:please|now|and|so|then|ok(?:ay)?)\b,?\s+)*list\b|\b(?:you|to|please)\s+list\b"
    r"|\band\s+list\s+(?:the|all|every|any|some|its|their|\w+s)\b"
    r"|\b(?:give|show|make|write|send|need|want)\s+(?:me\s+|us\s+)?(?:(?:an?|the)\s+)?(?:\w+\s+)?list\b"
    r"|\b(?:what|who)(?:\s+all)?(?:\s+(?:is|are|was|were|stands?|goes)|['’]s)\s+(?:on|in)\s+(?:[\w-]+\s+){1,3}list\b"
    r"|^\W*(?!(?:wh\w+|how|is|are|was|were|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must)\b)"
    r"(?:[\w'’-]+\s+){1,3}list(?:\s+(?:of|for|from|in)\b|\W*$)",
    re.IGNORECASE,
)
"""A list is asked for: not "Who manages the waiting list?", which only speaks of one."""
_ENDED = re.compile(r"[.?!:…。？！؟।]\W*$")


def asks_for_several(question: str) -> bool:
    """Say whether a question asks for all that there is of something, not for one thing."""
    return bool(_LIST.search(question) or _TO_LIST.search(question))


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
    thresholds = fitted(f"relevance_{task.situation}").thresholds
    least = thresholds[share or ("share_in_a_list" if task.several else "share")] * task.evidence[fitting[0]].score
    likely = [index for index in fitting if task.evidence[index].score >= least]
    return likely[: QUOTED_IN_A_LIST if task.several else QUOTED]


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
