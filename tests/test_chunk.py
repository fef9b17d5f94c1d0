from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.chunk import PASSAGE_SENTENCES, SENTENCE_TOKENS, chunk
from rag.clean import kept
from rag.types import Document, Passage, Span


def words(text: str) -> int:
    return len(text.split())


def document(text: str, pages: tuple[Span, ...] = ()) -> Document:
    return Document(uri="/a.txt", title="A", text=text, content_hash="0" * 64, pages=pages)


def cut(text: str, max_tokens: int = 200, pages: tuple[Span, ...] = ()) -> list[Passage]:
    return chunk(document(text, pages), kept(text), words, max_tokens=max_tokens)


def sentence(n: int) -> str:
    return f"Sentence number {n} has exactly eight words here."


TEXT = st.text(alphabet=st.characters(blacklist_categories=["Cs"])) | st.text(
    alphabet="aB #-|.\n\t•1[]é\u202e", max_size=400
)


@given(TEXT, st.integers(1, 30))
def test_spans_are_in_order_disjoint_inside_the_text_stripped_and_inside_their_passage(text: str, limit: int) -> None:
    end = 0
    for ordinal, passage in enumerate(cut(text, limit)):
        assert passage.ordinal == ordinal
        assert (passage.start, passage.end) == (passage.sentences[0].start, passage.sentences[-1].end)
        for span in passage.sentences:
            assert end <= span.start < span.end <= len(text)
            assert span.of(text) == span.of(text).strip() != ""
            end = span.end


@given(TEXT, st.integers(1, 30))
def test_nothing_that_is_kept_is_lost_and_the_result_is_always_the_same(text: str, limit: int) -> None:
    passages = cut(text, limit)
    wanted = {i for block in kept(text) for span in block.sentences for i in range(span.start, span.end)}
    found = {i for passage in passages for span in passage.sentences for i in range(span.start, span.end)}
    # Control characters have no place in a passage; everything else of the kept text is in one.
    assert all(text[i].isspace() or not text[i].isprintable() for i in wanted - found)
    assert found <= wanted
    assert passages == cut(text, limit)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=40))
def test_no_passage_is_over_the_limit(lengths: list[int]) -> None:
    text = "\n".join(" ".join([f"Word{n}"] * length) + "." for n, length in enumerate(lengths))
    assert all(words(passage.text) <= 50 for passage in cut(text, 50))


def test_sentences_stay_whole_and_passages_are_filled_evenly() -> None:
    passages = cut(" ".join(sentence(n) for n in range(9)), 60)
    assert [len(passage.sentences) for passage in passages] in ([5, 4], [4, 5])


def test_passages_part_between_paragraphs_where_that_is_as_good() -> None:
    text = "\n\n".join(" ".join(sentence(10 * p + n) for n in range(3)) for p in range(4))
    assert [len(passage.sentences) for passage in cut(text, 60)] == [6, 6]


def test_a_heading_opens_a_passage_and_is_known_to_all_of_its_section() -> None:
    text = f"# Top\n\n## First\n\n{sentence(1)}\n\n## Second\n\n{sentence(2)} {sentence(3)} {sentence(4)}\n"
    passages = cut(text, 20)
    assert passages[0].text == f"Top First {sentence(1)}"
    assert [passage.heading for passage in passages] == ["Top – First", "Second", "Second"]
    assert passages[1].text.startswith("Second Sentence")


def test_a_passage_never_runs_over_a_page() -> None:
    first, second = sentence(1), sentence(2)
    text = f"{first}\f{second} {sentence(3)}"
    edge = len(first) + 1
    passages = cut(text, 200, pages=(Span(0, edge), Span(edge, len(text))))
    assert [(passage.page, len(passage.sentences)) for passage in passages] == [(1, 1), (2, 2)]


def test_the_text_of_a_passage_is_mended_and_its_spans_are_not() -> None:
    text = "The diplo-\nmatic visit is near.\u00a0It\u200b begins now."
    (passage,) = cut(text)
    assert passage.text == "The diplomatic visit is near. It begins now."
    assert [span.of(text) for span in passage.sentences] == ["The diplo-\nmatic visit is near.", "It\u200b begins now."]


def test_what_has_no_full_stop_is_cut_at_white_space() -> None:
    text = "word " * 5000
    passages = cut(text)
    assert all(words(span.of(text)) <= SENTENCE_TOKENS for passage in passages for span in passage.sentences)
    assert " ".join(passage.text for passage in passages) == text.strip()


def test_what_has_no_white_space_is_cut_too() -> None:
    text = "x" * 10_000
    passages = chunk(document(text), kept(text), len)
    assert all(span.end - span.start <= SENTENCE_TOKENS for passage in passages for span in passage.sentences)
    assert "".join(passage.text for passage in passages).replace(" ", "") == text


def test_a_long_sentence_is_cut_behind_a_clause() -> None:
    text = "one two three four five six, seven eight nine ten"
    assert [span.of(text) for p in cut(text, 8) for span in p.sentences] == [
        "one two three four five six,",
        "seven eight nine ten",
    ]


def test_many_tiny_lines_do_not_make_endless_passages() -> None:
    text = "\n".join(f"l{n}" for n in range(500))
    assert all(len(passage.sentences) <= PASSAGE_SENTENCES for passage in cut(text, 1000))


def test_an_empty_text_has_no_passages() -> None:
    assert cut("") == cut(" \n\x00\n") == []


@pytest.mark.parametrize("unit", ["word ", "x", "a. ", "Aa bb.\n", "x;", "a-\n", "# h\n"])
def test_time_grows_with_the_length_only(unit: str) -> None:
    started = time.monotonic()
    cut(unit * (200_000 // len(unit)))
    assert time.monotonic() - started < 10
