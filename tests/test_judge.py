"""A model's no refuses, its yes brings an answer, and both only where it is known what they are worth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, get_args

import pytest

from rag.answer import respond
from rag.fitted import all_values, fitted
from rag.judge import ENOUGH, FEATURES, FEW, entry, is_negated
from rag.prompts import EXAMPLES, WHETHER, WRITE_OR_REFUSE, YES
from rag.task import BEST, Situation
from rag.types import Answer, Done, Evidence, Usage
from rag.understand.kind import subject_of
from rag.writer import Delta
from tests.test_answer import LIST, UNSURE, YELLEN, task

JUDGES = [name.removeprefix("judged_pool_") for name in all_values() if name.startswith("judged_pool_")]
KNOWN = JUDGES[0]
SO_SO = min(fitted(entry(KNOWN, situation)).thresholds[ENOUGH] for situation in get_args(Situation)) - 0.1
"""Odds of a Yes that brings an answer and is not sure enough to read nothing more."""


class Judge:
    """Says how sure it is, and then writes."""

    structured = False

    def __init__(self, odds: float | None, writes: str = YELLEN, name: str = KNOWN) -> None:
        self.name, self._odds, self._writes = name, odds, writes
        self.asked: list[str] = []
        self.read: list[str] = []

    def odds(self, messages: Any) -> tuple[float | None, Usage]:
        self.asked.append(str(messages[-1].content))
        self.read.append(str(messages[-1].content))
        return self._odds, Usage(100, 0, 1)

    def stream(self, messages: Any, *, max_tokens: int | None = None) -> Iterator[Delta]:
        self.asked.append(str(messages[-1].content))
        self.read += [str(message.content) for message in messages[-2:]]
        yield Delta(self._writes)
        yield Delta("", Usage(100, 90, 10), "stop")


def answer(judge: Judge, **changes: Any) -> Answer:
    *_, done = respond(task(**{"answerable": UNSURE} | changes), judge)  # type: ignore[arg-type]
    assert isinstance(done, Done)
    return done.answer


def test_a_no_refuses_before_anything_is_written() -> None:
    judge = Judge(-20.0)
    assert answer(judge).status == "not_found"
    assert len(judge.asked) == 2 and YES not in judge.asked


def test_what_is_read_for_the_first_question_begins_what_is_read_next() -> None:
    evidence = ranked(*((f"Janet Yellen met the premier of No. {n}.", 0.9 - n / 9) for n in range(4)))
    judge = Judge(SO_SO)
    answer(judge, evidence=evidence)
    best, over_all, _ = judge.asked
    assert over_all.startswith(best.split("\n\nQuestion:")[0])


def test_it_is_asked_of_the_best_sentences_and_then_of_all_that_it_goes_on_to_read() -> None:
    evidence = ranked(*((f"Janet Yellen met the premier of No. {n}.", 0.9 - n / 9) for n in range(4)))
    judge = Judge(SO_SO)
    answer(judge, evidence=evidence)
    best, over_all, _ = judge.asked
    assert [item.text in best for item in evidence] == [True] * BEST + [False] * (4 - BEST)
    assert all(item.text in over_all for item in evidence)


@pytest.mark.parametrize(
    ("odds", "asked", "reads_all"),
    [
        (20.0, "Whom did Janet Yellen meet?", False),
        (SO_SO, "Whom did Janet Yellen meet?", True),
        (20.0, "Whom did Janet Yellen not meet?", True),
        (20.0, "Who are the people whom Janet Yellen met?", True),
    ],
)
def test_a_sure_yes_over_the_best_sentences_spares_reading_the_rest(odds: float, asked: str, reads_all: bool) -> None:
    evidence = ranked(*((f"Janet Yellen met the premier of No. {n}.", 0.9 - n / 9) for n in range(4)))
    judge = Judge(odds, "Janet Yellen met the premier of No. 0.")
    given = answer(judge, evidence=evidence, question=asked, standalone=asked)
    assert evidence[0].text in given.text
    assert any(evidence[3].text in prompt for prompt in judge.read) == reads_all


@pytest.mark.parametrize(
    ("situation", "odds", "words", "read"),
    [
        ("whole", 20.0, 0, BEST),
        ("whole", SO_SO, 0, FEW),
        ("pool", 20.0, 0, BEST),
        ("pool", SO_SO, 0, 9),
        ("pool", SO_SO, 40, FEW),
    ],
)
def test_a_few_sentences_tell_all_and_of_short_ones_some_more_are_read(
    situation: Situation, odds: float, words: int, read: int
) -> None:
    long = " among others" * words
    evidence = ranked(*((f"Janet Yellen met the premier of No. {n}{long}.", 0.9 - n / 20) for n in range(9)))
    judge = Judge(odds, evidence[0].text)
    asked = "Whom did Janet Yellen meet?"
    given = answer(judge, evidence=evidence, question=asked, standalone=asked, situation=situation)
    assert given.status == "answered"
    seen = [any(item.text in prompt for prompt in judge.read) for item in evidence]
    assert seen == [True] * read + [False] * (9 - read)


@pytest.mark.parametrize(
    ("asked", "put_otherwise"),
    [
        ("Are dogs allowed?", True),
        ("Can I bring a dog?", True),
        ("When are dogs allowed?", False),
        ("Can you tell me when dogs are allowed?", False),
        ("Is it red or blue?", False),
        ("Are Storm and Calm both by Ann Lee?", False),
    ],
)
def test_a_question_for_yes_or_no_is_put_so_that_yes_means_that_the_answer_is_there(
    asked: str, put_otherwise: bool
) -> None:
    judge = Judge(SO_SO, "No dogs are allowed.")
    answer(judge, evidence=ranked(("No dogs are allowed.", 0.9)), question=asked, standalone=asked, situation="whole")
    assert all((WHETHER.format(asked) in prompt) == put_otherwise for prompt in judge.asked if prompt != YES)


@pytest.mark.parametrize(
    ("asked", "said", "negated"),
    [
        ("Why did the tests fail?", "The tests failed: the line was too slow.", False),
        ("Why did the tests fail?", "The tests went well.", True),
        ("Who was not there?", "Nobody but Ann was not there.", False),
        ("Which is the least known?", "Storm is the best known.", True),
        ("When did it rain?", "It never rained.", False),
    ],
)
def test_a_denial_counts_against_an_answer_only_where_the_sentences_have_none(
    asked: str, said: str, negated: bool
) -> None:
    assert is_negated(task(standalone=asked, evidence=ranked((said, 0.9)))) == negated


def test_a_yes_writes_on_from_it_and_counts_every_prompt() -> None:
    judge = Judge(SO_SO)
    given = answer(judge)
    assert given.status == "answered" and given.text == YELLEN
    assert [prompt == YES for prompt in judge.asked] == [False, False, True]
    assert given.usage == Usage(300, 90, 12)


def test_the_yes_that_a_model_repeats_is_no_sentence_of_the_answer() -> None:
    assert answer(Judge(20.0, f"{YES} {YELLEN}")).text == YELLEN


def test_nothing_of_the_examples_gets_into_an_answer() -> None:
    for _, _, reply in EXAMPLES:
        given = answer(Judge(20.0, reply))
        assert not {"lighthouse", "otters", "tram"} & set(re.findall(r"\w+", given.text.lower()))


def test_after_a_yes_quotes_answer_where_what_was_written_does_not_hold() -> None:
    given = answer(Judge(20.0, "Elon Musk flew to Mars in 1999."))
    assert given.status == "answered" and given.citations and "Musk" not in given.text


@pytest.mark.parametrize("judge", [Judge(None), Judge(-20.0, name="a model nobody measured")])
def test_a_model_whose_yes_is_worth_nothing_known_is_offered_a_way_out(judge: Judge) -> None:
    assert answer(judge).text == YELLEN
    assert judge.asked[-1].endswith(WRITE_OR_REFUSE)


def ranked(*pairs: tuple[str, float]) -> tuple[Evidence, ...]:
    return tuple(Evidence(text[:9], text, 0, len(text), text, score) for text, score in pairs)


@pytest.mark.parametrize(("score", "shown"), [(0.8, "Yellen"), (0.4, "Gang")])
def test_where_model_and_ranking_differ_the_surer_one_is_followed(score: float, shown: str) -> None:
    evidence = ranked(("Janet Yellen met the premier.", score), ("Qin Gang left the hotel.", 0.05))
    asked = "Whom did the premier meet?"
    given = answer(Judge(20.0, "Qin Gang left the hotel."), evidence=evidence, question=asked, standalone=asked)
    assert shown in given.text and len(given.citations) == 1
    assert [claim.why.startswith("Qin Gang") for claim in given.withheld] == ([True] if shown == "Yellen" else [])


def test_the_quote_answers_where_a_sentence_leaves_out_what_was_asked_for() -> None:
    quote = "Scouts had reported the weakness of the British supply chain at the Oneida Carry."
    asked = "Where was there a weakness in the British supply chain?"
    writes = "Scouts had reported the weakness of the British supply chain."
    given = answer(Judge(20.0, writes), evidence=ranked((quote, 0.4)), question=asked, standalone=asked)
    assert given.text == quote
    assert given.withheld[0].why == f"{writes} – it leaves out what was asked for"


def test_a_time_that_was_asked_for_is_not_answered_by_what_has_none() -> None:
    timeless, dated = "Yellen has arrived in Beijing on a mission.", "Yellen landed in Beijing on Sunday."
    asked = "When is Yellen in Beijing?"
    changes: Any = {"question": asked, "standalone": asked, "situation": "whole"}
    given = answer(Judge(20.0, timeless), evidence=ranked((dated, 0.3), (timeless, 0.01)), **changes)
    assert given.text == dated and "have no time" in given.withheld[0].why
    assert answer(Judge(20.0, timeless), evidence=ranked((timeless, 0.2)), **changes).text == timeless


def test_a_question_about_somebody_is_not_answered_by_what_names_somebody_else() -> None:
    xi, raimondo = "The visit could pave the way for a trip by Xi.", "Commerce Secretary Raimondo may come in August."
    asked = "Might the Commerce Secretary visit after Blinken?"
    given = answer(Judge(20.0, xi), evidence=ranked((raimondo, 0.2), (xi, 0.02)), question=asked, standalone=asked)
    assert given.text == raimondo
    assert subject_of(asked) == {"commerc", "secretari"} and subject_of("Did it rain?") == subject_of("Who?") == set()


def test_a_question_in_a_document_answers_nothing() -> None:
    evidence = ranked(("Who met the premier?", 0.9), ("Janet Yellen met the premier.", 0.3))
    asked = "Who met the premier?"
    evidence = (replace(evidence[0], fits=False), evidence[1])
    given = answer(Judge(20.0, "Elon Musk flew to Mars."), evidence=evidence, question=asked, standalone=asked)
    assert given.text == "Janet Yellen met the premier."


def test_a_question_of_a_document_is_not_quoted_as_what_a_model_meant() -> None:
    asks = "What global holiday was celebrated this week?"
    found = (Evidence("a", "p", 0, len(asks), asks, 0.9, fits=False), replace(task().evidence[0], score=0.2))
    asked = "Which holiday was celebrated this week?"
    given = answer(
        Judge(20.0, "The holiday was celebrated this week."), question=asked, standalone=asked, evidence=found
    )
    assert asks not in [citation.quote for citation in given.citations]


def test_of_two_versions_the_judge_may_say_that_neither_answers() -> None:
    one = "The mill at Benenden was last worked for trade in 1921."
    texts = (one, one.replace("1921", "1955"))
    found = tuple(Evidence(name, "p", 0, len(text), text, 0.9) for name, text in zip("ab", texts, strict=True))
    asked = "When was the mill last worked?"
    assert answer(Judge(-20.0), question=asked, standalone=asked, evidence=found).status == "not_found"


def test_a_list_that_a_model_begins_is_completed_by_quotes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(fitted("relevance_pool").thresholds, "share", 0.5)
    given = answer(Judge(20.0, YELLEN), question=LIST, standalone=LIST)
    assert given.status == "answered" and given.text.startswith(YELLEN)
    assert {"Yellen", "Raimondo", "Kerry"} <= set(re.findall(r"\w+", given.text))
    assert given.text.count("Yellen") == 1


def test_where_documents_disagree_on_what_was_asked_no_judge_is_needed() -> None:
    texts = ("Janet Yellen visits Beijing on July 6.", "Janet Yellen visits Beijing on July 9.")
    sides = tuple(Evidence(text[-2:], text, 0, len(text), text, 0.9) for text in texts)
    judge = Judge(-20.0, "It is a secret.")
    given = answer(judge, evidence=sides)
    assert given.status == "answered" and len(given.conflicts) == 1
    assert judge.asked[-1] == YES


@pytest.mark.parametrize("situation", get_args(Situation))
@pytest.mark.parametrize("model", JUDGES)
def test_a_surer_yes_is_never_worth_less_and_lenient_refuses_less(model: str, situation: Situation) -> None:
    judge = fitted(entry(model, situation))
    assert judge.features == FEATURES
    none = dict.fromkeys(FEATURES, 0.0)

    def chance(**changes: float) -> float:
        return judge(tuple((none | changes).values()))

    for name in ("best", "more"):
        assert chance(**{name: -5}) <= chance() <= chance(**{name: 5}), name
    assert situation == "whole" or chance(negated=1) < chance()  # among a few documents denials tell next to nothing
    assert judge.thresholds["lenient"] <= judge.thresholds["strict"]


def test_a_list_whose_model_names_nobody_is_answered_by_the_likeliest_quotes() -> None:
    asked = "Who might visit after Blinken?"
    likely = ["Janet Yellen might visit China.", "Gina Raimondo could visit, too.", "John Kerry may visit in July."]
    vague = "Officials from both sides might also plan a visit by Qin Gang after Blinken."
    evidence = ranked(*((text, 0.5 - n / 20) for n, text in enumerate(likely)), (vague, 0.1))
    judge = Judge(20.0, "It is possible that officials from both sides might visit after Blinken.")
    given = answer(judge, evidence=evidence, question=asked, standalone=asked, situation="whole")
    assert [citation.quote for citation in given.citations] == likely


def test_a_list_without_any_quote_is_no_error_where_the_check_is_lenient() -> None:
    asked = "Who might visit after Blinken?"
    given = answer(Judge(20.0, "Elon Musk flew to Mars in 1999."), question=asked, standalone=asked, mode="lenient")
    assert "Musk" in given.text and given.claims[0].status == "unsupported"


def test_a_small_model_does_not_read_what_the_evidence_says_is_no_longer_so() -> None:
    old, moved = "The summer party is on 19 June at the hall.", "The summer party is moved from 19 June to 26 June."
    judge = Judge(20.0, "The summer party is on 26 June.")
    asked = "When is the summer party?"
    got = answer(judge, question=asked, standalone=asked, evidence=ranked((old, 0.9), (moved, 0.8)))
    assert judge.read and not any(old in prompt for prompt in judge.read)
    assert [citation.quote for citation in got.citations] == [moved, old]


def test_an_answer_to_one_of_two_things_says_what_is_left() -> None:
    given = answer(Judge(20.0), unanswered=("who painted it?",))
    assert given.status == "partly" and given.unanswered == ("who painted it?",)
    refused = answer(Judge(-20.0), unanswered=("who painted it?",))
    assert refused.status == "not_found" and refused.unanswered == ()
