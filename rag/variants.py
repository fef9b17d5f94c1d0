"""Two documents that say one sentence with other words at one place: two versions of a report, a copy that was altered.

What stands at that place is compared without guessing what it is: only names and numbers, and only if both are of the
kind that was asked for. "Mahesh Bhatt" and "Raj Kapoor" exclude each other; "on Sunday" and "on June 18" may not.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import combinations

from rag.task import Task
from rag.understand.kind import holds, kind_of
from rag.words import content, names, numbers, tokens

SHARED = 0.7
"""Words that two versions of a sentence share, as a part of the longer one."""
LONGEST = 6
"""Words that stand in one version in place of others."""


def variants(task: Task, indices: list[int]) -> dict[str, list[int]]:
    """Return what documents say in place of one another, each with the evidence that says so; none if they don't."""
    for one, other in combinations(indices, 2):
        if task.evidence[one].document_id == task.evidence[other].document_id:
            continue
        values = _replaced(task.evidence[one].text, task.evidence[other].text)
        if values and _is_asked_for(task.standalone, *values):
            found = {value: [index for index in indices if _says(task, index, value)] for value in values}
            if not set(found[values[0]]) & set(found[values[1]]):
                return found
    return {}


def _replaced(one: str, other: str) -> tuple[str, str] | None:
    """Return what stands in two versions of a sentence in place of each other, None where they are not two versions."""
    words, others = tokens(one), tokens(other)
    keys, other_keys = ([token.key for token in found] for found in (words, others))
    codes = SequenceMatcher(None, keys, other_keys, autojunk=False).get_opcodes()
    changed = [code for code in codes if code[0] != "equal"]
    if len(changed) != 1 or changed[0][0] != "replace":
        return None
    _, start, end, other_start, other_end = changed[0]
    longer = max(len(words), len(others))
    if longer - max(end - start, other_end - other_start) < SHARED * longer:
        return None
    if max(end - start, other_end - other_start) > LONGEST:
        return None
    return _between(one, start, end), _between(other, other_start, other_end)


def _between(text: str, start: int, end: int) -> str:
    """Return a text from its word `start` up to its word `end`."""
    words = tokens(text)
    last = words[end - 1]
    return text[words[start].start : last.start + len(last.text)]


def _is_asked_for(question: str, one: str, other: str) -> bool:
    """Say whether both are names, or both numbers, of the kind that was asked for, and share no word with it."""
    asked, kind = content(question), kind_of(question)
    alike = [bool(numbers(value)) for value in (one, other)]
    told = [names(f"x {value}") | numbers(value) for value in (one, other)]
    apart = not content(one) & content(other) and not (content(one) | content(other)) & asked
    return alike[0] == alike[1] and all(told) and apart and all(holds(kind, asked, f"x {v}") for v in (one, other))


def _says(task: Task, index: int, value: str) -> bool:
    return content(value) <= content(task.evidence[index].text)
