"""Comparison, gate, JUnit and pages, over outcomes made by hand."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest

from rag.errors import PathError, UsageError
from rag.evaluate.compare import compare
from rag.evaluate.gate import bounds, gate
from rag.evaluate.junit import junit
from rag.evaluate.outcome import Excerpt, Outcome, Sentence
from rag.evaluate.report import comparison, report
from rag.evaluate.summary import summarise

EVIL = "<script>alert(1)</script>\"'&\u202e\x00"


def outcome(id: str, right: float | None = 1.0, seconds: float = 1.0, **fields: Any) -> Outcome:
    scores = {} if right is None else {"answer.contains": right, "refusal.wrongly_refused": 1 - right}
    given: dict[str, Any] = {
        "status": "answered", "text": "Yellen.", "scores": scores, "seconds": {"answer": seconds}, "tokens": {"read": 5}
    }  # fmt: skip
    return Outcome(id, f"Question {id}?", "list", True, **{**given, **fields})


def test_differences_are_paired_and_tested() -> None:
    before = [outcome(str(n), float(n >= 8), 2.0) for n in range(20)]
    after = [outcome(str(n), float(n != 19), 1.0) for n in range(20)]
    found = {one.name: one for one in compare(before, after).differences}
    contains = found["answer.contains"]
    assert (contains.a, contains.b, contains.difference) == (0.6, 0.95, pytest.approx(0.35))
    assert (contains.wins, contains.ties, contains.losses) == (8, 11, 1) and contains.is_better
    assert contains.low <= 0.35 <= contains.high and contains.p == pytest.approx(20 / 512)
    refused = found["refusal.wrongly_refused"]
    assert (refused.wins, refused.losses) == (8, 1) and refused.difference < 0 and refused.is_better
    assert found["latency_ms.answer"].wins == 20 and found["tokens.read"].ties == 20


def test_only_cases_that_both_answered_count() -> None:
    before = [outcome("a", 0.0), outcome("b", None), outcome("c"), outcome("d"), outcome("x")]
    after = [outcome("a"), outcome("b"), outcome("c", error="It stalled."), outcome("y")]
    after.append(Outcome("d", "Another question?", "", True))
    found = compare(before, after)
    assert (found.cases, found.only_a, found.only_b, found.failed) == (2, 2, 2, 1)
    assert {one.name: one.n for one in found.differences}["answer.contains"] == 1
    assert [(flip.a.id, flip.name, flip.better) for flip in found.flips] == [
        ("a", "answer.contains", "b"), ("a", "refusal.wrongly_refused", "b"),
    ]  # fmt: skip
    with pytest.raises(PathError, match="no question in common"):
        compare(before, [outcome("other")])


def summary(**values: float) -> dict[str, Any]:
    metrics = {name.replace("__", "."): {"value": value} for name, value in values.items()}
    return {"errors": 0, "metrics": metrics, "settings": {"questions_sha256": "1"}}


def test_a_gate_names_what_is_broken() -> None:
    run = summary(citation__precision=0.85, refusal__wrongly_refused=0.1)
    checks = gate(run, {"citation.precision": 0.9}, {"refusal.wrongly_refused": 0.1})
    assert [(check.name, check.holds) for check in checks] == [
        ("citation.precision", False), ("errors", True), ("refusal.wrongly_refused", True),
    ]  # fmt: skip
    assert "0.85" in checks[0].said and "at least 0.9" in checks[0].said
    (missing, _) = gate(run, {"citation.presision": 0.9}, {})
    assert not missing.holds and "did you mean citation.precision" in missing.said


def test_questions_that_failed_break_a_gate_unless_allowed() -> None:
    run = {**summary(), "errors": 2}
    assert [check.holds for check in gate(run, {}, {})] == [False]
    assert [check.holds for check in gate(run, {}, {"errors": 2})] == [True]


def test_a_baseline_allows_for_a_drop_in_the_right_direction() -> None:
    before = summary(citation__precision=0.9, refusal__wrongly_refused=0.1)
    after = summary(citation__precision=0.88, refusal__wrongly_refused=0.13)
    checks = gate(after, {}, {}, baseline=before, max_drop=0.02)[1:]
    assert {check.name: check.holds for check in checks} == {
        "citation.precision (baseline)": True, "refusal.wrongly_refused (baseline)": False,
    }  # fmt: skip
    assert all(check.holds for check in gate(before, {}, {}, baseline=after, max_drop=0))
    with pytest.raises(UsageError, match="other questions"):
        gate(after, {}, {}, baseline={**before, "settings": {"questions_sha256": "2"}})


@pytest.mark.parametrize("text", ["citation.precision", "=0.9", "citation.precision=high", "a=nan"])
def test_a_bound_is_name_and_number(text: str) -> None:
    with pytest.raises(UsageError, match="NAME=NUMBER"):
        bounds([text], "--min")
    with pytest.raises(UsageError, match="twice"):
        bounds(["a=1", "a=2"], "--min")


def test_junit_has_a_case_for_each_check_and_each_failure() -> None:
    checks = gate(summary(citation__precision=0.5), {"citation.precision": 0.9}, {})
    suite = ElementTree.fromstring(junit(checks, [outcome(EVIL, error=f"It stalled. {EVIL}")]).encode())
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")
    assert "at least 0.9" in suite.findall("testcase/failure")[0].get("message", "")


class Page(HTMLParser):
    """Counts elements, and fails for one that is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.words = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in {"meta", "input"}:
            self.open.append(tag)
        for name, value in attrs:
            assert name not in {"src", "href"} and not name.startswith("on"), (tag, name, value)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def evil() -> list[Outcome]:
    excerpt = Excerpt(EVIL, f"quote {EVIL}", EVIL, EVIL, EVIL, EVIL, 0, 1, False)
    bad = outcome(
        EVIL, 0.0, answers=(EVIL,), wrong_answers=(EVIL,), history=({"role": EVIL, "content": EVIL},), understood=EVIL,
        sentences=(Sentence(EVIL, "partly", (1,), EVIL),), withheld=(Sentence(EVIL, "unsupported", ()),), found=(EVIL,),
        citations=(excerpt,), gold=(excerpt,), documents={EVIL: 1.0}, chance=0.5,
        conflicts=({"sides": [{"value": EVIL}]},),
    )  # fmt: skip
    return [bad, outcome("fine", 1.0), outcome("failed", error=EVIL)]


def test_the_report_is_one_harmless_file() -> None:
    outcomes = evil()
    page = Page(report(summarise(outcomes, {"questions": EVIL, "llm": EVIL}), outcomes, {"skipped": [EVIL]}))
    assert page.tags.count("script") == 1 and "alert(1)" in page.words and "\u202e" not in page.words
    assert page.tags.count("mark") == 2 and page.tags.count("details") == 3 and page.tags.count("svg") >= 1
    Page(comparison(compare(outcomes, [outcome(EVIL), outcome("fine")], EVIL, EVIL, [(EVIL, EVIL, None)])))


def test_the_worst_cases_come_first() -> None:
    outcomes = [outcome("right"), outcome("wrong", 0.0), outcome("failed", error="It stalled.")]
    page = report(summarise(outcomes, {}), outcomes, {})
    assert re.findall(r"<summary><span>Question (\w+)", page) == ["failed", "wrong", "right"]


def test_a_run_without_any_score_has_a_page() -> None:
    outcomes = [Outcome("1", "Who?", "", True, error="It stalled.")]
    found = summarise(outcomes, {})
    assert found["metrics"] == {} and found["errors"] == 1
    Page(report(found, outcomes, {}))


def test_intervals_of_refusals_are_of_the_whole_sample() -> None:
    asked = [(False, "not_found")] * 6 + [(False, "answered")] * 4 + [(True, "answered")] * 9 + [(True, "not_found")]
    outcomes = [Outcome(str(n), "Who?", "", answerable, status=status) for n, (answerable, status) in enumerate(asked)]
    metrics = summarise(outcomes, {})["metrics"]
    assert metrics["refusal.precision"]["value"] == pytest.approx(6 / 7, abs=1e-5)
    assert metrics["refusal.recall"]["value"] == 0.6 and metrics["refusal.recall"]["n"] == 20
    assert metrics["refusal.f1"]["low"] < metrics["refusal.f1"]["value"] < metrics["refusal.f1"]["high"]
