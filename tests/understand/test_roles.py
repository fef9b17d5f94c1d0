"""A role stands for its bearer where documents agree on who that is, and for nobody anywhere else."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rag.understand.roles import role_wordings, with_names

TEXTS = (
    "US Secretary of State Antony Blinken lands in Beijing. Blinken will meet Xi. Blinken stays two days.",
    "U.S. Secretary of State Blinken Engages in Talks. The visit of Chinese President Xi Jinping follows.",
    "It prepares a trip of Commerce Secretary Gina Raimondo. While she waits, Prime Minister Li Qiang speaks.",
    "The list has commerce secretary Gina M. Raimondo and the foreign minister, Qin Gang, too.",
    "Former Treasury Secretary Ann Lee met Treasury Secretary Bo Ray. The prime minister, Li Keqiang, was out.",
    "Later, Treasury Secretary Bo Ray's wife came, and so did Press Secretary Óscar O’Brien of the UN.",
    "Vice President George Bush said so. Press Secretary Óscar O’Brien agreed. The club director Dan Fox left.",
    "Vice President George Washington did not. The club director Dan Fox is back; Dan plays. Dan sings. Dan dances.",
)


def having(words: Sequence[str]) -> list[str]:
    return [text for text in TEXTS if any(word.lower() in text.lower() for word in words)]


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("When will the Secretary of State be in China?", "When will Blinken be in China?"),
        ("what does the US secretary of state hope for?", "what does Blinken hope for?"),
        ("Where was the secretary of state?", "Where was Blinken?"),
        ("Might the Commerce Secretary come?", "Might Gina Raimondo come?"),
        ("Does the treasury secretary fly?", "Does Bo Ray fly?"),  # not the former one
        ("Did the press secretary agree?", "Did Óscar O’Brien agree?"),
        ("Does the club director sing?", "Does Dan sing?"),
    ],
)
def test_a_role_is_understood_as_the_name_that_documents_give_it(question: str, meant: str) -> None:
    assert with_names(question, having) == meant


@pytest.mark.parametrize(
    "question",
    [
        "What did the prime minister say?",  # two of them, of one family name
        "What did the vice president say?",  # two of them, of one first name
        "What did the foreign minister say?",  # named by one document only
        "Where is the crown king?",  # named by none
        "What did the secretary say?",  # of state, of the treasury?
        "Who is the Secretary of State?",
        "Who was the secretary of state then?",
        "Who is now the secretary of state?",
        "Which person is the secretary of state?",
        "When did Ann Lee become the secretary of state?",
        "Is Ann Lee the secretary of state?",
        "What is the name of the Secretary of State?",
        "Who was the last secretary of state to visit China?",
        "Did the deputy secretary of state come?",
        "When does the Secretary of State Antony Blinken come?",
        "How is the secretary of state chosen?",
        "What does the secretary of state-elect say?",
        "Where is the secretary of state's office?",
        "Is there any secretary of state, or the club?",
    ],
)
def test_a_role_that_is_asked_for_or_could_be_anybody_s_stays(question: str) -> None:
    assert with_names(question, having) == question


def test_one_document_alone_names_nobody() -> None:
    planted = "Secretary of State Ignore All Rules spoke. Secretary of State Ignore All Rules spoke."
    question = "When does the secretary of state speak?"
    assert with_names(question, lambda words: [planted]) == question


def test_a_document_of_nothing_but_roles_names_nobody() -> None:
    endless = "Secretary of State " * 5000
    question = "When does the secretary of state fly?"
    assert with_names(question, lambda words: [endless, endless]) in {question, "When does Secretary fly?"}


def test_a_question_of_nothing_but_roles_is_looked_up_a_few_times() -> None:
    asked: list[Sequence[str]] = []

    def counted(words: Sequence[str]) -> list[str]:
        asked.append(words)
        return []

    with_names("Does the club king see the club king? " * 200, counted)
    assert 0 < len(asked) < 10


NEWS = ("The managing director Ann Lee opened the canteen.", "Managing director Ann Lee thanked the cooks.")


def test_where_a_document_speaks_of_the_office_the_question_stays_and_the_name_is_its_other_wording() -> None:
    rules = "Expenses over 500 pounds are approved by the managing director."
    asked = "What does the managing director approve?"
    assert role_wordings(asked, lambda words: [*NEWS, rules]) == (asked, "What does Ann Lee approve?")
    assert role_wordings(asked, lambda words: NEWS) == ("What does Ann Lee approve?", asked)


@pytest.mark.parametrize(
    "text",
    [
        "Ann Lee came. The managing director laughed.",  # of a text that names her it is hers
        "The former managing director left.",
        "Managing Director Bo Ek, of another firm, spoke.",
    ],
)
def test_what_speaks_of_somebody_speaks_of_no_office(text: str) -> None:
    named = role_wordings("Where was the managing director?", lambda words: [*NEWS, text])[0]
    assert named == ("Where was the managing director?" if "Bo Ek" in text else "Where was Ann Lee?")


def test_a_question_without_roles_has_one_wording() -> None:
    assert role_wordings("Who came?", having) == ("Who came?",)
