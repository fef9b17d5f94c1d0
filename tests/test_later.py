"""What something is changed to takes the place of what it was, in other documents and in the same one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answer import respond
from rag.changed import change_to
from rag.conflicts import disagreement
from rag.task import Task
from rag.types import Evidence
from tests.test_judge import Judge


def task(question: str, *said: tuple[str, str], dates: str = "", headings: tuple[str, ...] = ()) -> Task:
    """Return a question over sentences, each with its document; `dates` are the days of March that these are of."""
    evidence = tuple(
        Evidence(
            document,
            f"p{at}",
            100 * at,
            100 * at + len(text),
            text,
            0.9 - at / 100,
            published_at=f"2031-03-0{dates[at]}" if dates else None,
            heading=headings[at] if headings else "",
        )
        for at, (document, text) in enumerate(said)
    )
    return Task(question, question, evidence, answerable=0.99, missing=(), searched=len(said), situation="whole")


def sides(found: Task) -> list[tuple[str, bool]]:
    conflict = disagreement(found)
    return [(stance.value, stance.corrected) for stance in conflict.stances] if conflict else []


FEE = ("a", "The membership fee is set at 20 per month.")
RAISED = ("a", "1. The fee is raised to 25 per month from 1 July because of the rent.")


@pytest.mark.parametrize(
    ("question", "said", "expected"),
    [
        ("How much is the membership fee?", (FEE, RAISED), [("20 per month", True), ("25 per month", False)]),
        (
            "When is the summer fair?",
            (("a", "6. The summer fair will be on 21 June."), ("a", "2. The summer fair is moved to 28 June.")),
            [("21 June", True), ("28 June", False)],
        ),
        (
            "Until when can growers claim compensation?",
            (
                ("a", "Claims have to reach Petra Holm by 30 April."),
                ("b", "The deadline for claims is extended to 15 May."),
            ),
            [("30 April", True), ("15 May", False)],
        ),
        (
            "How much is the fee?",
            (("a", "The fee is 20."), ("a", "The fee is raised to 25."), ("a", "The fee is raised to 30.")),
            [("20", True), ("25", True), ("30", False)],
        ),
        (
            "How much does the trip cost?",
            (
                ("a", "The cost is 14 per child for the trip."),
                ("b", "The price of the trip rises to 16; the other 2 by 12 June."),
            ),
            [("14 per child", True), ("16", False)],
        ),
        (
            "How many people fell ill?",
            (
                ("a", "At least 41 people fell ill after the fair."),
                ("b", "The number of people who fell ill after the fair has risen to 63."),
                ("c", "In all 71 people had been ill, by the final count."),
            ),
            [("41 people fell ill", True), ("63", True), ("71 people", False)],
        ),
        (
            "When does the electrician come?",
            (
                ("a", "The electrician comes on 7 July."),
                ("a", "Sorry, I was wrong: the electrician can only come on 17 July."),
            ),
            [("7 July", True), ("17 July", False)],
        ),
    ],
)
def test_what_something_is_changed_to_is_shown_and_what_it_was_is_marked(
    question: str, said: tuple[tuple[str, str], ...], expected: list[tuple[str, bool]]
) -> None:
    assert sides(task(question, *said)) == expected


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How much is the membership fee?", (FEE, ("a", "Students' fee goes up to 15."))),
        ("What do students pay?", (("a", "Students pay 12."), RAISED)),
        ("What was decided about the price of the fee?", (RAISED, ("a", "Students pay 12."))),
        ("How much is the membership fee?", (FEE, ("a", "Teo wants the fee raised to 30."))),
        ("How much is the membership fee?", (FEE, ("a", "The fee is not raised to 30."))),
        (
            "When do we get the first pictures of Halcyon?",
            (
                ("a", "The first pictures of Halcyon are expected on 16 June."),
                ("b", "Owners now have until 31 August, longer than first announced."),
            ),
        ),
        (
            "When is the summer fair?",
            (("a", "The summer fair is moved to 28 June."), ("a", "The tent for the fair is brought on 3 May.")),
        ),
    ],
)
def test_what_is_changed_of_something_else_changes_nothing(question: str, said: tuple[tuple[str, str], ...]) -> None:
    assert sides(task(question, *said)) == []


def test_of_two_changes_the_one_that_has_more_of_what_was_asked_counts() -> None:
    asked = task(
        "How much is the students' fee?",
        ("a", "The students' fee is 12."),
        RAISED,
        ("a", "The students' fee is raised to 15."),
    )
    assert sides(asked) == [("12", True), ("15", False)]


def test_a_report_that_is_newer_than_a_change_is_not_marked_as_old() -> None:
    said = (("a", "The summer fair is moved to 28 June."), ("b", "The summer fair is on 5 July."))
    assert sides(task("When is the summer fair?", *said, dates="12")) == [("28 June", False), ("5 July", False)]


def test_a_change_in_a_quoted_mail_is_older_than_what_stands_above_it() -> None:
    said = (("a", "The fair is now on 5 July."), ("a", "The fair is moved to 28 June."))
    headings = ("Fair", "On 3 June Ann Lee wrote:")
    assert sides(task("When is the fair?", *said, headings=headings)) == [("5 July", False), ("28 June", True)]


def test_of_two_days_in_a_sentence_the_one_of_what_was_asked_is_compared() -> None:
    said = (
        ("a", "We hope to open Ash on 20 March and Birch on 2 April."),
        ("b", "The opening of Ash has been postponed from 20 March to 27 March."),
    )
    assert sides(task("When will Ash open?", *said)) == [("20 March", True), ("27 March", False)]


def test_the_date_line_of_a_mail_is_no_day_that_it_tells() -> None:
    said = (("a", "The castle trip is now on 19 June."), ("a", "Date: Mon, 02 Jun 2031 15:20:00 +0000"))
    assert sides(task("When is the castle trip?", *said)) == []


def test_a_number_that_is_denied_without_its_unit_is_of_the_unit_that_holds() -> None:
    said = (
        ("a", "The overflow of the works was open for nine hours."),
        ("b", "The overflow at the works had been open for 21 hours, not nine."),
    )
    asked = task("How long was the overflow open?", *said)
    assert sides(asked) == [("nine hours", True), ("21 hours", False)]
    assert sides(replace(asked, standalone="Who opened the overflow?")) == []


def test_what_a_price_is_instead_of_an_old_one_is_compared() -> None:
    said = (("a", "The rent is 1,180 a month."), ("b", "From May the rent will be 1,235 a month instead of 1,180."))
    assert sides(task("How much is the rent?", *said)) == [("1,180", True), ("1,235", False)]


def test_of_two_times_of_day_the_later_one_is_shown_and_no_day_is_a_side() -> None:
    said = (
        ("a", "We meet at 8:15 at the bus stop and are back at about 16:30."),
        ("b", "We meet at 8:00, a quarter of an hour earlier than planned."),
        ("b", "We now go to the castle on 19 June."),
        ("a", "We go to the castle on 5 June."),
    )
    assert sides(task("What time do we meet?", *said)) == [("8:15", True), ("8:00", False)]


def test_a_small_model_reads_what_it_is_now_where_what_it_was_would_have_been() -> None:
    judge = Judge(9.0)
    list(
        respond(
            task("How much is the membership fee?", FEE, ("a", "Students pay 12."), ("a", "It rains."), RAISED), judge
        )
    )
    assert RAISED[1] in judge.read[0] and FEE[1] not in judge.read[0]


def test_a_wish_is_no_change() -> None:
    text = "The landlord wants the rent raised to 1,020"
    assert change_to(text, text.index("1,020")) is None
    text = "The rent is raised to 1,020"
    changed = change_to(text, text.index("1,020"))
    assert changed is not None and changed.what == {"rent"}


@pytest.mark.parametrize(
    ("text", "value", "changes"),
    [
        ("Staff, now 187, were all outside within four minutes.", "four", False),
        ("Staff, now 187, were all outside within four minutes.", "187", True),
        ("Ann Lee, now the chair, paid 25.", "25", False),
        ("There are now 6 machines in 2 rooms.", "2 rooms", False),
        ("The fee is now £25.", "25", True),
        ("Now, the fee is 25.", "25", True),
    ],
)
def test_what_is_now_of_something_else_is_no_change_of_a_value(text: str, value: str, changes: bool) -> None:
    assert bool(change_to(text, text.index(value))) == changes
