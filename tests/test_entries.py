"""Items, rows and "Key: value" lines say something without a full stop, under the line that announces them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.announced import listed
from rag.answer import prompt, respond
from rag.config import Settings
from rag.engine import Engine
from rag.entries import lined
from rag.relevance import Candidate, Question, fits
from rag.types import Answer, Done, Evidence
from rag.understand.people import people
from tests.fakes.embedder import WordEmbedder
from tests.fakes.library import write
from tests.test_answer import task

MINUTES = """# Minutes of 3 May

Present: Ann Lee (chair), Bo Ek, Cy Fox
Absent: Di Gray

## Roof

The roof leaks. It is to be mended in June.

## Action items

- Ann: budget by Friday
- Bo: two offers for the roof. He calls the firm in Lom, too.
- Cy: keys
"""


ITEMS = ["Ann: budget by Friday", "Bo: two offers for the roof.", "He calls the firm in Lom, too.", "Cy: keys"]


def spans(text: str) -> list[tuple[int, int]]:
    """Return the sentences of MINUTES as the loader finds them: lines, and what ends with a full stop within one."""
    found, position = [], 0
    for line in text.split("\n"):
        start = position + len(line) - len(line.lstrip("#- "))
        body = text[start : position + len(line)]
        for piece in re.sub(r"(?<!\d)\. ", ".\0", body).split("\0") if body else ():
            found.append((start, start + len(piece)))
            start += len(piece) + 1
        position += len(line) + 1
    return found


def entries(text: str) -> dict[str, str]:
    """Return the entries of a text with what they stand under."""
    places = spans(text)
    return {
        text[start:end]: line.heading
        for (start, end), line in zip(places, lined(text, places), strict=True)
        if line.entry
    }


def test_items_and_records_are_entries_and_know_their_heading() -> None:
    assert entries(MINUTES) == {
        "Present: Ann Lee (chair), Bo Ek, Cy Fox": "Minutes of 3 May",
        "Absent: Di Gray": "Minutes of 3 May",
        "Ann: budget by Friday": "Action items",
        "Bo: two offers for the roof.": "Action items",
        "He calls the firm in Lom, too.": "Action items",
        "Cy: keys": "Action items",
    }


@pytest.mark.parametrize(
    "text",
    [
        "Breaking: Blinken arrives in Beijing\nThe visit lasts two days.",
        "1. Term\nThe term is a year.\n2. Rent\nThe rent is low.",
        "Read more\nShare this page",
    ],
)
def test_headlines_numbered_headings_and_buttons_are_no_entries(text: str) -> None:
    assert entries(text) == {}


AGENDA = (
    "Minutes of 4 May\n3. Reading garden.\nIt opens in June. Ann buys the plants.\n4. Late return.\n"
    "A charge of 50p a day is made from July.\n5. Lost key.\nIt was reported the same day.\n"
)


def test_the_numbered_headings_of_minutes_are_no_entries_but_what_follows_stands_under_them() -> None:
    assert entries(AGENDA) == {}
    found = {
        AGENDA[start:end]: line for (start, end), line in zip(spans(AGENDA), lined(AGENDA, spans(AGENDA)), strict=True)
    }
    assert found["3. Reading garden."].section
    assert found["Ann buys the plants."].heading == "3. Reading garden."
    assert not found["Ann buys the plants."].section


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("Draining\n1. Remove the cover. Keep the four screws.\n2. Open the valve. Turn it to the left.\n", 4),
        ("Pool\n1. No smoking.\nNot in the garden, either.\n2. Dogs on a lead.\nThere is a tap.\n", 0),
        ("Bread\n1. Mix the dough.\n500 g of flour.\n2. Bake at 230 degrees.\nTake it out.\n", 0),
        ("The board\n1. Ann Lee. She chairs the meetings.\n2. Bo Ek. He keeps the books.\n", 4),
    ],
)
def test_short_steps_rules_and_names_are_no_headings_of_what_follows(text: str, items: int) -> None:
    found = [line for line in lined(text, spans(text)) if line.section]
    assert not found
    assert len(entries(text)) == items


def test_half_a_line_and_a_wrapped_item_announce_nothing() -> None:
    wrapped = "Please bring:\n- strong boots and a\nwarm coat\n- a torch\n- a map\n"
    at = wrapped.index("- a torch") + 2
    assert [line.heading for line in lined(wrapped[:], [(at, at + 7)])] == [""]
    long = "Please bring\n" + "".join(f"- thing {number} of the list of things\n" for number in range(300))
    at = long.index("thing 250")
    assert [line.heading for line in lined(long, [(at, long.index("\n", at))])] == [""]


def test_numbered_steps_that_say_something_stay_entries() -> None:
    text = (
        "Steps\n1. Switch it off and wait.\n2. Open the valve by a turn.\n3. It has to be closed again.\nDone, then.\n"
    )
    assert len(entries(text)) == 3


def test_a_greeting_announces_nothing() -> None:
    text = "Hi Ann,\nThe van died. I come on Friday."
    assert [line.heading for line in lined(text, spans(text), "Re: tent")] == ["Re: tent"] * 3


@given(st.lists(st.sampled_from(["- a: b", "x: y", "Head", "One. Two.", "1. c", "", "a | b", "> q"]), max_size=12))
def test_every_sentence_has_a_place_and_no_heading_is_an_entry(lines: list[str]) -> None:
    text = "\n".join(lines)
    places = spans(text)
    found = lined(text, places)
    assert len(found) == len(places)
    headings = {line.heading for line in found if line.heading}
    assert headings <= {text[start:end] for start, end in places}


def candidates(text: str, title: str = "Minutes of 3 May") -> list[Candidate]:
    places = spans(text)
    passage = tuple(text[start:end] for start, end in places)
    return [
        Candidate(
            Evidence("d", "p", start, end, text[start:end], 0.0, title=title, heading=line.heading),
            rank=0,
            place=place,
            passage=passage,
            entry=line.entry,
        )
        for place, ((start, end), line) in enumerate(zip(places, lined(text, places), strict=True))
    ]


def asked_for(question: str, text: str = MINUTES) -> list[str]:
    found = candidates(text)
    asked = Question.of(question, [candidate.text for candidate in found])
    return [c.text for c, _ in listed(asked, [(c, 0.1) for c in found]) if c.evidence.listed]


@pytest.mark.parametrize(
    "question", ["What are the action items?", "List the action items.", "Which action items are there?"]
)
def test_a_question_for_a_list_gets_its_entries_in_their_order(question: str) -> None:
    assert asked_for(question) == ITEMS


@pytest.mark.parametrize(
    "question",
    [
        "When are the action items due?",
        "How many action items are there?",
        "What are the action items of Di?",
        "Why are there action items?",
        "What is the roof made of?",
    ],
)
def test_another_question_gets_no_list(question: str) -> None:
    assert asked_for(question) == []


def test_an_entry_can_answer_by_itself_and_a_heading_cannot() -> None:
    found = {candidate.text: candidate for candidate in candidates(MINUTES)}
    asked = Question.of("What was Ann to do?", list(found))
    known = people(list(found))
    assert fits(asked, found["Ann: budget by Friday"], known)
    assert not fits(asked, found["Action items"], known)


def test_people_of_a_list_are_known_by_one_name_later() -> None:
    assert {"lee", "ek"} <= people(["Present: Ann Lee (chair), Bo Ek, Cy Fox"]).keys()


class Silent:
    """A measured model that may not be asked."""

    name, structured = "qwen2.5-coder-1.5b", False

    def odds(self, messages: Any) -> Any:
        raise AssertionError("asked")


def answer_of(evidence: tuple[Evidence, ...], question: str) -> Answer:
    given = task(evidence=evidence, question=question, standalone=question, situation="whole")
    *_, done = respond(given, Silent())  # type: ignore[arg-type]
    assert isinstance(done, Done)
    return done.answer


def test_a_list_under_its_heading_is_quoted_whole_without_asking_a_model() -> None:
    lines = ("Cy: keys", "Ann: budget by Friday", "Bo: two offers")
    evidence = tuple(
        Evidence("d", "p", 10 * at, 10 * at + len(text), text, 0.9, listed=True)
        for at, text in zip((2, 0, 1), lines, strict=True)
    )
    given = answer_of(evidence, "What are the action items?")
    assert [citation.quote for citation in given.citations] == ["Ann: budget by Friday", "Bo: two offers", "Cy: keys"]
    assert given.status == "answered"


@pytest.mark.parametrize(
    ("question", "quotes"),
    [
        ("What are the action items?", ITEMS),
        (
            "What is the weight of the pump and what is its cable length?",
            ["Pump weight: 5.2 kg", "Pump cable length: 10 m"],
        ),
    ],
)
def test_over_real_files_a_list_and_both_halves_of_a_question_are_quoted(
    home: Path, tmp_path: Path, question: str, quotes: list[str]
) -> None:
    pump = "Pump 300\n\nPump weight: 5.2 kg\nPump cable length: 10 m\nHead: 8 m\n"
    folder = write(tmp_path / "papers", {"minutes.md": MINUTES, "pump.txt": pump})
    with Engine(Settings.load(llm="none"), embedder=WordEmbedder()) as engine:
        engine.ingest([folder])
        quoted = [citation.quote for citation in engine.ask(question).citations]
    assert sorted(quoted[: len(quotes)]) == sorted(quotes)


def test_an_item_is_quoted_with_the_line_that_says_what_is_of_it() -> None:
    lead, item = "We do not pay for", "drones and gliders"
    evidence = (
        Evidence("d", "p", 60, 60 + len(item), item, 0.9, heading=lead),
        Evidence("d", "p", 40, 40 + len(lead), lead, 0.1, fits=False),
    )
    *_, done = respond(task(evidence=evidence, standalone="Are drones covered?", situation="whole"), None)
    assert isinstance(done, Done)
    assert done.answer.text == f"{lead}: {item}"
    assert [citation.quote for citation in done.answer.citations] == [lead, item]
    assert f"{lead}: {item}" in str(prompt(task(evidence=evidence))[-1].content)


PLAN = ("Unlimited spin classes", "Use of the sauna", "Towel hire")


def plan(
    question: str, best: int = 1, heading: str = "Included in the full plan", texts: tuple[str, ...] = PLAN
) -> Answer:
    items = [
        Evidence("d", f"p{at}", 30 * at, 30 * at + len(text), text, 0.9 if at == best else 0.1, heading=heading)
        for at, text in enumerate(texts)
    ]
    evidence = tuple(sorted(items, key=lambda item: -item.score))
    *_, done = respond(task(evidence=evidence, question=question, standalone=question, situation="whole"), None)
    assert isinstance(done, Done)
    return done.answer


@pytest.mark.parametrize(
    ("question", "all_of_them"),
    [
        ("What do I get with the full plan?", True),
        ("Which extras come with the full plan?", True),
        ("What about the sauna?", False),
        ("What is in the full plan?", False),
        ("How many classes are in the full plan?", False),
        ("Is there a sauna in the full plan?", False),
    ],
)
def test_an_item_that_answers_by_its_heading_alone_brings_the_others(question: str, all_of_them: bool) -> None:
    quotes = {citation.quote for citation in plan(question).citations}
    assert quotes == (set(PLAN) if all_of_them else {"Use of the sauna"})


def test_an_item_that_is_quoted_with_its_lead_in_brings_the_others() -> None:
    lead = "Call us straight away if you see:"
    texts = ("Bleeding for more than 20 minutes", "Swelling under the eye", "Refusing food for a day")
    items = [
        Evidence("d", f"p{at}", 60 * at + 60, 60 * at + 60 + len(text), text, 0.1 + 0.8 * (at == 0), heading=lead)
        for at, text in enumerate(texts)
    ]
    evidence = (*items, Evidence("d", "p", 0, len(lead), lead, 0.1, fits=False))
    asked = "What signs mean I should ring the vet right away?"
    *_, done = respond(task(evidence=evidence, question=asked, standalone=asked, situation="whole"), None)
    assert isinstance(done, Done)
    assert {citation.quote for citation in done.answer.citations} == {lead, *texts}
    assert done.answer.text.count(lead) == 1


def test_an_item_of_another_list_behind_the_first_quote_brings_none() -> None:
    bring = "Bring your insurance card and your last X-ray to the dentist."
    socks = [
        Evidence("b", f"p{at}", 30 * at, 30 * at + len(text), text, 0.01 + 0.5 * (at == 0), heading="Packing list")
        for at, text in enumerate(("Warm socks", "Rain jacket", "Head torch"))
    ]
    evidence = (Evidence("a", "p", 0, len(bring), bring, 0.6), *socks)
    asked = "Which documents do I bring to the dentist?"
    *_, done = respond(task(evidence=evidence, question=asked, standalone=asked, situation="whole"), None)
    assert isinstance(done, Done)
    assert not {"Rain jacket", "Head torch"} & {citation.quote for citation in done.answer.citations}


def test_numbered_steps_are_quoted_to_the_last() -> None:
    steps = ("1. Loosen the clamp.", "2. Sit down.", "3. Tighten the clamp.")
    given = plan("How do I set my saddle to the right height?", heading="Adjusting the saddle", texts=steps)
    assert {citation.quote for citation in given.citations} == set(steps)
