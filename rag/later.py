"""Which statement of one thing is the last word, where one tells of a change and doesn't say from what.

"The fee is raised to 25" takes the place of "The membership fee is set at 20", three meetings before in the same
minutes or in an older letter; "sorry, I was wrong: he comes on 17 July" that of "he comes on 7 July" in the mail below.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from rag.changed import ANY
from rag.stated import Key, Stated
from rag.task import Task
from rag.types import Evidence
from rag.understand.mentions import is_verb
from rag.words import MONTHS, VAGUE, WEEKDAYS, content, numbers, ordinal, tokens

_QUOTED = re.compile(r"\b(?:wrote|writes|schrieb|écrit)\s*:?\W*$|original message|forwarded message", re.IGNORECASE)
"""The line above a mail that is quoted within another one."""
_DATED = content(" ".join((*MONTHS.values(), *WEEKDAYS)))
_LABEL = re.compile(r"^(?:\d{1,3}[.)]|[-*•]) [^.:;!?]{1,40}[.:]")
"""What an item of minutes begins with: "1. Fee."."""


def takes_place_of(task: Task, new: Stated, old: Stated) -> bool:
    """Say whether one statement tells what became of what the other one states, in words of the question."""
    if not new.change or new.key == old.key or _is_apart(new, old) or _order(task, new) < _order(task, old, new):
        return False
    mine, its = task.evidence[new.index], task.evidence[old.index]
    asked = _asked(task) - ANY
    what = new.change.what if new.change.what is not None else asked & content(new.clause)
    subject = what - ANY
    if not subject:
        return bool(what) and bool(asked & _known(mine)) and bool(asked & content(its.text))
    said = content(its.text) | label(task, its)
    missing = asked & content(its.text) - _known(mine)
    named = bool(subject & asked and asked & content(its.text))
    told = named and asked & content(mine.text) <= said and subject <= said | _known(its)
    if new.change.what is None:  # "now" may be of anything
        told = told and (asked <= _known(mine) or len(content(mine.text) & said - numbers(mine.text) - _DATED) > 1)
    return told and missing <= _passed_over(task.standalone, subject)


def _asked(task: Task) -> frozenset[str]:
    said = (token for token in tokens(task.standalone) if token.content and not ordinal(token))
    return frozenset(token.key for token in said) - VAGUE


def fullest(task: Task, stated: Sequence[Stated]) -> list[Stated]:
    """Return statements without the changes of something else: a "students' fee" is not what the fee is raised to.

    Of several changes those count that have most of what was asked.
    """
    asked = frozenset(token.key for token in tokens(task.standalone) if token.content and not is_verb(token)) - VAGUE
    had = {one.index: asked & content(task.evidence[one.index].text) for one in stated if one.change}
    return [one for one in stated if not one.change or not any(had[one.index] < other for other in had.values())]


def superseded(task: Task, stated: Sequence[Stated]) -> tuple[Stated | None, frozenset[Key]]:
    """Return the last of the changes among statements of one thing, and the values that it takes the place of."""
    changes = [one for one in stated if one.change]
    if not changes:
        return None, frozenset()
    last = max(changes, key=lambda one: _order(task, one))
    older = (one for one in stated if one.key != last.key and _order(task, one, last) <= _order(task, last))
    old = frozenset(one.key for one in older) - {one.key for one in stated if _is_newer(task, one, last)}
    return (last, old) if old else (None, frozenset())


def _is_newer(task: Task, one: Stated, last: Stated) -> bool:
    return one.key != last.key and _order(task, one, last) > _order(task, last)


def _order(task: Task, one: Stated, beside: Stated | None = None) -> tuple[str, bool, int]:
    """Return what tells which of two statements was made later: the date, then the place in the document.

    A mail that is quoted is older than what stands above it. What has no date is as old as what it stands `beside`.
    """
    return made(task.evidence[one.index], task.evidence[beside.index] if beside else None)


def made(item: Evidence, beside: Evidence | None = None) -> tuple[str, bool, int]:
    """Return what tells which of two sentences was written later; see `takes_place_of`."""
    other = beside or item
    dated = item.published_at or ""
    if other.document_id != item.document_id:
        if not dated or not other.published_at or dated == other.published_at:
            return other.published_at or dated, False, -1
        return dated, True, 0
    quoted = bool(_QUOTED.search(item.heading))
    return dated, not quoted, -item.start if quoted else item.start


def _is_apart(one: Stated, other: Stated) -> bool:
    return bool(one.years and other.years and not one.years & other.years)


def _known(item: Evidence) -> frozenset[str]:
    return content(f"{item.text} {item.title}. {item.heading}")


def label(task: Task, item: Evidence) -> frozenset[str]:
    """Return the words of what the item is headed in which a sentence stands: "1. Fee." on its line."""
    beside = (
        found.group()
        for other in task.evidence
        if item.place and (other.document_id, other.place) == (item.document_id, item.place)
        if (found := _LABEL.match(other.text))
    )
    return content(" ".join(beside))


def _passed_over(question: str, subject: frozenset[str]) -> frozenset[str]:
    """Return the words of a question that a change needn't say: "membership" of the "membership fee", verbs."""
    said = [token for token in tokens(question) if token.content]
    ahead = {one.key for one, noun in pairwise(said) if noun.key in subject}
    return frozenset(ahead | {token.key for token in said if is_verb(token)})
