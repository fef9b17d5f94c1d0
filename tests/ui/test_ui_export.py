"""What is taken along has every citation, and nothing of a document comes alive in it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.ui import export


def turn(said: str = "Yellen might visit.", quote: str = "On the list is Yellen.", **changes: Any) -> dict[str, Any]:
    cited = {
        "number": 1, "quote": quote, "title": "Who", "date": "2023-06-15", "place": "line 7", "file": "who.txt",
        "source": "same", "also": 0, "document": "d",
    }  # fmt: skip
    sentence = {"text": said, "status": "supported", "why": "", "citations": [1]}
    answer: dict[str, Any] = {
        "sentences": [sentence],
        "citations": [cited],
        "conflicts": [],
        "nearest": [],
        "text": said,
    }
    return {"question": "Who?", "answer": answer | changes}


def test_an_answer_has_its_quotes_as_footnotes() -> None:
    assert export.one(turn(), "md") == (
        "Yellen might visit. [^1]\n\n[^1]: “On the list is Yellen.” — Who, 2023\\-06\\-15, line 7, who.txt\n"
    )
    assert export.one(turn(), "txt").splitlines()[0] == "Yellen might visit. [1]"
    assert (
        export.one(turn(), "txt").splitlines()[2] == "[1] “On the list is Yellen.” — Who, 2023-06-15, line 7, who.txt"
    )


def test_a_source_that_changed_is_said_to_have() -> None:
    given_turn = turn()
    given_turn["answer"]["citations"][0]["source"] = "removed"
    assert "the document was removed since" in export.one(given_turn, "txt")


def test_a_refusal_brings_the_nearest_passages_and_a_conflict_both_sides() -> None:
    near = {**turn()["answer"]["citations"][0]}
    refused = turn(sentences=[], citations=[], nearest=[near], text="Your documents don't say.")
    assert "Nearest passages:\n- “On the list is Yellen.”" in export.one(refused, "txt")
    sides = [
        {"value": "June 18", "date": "2023-06-14", "citations": [1]},
        {"value": "June 16", "date": "", "citations": []},
    ]
    both = turn(conflicts=[{"about": "the date", "sides": sides}])
    assert "Sources disagree: the date\n- June 18 (2023-06-14) [1]\n- June 16" in export.one(both, "txt")
    changed = turn(conflicts=[{"about": "the date", "sides": sides, "settled": True}])
    assert "Corrected or changed since: the date\n- June 18" in export.one(changed, "txt")


def test_a_side_that_is_outvoted_says_so() -> None:
    side = {"value": "1955", "date": "", "citations": [1], "note": "said by 1 document, denied by 4"}
    denied = turn(conflicts=[{"about": "the year", "sides": [side]}])
    assert "- 1955 [1] – said by 1 document, denied by 4\n" in export.one(denied, "txt")


@pytest.mark.parametrize("form", ["txt", "md", "html"])
def test_what_nothing_answers_of_a_question_is_said(form: str) -> None:
    part = turn(unanswered=["who painted it?"])
    assert "Nothing found answers: who painted it?" in export.whole("T", [part], form)


def test_a_chat_in_json_is_what_the_page_shows() -> None:
    assert json.loads(export.whole("T", [turn()], "json")) == {"title": "T", "turns": [turn()]}


def test_footnotes_of_several_answers_have_names_of_their_own() -> None:
    text = export.whole("T", [turn(), turn()], "md")
    assert "[^1-1]:" in text and "[^2-1]:" in text


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


OURS = set("html head meta title style body h1 h2 section p sup a blockquote b br small".split())
TAGS = ("<script>x</script>", "<img src=x onerror=y>", '"><svg onload=z>')
HOSTILE = st.one_of(st.text(max_size=40), st.sampled_from(TAGS))
LIVE = ("[x](javascript:y)", "![a](http://e.x/p.png)", "<b>x</b>", "https://e.x/", "*x* _y_ `z`", "# x")


@given(HOSTILE, HOSTILE)
def test_no_text_becomes_html(said: str, quote: str) -> None:
    parser = Tags()
    parser.feed(export.whole(quote, [turn(said, quote)], "html"))
    assert {tag for tag, _ in parser.seen} <= OURS
    assert all(name in {"charset", "lang", "dir", "href", "id"} for _, attributes in parser.seen for name in attributes)


@given(
    st.sampled_from(["[x](javascript:y)", "![a](http://e.x/p.png)", "<b>x</b>", "https://e.x/", "*x* _y_ `z`", "# x"])
)
def test_no_text_becomes_markdown(text: str) -> None:
    out = export.one(turn(text, text), "md")
    body = re.sub(r"\\.", "", out).replace("[^1]", "")
    assert not re.search(r"[<>`*_#!]|\]\(|://", body)
