"""The metrics equal independent implementations: trec_eval by way of ir-measures, and cases worked by hand."""

from __future__ import annotations

import itertools
import random

import ir_measures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import AP, RR, P, R, Success, nDCG

from rag.evaluate.metrics import ranking, refusing, sampling, texts
from rag.evaluate.metrics.citing import citation_precision, citation_recall, is_same_place

DOCUMENTS = [f"d{number}" for number in range(30)]
RANKED = st.lists(st.sampled_from(DOCUMENTS), unique=True, max_size=25)
GRADES = st.dictionaries(st.sampled_from(DOCUMENTS), st.integers(0, 3), min_size=1)
THEIRS = {
    Success @ 1: (ranking.hit, 1),
    Success @ 5: (ranking.hit, 5),
    R @ 3: (ranking.recall, 3),
    R @ 20: (ranking.recall, 20),
    P @ 1: (ranking.precision, 1),
    P @ 10: (ranking.precision, 10),
    RR @ 10: (ranking.reciprocal_rank, 10),
    AP @ 10: (ranking.average_precision, 10),
    nDCG @ 5: (ranking.ndcg, 5),
    nDCG @ 10: (ranking.ndcg, 10),
}


@given(RANKED, GRADES)
def test_rankings_score_as_trec_eval_scores_them(ranked: list[str], grades: dict[str, int]) -> None:
    qrels = [ir_measures.Qrel("q", document, grade) for document, grade in grades.items()]
    # trec_eval breaks ties by id and knows no empty ranking: one document that is judged nowhere changes no score.
    run = [ir_measures.ScoredDoc("q", document, 100.0 - rank) for rank, document in enumerate([*ranked, "other"])]
    theirs = {found.measure: found.value for found in ir_measures.iter_calc(list(THEIRS), qrels, run)}
    for measure, (metric, k) in THEIRS.items():
        ours = metric(ranked, grades, k)
        if any(grades.values()):
            assert ours == pytest.approx(theirs[measure]), measure
        else:
            assert ours is None


def test_all_gold_is_wanted_by_complete() -> None:
    assert ranking.complete(["a", "x", "b"], {"a": 1, "b": 1}, 3) == 1
    assert ranking.complete(["a", "x", "b"], {"a": 1, "b": 1}, 2) == 0
    assert ranking.complete(["a"], {"a": 0}, 2) is None


def test_a_document_that_is_found_twice_counts_once() -> None:
    assert ranking.precision(["a", "a", "b"], {"a": 1}, 2) == 0.5
    assert ranking.ndcg(["a", "a"], {"a": 1, "b": 1}, 2) < 1


@pytest.mark.parametrize(
    ("text", "golds", "exact", "f1"),
    [
        # By SQuAD's evaluate-v2.0.py: "the cat sat" -> "cat sat"; 2 shared of 3 said and 2 wanted -> 0.8.
        ("The cat sat.", ["a cat sat!"], 1, 1),
        ("the black cat sat", ["The cat sat"], 0, 0.8),
        ("black black cat", ["black cat cat"], 0, 2 / 3),
        ("dog", ["cat", "a dog"], 1, 1),
        ("", ["cat"], 0, 0),
        ("", ["the"], 1, 1),
        ("U.S.", ["us"], 1, 1),
    ],
)
def test_answers_score_as_in_squad(text: str, golds: list[str], exact: float, f1: float) -> None:
    assert texts.exact_match(text, golds) == exact
    assert texts.f1(text, golds) == pytest.approx(f1)


@pytest.mark.parametrize(
    ("text", "gold", "is_in"),
    [
        ("The Beijing-based Janet Yellen might come.", "Janet Yellen", True),
        ("He is in Beijing-based talks.", "Beijing", True),
        ("It rose by 4.4 per cent.", "44", False),
        ("It rose by 4.4 per cent.", "4.4", True),
        ("1,964 people", "1964", True),
        ("in 1964, 196 people", "1964, 196", True),
        ("U.S. Treasury", "US treasury", True),
        ("Yellend came", "Yellen", False),
        ("the “Über” case", "über", True),
        ("£5 was paid", "$5", False),
        ("anything", "the", False),
    ],
)
def test_a_gold_answer_counts_where_it_stands_word_for_word(text: str, gold: str, is_in: bool) -> None:
    assert texts.contains(text, [gold]) == float(is_in)


def test_all_answers_and_no_wrong_one() -> None:
    assert texts.all_and_no_wrong("Yellen and Kerry", ["Kerry", "Yellen"], ["Trudeau"]) == 1
    assert texts.all_and_no_wrong("Yellen", ["Kerry", "Yellen"], []) == 0
    assert texts.all_and_no_wrong("Yellen, Kerry, Trudeau", ["Kerry", "Yellen"], ["Trudeau"]) == 0
    assert texts.all_and_no_wrong("5 percent", ["5 percent"], ["5"]) == 1, "the wrong one is only part of the right one"
    assert texts.all_and_no_wrong("5 percent, or 5", ["5 percent"], ["5"]) == 0
    assert texts.share_contained("Yellen", ["Kerry", "Yellen"]) == 0.5


def test_without_gold_there_is_no_score() -> None:
    for metric in (texts.exact_match, texts.f1, texts.contains, texts.share_contained):
        assert metric("anything", []) is None
    assert texts.all_and_no_wrong("anything", [], ["wrong"]) is None
    assert citation_recall([], lambda *_: True) is None and citation_precision([[]], lambda *_: True) is None
    assert refusing.refusal_f1([(True, False)]) is None and refusing.refusal_precision([(False, False)]) is None


def test_citations_score_as_in_alce() -> None:
    """Two statements of figure 2 of the paper's kind: one needs both its passages, one has an irrelevant third."""
    # Statement 0: 1 and 2 only together; statement 1: 3 alone bears it out, 4 is irrelevant; statement 2: wrong.
    bears_out = {(0, (1, 2)), (1, (3, 4)), (1, (3,))}

    def supports(statement: int, cited: tuple[int, ...]) -> bool:
        return (statement, cited) in bears_out

    statements = [(1, 2), (3, 4), (5,), ()]
    assert citation_recall(statements, supports) == 2 / 4
    # 1 and 2: neither alone, but neither can be missed. 3: alone. 4: not alone, and 3 does without. 5: unsupported.
    assert citation_precision(statements, supports) == 3 / 5


@given(st.lists(st.lists(st.integers(0, 5), max_size=3), min_size=1), st.sets(st.integers(0, 5)))
def test_with_single_quotes_as_judges_precision_is_the_share_of_right_ones(
    statements: list[list[int]], right: set[int]
) -> None:
    def supports(_: int, cited: tuple[int, ...]) -> bool:
        return any(number in right for number in cited)

    flat = list(itertools.chain.from_iterable(statements))
    expected = sum(number in right for number in flat) / len(flat) if flat else None
    assert citation_precision(statements, supports) == expected


def test_places_are_the_same_from_half_of_the_shorter_one() -> None:
    assert is_same_place((0, 100), (50, 150)) and is_same_place((0, 10), (0, 1000))
    assert not is_same_place((0, 100), (51, 151)) and not is_same_place((0, 10), (10, 20))


def test_refusals_by_hand() -> None:
    asked = [(False, True), (False, True), (False, False), (True, True), (True, False)]
    assert refusing.refusal_precision(asked) == refusing.refusal_recall(asked) == refusing.refusal_f1(asked) == 2 / 3


def test_the_curve_of_refusals_ends_with_all_refused() -> None:
    curve = refusing.refusal_curve([(False, 0.1), (True, 0.2), (False, 0.2), (True, 0.9)])
    assert curve == [(0.1, 1.0, 0.5), (0.2, 2 / 3, 1.0), (0.9, 0.5, 1.0)]
    assert refusing.refusal_curve([(True, 0.5)]) == []


def test_the_bootstrap_covers_the_truth_about_as_often_as_it_says() -> None:
    rng, covered = random.Random(7), 0
    for trial in range(100):
        values = [float(rng.random() < 0.7) for _ in range(60)]
        value, low, high = sampling.bootstrap(values, resamples=400, seed=trial)
        assert low <= value <= high
        covered += low <= 0.7 <= high
    assert 86 <= covered <= 100


def test_quantiles_and_the_same_seed() -> None:
    values = list(range(101))
    assert sampling.bootstrap(values, sampling.quantile(0.95))[0] == 95
    assert (
        sampling.bootstrap(values, seed=3) == sampling.bootstrap(values, seed=3) != sampling.bootstrap(values, seed=4)
    )


@given(st.lists(st.integers(-3, 3), max_size=10))
def test_the_permutation_test_tries_all_signs(differences: list[int]) -> None:
    moved = [d for d in differences if d]
    signs = list(itertools.product((1, -1), repeat=len(moved)))
    extreme = sum(abs(sum(s * d for s, d in zip(sign, moved, strict=True))) >= abs(sum(moved)) for sign in signs)
    assert sampling.permutation_p(differences) == pytest.approx(extreme / len(signs))


def test_the_drawn_permutation_test_is_near_the_exact_one() -> None:
    moved = [1.0] * 14 + [-1.0] * 4
    exact = 2 * sum(np.prod([1.0]) * _choose(18, k) for k in range(5)) / 2**18
    assert sampling.permutation_p(moved) == pytest.approx(exact, abs=0.008)


def _choose(n: int, k: int) -> int:
    return 1 if k == 0 else _choose(n, k - 1) * (n - k + 1) // k
