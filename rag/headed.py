"""The list that answers a question, where its heading says it in other words: "Please bring" for "What do I pack?".

rag.announced finds the one whose heading and title have the question's words. Here four numbers tell how likely a list
is the one: how near it is by meaning, how many of the words its heading and title have, whether the heading itself has
one, and whether it stands in the document that most likely answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.entries import is_item
from rag.fitted import fitted
from rag.relevance import Candidate, Question
from rag.understand.several import asks_for_names, asks_for_several, asks_openly
from rag.words import VAGUE, content, names

HEADED = ("near", "covered", "said", "of_best")
Near = Callable[[Sequence[str]], Sequence[float]]
"""The cosines of texts to the question."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Entries that stand under one heading of a document, in their order, and how likely they are what was asked."""

    entries: tuple[Candidate, ...]
    features: tuple[float, ...]
    """In the order of HEADED."""


def headed(asked: Question, scored: Sequence[tuple[Candidate, float]], near: Near) -> list[Candidate]:
    """Return the entries of the list that likelier than anything else is what was asked for; none where none is."""
    chance = fitted("headed")
    found = listings(asked, scored, near)
    best = max(found, key=lambda listing: chance(listing.features), default=None)
    return list(best.entries) if best and chance(best.features) >= chance.thresholds["least"] else []


def listings(asked: Question, scored: Sequence[tuple[Candidate, float]], near: Near) -> list[Listing]:
    """Return the lists that may be what was asked for, if several things may; `scored` are all candidates."""
    if asked.kind or not (asks_openly(asked.text) or asks_for_several(asked.text)):
        return []
    there = _lists([candidate for candidate, _ in scored])
    lists = [entries for entries in there if _are_items(entries) and _may_be_of(asked, entries)]
    texts = [text for entries in lists for text in _texts(entries)]
    cosines = list(near(texts)) if texts else []
    first = max(scored, key=lambda pair: pair[1] * (not pair[0].entry))[0].evidence.document_id if scored else ""
    return [
        Listing(tuple(entries), _features(asked, entries, max(cosines[2 * at : 2 * at + 2]), first))
        for at, entries in enumerate(lists)
    ]


def _lists(candidates: Sequence[Candidate]) -> list[list[Candidate]]:
    lists: dict[tuple[str, str], list[Candidate]] = {}
    for candidate in candidates:
        if candidate.entry and candidate.evidence.heading:
            lists.setdefault((candidate.evidence.document_id, candidate.evidence.heading), []).append(candidate)
    ordered = (sorted(entries, key=lambda candidate: candidate.evidence.start) for entries in lists.values())
    return [entries for entries in ordered if len(entries) > 1]


def _are_items(entries: Sequence[Candidate]) -> bool:
    """Say whether half of the entries need their heading to say something: rows and "Weight: 5.2 kg" don't."""
    return 2 * sum(is_item(entry.text, entry.evidence.heading) for entry in entries) >= len(entries)


def _may_be_of(asked: Question, entries: Sequence[Candidate]) -> bool:
    """Say whether half of the entries have a name, if names were asked for: no towns are under "Most read"."""
    named = [bool(names(entry.text) - asked.weights.keys()) for entry in entries]
    return not asks_for_names(asked.text) or 2 * sum(named) >= len(named)


def _texts(entries: Sequence[Candidate]) -> tuple[str, str]:
    """Return what a list is announced by, and that with all that it says."""
    announced = f"{entries[0].evidence.title}. {entries[0].evidence.heading.rstrip(' :')}"
    return announced, f"{announced}: {'; '.join(entry.text for entry in entries)}"


def _features(asked: Question, entries: Sequence[Candidate], cosine: float, first: str) -> tuple[float, ...]:
    evidence = entries[0].evidence
    title, heading = content(evidence.title), content(evidence.heading) - VAGUE
    told, all_told = title | heading, sum(asked.weights.values())
    covered = sum(weight for key, weight in asked.weights.items() if key in told) / max(1e-9, all_told)
    said = bool((heading - title) & asked.weights.keys())
    return cosine, covered, float(said), float(evidence.document_id == first)
