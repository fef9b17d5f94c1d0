"""Sentences ranked by several questions -> one ranking: by the parts of a question, or a follow-up in two wordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.relevance import Candidate

LEAST_OF_A_PART = 0.3
"""The chance that the likeliest sentence for one of several questions has to have to be quoted for it."""
SHARE_OF_A_PART = 0.6
"""Of that, from which another answers it, too."""
Ranking = list[tuple[Candidate, float]]
"""Sentences with their probability, best first."""


def _likely(part: int, ranking: Ranking) -> Ranking:
    """Note of the sentences that are nearly as likely as the best that they answer this part; 0 is no part."""
    best = next((score for candidate, score in ranking if candidate.whole), 0.0)
    if part == 0 or best < LEAST_OF_A_PART:
        return ranking

    def noted(one: Candidate, score: float) -> Candidate:
        likely = one.whole and score >= SHARE_OF_A_PART * best
        return replace(one, evidence=replace(one.evidence, parts=(part,))) if likely else one

    return [(noted(candidate, score), score) for candidate, score in ranking]


def best_of(rankings: Sequence[Ranking]) -> Ranking:
    """Return each candidate with the best of its scores for the question and its parts, best first."""
    if len(rankings) == 1:
        return list(rankings[0])
    best: dict[tuple[str, int], tuple[Candidate, float]] = {}
    for candidate, score in (pair for part, ranking in enumerate(rankings) for pair in _likely(part, ranking)):
        key = (candidate.evidence.passage_id, candidate.place)
        known, before = best.get(key, (candidate, score))
        parts = tuple(dict.fromkeys((*known.evidence.parts, *candidate.evidence.parts)))
        best[key] = replace(candidate, evidence=replace(candidate.evidence, parts=parts)), max(score, before)
    return sorted(best.values(), key=lambda pair: -pair[1])


def mean_of(rankings: Sequence[Ranking]) -> Ranking:
    """Return each candidate with the mean of its scores, best first."""
    scores: dict[tuple[str, int], list[float]] = {}
    for candidate, score in (pair for ranking in rankings for pair in ranking):
        scores.setdefault((candidate.evidence.passage_id, candidate.place), []).append(score)
    means = {key: sum(each) / len(each) for key, each in scores.items()}
    scored = [(candidate, means[candidate.evidence.passage_id, candidate.place]) for candidate, _ in rankings[0]]
    return sorted(scored, key=lambda pair: -pair[1])
