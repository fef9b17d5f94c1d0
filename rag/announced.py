"""Lists that a question asks for by the line that they stand under: "What are the action items?".

Their entries have next to none of the question's words; the heading has them all. So each of them is worth what the
likeliest sentence is worth.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.headed import Near, headed
from rag.relevance import Candidate, Question
from rag.understand.kind import MEASURES, holds
from rag.words import content, names, numbers

COVERED = 0.7
"""Share of the question's words, by their rarity, that heading and title have to have."""
OWN = 0.5
"""Share of the heading's words that the question has to have."""
_ASKS = re.compile(
    r"^\W*(?:(?:and|so|but|please)\b,? )?(?:(?:what|which|who)\b|how (?:to|do|does|can|could|should|is|are)\b"
    r"|list\b|name\b|show\b|tell me\b|give me\b)",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"^\W*\(?\d{1,3}[.)]\s+")


def listed(
    asked: Question, scored: Sequence[tuple[Candidate, float]], near: Near | None = None
) -> list[tuple[Candidate, float]]:
    """Return candidates with their scores, best first; the entries of the list that was asked for come before all.

    With `near` also those of a list whose heading says in other words what was asked for (rag.headed).
    """
    found = _list(asked, [candidate for candidate, _ in scored]) or (headed(asked, scored, near) if near else [])
    if not found:
        return list(scored)
    best = max(score for _, score in scored)
    lifted = [(replace(c, evidence=replace(c.evidence, listed=True)), best) for c in found]
    there = {(c.evidence.document_id, c.evidence.start) for c in found}
    rest = [pair for pair in scored if (pair[0].evidence.document_id, pair[0].evidence.start) not in there]
    return [*lifted, *rest]


def _list(asked: Question, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the entries under the heading that says most of what was asked, in their order."""
    if asked.kind in MEASURES or not _ASKS.match(asked.text):
        return []
    lists: dict[tuple[str, str], list[Candidate]] = {}
    for candidate in candidates:
        if candidate.entry and candidate.evidence.heading:
            lists.setdefault((candidate.evidence.document_id, candidate.evidence.heading), []).append(candidate)
    announced = [
        (share, entries)
        for entries in lists.values()
        if _may_be_of(asked, entries) and (share := _share(asked, entries)) >= COVERED
    ]
    entries = max(announced, key=lambda pair: pair[0])[1] if announced else []
    return sorted(entries, key=lambda candidate: candidate.evidence.start)


def _may_be_of(asked: Question, entries: Sequence[Candidate]) -> bool:
    """Say whether half of a list's entries have what was asked for: rows of figures under "Board" are no people."""
    held = [holds(asked.kind, asked.weights.keys(), candidate.text) > 0 for candidate in entries]
    return 2 * sum(held) >= len(held)


def _share(asked: Question, entries: Sequence[Candidate]) -> float:
    """Return which share of the question the heading of a list has with its title; 0 where it is not about that."""
    heading, title = _ORDINAL.sub("", entries[0].evidence.heading), entries[0].evidence.title
    own, words = content(heading), content(f"{title}. {heading}")
    hard = names(asked.text) | numbers(asked.text)
    all_told = sum(asked.weights.values())
    if len(entries) < 2 or not own or not all_told or hard - words or len(own & asked.weights.keys()) < OWN * len(own):
        return 0.0
    return sum(weight for key, weight in asked.weights.items() if key in words) / all_told
