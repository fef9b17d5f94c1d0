"""A sentence that is its question with an answer put in: the quote has to give that answer to that question."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.asked import FEATURES
from rag.cite import check, closest
from rag.fitted import fitted
from rag.types import Evidence

RANK = {"unsupported": 0, "partly": 1, "supported": 2}
LEADER = "The raiders from Norway, under their leader Rollo, agreed to swear fealty to King Charles of West Francia."
MILL = "Designed by Ida Berg and built by Tom Ruiz, the mill of Graz was opened in 1974 by Ana Silva."


def quote(text: str, document: str = "d", start: int = 0, title: str = "") -> Evidence:
    return Evidence(document, f"{document}:0", start, start + len(text), text, 0.5, title)


@pytest.mark.parametrize(
    ("question", "claim", "text"),
    [
        ("Who was the leader of the raiders?", "Rollo was the leader of the raiders.", LEADER),
        ("Who was the leader of the raiders?", "The leader of the raiders was Rollo.", LEADER),
        ("Who designed the mill of Graz?", "Ida Berg designed the mill of Graz.", MILL),
        ("Who opened the mill of Graz?", "Ana Silva opened the mill of Graz.", MILL),
        ("When was the mill of Graz opened?", "The mill of Graz was opened in 1974.", MILL),
        ("How many people live in Qorv?", "2,772 people live in Qorv.", "In 2006, 2,772 people lived in Qorv."),
    ],
)
def test_supports_the_question_with_the_answer_that_the_quote_gives(question: str, claim: str, text: str) -> None:
    evidence = [quote("It rained in March.", "other"), quote(text)]
    found = check(claim, evidence, question=question)
    assert (found.status, found.quotes) == ("supported", (1,)), found


@pytest.mark.parametrize(
    ("question", "claim", "text"),
    [
        ("Who was the leader of the raiders?", "Charles was the leader of the raiders.", LEADER),
        ("Who was the leader of the raiders?", "Norway was the leader of the raiders.", LEADER),
        ("Who was the leader of the raiders?", "Ida Berg was the leader of the raiders.", LEADER),
        ("When was the mill of Graz opened?", "The mill of Graz was opened in 1975.", MILL),
        ("When was the mill of Graz opened?", "The mill of Graz was not opened in 1974.", MILL),
        ("When was the mill of Oslo opened?", "The mill of Oslo was opened in 1974.", MILL),
        ("Whom did the mayor thank?", "The mayor thanked Lund.", "Lund thanked the mayor."),
        ("Who sold the mill?", "Ana Silva sold the mill.", "Ana Silva bought the mill."),
        ("Who signed the lease?", "Marta Pinto signed the lease.", "Marta Teles and Rui Pinto signed the lease."),
    ],
)
def test_never_supports_another_answer(question: str, claim: str, text: str) -> None:
    assert check(claim, [quote(text)], question=question).status != "supported"


def test_a_sentence_before_it_says_of_whom_a_quote_speaks_and_is_cited() -> None:
    question, claim = "When did Mira Holt die?", "Mira Holt died in 1999."
    said = quote("She died in 1999.", start=40)
    assert check(claim, [said], question=question).status == "unsupported"
    assert check(claim, [quote("Mira Holt was a skier.", "e"), said], question=question).status == "unsupported"
    found = check(claim, [quote("Mira Holt was an Austrian skier."), said], question=question)
    assert (found.status, found.quotes) == ("supported", (0, 1))


def test_one_quote_is_cited_where_one_gives_the_answer() -> None:
    evidence = [quote("Mira Holt was a skier."), quote("Mira Holt died in 1999.", start=30)]
    assert check("Mira Holt died in 1999.", evidence, question="When did Mira Holt die?").quotes == (1,)


def test_the_quote_that_a_refused_sentence_came_from_is_found() -> None:
    evidence = [quote("It rained in Graz.", "a"), quote(LEADER, "b"), quote(MILL, "c")]
    found = closest("Charles was the leader of the raiders.", evidence, "Who was the leader of the raiders?")
    assert found is not None
    assert found[0] == 1
    assert 0.5 < found[1] <= 1
    assert closest("Nothing of it.", evidence, "Who was the leader of the raiders?") is None
    assert closest("", evidence) is None


def test_the_fit_is_of_the_features_in_the_code() -> None:
    answered = fitted("answered")
    assert answered.features == FEATURES
    assert answered.thresholds["partly"] < answered.thresholds["supported"]


WORDS = st.sampled_from("Ana Silva Ben Oslo met the of in and by not will bridge lease signed 1999 2 who , .".split())
SENTENCES = st.lists(WORDS, max_size=10).map(" ".join)
QUESTIONS = st.sampled_from(
    ["Who signed the lease?", "When did Ana Silva sign the lease of the bridge?", "Which bridge did Ben meet in?"]
)
EVIDENCE = st.lists(
    st.builds(quote, SENTENCES, st.sampled_from(["a", "b"]), st.integers(0, 2000), st.sampled_from(["", "Ana Silva"])),
    max_size=6,
)


@given(SENTENCES, EVIDENCE, EVIDENCE, QUESTIONS)
@settings(max_examples=150, deadline=None)
def test_more_evidence_never_makes_a_verdict_worse_and_its_order_does_not_matter(
    sentence: str, some: Sequence[Evidence], more: Sequence[Evidence], question: str
) -> None:
    before, after = check(sentence, some, question=question), check(sentence, [*more, *some], question=question)
    assert RANK[after.status] >= RANK[before.status]
    turned = check(sentence, [*some[::-1], *more[::-1]], question=question)
    assert (turned.status, turned.score) == (after.status, after.score)


@given(SENTENCES, EVIDENCE, QUESTIONS)
@settings(deadline=None)
def test_the_closest_quote_is_one_of_those_given(sentence: str, evidence: Sequence[Evidence], question: str) -> None:
    found = closest(sentence, evidence, question)
    assert found is None or (0 <= found[0] < len(evidence) and 0 < found[1] <= 1)
