"""Sentences put together of a quote's own words that it doesn't say: of another clause, part or name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.apart import apart
from rag.cite import Verdict, check
from rag.limited import limited
from rag.located import located
from rag.mixed import mixed
from rag.reading import read
from rag.spelt import as_spelt
from rag.types import Evidence


def verdict(claim: str, *texts: str, question: str = "") -> Verdict:
    quotes = [Evidence(f"d{n}", f"p{n}", 0, len(text), text, 0.5) for n, text in enumerate(texts)]
    return check(claim, quotes, question=question)


BANK = "The Bank of Scotland opened a branch in Leeds in 2004."
STUDIED = "Ann Lee studied law at the University of Chicago and now works for Storm."
PUMP = "Turn off the pump before you open the valve."
COUNTY = "Before 1994 the museum was run by the county; since then it has been run by a trust."
DEGREE = "Applicants need a degree or three years of experience."
SUSPECTS = "Two of the five suspects were convicted."
FEES = "The seller pays the agent's fee; the buyer pays the transfer tax."
DOG = "The cat chased the dog that had bitten the boy."
KENT = "Dr Kent, whose father was a miner, became a surgeon."
HILL = "John Hill, a son of the painter Mary Hill, taught in Bath."
SMITHS = "The Smiths sold the farm to the Harpers, who had rented it since 1970."


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("Ann Lee studied law in Chicago.", STUDIED),
        ("The University of Chicago is in Chicago.", STUDIED),
        ("Ann Lee works at the University of Chicago.", STUDIED),
        ("The Bank of Scotland is located in Leeds.", BANK),
        ("The Bank of Scotland opened in 2004.", BANK),
        ("Turn on the pump before you open the valve.", PUMP),
        ("Open the valve before you turn off the pump.", PUMP),
        ("Turn off the valve before you open the pump.", PUMP),
        ("Before 1994 the museum was run by a trust.", COUNTY),
        ("Placebo lowered systolic pressure by 8 mmHg compared with drug X.",
         "In a trial of 412 adults, drug X lowered systolic pressure by 8 mmHg compared with placebo."),
        ("Ben Ash joined the firm in Oslo.", "Ben Ash joined the firm after studying in Oslo."),
        ("The Smiths had rented the farm since 1970.", SMITHS),
        ("The school collapsed.", "No one was injured when the roof of the school collapsed."),
        ("Voters supported the plan.", "About a third of the voters supported the plan."),
        ("Mary Hill taught in Bath.", HILL),
        ("John Hill was a painter.", HILL),
        ("The driver was praised by the hospital.", "The nurse who treated the driver was praised by the hospital."),
        ("The nurse praised the hospital.", "The nurse who treated the driver was praised by the hospital."),
        ("Green died in York.", "Green was born in York, grew up in Hull and died in Ely."),
        ("The fan uses 1.5 kW.", "The heater uses 1.5 kW; the fan uses 60 W."),
        ("The seller pays the transfer tax.", FEES),
        ("The agent pays the transfer tax.", FEES),
        ("All 40 rooms have a sea view.", "The hotel has 40 rooms, 12 of which have a sea view."),
        ("120 km of the river are navigable.", "The river is 120 km long, of which 30 km are navigable."),
        ("Five suspects were convicted.", SUSPECTS),
        ("The suspects were convicted.", SUSPECTS),
        ("Dr Kent was a miner.", KENT),
        ("The fair drew 8,000 visitors in 2019.", "The fair drew 8,000 visitors, twice as many as in 2019."),
        ("The cat had bitten the boy.", DOG),
        ("The boy had bitten the dog.", DOG),
        ("Engine A weighs less than engine B.", "Engine B weighs less than engine A and uses 40 litres an hour."),
        ("Acme sold Core in 2015.", "Acme acquired Bolt in 2010 and sold it to Core in 2015."),
    ],
)  # fmt: skip
def test_what_a_quote_says_of_another_part_is_no_support(claim: str, text: str) -> None:
    assert verdict(claim, text).status != "supported"


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("Either party may end it on 60 days' notice.", "Either party may end it on 60 days' notice, except in June."),
        ("The museum is open on Mondays.", "The museum is open daily from 10 to 5, except Mondays."),
        ("Visitors may enter the tower.", "Visitors may enter the tower only with a guide."),
        ("The device is certified for use.", "The device is certified for indoor use only."),
        ("Employees receive a bonus of 10 percent.", "Employees who work nights receive a bonus of 10 percent."),
        ("Dogs are allowed on the beach.", "Since last year, dogs are no longer allowed on the beach."),
        ("The firm plans to hire 300 people this year.", "The firm plans to hire 300 people next year."),
        ("The refund is paid if the goods are damaged.", "The refund is paid unless the goods are damaged."),
        ("The governor did not attend.", "Neither the mayor nor the sheriff attended, but the governor did."),
        ("Applicants need a degree and three years of experience.", DEGREE),
        ("Applicants need a degree.", DEGREE),
        ("The painting is attributed to Rubens.", "The painting was once attributed to Rubens but no longer is."),
        ("According to reports, the festival was cancelled.", "Contrary to reports, the festival was cancelled."),
        ("The dam failed.", "Had the dam failed, 400 homes would have been flooded."),
        ("The manuscript is from the 12th century.", "The manuscript is thought to date from the 12th century."),
        ("The vote is on Monday.", "The vote was postponed from Monday to Thursday."),
        ("Coffee intake causes a lower risk of illness.", "Coffee intake was linked to a lower risk of illness."),
        ("Reyes voted for the cycle lane.", "They voted to approve the cycle lane, with Reyes voting against."),
    ],
)
def test_limits_causes_and_sides_are_kept(claim: str, text: str) -> None:
    assert verdict(claim, text).status != "supported"


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("Ann Lee studied law in Chicago.", "Ann Lee studied law in Chicago, at the University of Chicago."),
        ("Ann Lee lives in New York.", "Ann Lee lives in New York City."),
        ("Ann Lee lives in Chicago.", "Ann Lee lives in the city of Chicago."),
        ("The Bank of Scotland is in Leeds.", "The Bank of Scotland is a large bank in Leeds."),
        ("The Bank of Scotland is located in Leeds.", "The Bank of Scotland, founded in 1904, is located in Leeds."),
        ("Ben Ash joined the firm after studying in Oslo.", "Ben Ash joined the firm after studying in Oslo."),
        ("The Lady Annis was hired for £2,900 a week.", "The boat, the Lady Annis, was hired for £2,900 a week."),
        ("The buyer pays the transfer tax.", FEES),
        ("Turn off the pump before you open the valve.", PUMP),
        ("Before you open the valve, turn off the pump.", PUMP),
        ("Two of the suspects were convicted.", SUSPECTS),
        ("His father was a miner.", KENT),
        ("Visitors may enter the tower with a guide.", "Visitors may enter the tower only with a guide."),
        ("The museum is open daily except Mondays.", "The museum is open daily from 10 to 5, except Mondays."),
        ("Dogs are no longer allowed on the beach.", "Since last year, dogs are no longer allowed on the beach."),
        ("Engine B uses 40 litres an hour.", "Engine B weighs less than engine A and uses 40 litres an hour."),
        ("Smoking causes cancer.", "Cancer is caused by smoking."),
        ("In 2015 Acme sold Bolt to Core.", "Acme acquired Bolt in 2010 and sold it to Core in 2015."),
        ("The lease begins on May 1, 2023.", "The lease begins on 1 May 2023 and ends on 30 April 2026."),
        ("Add 120 grams of sugar.", "Add 120 g of sugar."),
        ("Bake for 25 minutes at 180 degrees Celsius.", "Bake for 25 minutes at 180 °C."),
        ("The deposit earns no interest.", "The deposit does not earn interest."),
        ("When the red light flashes, unplug the device.", "If the red light flashes, unplug the device."),
        ("The firm plans to hire as many as 300 people.", "The firm plans to hire up to 300 people."),
        ("The equipment must be delivered by 14 March.", "The equipment shall be delivered by 14 March."),
    ],
)
def test_what_such_a_quote_does_say_is_supported(claim: str, text: str) -> None:
    assert verdict(claim, text).status == "supported"


def test_dates_in_another_form_stay_with_their_verb() -> None:
    lease = "The lease begins on 1 May 2023 and ends on 30 April 2026."
    assert verdict("The lease begins on April 30, 2026.", lease).status != "supported"
    assert as_spelt("It begins on May 1, 2023.", [lease]) == "It begins on 1 May 2023."
    assert as_spelt("It begins on May 2, 2023.", [lease]) == "It begins on May 2, 2023."
    assert as_spelt("It is 5 grams.", ["It is 5 g.", "It is 6 grams."]) == "It is 5 grams."


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_is_read_and_says_nothing_else_than_itself(text: str, other: str) -> None:
    reading, another = read(text), read(other)
    for rule in (apart, limited, mixed, located):
        list(rule(another, [reading]))
    as_spelt(text, [other])
