"""Sentences ranked by several questions -> one ranking: by the parts of a question, or a follow-up in two wordings."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from rag.fitted import fitted
from rag.relevance import Candidate, Question, Situation
from rag.understand.kind import MEASURES, holds

if TYPE_CHECKING:
    from rag.cross import Reranker

LEAST_OF_A_PART = 0.3
"""The chance that the likeliest sentence for one of several questions has to have to be quoted for it."""
SHARE_OF_A_PART = 0.6
"""Of that, from which another answers it, too."""
READ = 20
"""Sentences of a ranking that are read beside the question."""
_LEAST = 1e-4
Ranking = list[tuple[Candidate, float]]
"""Sentences with their probability, best first."""


def _likely(part: int, ranking: Ranking, asked: Question | None) -> Ranking:
    """Note of the sentences that are nearly as likely as the best that they answer this part; 0 is no part.

    Where it asks for a time or a number, one without answers it only if none has any.
    """
    whole = [(candidate, score) for candidate, score in ranking if candidate.whole]
    with_it = [(candidate, score) for candidate, score in whole if asked is None or _has_measure(asked, candidate)]
    best = max((score for _, score in with_it), default=0.0)
    if best < LEAST_OF_A_PART:
        with_it, best = whole, max((score for _, score in whole), default=0.0)
    if part == 0 or best < LEAST_OF_A_PART:
        return ranking
    likely = {_key(candidate) for candidate, score in with_it if score >= SHARE_OF_A_PART * best}

    def noted(one: Candidate) -> Candidate:
        return replace(one, evidence=replace(one.evidence, parts=(part,))) if _key(one) in likely else one

    return [(noted(candidate), score) for candidate, score in ranking]


def _has_measure(asked: Question, candidate: Candidate) -> bool:
    return asked.kind not in MEASURES or holds(asked.kind, asked.weights.keys(), candidate.text) > 0


def _key(candidate: Candidate) -> tuple[str, int]:
    return candidate.evidence.passage_id, candidate.place


def best_of(rankings: Sequence[Ranking], asked: Sequence[Question] = ()) -> Ranking:
    """Return each candidate with the best of its scores for the question and its parts, best first.

    `asked` are the question and its parts.
    """
    if len(rankings) == 1:
        return list(rankings[0])
    best: dict[tuple[str, int], tuple[Candidate, float]] = {}
    each = zip_longest(rankings, asked)
    for candidate, score in (
        pair for at, (ranking, one) in enumerate(each) for pair in _likely(at, ranking or [], one)
    ):
        key = _key(candidate)
        known, before = best.get(key, (candidate, score))
        parts = tuple(dict.fromkeys((*known.evidence.parts, *candidate.evidence.parts)))
        best[key] = replace(candidate, evidence=replace(candidate.evidence, parts=parts)), max(score, before)
    return sorted(best.values(), key=lambda pair: -pair[1])


def mean_of(rankings: Sequence[Ranking]) -> Ranking:
    """Return each candidate with the mean of its scores, best first."""
    return _as_one(rankings, lambda scores: sum(scores) / len(scores))


def either_of(rankings: Sequence[Ranking]) -> Ranking:
    """Return each candidate with the best of its scores for two wordings of one question, best first."""
    return _as_one(rankings, max)


def _as_one(rankings: Sequence[Ranking], worth: Callable[[Sequence[float]], float]) -> Ranking:
    scores: dict[tuple[str, int], list[float]] = {}
    for candidate, score in (pair for ranking in rankings for pair in ranking):
        scores.setdefault(_key(candidate), []).append(score)
    all_ = {key: worth(each) for key, each in scores.items()}
    scored = [(candidate, all_[_key(candidate)]) for candidate, _ in rankings[0]]
    return sorted(scored, key=lambda pair: -pair[1])


def read_beside(question: str, ranking: Ranking, reader: Reranker, situation: Situation) -> Ranking:
    """Return a ranking by what its first READ sentences say when they are read beside the question, best first.

    Those that are not read count as the least of those that are.
    """
    read = list(reader.scores(question, [as_read(candidate) for candidate, _ in ranking[:READ]]))
    read += [min(read)] * (len(ranking) - len(read))
    weighed = fitted(f"read_{situation}")
    each = zip(ranking, read, strict=True)
    again = [(candidate, weighed((log_odds(chance), score))) for (candidate, chance), score in each]
    return sorted(again, key=lambda pair: -pair[1])


def as_read(candidate: Candidate) -> str:
    """Return a sentence as it is read beside a question: behind its document's title and what it stands under."""
    evidence = candidate.evidence
    heading = "" if evidence.heading in evidence.title else evidence.heading
    return ": ".join(filter(None, (evidence.title, heading, evidence.in_full or evidence.text)))


def log_odds(chance: float) -> float:
    """Return the log-odds of a probability, kept from the infinite."""
    chance = min(max(chance, _LEAST), 1 - _LEAST)
    return math.log(chance / (1 - chance))
