"""However the JSON of a model is cut into pieces or broken, its sentences are read, once, and nothing raises."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.unfinished import Reader, Written, numbers_in, unbroken

ANA, BEN = Written("Ana goes.", (1, 2)), Written("Ben stays.", (3,))
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=30).map(lambda text: f"x{text}")
CUTS = st.lists(st.integers(0, 10_000), max_size=12)
ANSWERS = st.builds(
    lambda found, answerable, missing: {
        "answerable": answerable,
        "sentences": [{"text": text, "evidence": numbers} for text, numbers in found],
        "missing": missing,
    },
    st.lists(st.tuples(TEXTS, st.lists(st.integers(0, 999), max_size=4, unique=True)), max_size=4),
    st.booleans(),
    TEXTS,
)
FORMS = st.sampled_from([{}, {"indent": 2}, {"ensure_ascii": False}, {"ensure_ascii": False, "indent": 1}])
TOKENS = [*"{}[]\",:\\\n u0041'abt1.-", '"text":', '"sentences": [', "true"]
NOISE = st.lists(st.sampled_from(TOKENS), max_size=60).map("".join)


def cut(text: str, cuts: list[int]) -> list[str]:
    at = sorted({0, len(text), *(number % (len(text) + 1) for number in cuts)})
    return [text[start:end] for start, end in pairwise(at)]


def read(*pieces: str) -> tuple[list[Written], Reader]:
    reader = Reader()
    found = [written for piece in pieces for written in reader.feed(piece)]
    return [*found, *reader.end()], reader


def sentences(*pieces: str) -> list[Written]:
    return read(*pieces)[0]


@given(ANSWERS, FORMS, CUTS)
def test_valid_json_is_read_as_json_however_it_is_cut(answer: Any, form: Any, cuts: list[int]) -> None:
    found, reader = read(*cut(json.dumps(answer, **form), cuts))
    assert [(unbroken(one.text), one.numbers) for one in found] == [
        (item["text"], tuple(item["evidence"])) for item in answer["sentences"]
    ]
    assert (reader.answerable, unbroken(reader.missing)) == (answer["answerable"], answer["missing"])


@given(NOISE, CUTS)
def test_noise_is_read_the_same_however_it_is_cut_and_never_raises(noise: str, cuts: list[int]) -> None:
    assert sentences(*cut("{" + noise, cuts)) == sentences("{" + noise)


@given(ANSWERS, FORMS, st.integers(0, 10_000))
def test_of_json_that_breaks_off_every_whole_sentence_is_read(answer: Any, form: Any, end: int) -> None:
    text = json.dumps(answer, **form)
    begun, whole = sentences(text[: end % (len(text) + 1)]), sentences(text)
    assert begun[:-1] == whole[: max(0, len(begun) - 1)]
    if begun:  # only the last one may lack a part
        assert set(begun[-1].numbers) <= set(whole[len(begun) - 1].numbers)
        assert text[: end % (len(text) + 1)].count('"text"') >= len(begun)


def test_a_sentence_is_there_as_soon_as_its_object_is_whole() -> None:
    reader = Reader()
    assert list(reader.feed('{"answerable": true, "sentences": [{"text": "Ana goes.", "evidence": [1, 2]')) == []
    assert list(reader.feed("}")) == [ANA]


def test_a_sentence_whose_numbers_break_off_keeps_the_whole_ones() -> None:
    assert sentences('{"sentences": [{"text": "Ana goes.", "evidence": [1, 2, 3') == [ANA]


def test_a_text_that_breaks_off_keeps_its_whole_sentences_alone() -> None:
    assert sentences('{"sentences": [{"text": "Ana goes. Ben sta') == [Written("Ana goes.")]


@pytest.mark.parametrize(
    "broken",
    [
        '{"sentences": [{"text": "Ana goes.", "evidence": [1, 2,],}, {"text": "Ben stays.", "evidence": [3]},]',
        '{"sentences": [{"text": "Ana goes." \n"evidence": [1 2]} {"text": "Ben stays.", "evidence": [3]}]}',
        '{"sentences": [{"text": "Ana goes.", "evidence": [1, 2}, {"text": "Ben stays.", "evidence": 3}]}',
        "{'sentences': [{'text': 'Ana goes.', 'evidence': [1, 2]}, {'text': 'Ben stays.', 'evidence': [3]}]}",
        '{sentences: [{text: "Ana goes.", evidence: [1, 2]}, {text: "Ben stays.", evidence: [3]}]}',
        '{"text": "Ana goes.", "evidence": [1, 2]}\n{"text": "Ben stays.", "evidence": [3]}',
        '[{"text": "Ana goes.", "evidence": [1, 2]}, {"text": "Ben stays.", "evidence": [3]}]',
        '{"answer": {"sentences": [{"text": "Ana goes.", "evidence": "1, 2"}, '
        '{"evidence": ["3"], "text": "Ben stays."}]}}',
        '{"sentences": [{"text": "Ana goes.", "evidence": [{"number": 1, "text": "In 7 days."}, 2.0]}, '
        '{"text": "Ben stays.", "evidence": ["[3]"]}]}]]}',
    ],
    ids=["commas", "no commas", "bracket", "python", "bare names", "lines", "list", "strings", "objects"],
)
def test_what_is_clear_in_broken_json_is_read(broken: str) -> None:
    assert sentences(broken) == [ANA, BEN]
    assert sentences(*broken) == [ANA, BEN]


def test_quotation_marks_that_were_not_escaped_are_part_of_the_text() -> None:
    [one] = sentences('{"sentences": [{"text": "He said "no" to it, and "maybe" later.", "evidence": [4]}]}')
    assert one == Written('He said "no" to it, and "maybe" later.', (4,))


def test_an_apostrophe_is_one_also_in_python() -> None:
    assert sentences("{'sentences': [{'text': 'Kerry's visit isn't long.', 'evidence': [1]}]}") == [
        Written("Kerry's visit isn't long.", (1,))
    ]
    assert sentences('{"text": "So" isn\'t", "evidence": [1]} {"text": "Ana goes.", "evidence": [1, 2]}')[-1] == ANA


@pytest.mark.parametrize("no", ["false", '"false"', "False", '"no"'])
def test_that_it_cannot_answer_is_read_in_every_spelling(no: str) -> None:
    found, reader = read(f'{{"answerable": {no}, "sentences": [], "missing": "the hotel"}}')
    assert (found, reader.answerable, reader.missing) == ([], False, "the hotel")


def test_that_it_cannot_answer_is_read_at_the_very_end() -> None:
    assert not read('{"sentences": [], "answerable": false')[1].answerable


def test_strings_in_place_of_objects_are_sentences() -> None:
    assert sentences('{"sentences": ["Ana goes.", "Ben stays."]}') == [
        Written("Ana goes."),
        Written("Ben stays."),
    ]
    assert sentences('{"answer": "Ana goes."}') == [Written("Ana goes.")]


def test_numbers_of_any_kind_are_bounded() -> None:
    assert list(numbers_in([1, True, "2", None, {"n": 3, "quote": "In 1999."}, [4], "9" * 5000])) == [1, 2, 3]


def test_deep_nesting_is_no_trouble() -> None:
    assert sentences('{"a":[' * 20_000 + '{"text": "Ana goes.", "evidence": [1, 2]}') == [ANA]
