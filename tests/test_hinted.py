"""A model's numbers are hints: right ones are kept, wrong ones put right, and what no quote bears is not supported."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.cite import check
from rag.hinted import check_with_hints
from rag.types import Evidence

TEXTS = {
    "visits": (
        "Treasury Secretary Janet Yellen might visit Beijing in July.",
        "Commerce Secretary Gina Raimondo might follow her in August.",
    ),
    "climate": ("Climate envoy John Kerry is expected in Beijing on July 16.", "His visit will last four days."),
    "xi": ("Xi Jinping will travel to San Francisco in November.", "He will stay at a hotel in San Francisco."),
    "acme": (
        "Acme's revenue rose 12% to $4.2 billion in 2022.",
        "The company opened a plant in Leipzig in March 2023.",
    ),
    "beta": ("The company opened an office in Porto in May 2021.", "Beta's net income fell to $310 million."),
    "smith": ("John Smith was an English director in London.",),
    "jones": ("Ann Jones was an English actress known for comedies.",),
    "copy": ("Janet Yellen might visit Beijing in July.",),
}
EVIDENCE = [
    Evidence(name, f"{name}-p", at := sum(len(s) + 1 for s in said[:n]), at + len(text), text, 0.9, title=name.title())
    for name, said in TEXTS.items()
    for n, text in enumerate(said)
]
YELLEN, RAIMONDO, KERRY, HIS, XI, HOTEL, REVENUE, PLANT, PORTO, INCOME, SMITH, ACTRESS, COPY = range(len(EVIDENCE))
MERGED = {
    "two people": (
        "Janet Yellen might visit Beijing in July, and John Kerry is expected there on July 16.",
        {YELLEN, KERRY},
    ),
    "strangers": (
        "Janet Yellen might visit Beijing in July, while Xi Jinping will travel to San Francisco in November.",
        {YELLEN, XI},
    ),
    "the other way": (
        "Xi Jinping will travel to San Francisco in November, and Janet Yellen might visit Beijing in July.",
        {YELLEN, XI},
    ),
    "one document": (
        "Acme's revenue rose 12% to $4.2 billion in 2022, and the company opened a plant in Leipzig in March.",
        {REVENUE, PLANT},
    ),
    "with a participle": (
        "John Smith was an English director in London, and Ann Jones was an English actress, and known for comedies.",
        {SMITH, ACTRESS},
    ),
    "three": (
        "Janet Yellen might visit Beijing in July; John Kerry is expected in Beijing on July 16; and Xi Jinping will "
        "travel to San Francisco in November.",
        {YELLEN, KERRY, XI},
    ),
}


@pytest.mark.parametrize(("sentence", "quotes"), MERGED.values(), ids=MERGED)
def test_a_sentence_merged_of_the_quotes_it_names_is_supported_by_them(sentence: str, quotes: set[int]) -> None:
    verdict = check_with_hints(sentence, sorted(quotes), EVIDENCE)
    assert (verdict.status, set(verdict.quotes)) == ("supported", quotes)


@pytest.mark.parametrize(("sentence", "quotes"), MERGED.values(), ids=MERGED)
@pytest.mark.parametrize("hints", [(), (HOTEL, PORTO)], ids=["no hints", "wrong hints"])
def test_a_merged_sentence_is_not_supported_by_quotes_it_does_not_name(
    sentence: str, quotes: set[int], hints: tuple[int, ...]
) -> None:
    assert check_with_hints(sentence, hints, EVIDENCE).status != "supported"


VISITS, TRAVELS = "Janet Yellen might visit Beijing in July", "Xi Jinping will travel to San Francisco in November"
ASTRAY = [
    (
        "Xi Jinping might visit Beijing in July, and Janet Yellen will travel to San Francisco in November.",
        (YELLEN, XI),
    ),
    ("Janet Yellen might visit Beijing in August.", (YELLEN, RAIMONDO)),
    ("Gina Raimondo might visit Beijing on July 16.", (RAIMONDO, KERRY)),
    (f"{VISITS}, and will travel to San Francisco in November.", (YELLEN, XI)),
    (f"{VISITS}, and she will stay at a hotel in San Francisco.", (YELLEN, HOTEL)),
    ("Acme's revenue rose 12% in 2022, and the company opened an office in Porto in May 2021.", (REVENUE, PORTO)),
    (f"In 2022, {VISITS}, and {TRAVELS}.", (YELLEN, XI, REVENUE)),
    (f"In 2022 revenue of Acme rose 12%, and {VISITS}.", (YELLEN, REVENUE)),
    (f"{VISITS.replace('might', 'might not')}, and {TRAVELS}.", (YELLEN, XI)),
    (f"If {VISITS}, {TRAVELS}.", (YELLEN, XI)),
    (f"{VISITS}, and Xi Jinping did.", (YELLEN, XI)),
    ("John Smith was an English director, and was an English actress known for comedies.", (SMITH, ACTRESS)),
    ("John Smith was an English director and was an English actress known for comedies.", (SMITH, ACTRESS)),
    (f"Elon Musk flew to Mars in 1999, and {VISITS}.", (YELLEN, XI)),
]


@pytest.mark.parametrize(("sentence", "hints"), ASTRAY, ids=[sentence for sentence, _ in ASTRAY])
def test_halves_put_together_to_what_neither_quote_says_are_not_supported(
    sentence: str, hints: tuple[int, ...]
) -> None:
    assert check_with_hints(sentence, hints, EVIDENCE).status != "supported"


@pytest.mark.parametrize("hints", [(), (KERRY,), (KERRY, HIS, RAIMONDO), (99, -1)])
def test_wrong_numbers_are_put_right(hints: tuple[int, ...]) -> None:
    verdict = check_with_hints("John Kerry is expected in Beijing on July 16.", hints, EVIDENCE)
    assert (verdict.status, verdict.quotes) == ("supported", (KERRY,))
    verdict = check_with_hints("Xi Jinping will travel to San Francisco in November.", hints, EVIDENCE)
    assert (verdict.status, verdict.quotes) == ("supported", (XI,))


def test_an_invented_sentence_is_not_supported_whatever_is_named() -> None:
    for hints in [(), (YELLEN,), tuple(range(len(EVIDENCE)))]:
        assert check_with_hints("Elon Musk flew to Mars in 1999.", hints, EVIDENCE).status == "unsupported"


@pytest.mark.parametrize("named", [YELLEN, COPY])
def test_two_documents_that_say_the_same_are_both_cited(named: int) -> None:
    verdict = check_with_hints("Janet Yellen might visit Beijing in July.", [named], EVIDENCE)
    assert set(verdict.quotes) == {YELLEN, COPY}


def test_of_two_quotes_of_a_document_the_one_that_is_named_is_cited() -> None:
    said = ["Kerry spoke in Paris on May 3.", "On May 3 Kerry spoke in Paris again at night."]
    twice = [Evidence("d", "p", 100 * n, 100 * n + len(text), text, 0.9) for n, text in enumerate(said)]
    for named in (0, 1):
        assert check_with_hints("Kerry spoke in Paris on May 3.", [named], twice).quotes == (named,)


def test_a_sentence_about_him_needs_no_number_for_the_sentence_that_names_him() -> None:
    sentence = "Xi Jinping will stay at a hotel in San Francisco."
    assert check(sentence, EVIDENCE).status == "supported"
    verdict = check_with_hints(sentence, [HOTEL], EVIDENCE)
    assert verdict.status == "supported"
    assert set(verdict.quotes) <= {XI, HOTEL}


SENTENCES = [*(item.text for item in EVIDENCE), *(sentence for sentence, _ in MERGED.values())]


@given(st.sampled_from(SENTENCES), st.lists(st.integers(-2, 14), max_size=4))
def test_hints_never_make_a_verdict_worse_and_its_quotes_exist(sentence: str, hints: list[int]) -> None:
    verdict = check_with_hints(sentence, hints, EVIDENCE)
    assert set(verdict.quotes) <= set(range(len(EVIDENCE)))
    plain = check_with_hints(sentence, (), EVIDENCE)
    assert plain.status != "supported" or verdict.status == "supported"
    alone = any(check(sentence, [item]).status == "supported" for item in EVIDENCE)
    assert not alone or verdict.status == "supported"


POUND = [Evidence("pound", "p", 0, 55, "The pound crashed to a record low against the dollar on Monday.", 0.9)]


def test_a_model_that_cites_may_put_it_in_words_of_its_own() -> None:
    said = "The pound plummeted to a record low against the dollar on Monday."
    assert check_with_hints(said, [0], POUND).status == "supported"
    assert check(said, POUND).status == "partly"


def test_a_model_that_cites_may_not_speak_of_another_thing() -> None:
    for said, asked in (
        ("The pound crashed to a record low against the shelter on Monday.", ""),
        ("The stocks crashed to a record low against the dollar on Monday.", "What crashed, the stocks or the pound?"),
    ):
        assert check_with_hints(said, [0], POUND, asked).status != "supported"


@pytest.mark.parametrize(
    "said",
    [
        "You can bring dogs to the office on Mondays.",
        "You can bring any dog to the office on Mondays.",
        "You can bring your own dog to the office on Mondays.",
        "Dogs can be brought to the office on Mondays.",
    ],
)
def test_a_model_that_cites_may_not_name_what_no_quote_has(said: str) -> None:
    laptops = [Evidence("d", "p", 0, 48, "You can bring laptops to the office on Mondays.", 0.9)]
    assert check_with_hints(said, [0], laptops).status != "supported"
