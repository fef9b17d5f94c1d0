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
from rag.types import Evidence
from rag.understand.kind import holds, kind_of
from rag.words import content, names, numbers, tokens

SHARED = 0.7
"""Words that two versions of a sentence share, as a part of the longer one."""
LONGEST = 6
"""Words that stand in one version in place of others."""
MOST = 60
"""Sentences that are compared with one another."""
ENOUGH = 7
"""Words of a sentence that two documents seldom have by chance."""
AS_ONE = 3
"""Words that two sentences begin with where one has a head that the other hasn't."""
ALIKE = 0.8
"""Of letters that two spellings of one word share (Ratcliff and Metzener, 1988)."""
LONGEST_HEAD = 100
"""Characters of such a head."""
MOST_HEADS = 4
_HEAD = re.compile(r"[\])}|:;.–—]\s+")
"""Where what stands ahead of a sentence ends."""
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
        if not values or (found and values[0] not in found) or not _is_asked_for(task.standalone, mine.text, values):
            continue
        if not _are_namesakes(task, (mine, task.evidence[index]), values):
            found.setdefault(values[0], [one])
            found.setdefault(values[1], []).append(index)
    known = {index for same in found.values() for index in same}
    for value, same in found.items():
        version = task.evidence[same[0]].text
        more = [i for i in others if i not in known and _says(task.evidence[i].text, value, version)]
        same += more
        known.update(more)
    return found


def _are_namesakes(task: Task, items: tuple[Evidence, Evidence], values: tuple[str, str]) -> bool:
    """Say whether each of two documents is called by what it says: "487th Fighter Squadron", "487th Bomb Squadron".

    Unless they have another sentence in common: then one is an altered copy. A document without a title of its own is
    called by how it begins, which says nothing.
    """
    begin = any(item.text.startswith(item.title.rstrip("….")) for item in items)
    if begin or not all(content(value) <= content(item.title) for item, value in zip(items, values, strict=True)):
        return False
    said = [
        {
            keys
            for item in task.evidence
            if item.document_id == one.document_id and len(keys := _key(item.text)) > ENOUGH
        }
        for one in items
    ]
    return not said[0] & said[1]


def _key(text: str) -> tuple[str, ...]:
    return tuple(token.key for token in tokens(text))


def _replaced(one: str, other: str) -> tuple[str, str] | None:
    """Return what stands in two versions of a sentence in place of each other, None where they are not two versions.

    What only one of them has ahead of it, a note's number or a caption, or behind it, makes no other sentence of it.
    """
    one, other = _without_head(one, other)
    if not _is_alike(one, other):
        return None
    words, others = tokens(one), tokens(other)
    keys, other_keys = ([token.key for token in found] for found in (words, others))
    codes = SequenceMatcher(None, keys, other_keys, autojunk=False).get_opcodes()
    if codes and codes[-1][0] in {"insert", "delete"}:  # "…, says Ann Lee"
        codes = codes[:-1]
    pairs = [
        (_between(one, start, end), _between(other, other_start, other_end))
        for kind, start, end, other_start, other_end in codes
        if kind != "equal"
    ]
    told = {(_key(pair[0]), _key(pair[1])): pair for pair in pairs if not _is_slip(*pair)}
    if len(told) != 1:
        return None
    values = next(iter(told.values()))
    return values if all(values) and max(len(tokens(value)) for value in values) <= LONGEST else None


def _is_slip(one: str, other: str) -> bool:
    """Say whether two wordings differ by no more than the spelling of a word, or by words such as "an"."""
    if not content(one) | content(other):
        return True
    alike = SequenceMatcher(None, one.casefold(), other.casefold(), autojunk=False).ratio() >= ALIKE
    return alike and not any(character.isdigit() for character in one + other) and not names(f"x {one} {other}")


def _without_head(one: str, other: str) -> tuple[str, str]:
    """Return both sentences from where they begin alike: without a head that only one has, as in "[2] The mill"."""
    for long, short, turned in ((one, other, False), (other, one, True)):
        first = _key(short)[:AS_ONE]
        starts = [0, *(end.end() for end in _HEAD.finditer(long[:LONGEST_HEAD]))][:MOST_HEADS]
        following = {token.start: at for at, token in enumerate(tokens(long))} if len(first) == AS_ONE else {}
        keys = _key(long) if following else ()
        for start in starts:
            at = next((at for place, at in following.items() if place >= start), None)
            if at is not None and keys[at : at + AS_ONE] == first:
                return (short, long[start:]) if turned else (long[start:], short)
    return one, other


def _is_alike(one: str, other: str) -> bool:
    """Say whether two sentences share most of their words, whatever their order."""
    mine, its = (Counter(token.key for token in tokens(text)) for text in (one, other))
    return (mine & its).total() >= SHARED * max(mine.total(), its.total())


def _between(text: str, start: int, end: int) -> str:
    """Return a text from its word `start` up to its word `end`."""
    words = tokens(text)[start:end]
    return text[words[0].start : words[-1].start + len(words[-1].text)] if words else ""


def _is_asked_for(question: str, sentence: str, values: tuple[str, str]) -> bool:
    """Say whether both values are names, or both numbers, that can be what was asked for, and no word of it alone.

    A time is that only where a time was asked for; and what a sentence begins with hardly is, unless a kind was named.
    """
    asked, kind = content(question), kind_of(question)
    one, other = values
    apart = not content(one) & content(other) and not any(content(value) <= asked for value in values)
    told = all(names(f"x {value}") | numbers(value) for value in values)
    if not (apart and told) or bool(numbers(one)) != bool(numbers(other)):
        return False
    if kind not in {"time", "date"} and all(holds("time", frozenset(), value) for value in values):
        return False
    if not kind and (sentence.lstrip("\"'“‘(").startswith(one) or not _ASKS_WHICH.search(question)):
        return False
    return all(holds(kind, asked, f"x {value}") for value in values)


def _says(text: str, value: str, version: str) -> bool:
    """Say whether a sentence is this version, with a few words more or less."""
    return content(value) <= content(text) and _is_alike(text, version)
