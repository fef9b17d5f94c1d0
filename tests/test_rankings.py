"""Several rankings of the same sentences are one ranking."""

from __future__ import annotations

from rag.rankings import Ranking, best_of, either_of, mean_of
from rag.relevance import Candidate, Question
from rag.types import Evidence

BRING, COSTS = "Guests may bring a dog.", "A dog costs 12 euros a night."


def ranking(**scores: float) -> Ranking:
    texts = {"bring": BRING, "costs": COSTS}
    found = [
        (Candidate(Evidence("d", name, 0, len(texts[name]), texts[name], 0.0), 0, 0, (texts[name],)), score)
        for name, score in scores.items()
    ]
    return sorted(found, key=lambda pair: -pair[1])


def shown(found: Ranking) -> list[tuple[str, float]]:
    return [(candidate.evidence.passage_id, score) for candidate, score in found]


def test_a_sentence_is_worth_what_it_is_to_the_better_of_two_wordings_or_to_both() -> None:
    two = [ranking(bring=0.9, costs=0.1), ranking(bring=0.3, costs=0.5)]
    assert shown(either_of(two)) == [("bring", 0.9), ("costs", 0.5)]
    assert shown(mean_of(two)) == [("bring", 0.6), ("costs", 0.3)]


def test_a_sentence_without_a_number_is_not_noted_as_an_answer_to_how_much() -> None:
    asked = [
        "May I bring a dog and how much does it cost?",
        "May I bring a dog?",
        "how much does it cost to bring a dog?",
    ]
    parts = [ranking(bring=0.5, costs=0.4), ranking(bring=0.8, costs=0.1), ranking(bring=0.6, costs=0.7)]
    found = best_of(parts, [Question.of(text, [BRING, COSTS]) for text in asked])
    assert {c.evidence.passage_id: c.evidence.parts for c, _ in found} == {"bring": (1,), "costs": (2,)}
