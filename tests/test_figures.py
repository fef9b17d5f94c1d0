"""Numbers, letters and signs that look alike and are not the same: none may show as supported by the other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.cite import Verdict, check
from rag.figures import altered, figures
from rag.letters import letters, mistaken
from rag.types import Evidence


def verdict(claim: str, *texts: str, question: str = "", title: str = "Notes", heading: str = "") -> Verdict:
    quotes = [
        Evidence(f"d{n}", f"p{n}", 0, len(text), text, 0.9, title, heading=heading) for n, text in enumerate(texts)
    ]
    return check(claim, quotes, question=question)


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("The recommended dose is 5 mg daily.", "The recommended dose is 5 g daily."),
        ("The recommended dose is 5 mg daily.", "The daily dose is 5 g."),
        ("The recommended dose is 5 mg daily.", "The recommended dose is 5g daily."),
        ("Adults take 10 mg of Amol and 5 g of Benol.", "Adults take 5 mg of Benol."),
        ("The limit is 5 mg/kg for children.", "The limit is 5 mg for children."),
        ("The turbine delivers 5 MW at sea.", "The turbine delivers 5 mW at sea."),
        ("Water boils at 100 °C at sea level.", "Water boils at 100 °F at sea level."),
        ("Store the vaccine at 8 °C.", "The vaccine is stored at 8 °F."),
        ("Water boils at 100 degrees C.", "Water boils at 100 °F."),
        ("The grant was £5m.", "The grant was £5k."),
        ("The grant was £5m.", "The grant was £5."),
        ("The company paid a grant of $5M to the museum.", "The company paid a grant of $5K to the museum."),
        ("Add ¼ cup of sugar to the bowl.", "Add ½ cup of sugar to the bowl."),
        ("Add 1½ cups of sugar to the bowl.", "Add 1¼ cups of sugar to the bowl."),
        ("Add 1½ cups of sugar to the bowl.", "Add 1 cup of sugar to the bowl."),
        ("The seminar takes place in room 3B.", "The seminar takes place in room 3C."),
        ("The seminar takes place in room 3B.", "The seminar takes place in room 3."),
        ("Section 5(a) bans smoking on trains.", "Section 5(b) bans smoking on trains."),
        ("The flight to Oslo leaves from gate B12.", "The flight to Oslo leaves from gate C12."),
        ("The flight to Oslo leaves from gate B12.", "The flight to Oslo leaves from gate 12."),
        ("The firm was founded in the 1990s in Oslo.", "The firm was founded in 1990 in Oslo."),
    ],
)
def test_a_number_with_another_unit_or_letter_is_another_one(text: str, claim: str) -> None:
    assert verdict(claim, text).status != "supported"


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("The recommended dose is 5 mg daily.", "The daily dose is 5mg."),
        ("The bridge is 5 km long.", "The bridge is 5 kilometres long."),
        ("The bridge is 5 kilometres long.", "The bridge is 5 km long."),
        ("The limit is 50 kilometres per hour in town.", "The limit is 50 km/h in town."),
        ("Use between 5 and 10 mg of Amol.", "Use 5 mg of Amol."),
        ("Water boils at 100 °C.", "Water boils at 100°C."),
        ("Water boils at 100 degrees Celsius.", "Water boils at 100 °C."),
        ("The grant was £5M.", "The grant was £5m."),
        ("Add half a cup of sugar to the bowl.", "Add ½ cup of sugar to the bowl."),
        ("The seminar takes place in room 3B.", "Room 3B is where the seminar takes place."),
        ("Section 5(a) and (b) ban smoking on trains.", "Section 5(b) bans smoking on trains."),
        ("The flight to Oslo leaves from gate B-12.", "The flight to Oslo leaves from gate B12."),
        ("The firm was founded in the 1990s in Oslo.", "The firm was founded in Oslo in the 1990's."),
        ("The 20th of May is a holiday in Oslo.", "20 May is a holiday in Oslo."),
        ("In 1990 A Berg and B Holt met in Oslo.", "A Berg and B Holt met in Oslo in 1990."),
    ],
)
def test_the_same_unit_may_be_written_otherwise(text: str, claim: str) -> None:
    assert verdict(claim, text).status == "supported", verdict(claim, text)


def test_a_heading_may_tell_the_unit() -> None:
    row = "Brenna lasts 5 and Holm lasts 7 by night."
    assert verdict("Brenna lasts 5 h by night.", row, heading="Light in h").status == "supported"
    assert verdict("Brenna lasts 5 h by night.", row, heading="Light in s").status != "supported"


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("The meeting starts at 3 am on Monday.", "The meeting starts at 3 pm on Monday."),
        ("The meeting starts at 3 p.m. on Monday.", "The meeting starts at 3 am on Monday."),
        ("The lecture is on Tuesday at 9am.", "The lecture is on Tuesday at 9pm."),
        ("The lecture is on Tuesday at 9:30 a.m.", "The lecture is on Tuesday at 9:30 p.m."),
        ("The shop is open from 9 am to 5 pm.", "The shop is open from 9 pm to 5 am."),
    ],
)
def test_the_morning_is_not_the_evening(text: str, claim: str) -> None:
    assert verdict(claim, text).status != "supported"


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("The meeting starts at 3 p.m. on Monday.", "The meeting starts at 3 pm on Monday."),
        ("The meeting starts at 3PM on Monday.", "The meeting starts at 3 pm on Monday."),
        ("The shop is open from 9 to 11 am.", "The shop is open from 9 am to 11 am."),
        ("The meeting starts at 3 pm on Monday.", "The meeting starts at 3 on Monday."),
    ],
)
def test_the_hour_may_be_written_otherwise(text: str, claim: str) -> None:
    assert verdict(claim, text).status == "supported", verdict(claim, text)


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("The lowest temperature was 5 °C in January.", "The lowest temperature was -5 °C in January."),
        ("The lowest temperature was −5 °C in January.", "The lowest temperature was 5 °C in January."),
        ("The lowest temperature was minus 5 °C in January.", "The lowest temperature was 5 °C in January."),
        ("The value is > 5 units.", "The value is < 5 units."),
        ("The value of it is ≥5 units.", "The value is ≤ 5 units."),
        ("The value is > 5 units.", "The value is less than 5 units."),
        ("The value is > 5 units.", "The value is 5 units."),
        ("The fee is ₹500 per child.", "The fee is ₽500 per child."),
        ("The fee is 500 per child.", "The fee is ₽500 per child."),
    ],
)
def test_signs_are_compared(text: str, claim: str) -> None:
    assert verdict(claim, text).status != "supported"


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("The lowest temperature was −5 °C in January.", "The lowest temperature was -5 °C in January."),
        ("The lowest temperature was minus 5 °C.", "The lowest temperature was -5 °C."),
        ("The lowest temperature was 5 °C below zero.", "The lowest temperature was -5 °C."),
        ("Sales dropped in May, a change of -5%.", "Sales dropped 5% in May."),
        ("The value is > 5 units.", "The value is more than 5 units."),
        ("The fee is 500 rupees per child.", "The fee is ₹500 per child."),
        ("The fee is ₹ 500 per child.", "The fee per child is ₹500."),
        ("Rooms cost 80–120 euros.", "Rooms cost 80 to 120 euros."),
        ("Berg (1931 –1999) was a skier of Holm.", "Berg (1931–1999) was a skier of Holm."),
    ],
)
def test_signs_may_be_said_in_words(text: str, claim: str) -> None:
    assert verdict(claim, text).status == "supported", verdict(claim, text)


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("Vitamin C prevents scurvy.", "Vitamin D prevents scurvy."),
        ("Hepatitis B is transmitted by blood.", "Hepatitis C is transmitted by blood."),
        ("He fought in World War II.", "He fought in World War I."),
        ("He fought in World War I.", "He fought in World War II."),
        ("Plan B costs $40 a month.", "Plan A costs $40 a month."),
        ("The plan costs $40 a month.", "Plan B costs $40 a month."),
        ("Type O blood is universal.", "Type A blood is universal."),
        ("Group O- donors are rare.", "Group O+ donors are rare."),
        ("T cells attack the virus.", "B cells attack the virus."),
        ("The tool is written in the C++ language.", "The tool is written in the C language."),
        ("George W. Bush signed the act.", "George H. Bush signed the act."),
        ("Clause (b) bans smoking.", "Clause (c) bans smoking."),
        ("Vitamins A, B and C are in the juice.", "Vitamin D is in the juice."),
    ],
)
def test_a_letter_tells_one_thing_from_another(text: str, claim: str) -> None:
    assert verdict(claim, text).status != "supported"


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("Vitamins A, C and D are in the juice.", "Vitamin D is in the juice."),
        ("He fought in the First World War.", "He fought in World War I."),
        ("He fought in World War I and in World War II.", "He fought in World War I."),
        ("Type-O blood is universal.", "Type O blood is universal."),
        ("John Kennedy signed the act.", "John F. Kennedy signed the act."),
        ("J. K. Berg wrote the act.", "J. Berg wrote the act."),
        ("The T-cell attacks the virus.", "The T cell attacks the virus."),
        ("Ana e Ben assinaram o contrato.", "Ana assinou o contrato com Ben."),
    ],
)
def test_a_letter_stays_with_its_word(text: str, claim: str) -> None:
    found = verdict(claim, text)
    assert "not “" not in found.why and (found.status == "supported" or "Ben" in claim), found


def test_the_title_may_have_the_letter() -> None:
    assert verdict("Plan B costs $40 a month.", "The plan costs $40 a month.", title="Plan B").status == "supported"


@given(st.text(alphabet="aAbI 5½-−–(°C)$₹£kmg/.,>'’", max_size=40))
def test_any_text_differs_in_nothing_from_itself(text: str) -> None:
    assert not list(altered(text, [text], []))
    assert not list(mistaken(text, [text], []))
    assert all(figure.shown for figure in figures(text)) and all(letter.text for letter in letters(text))
