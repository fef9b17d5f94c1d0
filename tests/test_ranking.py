"""What passages are ranked by: where each stands among the others found for the question."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.ranking import FEATURES, Found, Leads, features
from vectorstore.store import Hit, PassageRecord, Vectors

QUESTION = "When was the stone bridge replaced?"
TEXTS = (
    ("The stone bridge was replaced in 1931.", "It had stood for two hundred years."),
    ("The bridge is of stone.", "Nothing was ever replaced."),
    ("Otters hunt at night.",),
)


def passages(texts: tuple[tuple[str, ...], ...] = TEXTS) -> list[PassageRecord]:
    found = []
    for number, sentences in enumerate(texts):
        spans, at = [], 100
        for sentence in sentences:
            spans.append((at, at + len(sentence)))
            at += len(sentence) + 7  # a document may have more than a space between two sentences
        text = " ".join(sentences)
        found.append(PassageRecord(f"p{number}", f"d{number}", number, 100, at, text, tuple(spans)))
    return found


def rows(texts: tuple[tuple[str, ...], ...] = TEXTS, *, cosines: tuple[float, ...] = (0.9, 0.5, 0.1)) -> Vectors:
    there = passages(texts)
    vectors = np.array([[c, np.sqrt(1 - c * c)] for c in cosines], dtype=np.float32)
    hits = [Hit(passage.id, cosine) for passage, cosine in zip(there, cosines, strict=True)]
    titles = {passage.document_id: "Bridges" for passage in there}
    question = np.array([1.0, 0.0], dtype=np.float32)
    return features(Found(QUESTION, question, hits, hits[:2], hits, Leads(vectors[:1]), titles), there, vectors)


def column(name: str, found: Vectors) -> list[float]:
    return [float(value) for value in found[:, FEATURES.index(name)]]


def test_a_passage_counts_by_where_it_stands_among_the_others_and_not_by_the_height_of_its_cosine() -> None:
    high, low = rows(cosines=(0.9, 0.8, 0.7)), rows(cosines=(0.3, 0.2, 0.1))
    assert column("cosine", high) == pytest.approx(column("cosine", low), abs=1e-3)


@given(st.lists(st.floats(-1, 1, width=32), min_size=3, max_size=3))
def test_each_feature_has_the_mean_0_over_the_candidates(cosines: list[float]) -> None:
    found = rows(cosines=tuple(cosines))
    assert found.shape == (3, len(FEATURES))
    assert np.abs(found.mean(axis=0)).max() < 1e-3


def test_what_is_the_same_for_all_candidates_counts_nothing() -> None:
    assert column("covered_title", rows()) == pytest.approx([0, 0, 0], abs=1e-6)
    assert not rows(TEXTS[:1], cosines=(0.5,)).any()


def test_words_of_the_question_in_one_sentence_count_more_than_over_several() -> None:
    split = (
        ("The stone bridge stood long.", "It was replaced in 1931."),
        ("The stone bridge was replaced.",),
        ("Otters.",),
    )
    first, second, _ = column("covered_at_once", rows(split))
    assert second > first
    assert column("covered", rows(split))[0] == pytest.approx(column("covered", rows(split))[1], abs=1e-6)


def test_neighbours_in_the_question_count_as_neighbours_in_one_sentence_only() -> None:
    apart = (("It is of stone.", "Bridge and mill are old."), ("The stone bridge is old.",), ("Otters.",))
    first, second, third = column("pairs", rows(apart))
    assert second > first == third
