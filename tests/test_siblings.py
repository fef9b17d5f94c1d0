"""What is said of the one of two of a kind answers no question of the other."""

from __future__ import annotations

import pytest

from rag.premise import otherwise
from rag.reading import read
from rag.siblings import siblings
from rag.types import Evidence


@pytest.mark.parametrize(
    ("asked", "said", "pair"),
    [
        ("How soon is a dog bite seen by a doctor?", "Every cat bite is seen by a doctor at once.", ("dog", "cat")),
        ("When are the kitten evenings?", "Puppy evenings are on Wednesday.", ("kitten", "Puppy")),
        ("What are the winter opening hours?", "Summer opening hours: 9 to 5.", ("winter", "Summer")),
        ("Where is the water meter?", "The gas meter is in the hall.", ("water", "gas")),
        ("What time is the Monday class?", "The Tuesday class is at 6 pm.", ("Monday", "Tuesday")),
    ],
)
def test_the_other_of_its_kind_before_the_same_word_is_no_answer(asked: str, said: str, pair: tuple[str, str]) -> None:
    assert list(siblings(read(asked), read(said))) == [pair]
    assert otherwise(asked, Evidence("d", "p", 0, len(said), said, 0.9)) == pair


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("How soon is a dog bite seen?", "Every dog bite and every cat bite is seen at once."),  # both
        ("How soon is a dog bite seen?", "Any bite is seen at once, also a cat's."),  # not before the same word
        ("Which of the dog and cat bites are seen?", "Cat bites are seen."),  # both are asked for
        ("How big is the cellar room?", "The basement room is 12 m² large."),  # may be the same
        ("When is the dinner break?", "The supper break is at six."),
        ("Where does the dog sleep?", "The cat is out at night."),
        ("Who chairs the evening meeting?", "Ann chairs the meeting on Monday evening."),
    ],
)
def test_nothing_is_made_of_what_only_stands_near(asked: str, said: str) -> None:
    assert list(siblings(read(asked), read(said))) == []


def test_what_a_quote_stands_under_may_be_what_was_asked_for() -> None:
    said = "The gas meter is in the hall."
    under = Evidence("d", "p", 0, len(said), said, 0.9, heading="Water and gas meters")
    assert otherwise("Where is the water meter?", under) is None
