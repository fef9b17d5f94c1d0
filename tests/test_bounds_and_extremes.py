"""Questions with a bound or an extreme are answered by the rows that have it, and by no other one; in doubt by none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.compare import compared
from rag.quoting import of_list
from rag.types import Evidence
from tests.test_answer import task

ROOMS = (
    "Room: Elm | Beds: twin | Price: €85",
    "Room: Oak | Beds: double | Price: €95",
    "Room: Ash | Beds: double | Price: €62",
)
FLATS = (
    "Elm Street 4: 2 rooms, 54 m², rent 780 €, deposit 2.340 €, free from 1 July",
    "Oak Lane 12a: 3 rooms, 71 m², rent 1,040 €, deposit 3,120 €, free from 15 May",
    "Ash Hill 9: 2 rooms, 48 m², rent 695 €, deposit 1,390 €, free from 1 June",
)
BILLS = (
    "No: 11 | Supplier: Elm Ltd | Issued: 2025-02-03 | Due: 2025-03-05 | Amount: €412.80",
    "No: 12 | Supplier: Oak & Co | Issued: 2025-02-20 | Due: 2025-03-20 | Amount: €1,250.00",
    "No: 13 | Supplier: Elm Ltd | Issued: 2025-03-12 | Due: 2025-04-11 | Amount: €96.40",
)
WALKS = ("Mill path: 4 km, easy", "Ridge loop: 11.5 km, steep", "Chapel stroll: 1500 m, fine with a pram")
BUSES = ("Bus 14 leaves 7:40 am, 35 minutes", "Bus 22 leaves 9:15 am, 25 minutes", "Express leaves 4:05 pm, 18 minutes")
MARKS = ("Name | Points | Absences", "Ida | 71 | 2", "Bo | 94 | 0", "Tom | 58 | 4")
TRIPS = (
    "Meadow – 17 May, 12 places, €15",
    "Old town – 7 June, 20 places, free of charge",
    "Summit – 21 June, 6 places, €28",
)
PLACES = {
    "rooms": ROOMS,
    "flats": FLATS,
    "invoices": BILLS,
    "walks": WALKS,
    "bus times": BUSES,
    "exam": MARKS,
    "trips": TRIPS,
}


def lines(title: str, *texts: str, heading: str = "", document: str = "") -> tuple[Evidence, ...]:
    """The lines of a document, one below the other, the last one the likeliest."""
    found = (
        Evidence(document or title, "p", 100 * at, 100 * at + len(text), text, at / 100, title=title, heading=heading)
        for at, text in enumerate(texts)
    )
    return tuple(found)[::-1]


def texts(asked: str, *evidence: Evidence) -> list[str] | None:
    """What the question is answered by; None where it is not for this to answer."""
    found = compared(task(question=asked, standalone=asked, evidence=evidence, situation="whole"))
    return None if found is None else [evidence[index].text for index in found.found]


@pytest.mark.parametrize(
    ("asked", "title", "rows"),
    [
        ("Which rooms cost less than €90?", "rooms", (0, 2)),
        ("Which rooms are 85 euros or less?", "rooms", (0, 2)),
        ("which rooms are not more than 85 euros", "rooms", (0, 2)),
        ("Which rooms cost between 70 and 90 euros?", "rooms", (0,)),
        ("Which double rooms cost under €90?", "rooms", (2,)),
        ("Which rooms cost more than 80?", "rooms", (0, 1)),
        ("Which flats have a rent below 800 euros?", "flats", (0, 2)),
        ("Which flats are larger than 50 m²?", "flats", (0, 1)),
        ("Which flats have at least 3 rooms?", "flats", (1,)),
        ("Which flats are free before June?", "flats", (1,)),
        ("Which invoices are over 400 euros?", "invoices", (0, 1)),
        ("Which invoices are due after 15 March?", "invoices", (1, 2)),
        ("Which invoices were issued in February 2025?", "invoices", (0, 1)),
        ("Which invoices from Elm Ltd are over €100?", "invoices", (0,)),
        ("Which walks are longer than 5 km?", "walks", (1,)),
        ("Which walks are shorter than 3 miles?", "walks", (0, 2)),
        ("Which buses leave before 10 am?", "bus times", (0, 1)),
        ("Which buses leave after noon?", "bus times", (2,)),
        ("Which buses take less than 30 minutes?", "bus times", (1, 2)),
        ("Who got more than 60 points?", "exam", (1, 2)),
        ("Who had 2 or more absences?", "exam", (1, 3)),
        ("Which trips are in June?", "trips", (1, 2)),
        ("Which trips cost less than €20?", "trips", (0, 1)),
        ("Which trips have more than ten places?", "trips", (0, 1)),
    ],
)
def test_rows_within_a_bound_are_the_answer(asked: str, title: str, rows: tuple[int, ...]) -> None:
    found = texts(asked, *lines(title, *PLACES[title]))
    assert found is not None
    assert sorted(found) == sorted(PLACES[title][at] for at in rows)


@pytest.mark.parametrize(
    ("asked", "title", "row"),
    [
        ("Which is the cheapest room?", "rooms", 2),
        ("what's the most expensive room", "rooms", 1),
        ("Which is the cheapest twin room?", "rooms", 0),
        ("Which apartment has the lowest rent?", "flats", 2),
        ("Which flat has the highest deposit?", "flats", 1),
        ("What is the smallest flat?", "flats", 2),
        ("What's the largest invoice?", "invoices", 1),
        ("Which invoice is the oldest?", "invoices", 0),
        ("What is the longest walk?", "walks", 1),
        ("when is the earliest bus", "bus times", 0),
        ("Which bus is the fastest?", "bus times", 2),
        ("who scored highest", "exam", 2),
        ("Who has the most absences?", "exam", 3),
        ("Which is the cheapest trip?", "trips", 1),
    ],
)
def test_the_row_with_the_extreme_is_the_answer(asked: str, title: str, row: int) -> None:
    assert texts(asked, *lines(title, *PLACES[title])) == [PLACES[title][row]]


@pytest.mark.parametrize(
    ("why", "asked", "title", "rows"),
    [
        ("a room's size is nowhere", "Which is the largest room?", "rooms", ROOMS),
        ("of the second one nothing is said", "Which is the second cheapest room?", "rooms", ROOMS),
        ("it is turned round", "Which rooms don't cost more than €90?", "rooms", ROOMS),
        ("one of them is asked about", "Is the Elm room less than €90?", "rooms", ROOMS),
        ("all of them are counted", "How many rooms cost less than €90?", "rooms", ROOMS),
        ("the sum is asked for", "What is the total of the invoices over €100?", "invoices", BILLS),
        ("no row has a sauna", "Which rooms with a sauna cost less than €90?", "rooms", ROOMS),
        ("no row is of that supplier", "Which invoices from Birch are over €100?", "invoices", BILLS),
        ("they are no boats", "Which boats cost less than €90?", "rooms", ROOMS),
        ("it is another currency", "Which rooms cost less than $90?", "rooms", ROOMS),
        ("two currencies can't be compared", "Which room is cheapest?", "rooms", 
         (*ROOMS, "Room: Fir | Beds: twin | Price: $70")),
        ("nobody knows which year is meant", "Which invoices are due after 15 March?", "invoices",
         (*BILLS, "No: 14 | Supplier: Oak | Issued: 2024-01-02 | Due: 2024-02-01 | Amount: €5")),
        ("a width is no height", "Which plants are taller than 50 cm?", "plants",
         ("Plant: Fern | Width: 60 cm", "Plant: Hosta | Width: 40 cm")),
        ("03/04 may be in March or in April", "Which trips are before 1 April?", "trips",
         ("Trip: Elm | Date: 03/04/2025", "Trip: Oak | Date: 05/06/2025")),
        ("a line has two prices", "Which trips cost less than €20?", "trips", ("Elm: €15 or €25", "Oak: €18 or €30")),
    ],
)  # fmt: skip
def test_where_the_numbers_are_not_surely_those_that_are_asked_for_no_row_is_chosen(
    why: str, asked: str, title: str, rows: tuple[str, ...]
) -> None:
    assert texts(asked, *lines(title, *rows)) is None, why


def test_where_no_row_is_within_the_bound_the_nearest_one_is_named() -> None:
    evidence = lines("rooms", *ROOMS)
    asked = "Which rooms cost less than €50?"
    found = compared(task(question=asked, standalone=asked, evidence=evidence, situation="whole"))
    assert found is not None
    assert (found.found, found.asked) == ((), "less than €50")
    assert found.nearest is not None
    assert evidence[found.nearest].text == ROOMS[2]


def test_numbers_of_several_documents_are_compared_by_their_key_or_by_what_the_sentence_says_of_them() -> None:
    people = (("Ann", 34, 12), ("Bo", 27, 4), ("Cy", 51, 23))
    evidence = tuple(
        line
        for name, age, years in people
        for line in lines(
            name, f"Age: {age}", f"{name} has {years} years of experience. ", "He trained for 30 years in Lyon."
        )
    )
    over = texts("Who has more than 10 years of experience?", *evidence)
    assert over is not None
    assert {text[:2] for text in over} == {"An", "Cy"}
    assert texts("Who is older than 50?", *evidence) == ["Age: 51"]


def test_the_sum_of_a_column_is_none_of_its_rows() -> None:
    rows = (*BILLS, "No: Total | Amount: €1,759.20")
    assert texts("What's the largest invoice?", *lines("invoices", *rows)) == [BILLS[1]]


def test_the_extreme_of_a_table_that_was_read_in_part_is_not_told() -> None:
    evidence = tuple(replace(item, in_part=True) for item in lines("rooms", *ROOMS))
    asked = "Which is the cheapest room?"
    assert compared(task(question=asked, standalone=asked, evidence=evidence, situation="pool")) is None


def test_rows_of_another_table_with_prices_are_none_of_the_rooms() -> None:
    spa = lines("spa", "Treatment: Mud | Price: €40", "Treatment: Salt | Price: €30")
    assert texts("Which is the cheapest room?", *spa, *lines("rooms", *ROOMS)) == [ROOMS[2]]


def _ranked(*evidence: Evidence) -> tuple[Evidence, ...]:
    return tuple(replace(item, score=1 - at / 100, fits=True) for at, item in enumerate(evidence))


def _answer(asked: str, *evidence: Evidence) -> list[str]:
    asking = task(question=asked, standalone=asked, evidence=_ranked(*evidence), situation="whole")
    return [evidence[index].text for index in of_list(asking)]


BOATS = ("Boat: Grebe | Weight kg: 51 | Built: 2019", "Boat: Heron | Weight kg: 64 | Built: 1931")


def test_a_sentence_that_says_which_is_the_oldest_stands_ahead_of_its_row() -> None:
    said = Evidence("m", "p", 0, 60, 'The oldest boat we own is the skiff "Heron", built long ago.', 0)
    found = _answer("What is the oldest boat?", said, *lines("boats", *BOATS))
    assert found == [said.text, BOATS[1]]


def test_a_sentence_that_calls_another_one_the_heaviest_stands_behind_the_row() -> None:
    said = Evidence("m", "p", 0, 60, "The heaviest boat a junior crew may take is the Kestrel.", 0)
    found = _answer("Which boat is the heaviest?", said, *lines("boats", *BOATS))
    assert found == [BOATS[1], said.text]


@pytest.mark.parametrize("asked", ["What is the earliest I can row?", "What is the latest you may meet?"])
def test_the_earliest_that_somebody_may_is_no_row_with_the_first_day(asked: str) -> None:
    met = ("Committee meeting, 9 January 2024", "Committee meeting, 12 March 2024")
    assert texts(asked, *lines("ROWING CLUB, when we meet", *met)) is None


def test_who_has_something_since_a_year_is_not_who_has_it_since_a_later_one() -> None:
    plots = ("Plot: 15 | Holder: Ivor Pugh | Since: 2003", "Plot: 20 | Holder: Ned Foss | Since: 2015")
    assert texts("Who has a plot since 2003?", *lines("plots", *plots)) is None


STOCK = ("Item: Folding bike | Price: £720", "Item: Kids bike | Price: £210", "Item: Lock | Price: £54")


def test_of_a_list_of_several_sorts_only_the_sort_that_was_asked_for_is_compared() -> None:
    assert texts("Which bikes cost less than £800?", *lines("stock", *STOCK)) == [STOCK[0], STOCK[1]]
    assert texts("Which items cost less than £100?", *lines("stock", *STOCK)) == [STOCK[2]]
    jobs = ("Puncture repair: £8", "Small service: £45", "Full service: £95")
    assert texts("What is the cheapest service?", *lines("workshop prices", *jobs)) == [jobs[1]]
