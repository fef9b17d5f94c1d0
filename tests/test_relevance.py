"""What a question asks for, whether a sentence has it, and what is missing from all of them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.fitted import fitted
from rag.relevance import OUTLOOK, RELEVANCE, Candidate, Question, features, fits, outlook, outlook_features
from rag.types import Evidence
from rag.understand.kind import holds

ASKED = "Who might visit Beijing after Blinken?"
SENTENCES = (
    "Treasury Secretary Janet Yellen might visit Beijing in July.",
    "Antony Blinken left Beijing.",
    "It rained.",
)


def candidates(sentences: tuple[str, ...] = SENTENCES, title: str = "News") -> list[Candidate]:
    return [
        Candidate(Evidence("d", "p", 0, len(text), text, 0.0, title=title), rank=0, place=place, passage=sentences)
        for place, text in enumerate(sentences)
    ]


def question(text: str, sentences: tuple[str, ...] = SENTENCES) -> Question:
    return Question.of(text, sentences)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Who came?", "person"),
        ("Which officials came?", "person"),
        ("Where did he go?", "name"),
        ("When did she come?", "time"),
        ("In what year was it built?", "time"),
        ("On which day did she call?", "time"),
        ("On which days is she there?", "date"),
        ("How many rooms are there?", "number"),
        ("What is the population of Lom?", "number"),
        ("What was the bridge's length?", "number"),
        ("What is the area code of Lom?", ""),
        ("From when to when did it rain?", "date"),
        ("Why did it rain?", ""),
    ],
)
def test_the_kind_of_thing_that_is_asked_for(text: str, kind: str) -> None:
    assert question(text).kind == kind


def test_how_much_may_be_done_asks_for_what_is_allowed_and_not_for_what_will_be() -> None:
    assert not question("How much may the lift carry?").may
    assert question("Who may visit Beijing?").may


def test_a_numbered_heading_cannot_answer() -> None:
    said = candidates(("3. Reading garden.",))[0]
    assert fits(question("Where is the reading garden?"), said, {})
    assert not fits(question("Where is the reading garden?"), replace(said, section=True), {})


def held(asked: str, sentence: str) -> float:
    return holds(question(asked).kind, question(asked).weights.keys(), sentence)


@pytest.mark.parametrize(
    ("text", "has", "lacks"),
    [
        (ASKED, SENTENCES[0], "Nobody came to Beijing after Blinken."),
        ("When might Yellen come?", "She might come in July.", "She might come soon enough."),
        ("How many rooms are there?", "There are 400 rooms.", "There are many rooms."),
        ("Where is the hotel?", "The hotel is in Beijing.", "The hotel is near."),
    ],
)
def test_a_sentence_that_has_what_was_asked_for_beyond_the_question(text: str, has: str, lacks: str) -> None:
    assert (held(text, has), held(text, lacks)) == (1.0, 0.0)


def test_where_anything_may_answer_no_sentence_is_preferred() -> None:
    assert {held("Why did it rain?", text) for text in SENTENCES} == {0.5}


def test_rare_words_count_more_than_what_all_sentences_have() -> None:
    asked = question("rain in Beijing", ("Beijing rain", "Beijing sun", "Beijing wind"))
    assert asked.weights["rain"] > asked.weights["beij"] > 0
    assert asked.covered(frozenset({"rain"})) > asked.covered(frozenset({"beij"}))
    assert asked.covered(frozenset()) == 0


@given(st.text(max_size=60), st.lists(st.text(max_size=60), min_size=1, max_size=4))
def test_features_are_finite_and_as_many_as_were_fitted(text: str, sentences: list[str]) -> None:
    asked = question(text, tuple(sentences))
    found = candidates(tuple(sentences), title=text)
    for candidate in found:
        values = features(asked, candidate)
        assert len(values) == len(RELEVANCE) and all(map(math.isfinite, values))
    for situation in ("pool", "whole"):
        values, _ = outlook_features(asked, found, situation)  # type: ignore[arg-type]
        assert len(values) == len(OUTLOOK) and all(map(math.isfinite, values))


@pytest.mark.parametrize("situation", ["pool", "whole"])
def test_the_fitted_weights_are_those_of_these_features(situation: str) -> None:
    assert fitted(f"relevance_{situation}").features == RELEVANCE
    assert fitted(f"answerable_{situation}").features == OUTLOOK


def test_what_stands_nowhere_is_named_in_the_words_of_the_question() -> None:
    asked = question("Who is the prime minister of Canada?")
    chance, missing = outlook(asked, candidates(), "whole")
    assert missing == ("prime", "minister", "Canada") and 0 < chance < 1


def test_a_title_counts_for_its_sentences() -> None:
    _, missing = outlook(question("Will it rain in Paris?"), candidates(title="Weather in Paris"), "whole")
    assert "Paris" not in missing


def test_a_nearer_sentence_makes_an_answer_likelier() -> None:
    asked = question(ASKED)
    far = candidates()
    near = [replace(candidate, cosine=0.9) for candidate in far]
    assert outlook(asked, near, "pool")[0] > outlook(asked, far, "pool")[0]


def test_without_sentences_nothing_is_likely() -> None:
    assert outlook(question("prime ministers", ()), [], "pool") == (0.0, ("prime", "ministers"))


@pytest.mark.parametrize(
    ("text", "asked", "quotable"),
    [
        ("It weighs 2.9 kg, some 400 g less than the HD-3.", "How heavy is the HD-3?", False),
        ("Unlike the Ritz, it has 90 rooms.", "How many rooms has the Ritz?", False),
        ("The Ritz has 90 rooms, more than the Plaza.", "How many rooms has the Ritz?", True),
        ("It weighs 2.9 kg, some 400 g less than the HD-3.", "How much less than the HD-3 does it weigh?", True),
        ("The Acme crew follows the Ritz.", "Who follows the Ritz?", True),
    ],
)
def test_what_is_only_compared_with_what_was_asked_about_is_no_answer(text: str, asked: str, quotable: bool) -> None:
    (one,) = candidates((text,))
    assert fits(question(asked, (text,)), one, {}) == quotable


@pytest.mark.parametrize("text", ["Which holiday was it this week?", "“Who came?”", "谁来了？"])
def test_a_question_that_a_document_asks_answers_none(text: str) -> None:
    told = "It was Diwali this week."
    asks, tells = candidates((text, told))
    assert not fits(question("Which holiday was it?"), asks, {})
    assert fits(question("Which holiday was it?"), tells, {})


@pytest.mark.parametrize(
    ("line", "asked", "quotable"),
    [
        ("Subject: Re: Boiler - again!", "What is wrong with the boiler?", False),
        ("Re: Boiler - again!", "What is wrong with the boiler?", False),
        ("Subject: Re: Boiler - again!", "What is the subject of the mail?", True),
        ("From: Acme Care <care@acme.example>.", "What is my case number at Acme Care?", False),
        ("From: Acme Care <care@acme.example>.", "Who sent the mail?", True),
        ("To: Ruth <ruth@hall.example>.", "Can Ruth drive again?", False),
        ("The boiler is out again!", "What is wrong with the boiler?", True),
    ],
)
def test_the_head_of_a_mail_is_no_answer_though_it_ends_like_a_sentence(line: str, asked: str, quotable: bool) -> None:
    title = "Re: Boiler - again!" if ":" in line else line
    (one,) = candidates((line,), title)
    assert fits(question(asked, (line,)), one, {}) == quotable


@pytest.mark.parametrize(
    ("asked", "text", "quotable"),
    [
        ("When will the bed reopen?", "The reopening of the bed has been postponed to 27 March.", True),
        ("When will the bed reopen?", "The bed opens again on 27 March.", True),
        ("When will the bed reopen?", "The bed was closed on 5 March.", False),
        ("When will the bed reopen?", "The bed opens again.", False),
        ("When will the bed reopen?", "The bed opens again on Monday.", True),
        ("When will the bed reopen?", "The bed is open from 10 am to 6 pm, on Thursdays until 9 pm.", False),
        ("When will the bed reopen?", "The bed opens at 7 am.", False),
        ("When will the bed reopen?", "I left the bed to you on 22 March.", False),
    ],
)
def test_what_will_be_is_told_by_a_change_of_plan_or_a_day_without_a_past(
    asked: str, text: str, quotable: bool
) -> None:
    one = replace(candidates((text,))[0], entry=False)
    assert fits(question(asked, (text,)), one, {}) == quotable


@pytest.mark.parametrize(
    ("first", "quotable"),
    [("1. Fee.", False), ("2. Laser cutter.", False), ("2. Lights off.", True), ("1. No dogs.", True)],
)
def test_what_an_item_is_headed_on_its_own_line_is_no_answer(first: str, quotable: bool) -> None:
    there = candidates((first, "The fee is 20 a month."))
    assert fits(question("What is the fee?"), there[0], {}) == quotable
    assert fits(question("What is the fee?"), there[1], {})


def test_a_title_that_is_no_sentence_is_no_answer() -> None:
    line = replace(candidates(("Beds: next steps", "Ash is open."), title="Beds: next steps")[0], entry=True)
    assert not fits(question("Which beds are open?"), line, {})
