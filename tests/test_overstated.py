"""Sentences whose every word is in the quote, and that say more than it: nothing of the kind may show as supported."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.added import added
from rag.cite import Verdict, check
from rag.dropped import dropped
from rag.reading import read
from rag.types import Evidence


def verdict(claim: str, *texts: str, question: str = "") -> Verdict:
    quotes = [Evidence(f"d{n}", f"p{n}", 0, len(text), text, 0.5) for n, text in enumerate(texts)]
    return check(claim, quotes, question=question)


@pytest.mark.parametrize(
    ("claim", "text", "why"),
    [
        ("The office in Holm was opened first.", "The office in Holm was opened in 1999.", "first"),
        ("Most staff work in the Holm office.", "Staff of the Holm office work in two shifts.", "most"),
        ("All employees of Storm were laid off.", "Employees of Storm were laid off in March.", "all"),
        ("The trip was cancelled because of the balloon.", "The trip was cancelled. The balloon fell.", "because"),
        ("Holm has the only lighthouse in the north.", "Holm has a lighthouse in the north.", "only"),
        ("Ann Lee is still the mayor of Holm.", "Ann Lee was the mayor of Holm in 1999.", "still"),
        ("The Holm bridge, of 300 metres, is the longest.", "The Holm bridge is 300 metres of steel.", "longest"),
        ("More than 300 people came to Holm.", "300 people came to Holm.", "above"),
        ("All of the employees of Storm were laid off.", "Employees of Storm were laid off in March.", "all"),
        ("“All workers of Storm were laid off.”", "Workers of Storm were laid off.", "all"),
        ("Only Bo Ek voted for it.", "Ann Lee and Bo Ek voted for it, but Cy Day was absent.", "only"),
        ("The trip was cancelled due to the balloon.", "The trip was cancelled after lunch. A balloon fell.", "due to"),
        ("Holm is the largest port.", "Holm is a port with more than 300 ships.", "largest"),
        ("Holm is the busiest port.", "Holm is a port.", "busiest"),
        ("The office is open every day.", "The office is open on weekdays.", "every"),
        ("Ann Lee left Storm again.", "Ann Lee left Storm.", "again"),
    ],
)
def test_small_words_that_a_model_adds_need_a_quote(claim: str, text: str, why: str) -> None:
    found = verdict(claim, text)
    assert found.status != "supported" and why in found.why


@pytest.mark.parametrize(
    ("claim", "text", "why"),
    [
        ("Ann Lee is the president of Storm.", "Ann Lee is the vice president of Storm.", "vice president"),
        ("Ann Lee is the director of Storm.", "Ann Lee is the deputy managing director of Storm.", "deputy"),
        ("Ann Lee is the CEO of Storm.", "Ann Lee is a former CEO of Storm.", "former"),
        ("Ann Lee is the mayor of Holm.", "Ann Lee was the mayor of Holm until 1999.", "past"),
        ("Holm is the largest port in the north.", "Holm is one of the largest ports in the north.", "one"),
        ("Holm is the largest port.", "Holm is the second largest port.", "second"),
        ("Holm is the most dangerous port.", "Holm is one of the most dangerous ports.", "one"),
        ("All workers of Storm left.", "Some of the workers of Storm left, all in March.", "some"),
        ("The bridge is 300 metres long.", "The bridge is less than 300 metres long.", "below"),
        ("Ann Lee was born in Rome.", "Ann Lee's mother was born in Rome.", "mother"),
        ("The game will be cancelled.", "If it rains, the game will be cancelled.", "condition"),
        ("The game is cancelled.", "The game is cancelled unless the pitch dries.", "condition"),
        ("Storm Inc. is corrupt.", "Critics claim that Storm Inc. is corrupt.", "claim"),
        ("The mayor took bribes.", "Ann Lee accused the mayor of taking bribes.", "accused"),
        ("Ann Lee resigned.", "Bo Ek demanded that Ann Lee resign.", "demanded"),
        ("Storm bought Calm.", "Storm offered to buy Calm.", "offered"),
        ("The court ruled that the law is void.", "The court was asked to rule that the law is void.", "asked"),
        ("Ann Lee and Bo Ek will visit Rome.", "Ann Lee or Bo Ek will visit Rome.", "or"),
        ("Ann Lee will visit Rome.", "Ann Lee or Bo Ek will visit Rome.", "or"),
        ("Holm is the biggest port.", "Holm is one of the largest ports.", "one"),
        ("Holm is the most populous town.", "Holm is the second most populous town.", "second"),
        ("Ann Lee is mayor of Holm.", "Ann Lee was mayor of Holm until 1999.", "past"),
        ("Ann Lee is the mayor of Holm.", "Ann Lee is a lawyer who was the mayor of Holm.", "past"),
        ("Ann Lee is the mayor of Holm.", "Ann Lee, then mayor of Holm, opened it.", "then"),
        ("Ann Lee is a founder of Storm.", "Ann Lee is a co-founder of Storm.", "co"),
        ("Ann Lee was born in Rome.", "The mother of Ann Lee was born in Rome.", "mother"),
        ("The game will be cancelled.", "In case of rain, the game will be cancelled.", "condition"),
        ("You get a refund.", "You get a refund, if you cancel within 3 days.", "condition"),
        ("Storm bought Calm.", "Storm agreed to buy Calm.", "agreed"),
        ("The workers were laid off.", "Some workers were laid off.", "some"),
        ("The mayor took bribes.", "Critics say that the mayor took bribes.", "Critics"),
        ("Ann Lee is the CEO of Storm.", "Ann Lee is the son-in-law of the CEO of Storm.", "law"),
        ("Ann Lee won the race.", "Ann Lee almost won the race.", "almost"),
        ("The crowd was 300.", "The crowd was 300 or fewer.", "below"),
    ],
)
def test_a_limit_of_the_quote_may_not_be_left_out(claim: str, text: str, why: str) -> None:
    found = verdict(claim, text)
    assert found.status != "supported" and why in found.why


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("The lighthouse was first lit in 1874.", "The lighthouse was lit for the first time in 1874."),
        ("The original bridge was the first of its kind.", "The original bridge was the earliest of its kind."),
        ("She fought in the First World War.", "She fought in the First World War from 1915."),
        ("The game is always won by Holm.", "The game is always won by Holm, people say."),
        ("At least 300 people came to Holm.", "At least 300 people came to Holm."),
        ("Over 300 people came to Holm.", "More than 300 people came to Holm."),
        ("Last week Ann Lee left Holm.", "Ann Lee left Holm last week."),
        ("Ann Lee is the vice president of Storm.", "Ann Lee is the vice president of Storm."),
        ("Ann Lee is a former CEO of Storm.", "Ann Lee is a former CEO of Storm, based in Holm."),
        ("Holm is one of the largest ports.", "Holm is one of the largest ports of the north."),
        ("Holm is the largest port.", "Holm is the largest port of the north."),
        ("Ann Lee's mother was born in Rome.", "Ann Lee's mother was born in Rome in 1920."),
        ("The mother of Ann Lee was born in Rome.", "Ann Lee's mother was born in Rome in 1920."),
        ("Ann Lee will travel to Rome in May.", "Ann Lee's trip to Rome is planned for May, when she will travel."),
        ("The game will be cancelled if it rains.", "If it rains, the game will be cancelled."),
        ("Ann Lee leads the choir.", "Ann Lee leads the choir, and if it rains they sing indoors."),
        ("Critics claim that Storm Inc. is corrupt.", "Critics claim that Storm Inc. is corrupt."),
        ("The spokesman asked to rule it out.", "The spokesman asked to rule it out at once."),
        ("Ann Lee and Bo Ek will visit Rome.", "Ann Lee and Bo Ek will visit Rome in May."),
        ("Some of the workers were laid off.", "Some of the workers were laid off in May."),
        ("The office is open every day.", "The office is open daily."),
        ("Rome is the capital of Italy.", "Rome has been the capital of Italy since 1871."),
        ("Ann Lee is the mayor of Holm.", "Ann Lee has been the mayor of Holm since 2019."),
        ("Tesla opened a factory in Berlin in 2022.", "Tesla's new factory in Berlin opened in 2022."),
        ("Guests who cancel late pay a fee of 20 euros.", "If guests cancel late, they pay a fee of 20 euros."),
        ("It is unclear whether the talks will continue.", "It is unclear if the talks will continue."),
        ("A man was arrested in Budapest.", "One man in Budapest was arrested."),
        ("The flight was delayed because of fog.", "The flight was delayed by fog."),
        ("The match was cancelled because of heavy rain.", "Heavy rain forced the match to be cancelled."),
        ("Ann Lee was president of Storm.", "Ann Lee, the former president of Storm, lives in Rome."),
        ("Storm must pay 3 million euros.", "Storm was ordered to pay 3 million euros."),
        ("Section 12 requires a permit.", "Under section 12, a permit is required."),
        ("Members have to be 18 or older.", "Members have to be at least 18 years old."),
        ("Last Christmas was released in 1984.", "Last Christmas was released in 1984 as a single."),
        ("Ann Lee and Bo Ek can both sign.", "Ann Lee or Bo Ek can sign."),
        ("Staff sent the form to Bo Ek.", "Staff sent the form to Bo Ek and were asked to ____ it."),
        ("Wolfe won the battle.", "Wolfe won the battle that claimed the lives of both commanders."),
    ],
)
def test_what_says_no_more_than_its_quote_stays_supported(claim: str, text: str) -> None:
    assert verdict(claim, text).status == "supported"


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("Nadal won his 14th French Open title.", "Nadal claimed his 14th French Open title."),
        ("Storm acquired 3 companies.", "Storm took over 3 companies."),
        ("Germany approved the law.", "Germany's government approved the law."),
        ("Critics say the mayor took bribes.", "Critics claim that the mayor took bribes."),
        ("Henry Kissinger had a plan.", "US Secretary of State Henry Kissinger had a plan."),
    ],
)
def test_words_that_limit_nothing_break_no_condition(claim: str, text: str) -> None:
    assert not [*added(read(claim), "", [read(text)]), *dropped(read(claim), [read(text)])]


def test_a_limit_counts_only_where_no_quote_says_it_without() -> None:
    texts = "Ann Lee is a former CEO of Storm.", "Ann Lee is the CEO of Storm again."
    assert verdict("Ann Lee is the CEO of Storm.", *texts).quotes == (1,)


def test_who_is_older_is_for_a_quote_to_say_where_it_was_asked() -> None:
    asked = "Which film has the older director, Storm or Calm?"
    claim = "Storm has the older director, Ann Lee."
    assert verdict(claim, "Storm is a film by the director Ann Lee.", question=asked).status != "supported"
    assert verdict(claim, "Storm has the older director of the two, Ann Lee.", question=asked).status == "supported"


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("All employees of Storm were laid off.", "Some employees of Storm were laid off."),
        ("Every member voted for the plan.", "Most members voted for the plan."),
        ("The trip was cancelled because of the balloon.", "The trip was cancelled. The balloon was shot down."),
        ("The mine was open until 2020.", "The mine has been open since 2020."),
        ("The report must be filed by May 3.", "The report may be filed by May 3."),
        ("The mayor took bribes.", "The mayor allegedly took bribes."),
        ("The mayor took bribes.", "The mayor denied that he took bribes."),
        ("The game will be cancelled.", "The game will be cancelled if it rains."),
        ("Storm opened a plant in Holm.", "Storm planned to open a plant in Holm."),
        ("Storm bought Calm.", "Storm tried to buy Calm."),
        ("Storm bought Calm.", "Storm wanted to buy Calm for 3 million euros."),
        ("Ann Lee is the director of Storm.", "Ann Lee is the deputy director of Storm."),
        ("The fee is 20 euros per year.", "The fee is 20 euros per month."),
        ("Ann Lee won the prize.", "Ann Lee was nominated for the prize."),
        ("The drug cures malaria.", "The drug is used in trials to see whether it cures malaria."),
        ("The drug cures malaria.", "It is not known whether the drug cures malaria."),
        ("The strike ended on May 3.", "The strike was supposed to end on May 3."),
        ("Ann Lee resigned.", "Ann Lee threatened to resign."),
        ("Ann Lee resigned.", "Ann Lee is ready to resign."),
        ("Yellen will visit Beijing.", "There is speculation that Yellen will visit Beijing."),
        ("The law was never passed.", "The law was passed."),
        ("Ann Lee alone signed the deal.", "Ann Lee and Bo Ek signed the deal."),
        ("Ann Lee signed the deal on behalf of Storm.", "Ann Lee signed the deal."),
        ("More than 300 people came.", "300 people came."),
        ("Almost 300 people came.", "300 people came."),
        ("“All workers were laid off.”", "Workers were laid off."),
        ("The majority of workers left.", "Workers left."),
        ("This is the final report of the board.", "This is the report of the board."),
        ("Ann Lee is the sole founder of Storm.", "Ann Lee is a founder of Storm."),
        ("Only Bo Ek voted for the plan.", "Ann Lee and Bo Ek voted for the plan, but Cy Day was absent."),
        (
            "The trip was cancelled because of the balloon.",
            "The trip was cancelled after lunch. The balloon was shot down.",
        ),
        ("The trip was cancelled due to the balloon.", "The trip was cancelled. The balloon was shot down."),
        ("Ann Lee is the mayor of Holm.", "Ann Lee is a lawyer who was the mayor of Holm until 1999."),
        ("Ann Lee is the director of Storm.", "Ann Lee is the director's assistant of Storm."),
        ("Ann Lee was born in Rome.", "Ann Lee's French mother was born in Rome."),
        ("The mayor took bribes.", "Bo Ek believes the mayor took bribes."),
    ],
)
def test_claims_that_passed_once_or_might_have_do_not(claim: str, text: str) -> None:
    assert verdict(claim, text).status != "supported"


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("Storm is a film directed by Ann Lee.", "Storm was a 1999 film directed by Ann Lee."),
        ("Ann Lee is the founder of Storm.", "Ann Lee was the founder of Storm."),
        ("Russia invaded Ukraine in 2022.", "Russia's full-scale invasion of Ukraine began in 2022."),
        ("Ann Lee published the novel Storm in 1999.", "Ann Lee's debut novel Storm was published in 1999."),
        ("Spain is home to 47 million people.", "Spain's population is 47 million people."),
        ("Members under 18 get a discount.", "If members are under 18, they get a discount."),
        ("Water damage voids the warranty.", "If the phone is damaged by water, the warranty is void."),
        (
            "Questions about leave can be sent to hr@storm.com.",
            "If you have questions about leave, write to hr@storm.com.",
        ),
        ("Protesters marched in Budapest.", "Some protesters marched in Budapest."),
        ("Bo Ek was fined because he was speeding.", "Bo Ek was fined for speeding."),
        ("The mine closed because coal prices fell.", "As coal prices fell, the mine closed."),
        ("Ann Lee is the ex-president of Storm.", "Ann Lee is the former president of Storm."),
        ("Visitors should wear masks.", "Visitors are asked to wear masks."),
        ("Sales are expected to rise.", "Analysts predict that sales will rise."),
        ("First Bank was founded in 1920.", "First Bank was founded in 1920 in Holm."),
    ],
)
def test_other_words_for_what_a_quote_says_break_no_condition(claim: str, text: str) -> None:
    assert not [*added(read(claim), "", [read(text)]), *dropped(read(claim), [read(text)])]


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_is_too_odd(claim: str, text: str) -> None:
    assert all(why for why in (*added(read(claim), text, [read(text)]), *dropped(read(claim), [read(text)])))


@pytest.mark.parametrize(
    "part", ["if a, ", "more than ", "Ann or Bo and ", "claim that ", "all of the ", "asked to do "]
)
def test_long_sentences_are_read_in_no_time(part: str) -> None:
    long = read(part * 2_000)
    start = time.perf_counter()
    list(added(long, "", [long]))
    list(dropped(long, [long]))
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    ("claim", "text", "question", "why"),
    [
        ("Walter Camp suggested widening the goal.", "Walter Camp suggested widening the field.", "", "goal"),
        (
            "You can bring your dog to the office.",
            "You can bring your laptop to the office on Mondays.",
            "Can I bring my dog to the office?",
            "dog",
        ),
        (
            "The sentences say that you can take a refillable water bottle into the imaging lab.",
            "refillable water bottle",
            "Can I take a bottle of water into the imaging lab?",
            "lab",
        ),
        (
            "Your car insurance runs out on Friday 7 June 2024, 09:30.",
            "Out: Friday 7 June 2024, 09:30",
            "When does my car insurance run out?",
            "insurance",
        ),
        (
            "You need to send off your passport to Voltiva.",
            "Read the electricity meter and send a photo to Voltiva.",
            "What do I need to send off to renew my passport?",
            "passport",
        ),
        (
            "The deposit on the flat was 2,150.",
            "The deposit is 2,150 and he has six months to pay it back.",
            "How much was the deposit on the flat?",
            "flat",
        ),
    ],
)
def test_what_is_said_of_another_thing_is_not_supported(claim: str, text: str, question: str, why: str) -> None:
    found = verdict(claim, text, question=question)
    assert found.status != "supported" and f"“{why}”" in found.why


def test_the_heading_or_the_sentence_beside_may_have_the_word_that_a_quote_leaves_out() -> None:
    claim = "The deposit on the flat was 2,150."
    text, before = "The deposit was 2,150.", "We took the flat in May."
    alone = Evidence("d", "p", 0, len(text), text, 0.5)
    beside = Evidence("d", "p", 30, 30 + len(text), text, 0.5)
    assert check(claim, [alone], question="How much was the deposit on the flat?").status == "partly"
    for evidence in (
        [Evidence("d", "p", 0, len(text), text, 0.5, heading="The flat")],
        [Evidence("d", "p", 0, len(before), before, 0.5), beside],
    ):
        found = check(claim, evidence, question="How much was the deposit on the flat?")
        assert found.status == "supported" and evidence[found.quotes[0]].text == text
    far = [Evidence("d", "p", 900, 900 + len(before), before, 0.5), beside]
    assert check(claim, far, question="How much was the deposit on the flat?").status == "partly"


OFFICE = "You can bring your laptop to the office on Mondays."


@pytest.mark.parametrize(
    ("claim", "text", "beside"),
    [
        ("You can bring your dog to the office.", OFFICE, "Dogs are not allowed."),
        ("The deposit is 850 euros a month.", "The rent is 850 euros a month.", "The deposit is 1,700 euros."),
        ("The brakes were replaced in May 2023.", "The tyres were replaced in May 2023.", "The brakes are fine."),
        ("The neighbour has the spare key.", "The landlord has the spare key.", "The neighbour waters the plants."),
    ],
)
def test_what_stands_in_the_place_of_a_word_is_not_excused_by_the_sentence_beside(
    claim: str, text: str, beside: str
) -> None:
    quote = Evidence("d", "p", 0, len(text), text, 0.5)
    other = Evidence("d", "p", len(text) + 1, len(text) + 1 + len(beside), beside, 0.4)
    assert check(claim, [quote, other]).status != "supported"


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("The people were moved to the hotel in Leeds.", "The horses were moved to the hotel in Leeds."),
        ("The school offers free lunch on Fridays.", "The school bans free lunch on Fridays."),
        ("The term ends on 3 May.", "The lease ends on 3 May."),
    ],
)
def test_a_word_that_paraphrases_need_may_not_stand_for_another(claim: str, text: str) -> None:
    assert verdict(claim, text).status != "supported"


@pytest.mark.parametrize(
    ("claim", "text", "heading"),
    [
        ("Pets are allowed in the garden.", "Pets in the garden", "Not allowed"),
        ("Cancelling within 14 days is free of charge.", "Cancelling within 14 days", "Not free of charge"),
        ("Bob Ek signed the lease on 3 May 2020.", "He signed the lease on 3 May 2020.", "Letter to Bob Ek"),
        ("You can bring your dog to the office.", OFFICE, "Dogs"),
    ],
)
def test_a_heading_bears_nothing_by_itself(claim: str, text: str, heading: str) -> None:
    assert check(claim, [Evidence("d", "p", 0, len(text), text, 0.5, heading=heading)]).status != "supported"


def test_one_more_character_makes_no_other_words_in_writing_without_spaces() -> None:
    assert verdict("租金于每月3日到期。", "租金每月3日到期。").status == "supported"
