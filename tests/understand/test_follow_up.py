"""What a follow-up means, by rules alone: whom a pronoun stands for, what is left out, and when a topic is new."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.types import Turn
from rag.understand.follow_up import TURNS, Understanding, leans, queries, stands_alone, understand
from rag.understand.mentions import mentions
from rag.words import content


def talk(*said: str) -> list[Turn]:
    """Question, answer, question, answer …"""
    return [Turn("assistant" if at % 2 else "user", text) for at, text in enumerate(said)]


VISITORS = talk("Who might visit Beijing after Antony Blinken?", "Janet Yellen might visit Beijing in July.")
MEETINGS = talk(
    "When does Blinken arrive in Beijing?",
    "Blinken arrives on June 18.",
    "Whom will he meet?",
    "He will meet Foreign Minister Qin Gang and perhaps President Xi Jinping.",
)
HEALTH = talk("What is MediCal?", "An insurance.", "What does it cover?", "Doctors and drugs.")
BALLOON = talk("Who shot down the balloon?", "The US military shot down the balloon off South Carolina.")
TREASURY = talk("When will the Treasury Secretary visit Beijing?", "In July.")


@pytest.mark.parametrize(
    ("history", "question", "meant"),
    [
        (VISITORS, "When will she come?", "When will Janet Yellen come?"),
        (VISITORS, "What does she hope to achieve there?", "What does Janet Yellen hope to achieve in Beijing?"),
        (MEETINGS, "Why was his trip postponed?", "Why was Blinken’s trip postponed?"),
        (MEETINGS, "How long will he stay there?", "How long will Blinken stay in Beijing?"),
        (MEETINGS, "Where does he go from there?", "Where does Blinken go from Beijing?"),
        (MEETINGS, "When will he fly there?", "When will Blinken fly to Beijing?"),
        (MEETINGS, "What did they discuss?", "What did Qin Gang and Xi Jinping discuss?"),
        (HEALTH, "How does the state pay for it?", "How does the state pay for MediCal?"),
        (
            talk("When was the summer fair?", "On 28 June."),
            "What did Ann do there?",
            "What did Ann do at the summer fair?",
        ),
        (talk("Who is the guy who opened the sluice?", "Amato."), "When was it opened?", "When was the sluice opened?"),
        (BALLOON, "What was it carrying?", "What was the balloon carrying?"),
        (
            talk("did the korean war have a different name?", "Yes."),
            "When did it end?",
            "When did the korean war end?",
        ),
        (talk("Did korean war have another name?", "Yes."), "When did it end?", "When did korean war end?"),
        (talk("How are a VPN and a firewall different?", "Hm."), "Are they alike?", "Are a VPN and a firewall alike?"),
        (talk("Is an advisor any use?", "No.", "Do I need one?", "No."), "Is it dear?", "Is an advisor dear?"),
    ],
)
def test_a_pronoun_is_put_in_the_words_it_stands_for(history: list[Turn], question: str, meant: str) -> None:
    assert stands_alone(question, history) == meant


BRIDGE = talk("When does the bridge open again?", "In May.")
LOAN = talk("What did the parish council lend us?", "£12,050.")
DEPUTY = talk("Who are the key people?", "Paul Venn; Nadine Orth is his deputy.")
LEASE = talk("Does the rental agreement with Ann end?", "No.")
SPLIT = talk("What did Johnson & Johnson announce?", "A split.")
DOCTOR = talk("When does Ruth see the doctor?", "On 9 June.")
BUDGET = talk(
    "Why did the budget for the roof go up?", "It is £161,500 now, the whole increase being the solar panels."
)
CATERERS = talk("What do Tansy & Rye pay for the kitchen?", "12% of their takings, at least a minimum payment.")


@pytest.mark.parametrize(
    ("history", "question", "meant"),
    [
        (BUDGET, "How many of them are we getting?", "How many of the solar panels are we getting?"),
        (CATERERS, "Who signed for them?", "Who signed for Tansy & Rye?"),
        (CATERERS, "Do they do weddings?", "Do Tansy & Rye do weddings?"),
        (
            [*CATERERS, *talk("Is there a minimum?", "It is waived while the Hall is closed.")],
            "Do they do weddings?",
            "Do Tansy & Rye do weddings?",
        ),
        (talk("What does it cost?", "It wants a service every February."), "Who does it?", "Who does a service?"),
        (talk("Does the fire alarm in the hall work?", "Yes."), "Who tests it?", "Who tests the fire alarm?"),
        (LEASE, "When was it made?", "When was the rental agreement made?"),
        (SPLIT, "When was it founded?", "When was Johnson & Johnson founded?"),
        (talk("Do Ann Lee, Bo Ek and Cy Fox row?", "Yes."), "Are they fast?", "Are Ann Lee, Bo Ek and Cy Fox fast?"),
        ([*DEPUTY, *talk("What is his extension?", "12.")], "What is hers?", "What is Nadine Orth’s?"),
        (
            talk("Who is our assessor?", "Mr Voss.", "What did he say about the premium?", "Too low."),
            "How much is it?",
            "How much is the premium?",
        ),
        (talk("How many rev C boards have we ordered?", "300."), "When do they ship?", "When do rev C boards ship?"),
        (talk("Did Sam call Alex?", "He did."), "What did they talk about?", "What did Sam and Alex talk about?"),
        (talk("When does Dr Patel work?", "On Monday."), "When do I see her again?", "When do I see Patel again?"),
        (BRIDGE, "Since when has it been shut?", "Since when has the bridge been shut?"),
        (LOAN, "Who speaks for it?", "Who speaks for the parish council?"),
        (DOCTOR, "and who's doing her physio?", "who's doing Ruth’s physio?"),
        (talk("What is the total budget?", "The Total is £9."), "When was it set?", "When was the total budget set?"),
    ],
)  # fmt: skip
def test_a_pronoun_stands_for_what_agrees_with_it(history: list[Turn], question: str, meant: str) -> None:
    assert understand(question, history) == Understanding(meant, is_sure=True)


@pytest.mark.parametrize(
    ("history", "question"),
    [
        (talk("Who is the site manager?", "Carys Fenn, his sister, has taken over."), "When will they be finished?"),
        (
            talk("Who does the scaffolding for the roof?", "Scaffolding is by Castle Access. Carys Fenn rings."),
            "When are they starting?",
        ),
        (talk("Why was the manager fired?", "Theft."), "Did they sue?"),
        (talk("What does Priya earn?", "A lot."), "Do they have a pension?"),
        (talk("How long is the second chapter?", "30 pages."), "And chapter one?"),
        (talk("Which hotel is nearest to the airport?", "The Grand."), "and the cheapest one?"),
        (talk("When is the first payment due?", "In May."), "the second one?"),
        (talk("What does the contract say about notice?", "A month."), "And during probation?"),
        (talk("Is there a bus?", "A shuttle bus."), "And the bridge itself, when was it built?"),
        (talk("What does Stuart Brack say?", "No."), "Back to Marguerite: what has she to do?"),
    ],
)
def test_nothing_is_put_for_a_pronoun_that_nothing_agrees_with(history: list[Turn], question: str) -> None:
    said = understand(question, history)
    assert said.text.endswith(question) and (not said.is_sure or said.text == question)


def test_who_is_he_once_is_he_until_another_is_asked_about() -> None:
    history = [*MEETINGS, *talk("Where will he sleep?", "The Chinese side has not said.")]
    assert stands_alone("When does he leave?", history) == "When does Blinken leave?"
    changed = [*history, *talk("Who is Yun Sun?", "Yun Sun directs a program of the Stimson Center.")]
    assert stands_alone("What does she expect?", changed) == "What does Yun Sun expect?"


@pytest.mark.parametrize(
    ("history", "question", "meant"),
    [
        (VISITORS, "and the Commerce Secretary?", "Might the Commerce Secretary visit Beijing after Antony Blinken?"),
        (VISITORS, "and in August?", "Who might visit Beijing after Antony Blinken in August?"),
        (TREASURY, "And the Commerce Secretary?", "When will the Commerce Secretary visit Beijing?"),
        (TREASURY, "And if the talks fail?", "When will the Treasury Secretary visit Beijing if the talks fail?"),
        (talk("How much is the trip?", "285 pounds."), "and without lunch", "How much is the trip without lunch?"),
        (
            talk("How much is it to mend the hall boiler?", "£1,290."),
            "and a new one?",
            "How much is it to mend a new boiler?",
        ),
        (TREASURY, "How about London?", "When will the Treasury Secretary visit London?"),
        (TREASURY, "Why?", "Why will the Treasury Secretary visit Beijing?"),
        (talk("What did Blinken say in June?", "Little."), "And in July?", "What did Blinken say in July?"),
        (
            talk("Who is the Treasury Secretary who might follow him?", "Janet Yellen."),
            "And the Commerce Secretary?",
            "Who is the Commerce Secretary who might follow him?",
        ),
    ],
)
def test_what_is_left_out_is_taken_from_the_last_question(history: list[Turn], question: str, meant: str) -> None:
    assert understand(question, history).text == meant
    assert understand(question, history).is_sure


@pytest.mark.parametrize(
    "question",
    [
        "Which minister of finance resigned in March 2021?",
        "When did Blinken say he would come?",
        "Is it true that Yellen resigned?",
        "Are there people on Mars?",
        "How long does it take to fly to Beijing?",
        "Who shot down the balloon?",
        "What did Biden promise Xi in Bali this week?",
        "Why did my neighbour say that he follows the rules?",
    ],
)
def test_a_question_with_names_of_its_own_begins_a_topic(question: str) -> None:
    assert not leans(question)
    for history in (VISITORS, MEETINGS, HEALTH, BALLOON):
        assert stands_alone(question, history) == question


def test_what_no_rule_knows_is_asked_behind_the_last_question() -> None:
    said = understand("When did that happen?", BALLOON)
    assert (said.text, said.is_sure) == ("Who shot down the balloon? When did that happen?", False)


def test_a_chain_of_fragments_takes_only_the_question_before() -> None:
    history = talk(
        "Which is cheaper: renting a house or buying one?", "It depends.", "Taxes on gifts of land?", "High."
    )
    assert stands_alone("Is that all?", history) == "Taxes on gifts of land? Is that all?"


def test_a_chain_of_fragments_keeps_the_question_that_they_are_about_and_the_last() -> None:
    history = talk(
        "What happened to the boat on 22 March?", "It sank.", "Anyone hurt?", "No.", "Any witnesses?", "Two."
    )
    said = stands_alone("Who was driving?", history)
    assert said == "What happened to the boat on 22 March? Any witnesses? Who was driving?"


@pytest.mark.parametrize("history", [[], talk("Is it?", "I don't know.")[1:]])
def test_nothing_is_understood_from_nothing(history: list[Turn]) -> None:
    assert stands_alone("And when did he arrive there?", history) == "And when did he arrive there?"


def test_a_long_conversation_and_long_messages_are_forgotten_in_parts() -> None:
    history = [*talk("Who is Ada Lovelace?", "A mathematician."), *talk("word " * 10_000, "word " * 10_000) * TURNS]
    assert "Lovelace" not in stands_alone("When did she die?", history)
    assert len(stands_alone("Why is that?", history)) < 1500


@given(st.text(max_size=80), st.lists(st.text(max_size=60), max_size=5))
def test_only_words_that_somebody_said_come_in(question: str, said: list[str]) -> None:
    spoken = frozenset[str]().union(content(question), *(content(text) for text in said))
    understood = content(stands_alone(question, talk(*said)))
    assert understood <= spoken or not said


# --- searching with more than one question ----------------------------------------------------------------------------


def test_a_follow_up_is_searched_as_itself_behind_the_question_before_and_before_the_last_answer() -> None:
    assert queries("When will she come?", "When will Janet Yellen come?", VISITORS) == [
        "When will Janet Yellen come?",
        "Who might visit Beijing after Antony Blinken? When will she come?",
        "When will she come? Janet Yellen might visit Beijing in July.",
    ]


def test_what_is_only_joined_is_searched_as_it_was_asked() -> None:
    joined = stands_alone("When did that happen?", BALLOON)
    assert queries("When did that happen?", joined, BALLOON)[:2] == ["When did that happen?", joined]


def test_a_first_question_is_one_search() -> None:
    assert queries("Who?", "Who?", []) == ["Who?"]


def test_an_official_visit_is_nobody_who_could_be_he() -> None:
    assert [mention.kind for mention in mentions("The official visit may be long.")] == ["thing"]
    assert [mention.kind for mention in mentions("The official said so.")] == ["person"]


def test_of_the_many_in_a_list_none_is_he_but_whom_the_question_named() -> None:
    many = (
        "President Xi Jinping flies. Treasury Secretary Janet Yellen might come. So may John Kerry and Gina Raimondo."
    )
    asked = Turn("user", "Who might visit after Blinken?")
    assert stands_alone("When is he in Beijing?", [asked, Turn("assistant", many)]) == "When is Blinken in Beijing?"
    one = Turn("assistant", "Janet Yellen might visit in July.")
    assert stands_alone("When is she in Beijing?", [asked, one]) == "When is Janet Yellen in Beijing?"


TRIP = talk("When does Blinken arrive in Beijing?", "June 18.", "Why did he call off his earlier trip?", "A balloon.")


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("And when was that?", "When did Blinken call off his earlier trip?"),
        ("When did that happen?", "When did Blinken call off his earlier trip?"),
        ("Who was the last to visit China before him?", "Who was the last to visit China before Blinken?"),
        ("Who was the last king to go there before he fell?", "Who was the last king to go to Beijing before he fell?"),
    ],
)
def test_that_is_what_was_asked_and_before_him_is_another(question: str, meant: str) -> None:
    assert stands_alone(question, TRIP) == meant


def test_his_is_left_where_its_name_stands_before_it() -> None:
    assert stands_alone("Why did he call off his trip?", TRIP) == "Why did Blinken call off his trip?"


def test_when_was_that_after_when_is_not_the_same_question_again() -> None:
    said = stands_alone("When was that?", talk("When does Blinken arrive in Beijing?", "After the summit."))
    assert said == "When does Blinken arrive in Beijing? When was that?"


def test_a_date_alone_is_that_of_what_was_spoken_of() -> None:
    assert leans("Has the date changed since?")
    assert not leans("Has the date of the fair changed since?")
