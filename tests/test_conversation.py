"""A conversation of eight turns over the sample folder: pronouns, what is left out, and two changes of subject."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rag import Engine, Settings
from rag.types import Turn
from rag.understand.follow_up import stands_alone
from tests.fakes.library import library
from tests.fakes.llm import ScriptedLLM

BRIEFINGS = Path(__file__).parents[1] / "examples" / "briefings"


@dataclass(frozen=True)
class Said:
    """A question, what it means after the ones before, an answer to go on from, and what a right answer has."""

    question: str
    meant: str
    answer: str
    right: str


TALK = (
    Said(
        "On which dates does Blinken visit Beijing?",
        "On which dates does Blinken visit Beijing?",
        "People who know his schedule say the meetings are set for June 18–19.",
        "June 18–19|June 16 to 21",
    ),
    Said("Whom might he meet there?", "Whom might Blinken meet in Beijing?", "President Xi Jinping may see him.", "Xi"),
    Said(
        "Why did he call off his trip in February?",
        "Why did Blinken call off his trip in February?",
        "A Chinese surveillance balloon had been sighted over the United States.",
        "balloon|surveillance",
    ),
    Said(
        "Which Treasury Secretary might follow him?",
        "Which Treasury Secretary might follow Blinken?",
        "Treasury Secretary Janet Yellen is named as a possible traveller.",
        "Yellen",
    ),
    Said(
        "And the Commerce Secretary?",
        "Which Commerce Secretary might follow Blinken?",
        "Gina Raimondo is named, too.",
        "Raimondo",
    ),
    Said(
        "Where might Xi travel in November?",
        "Where might Xi travel in November?",
        "Xi might come to San Francisco in November.",
        "San Francisco",
    ),
    Said("Where does Yun Sun work?", "Where does Yun Sun work?", "At the Stimson Center in Washington.", "Stimson"),
    Said(
        "Why does she think Beijing said yes?",
        "Why does Yun Sun think Beijing said yes?",
        "Because without this trip no working-level talks could go ahead.",
        "working-level",
    ),
)


def test_each_question_is_understood_after_the_ones_before() -> None:
    history: list[Turn] = []
    for said in TALK:
        assert stands_alone(said.question, history) == said.meant
        history += [Turn("user", said.question), Turn("assistant", said.answer)]


def test_what_the_conversation_says_is_no_evidence(tmp_path: Path) -> None:
    history = [Turn("user", "Who might visit Beijing?"), Turn("assistant", "Elvis Presley might visit Beijing.")]
    with library(tmp_path / "docs", ScriptedLLM(["Elvis Presley might visit Beijing in July."])) as engine:
        answer = engine.ask("When might he visit Beijing?", history=history)
        assert answer.understood == "When might Elvis Presley visit Beijing?"
        assert "Elvis" not in "".join(answer.text[claim.start : claim.end] for claim in answer.claims)
        assert not any("Elvis" in quote.quote for quote in answer.citations)


def test_a_question_about_nobody_is_asked_back_with_names_and_without_the_model(tmp_path: Path) -> None:
    llm = ScriptedLLM(["He arrived."])
    with library(tmp_path / "docs", llm) as engine:
        answer = engine.ask("When did he arrive?")
        assert (answer.status, answer.claims, answer.citations) == ("clarify", (), ())
        assert answer.text.startswith("Whom do you mean by “he”?") and "Janet Yellen" in answer.text
        assert answer.evidence and llm.prompts == []
        named = engine.ask("When might Janet Yellen visit Beijing?")
        assert named.status != "clarify"


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine(Settings.load(llm="none")) as opened:
        yield opened


@pytest.mark.model
def test_most_answers_are_right_and_every_quote_stands_in_its_document(engine: Engine) -> None:
    name, _ = engine.attach(BRIEFINGS)
    history: list[Turn] = []
    wrong: list[tuple[str, str, str]] = []
    for said in TALK:
        answer = engine.ask(said.question, collection=name, history=history)
        if not re.search(said.right, answer.text):
            wrong.append((said.question, answer.understood, answer.text))
        assert answer.citations
        for quote in answer.citations:
            assert engine.documents.get(quote.document_id).text[quote.start : quote.end] == quote.quote
        history += [Turn("user", said.question), Turn("assistant", answer.text)]
    assert len(wrong) <= len(TALK) // 4, wrong
