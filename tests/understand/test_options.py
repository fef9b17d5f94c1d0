"""What a question weighs against each other."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.understand.options import JOINTS, decisive, options_of, weighed_by
from rag.words import content


@pytest.mark.parametrize(
    ("question", "options"),
    [
        ("Who is older, Ann Lee or Bo Ek?", ("Ann Lee", "Bo Ek")),
        ("Was Ann Lee or Bo Ek born first?", ("Ann Lee", "Bo Ek")),
        ("Is Ann Lee older than Bo Ek?", ("Ann Lee", "Bo Ek")),
        ("Is the Amazon longer than the Nile?", ("Amazon", "Nile")),
        ("Which came first, the founding of Storm Records or the birth of Bo Ek?", ("Storm Records", "Bo Ek")),
        ("Which film is longer, The Lord of the Rings or You Can No Longer Hide?",
         ("The Lord of the Rings", "You Can No Longer Hide")),
        ("Who is taller: Ann Lee, Bo Ek or Carl Dunn?", ("Bo Ek", "Ann Lee", "Carl Dunn")),
        ("Are Medici and Senet both board games?", ("Medici", "Senet")),
        ("Are both journals, the Woman's View and Pick Me Up, British?", ("Woman's View", "Pick Me Up")),
        ("Do Kerry and Yellen travel in the same month?", ("Kerry", "Yellen")),
        ("What do Kerry and Yellen have in common?", ("Kerry", "Yellen")),
        ("What is the difference between a firewall and a VPN?", ("a firewall", "a VPN")),
        ("How does a firewall differ from a VPN?", ("a firewall", "a VPN")),
        ("Compare the Amazon with the Nile.", ("the Amazon", "the Nile")),
        ("Ann Lee or Bo Ek: who is older?", ("Ann Lee", "Bo Ek")),
        ("Which is newer, iPhone 12 or iPhone 13?", ("iPhone 12", "iPhone 13")),
        ("Which of the two, Storm and Calm, is older?", ("Storm", "Calm")),
        ("Were Ann Lee, Bo Ek and Cy Orr all born in the same year?", ("Ann Lee", "Bo Ek", "Cy Orr")),
        ("In Paris, who is older, Ann Lee or Bo Ek?", ("Ann Lee", "Bo Ek")),
        ("Airbus vs. Boeing: whose order book is larger, Airbus or Boeing?", ("Airbus", "Boeing")),
    ],
)  # fmt: skip
def test_what_is_weighed_is_found_in_any_way_of_asking(question: str, options: tuple[str, ...]) -> None:
    assert set(options_of(question)) == set(options)


@pytest.mark.parametrize(
    "question",
    [
        "Who might visit after Blinken?",
        "Who met Simon and Garfunkel?",
        "Is the door red or blue?",
        "Did more than 20 people meet in Rome?",
        "What was the change in income between 2017 and 2018?",
        "How does Storm compare to Calm and Wind?",
        "Is Ann Lee older than 20?",
        "Should I contact Ann Lee or HR?",
        "Is the meeting on Monday or Tuesday?",
        "What did Ann Lee say about Apple or Google?",
        "Compare the revenue of Storm in 2019 and 2020.",
        "Which entities resolve conflicts between laws of different systems?",
        "or",
        "",
    ],
)
def test_a_question_of_one_thing_weighs_nothing(question: str) -> None:
    assert options_of(question) == ()


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who is older, Ann Lee or Bo Ek?", "time"),
        ("Was Ann Lee or Bo Ek born first?", "time"),
        ("Which river is longer, the Amazon or the Nile?", "number"),
        ("Who lived longer, Ann Lee or Bo Ek?", "time"),
        ("Are Medici and Senet both board games?", ""),
    ],
)
def test_what_decides_is_a_time_or_a_size(question: str, kind: str) -> None:
    assert weighed_by(question) == kind


def test_who_is_older_is_told_by_when_they_were_born() -> None:
    assert decisive("Who is older, Ann Lee or Bo Ek?") <= content("Ann Lee was born in 1950.")
    assert not decisive("Which river is longer, the Amazon or the Nile?")


@given(st.text(max_size=300))
def test_whatever_is_asked_what_is_weighed_stands_in_the_question(question: str) -> None:
    options = options_of(question)
    assert len(options) != 1
    assert all(content(option) <= content(question) | content(f"x {question}") for option in options)


@pytest.mark.parametrize("part", ["A, b or ", "a and ", "A than ", "b or ", "What is the difference "])
def test_a_long_question_is_read_in_no_time(part: str) -> None:
    start = time.perf_counter()
    options_of("Which is older of both, " + part * 20_000 + "C?")
    assert time.perf_counter() - start < 5


def test_names_far_from_a_joint_are_not_looked_for() -> None:
    assert options_of("Which is older, " + "b or " * (JOINTS + 1) + "Ann Lee or Bo Ek?") == ()
