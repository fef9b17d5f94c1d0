"""Documents that say one sentence with other words at one place: versions of a report, a copy that was altered.

What stands at that place is compared without guessing what it is: only names and numbers, and only if they are of the
kind that was asked for. "Mahesh Bhatt" and "Raj Kapoor" exclude each other; "on Sunday" and "on June 18" may not. Of a
list all may be true, so there versions are no disagreement.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

from rag.task import Task
from rag.understand.kind import holds, kind_of
from rag.words import content, names, numbers, tokens

SHARED = 0.7
"""Words that two versions of a sentence share, as a part of the longer one."""
LONGEST = 6
"""Words that stand in one version in place of others."""
MOST = 60
"""Sentences that are compared with one another."""
_ASKS_WHICH = re.compile(r"\b(?:what|which)\b", re.IGNORECASE)


def variants(task: Task, indices: Sequence[int]) -> dict[str, list[int]]:
    """Return what documents say in place of one another, each with the evidence that says so; none if they don't."""
    few = () if task.several else indices[:MOST]
    return next((found for one in few if len(found := _versions(task, one, few)) > 1), {})


def _versions(task: Task, one: int, indices: Sequence[int]) -> dict[str, list[int]]:
    """Return the versions of one sentence that documents have, by what stands at the first place that differs."""
    mine = task.evidence[one]
    others = [index for index in indices if task.evidence[index].document_id != mine.document_id]
    found: dict[str, list[int]] = {}
    for index in others:
        values = _replaced(mine.text, task.evidence[index].text)
        if values and (not found or values[0] in found) and _is_asked_for(task.standalone, mine.text, values):
            found.setdefault(values[0], [one])
            found.setdefault(values[1], []).append(index)
    known = {index for same in found.values() for index in same}
    for value, same in found.items():
        version = task.evidence[same[0]].text
        more = [i for i in others if i not in known and _says(task.evidence[i].text, value, version)]
        same += more
        known.update(more)
    return found


def _replaced(one: str, other: str) -> tuple[str, str] | None:
    """Return what stands in two versions of a sentence in place of each other, None where they are not two versions."""
    if not _is_alike(one, other):
        return None
    words, others = tokens(one), tokens(other)
    keys, other_keys = ([token.key for token in found] for found in (words, others))
    codes = SequenceMatcher(None, keys, other_keys, autojunk=False).get_opcodes()
    changed = [code for code in codes if code[0] != "equal"]
    if len(changed) != 1 or changed[0][0] != "replace":
        return None
    _, start, end, other_start, other_end = changed[0]
    if max(end - start, other_end - other_start) > LONGEST:
        return None
    return _between(one, start, end), _between(other, other_start, other_end)


def _is_alike(one: str, other: str) -> bool:
    """Say whether two sentences share most of their words, whatever their order."""
    mine, its = (Counter(token.key for token in tokens(text)) for text in (one, other))
    return (mine & its).total() >= SHARED * max(mine.total(), its.total())


def _between(text: str, start: int, end: int) -> str:
    """Return a text from its word `start` up to its word `end`."""
    words = tokens(text)
    last = words[end - 1]
    return text[words[start].start : last.start + len(last.text)]


def _is_asked_for(question: str, sentence: str, values: tuple[str, str]) -> bool:
    """Say whether both values are names, or both numbers, that can be what was asked for, and share no word with it.

    A time is that only where a time was asked for; and what a sentence begins with hardly is, unless a kind was named.
    """
    asked, kind = content(question), kind_of(question)
    one, other = values
    apart = not content(one) & content(other) and not (content(one) | content(other)) & asked
    told = all(names(f"x {value}") | numbers(value) for value in values)
    if not (apart and told) or bool(numbers(one)) != bool(numbers(other)):
        return False
    if kind not in {"time", "date"} and any(holds("time", frozenset(), value) for value in values):
        return False
    if not kind and (sentence.lstrip("\"'“‘(").startswith(one) or not _ASKS_WHICH.search(question)):
        return False
    return all(holds(kind, asked, f"x {value}") for value in values)


def _says(text: str, value: str, version: str) -> bool:
    """Say whether a sentence is this version, with a few words more or less."""
    return content(value) <= content(text) and _is_alike(text, version)
