"""Several rankings of the same sentences are one ranking."""

from __future__ import annotations

from collections.abc import Sequence

from rag.rankings import READ, Ranking, as_read, best_of, either_of, mean_of, read_beside
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


class Prefers:
    """Reads beside the question, and finds the answer in what has a word."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.read: list[str] = []

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        self.read += texts
        return [4.0 if self.word in text else -4.0 for text in texts]


def test_what_is_read_beside_the_question_decides_between_like_sentences_and_loses_none() -> None:
    found = read_beside("What does a dog cost?", ranking(bring=0.5, costs=0.4), Prefers("euros"), "whole")
    assert [name for name, _ in shown(found)] == ["costs", "bring"]
    assert all(0 < score < 1 for _, score in shown(found))


def test_sentences_that_are_not_read_beside_the_question_stay_behind_in_their_order() -> None:
    many = [
        (Candidate(Evidence("d", str(at), 0, 1, f"{at}", 0.0), 0, at, (f"{at}",)), 0.9 - at / 100)
        for at in range(READ + 3)
    ]
    reader = Prefers(f"{READ - 1}")
    found = read_beside("Which?", many, reader, "pool")
    assert len(reader.read) == READ
    assert shown(found)[0][0] == f"{READ - 1}"
    assert [name for name, _ in shown(found)[-3:]] == [f"{READ}", f"{READ + 1}", f"{READ + 2}"]


def test_a_sentence_is_read_behind_its_title_and_what_it_stands_under() -> None:
    item = Evidence("d", "p", 0, 1, "Circuits", 0.0, title="Gym", heading="Included in the Full plan")
    assert as_read(Candidate(item, 0, 0, ())) == "Gym: Included in the Full plan: Circuits"
    row = Evidence("d", "p", 0, 1, "A | 80", 0.0, title="Rooms", in_full="Room: A | Price: 80", heading="Rooms")
    assert as_read(Candidate(row, 0, 0, ())) == "Rooms: Room: A | Price: 80"
