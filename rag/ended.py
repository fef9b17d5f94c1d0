"""What has ended since: "Teo resigns as treasurer", further down in the minutes that say that he was elected.

An answer that shows only how something began is of the past, and nobody could tell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.later import label, made
from rag.sentences import is_question
from rag.task import Task
from rag.types import Evidence
from rag.understand.kind import kind_of
from rag.understand.mentions import is_verb
from rag.words import VAGUE, content, names, tokens

_ENDS = re.compile(
    r"\b(?:resign(?:s|ed)|(?:steps?|stepped|stood|stands?) down|(?:is|are|was|were|has been|have been|had to be)"
    r" (?:cancelled|canceled|called off|abolished|withdrawn|revoked|reversed|repealed|discontinued|dropped|dissolved"
    r"|dismissed|sacked|suspended|scrapped|replaced (?:by|with))|(?:ended|stopped|closed) on"
    r"|(?:ends|ended|stops|stopped|closes|closed) (?:for good|down)|gives? up|gave up|handed over|no longer"
    r"|not any ?more|(?:decision )?reversed|gives? back|gave back|handed back|comes? to an end)\b",
    re.IGNORECASE,
)
_OF_A_PERSON = re.compile(r"\b(?:resign|step|stood|stand)\w*|dismissed$|sacked$", re.IGNORECASE)
_OF_A_PART = re.compile(r"\b(?:no longer|any ?more)$", re.IGNORECASE)
"""What doesn't end what it is said of, only something about it: "The terrace is no longer heated"."""
_BESIDE = re.compile(r"\b(?:which|who|that)\W+(?:\w+\W+)?$", re.IGNORECASE)
_ASKS_OF_THE_END = re.compile(r"\b(?:was|were|had|used to|former\w*|end(?:s|ed)?|first|original\w*)\b", re.IGNORECASE)
"""What asks for what was, which has been answered."""
_NEXT = 2
"""Characters at most between two sentences of one line."""


def endings(task: Task, quotes: Sequence[int]) -> list[int]:
    """Return the sentence that says that what the first quote tells of has ended since; who followed on, behind it.

    It was written later, in the same document or in a newer one, and has all that the quote has of the question, and
    a name or another word of the quote.
    """
    if not quotes or task.several or _ASKS_OF_THE_END.search(task.standalone):
        return []
    first = task.evidence[quotes[0]]
    if _ENDS.search(first.text):
        return []
    there = [index for index, item in enumerate(task.evidence) if _ends(task, first, item)]
    found = next((index for index in there if index in quotes), next(iter(there), None))
    if found is None:
        return []
    after = [at for at, item in enumerate(task.evidence) if _follows(task.evidence[found], item)]
    who = [at for at in after if kind_of(task.standalone) == "person" and names(f"x {task.evidence[at].text}")]
    return [index for index in (found, *who[:1]) if index not in quotes]


def _ends(task: Task, first: Evidence, item: Evidence) -> bool:
    if item is first or not _ENDS.search(item.text) or is_question(item.text) or not _is_later(first, item):
        return False
    asked = frozenset(token.key for token in tokens(task.standalone) if token.content and not is_verb(token)) - VAGUE
    said = content(first.text)
    shared, told = asked & said, content(item.text) | label(task, item)
    is_there = bool(shared) and shared <= told and len(said & told) > 1
    return is_there and _is_of_what_was_asked(task, first, item, shared - label(task, item))


def _is_of_what_was_asked(task: Task, first: Evidence, item: Evidence, shared: frozenset[str]) -> bool:
    """Say whether that ends which was asked for, not something else in the sentence or something about it.

    Who leaves an office is told to who asks who has it; what is no longer so has to be what the quote says.
    """
    end = _ENDS.search(item.text)
    if end is None:
        return False
    start = item.text.rfind(";", 0, end.start()) + 1
    before, behind = item.text[start : end.start()], item.text[end.end() :].partition(";")[0]
    if not shared <= content(f"{before} {behind}"):
        return False
    if _OF_A_PERSON.search(end.group()):
        own = names(f"x {before}")
        return kind_of(task.standalone) == "person" or not own or bool(own & content(task.standalone))
    if _OF_A_PART.search(end.group()):
        so = content(behind if end.group().lower() == "no longer" else before) - VAGUE
        return not _BESIDE.search(before) and bool(so & (content(first.text) | content(task.standalone)))
    return True


def _is_later(first: Evidence, item: Evidence) -> bool:
    if first.document_id == item.document_id:
        return made(item) > made(first)
    return bool(first.published_at and item.published_at and first.published_at < item.published_at)


def _follows(one: Evidence, item: Evidence) -> bool:
    return item.document_id == one.document_id and 0 <= item.start - one.end <= _NEXT and item.place == one.place
