"""Question + evidence -> stream of answer events: what the model writes, sentence by sentence, as quotes bear it.

Four voices decide. The outlook (what was found, before the model is asked) refuses what is nowhere near the
documents. The model judges whether the sentences answer (rag.judge), where it is known what its judgement is worth.
Then it writes, or says that it can't. The check lets through only what quotes support. Where the sentences answer and
what the model wrote is no help, the best quotes themselves are the answer.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.compare import compared, shown
from rag.conflicts import disagreement
from rag.draft import Draft
from rag.fitted import fitted
from rag.judge import is_judge, judged, with_link
from rag.prompts import SAYS_NOT
from rag.quoting import both_sides, completed, of_list, others, quoted, siblings
from rag.structured import missing_words
from rag.task import BEST, Mode, Situation, Task, prompt
from rag.types import Answer, AnswerEvent, Done, Retrieved, Sentence, Status, Timings
from rag.writing import numbered, offered, sentences_of, verdict_on, weighed

if TYPE_CHECKING:
    from rag.writer import Writer

CLOSEST = "Where they come closest,"
"""Begins the reason for which a near miss is refused."""

__all__ = ["CLOSEST", "Task", "is_promising", "prompt", "respond", "sentences_of", "verdict_on"]


def is_promising(answerable: float, situation: Situation, mode: Mode) -> bool:
    """Say whether what was found is worth asking the model; below this the documents don't say."""
    return answerable >= fitted(f"answerable_{situation}").thresholds[mode]


def respond(task: Task, writer: Writer | None) -> Generator[AnswerEvent]:
    """Yield the events of an answer from Retrieved on: that, each Sentence once it is checked, and Done.

    Raises:
        LLMError: the model failed; what was yielded before stands.
    """
    began = time.perf_counter()
    yield Retrieved(task.evidence)
    draft = Draft(task.evidence)
    # A measured model tells more than the outlook: to that is left what is nowhere near the documents.
    bound = "lenient" if writer and is_judge(writer.name) else task.mode
    comparison = compared(task)
    if comparison and comparison.nearest is not None and not (writer and writer.structured):
        draft.instead = comparison.asked, shown(task.evidence[comparison.nearest])
    elif (comparison and comparison.sure) or (task.evidence and is_promising(task.answerable, task.situation, bound)):
        yield from _answered(task, writer, draft, began)
    yield Done(_finished(task, draft, writer.name if writer else "none", time.perf_counter() - began))


def _answered(task: Task, writer: Writer | None, draft: Draft, began: float) -> Iterator[Sentence]:
    """Yield the sentences of the answer, if the evidence has one: the model's, and quotes where those are better."""
    # What rows state of different things is no disagreement.
    draft.disagreement, is_list = None if compared(task) else disagreement(task), bool(of_list(task))
    if writer is None or (is_list and not writer.structured):
        # A list that stands under what was asked for is the answer; a model would only leave something out.
        yield from quoted(task, draft)
    elif writer.structured:
        yield from numbered(task, writer, draft, began)
    else:
        task = with_link(_uncorrected(task, draft))
        odds, draft.usage = judged(task, writer)
        yield from offered(task, writer, draft, began) if odds is None else weighed(task, writer, draft, began, odds)
    if draft.claims and task.several and not is_list:
        yield from completed(task, draft, picked=writer is not None and is_judge(writer.name))
    if draft.claims and not (is_list or (writer and writer.structured)):
        yield from siblings(task, draft)
    if draft.claims:
        yield from both_sides(draft)
    # A model that cites by itself has quoted what it wanted of the other documents.
    if draft.claims and not ((writer and writer.structured) or is_list):
        yield from others(task, draft)


def _uncorrected(task: Task, draft: Draft) -> Task:
    """Return the question without what the evidence itself says is no longer so: a small model takes what it reads."""
    old = draft.disagreement.corrected if draft.disagreement else frozenset()
    gone = [task.evidence[index] for index in old]
    before = task.read or task.evidence
    # What it is now is read where what it was would have been, else it would be answered with something else.
    now = (
        [task.evidence[index] for index in draft.disagreement.quoted if index not in old] if draft.disagreement else []
    )
    first = now[:1] if any(item in gone for item in before[:BEST]) else []
    read = (*first, *(item for item in before if item not in gone and item not in first))
    return replace(task, read=read) if gone and read else task


def _finished(task: Task, draft: Draft, model: str, seconds: float) -> Answer:
    status = _status(task, draft)
    text = draft.text if draft.claims else _refusal(task, draft)
    timings = Timings(
        understand=task.understand,
        retrieve=task.retrieve,
        first_token=draft.first and task.understand + task.retrieve + draft.first,
        generate=max(0.0, seconds - draft.checking),
        check=draft.checking,
        total=task.understand + task.retrieve + seconds,
    )
    understood = task.understood or task.standalone
    named = "\0".join((task.question, understood, model, status, text))
    numbers = {index: citation.number for index, citation in draft.citations.items()}
    return Answer(
        id=hashlib.sha256(named.encode()).hexdigest()[:16],
        question=task.question,
        understood=understood,
        status=status,
        text=text,
        claims=tuple(draft.claims),
        citations=tuple(sorted(draft.citations.values(), key=lambda citation: citation.number)),
        conflicts=(draft.disagreement.numbered(numbers),) if draft.disagreement and draft.claims else (),
        evidence=task.evidence,
        model=model,
        timings=timings,
        usage=draft.usage,
        withheld=tuple(draft.withheld),
        unanswered=task.unanswered if draft.claims else (),
    )


def _status(task: Task, draft: Draft) -> Status:
    if not any(claim.status == "supported" for claim in draft.claims):
        return "not_found"
    whole = all(claim.status == "supported" for claim in draft.claims)
    return "answered" if whole and not (draft.refused or task.unanswered) else "partly"


def _refusal(task: Task, draft: Draft) -> str:
    """Say that the documents don't, and what was looked for in vain."""
    if not task.searched:
        return f"{SAYS_NOT} There are no documents to search."
    if draft.instead:
        mine, its = draft.instead
        return f"{SAYS_NOT} {CLOSEST} it is “{its}”, not “{mine}”."
    if task.missing:
        words = ", ".join(f"“{word}”" for word in task.missing[:5])
        return f"{SAYS_NOT} Nothing in the passages searched ({task.searched}) mentions {words}."
    unanswered = missing_words(task.standalone, draft.missing)
    if unanswered:
        words = ", ".join(f"“{word}”" for word in unanswered[:5])
        return f"{SAYS_NOT} In the passages searched ({task.searched}) the model found no answer to {words}."
    return f"{SAYS_NOT} The passages searched ({task.searched}) are near the question, but none answers it."
