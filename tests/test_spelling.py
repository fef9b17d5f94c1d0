from __future__ import annotations

import string
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.relevance import Question
from rag.understand.spelling import is_one_slip, respelt, spelt_out

TEXTS = (
    "Secretary Blinken will visit China.",
    "Blinken met Treasury Secretary Yellen.",
    "The states at Fort Ash.",
    "A country.",
)
WORDS = st.text(string.ascii_lowercase, min_size=2, max_size=9)


def there(word: str) -> bool:
    return any(word.lower() in text.lower().rstrip(".").split() for text in TEXTS)


def common(word: str) -> bool:
    return word.lower() in "county forth visits which macht".split()


def having(words: Sequence[str]) -> list[str]:
    return [text for text in TEXTS if set(words) & set(text.lower().replace(".", "").split())]


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("When does Blinkin visit China?", "When does Blinken visit China?"),
        ("When does Blinkne's plane visit?", "When does Blinken's plane visit?"),
        ("When does yelen visit?", "When does Yellen visit?"),
        ("Which staes visit?", "Which states visit?"),
        ("When does Blinken visit?", "When does Blinken visit?"),
        ("Which county?", "Which county?"),  # a word of its own, whatever is near it
        ("When does Dlinken visit?", "When does Dlinken visit?"),  # people seldom slip at the first letter
        ("When does Blinkinen visit?", "When does Blinkinen visit?"),  # two slips are another name
        ("When does Blnk visit?", "When does Blnk visit?"),
        ("Was macht Blinkén?", "Was macht Blinkén?"),  # the word index takes accents off by itself
        ("Who held Forth Ash?", "Who held Fort Ash?"),  # as the documents say of the same neighbour
        ("Who went forth?", "Who went forth?"),
        ("", ""),
    ],
)
def test_a_word_that_nobody_knows_is_written_as_the_documents_write_it(asked: str, meant: str) -> None:
    assert respelt(asked, there, common, having) == meant


@given(WORDS, st.data())
def test_a_slip_is_found_from_either_side_and_never_is_the_word_itself(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(word)))
    letter = data.draw(st.sampled_from(string.ascii_lowercase))
    head, tail = word[:at], word[at:]
    swapped = head + tail[1:2] + tail[:1] + tail[2:]
    for slip in {head + letter + tail, head + tail[1:], head + letter + tail[1:], swapped}:
        assert is_one_slip(word, slip) == is_one_slip(slip, word) == (slip != word)


@given(WORDS, WORDS)
def test_what_is_no_slip_apart_is_left(a: str, b: str) -> None:
    if is_one_slip(a, b):
        assert a[0] == b[0] and abs(len(a) - len(b)) <= 1 and a != b


def test_an_acronym_that_the_documents_spell_out_is_not_missing() -> None:
    text = "A survey by the American Automobile Association found that a fifth of the stations had no gasoline."
    assert spelt_out("AAA", [text]) == "American Automobile Association"
    assert spelt_out("USA", ["He lives in the United States of America."]) == "United States of America"
    assert spelt_out("AAB", [text]) == "" and spelt_out("A.A", [text]) == ""
    asked = Question.of("What did the AAA find?", [text, "Nothing else."])
    assert "aaa" not in asked.weights and {"american", "automobil", "associ"} <= asked.weights.keys()
    assert "aaa" in Question.of("What did the AAA find?", ["The AAA found it."]).weights


def test_a_question_of_a_thousand_strange_words_is_not_looked_up_word_by_word() -> None:
    asked = 0

    def counted(words: Sequence[str]) -> list[str]:
        nonlocal asked
        asked += 1
        return having(words)

    strange = " ".join(f"Blink{a}{b}n" for a in string.ascii_lowercase for b in string.ascii_lowercase)
    assert respelt(f"Blinkin? {strange}", lambda word: False, lambda word: False, counted).startswith("Blinken?")
    assert asked <= 8 * 6
    asked = 0
    assert respelt("a" * 8000, lambda word: False, lambda word: False, counted) == "a" * 8000 and asked == 0


def test_a_question_of_acronyms_and_a_document_of_capitals_take_no_time() -> None:
    capitals = ["U-" * 20_000, "A " * 20_000, "UN " * 10_000]
    began = time.thread_time()
    Question.of("AB CD EF GH IJ KL MN OP QR ST UV WX " * 100, capitals)
    assert spelt_out("UVUVUV", capitals) == ""
    assert time.thread_time() - began < 5
