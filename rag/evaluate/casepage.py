"""One case as markup: the question, the answer, its quotes where they stand in their documents, the gold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rag.evaluate.markup import Html, joined, tag
from rag.evaluate.outcome import AROUND, Excerpt, Outcome

_MAIN = (
    "answer.contains",
    "citation.gold_cited",
    "citation.precision",
    "refusal.refused_unanswerable",
    "retrieval.hit@5",
    "retrieval.ndcg@10",
)
_FOUND_SHOWN = 5


def badness(outcome: Outcome) -> float:
    """Return how much went wrong, from 0 to 3: errors first, then wrong refusals and answers, then what was cited."""
    if outcome.error:
        return 3.0
    scores = outcome.scores
    wrong = scores.get("refusal.wrongly_refused", 0.0) + (1 - scores.get("refusal.refused_unanswerable", 1.0))
    known = [scores[name] for name in _MAIN if name in scores]
    return wrong + (1 - sum(known) / len(known) if known else 0.0)


def verdict(outcome: Outcome) -> tuple[str, str]:
    """Return "good", "bad" or "none" (where no gold says so), and the words for it."""
    scores = outcome.scores
    if outcome.error:
        return "bad", "failed"
    if not outcome.status:
        hit = scores.get("retrieval.hit@5")
        return ("none", "searched") if hit is None else ("good", "found") if hit else ("bad", "not in the first 5")
    if not outcome.answerable:
        return ("good", "rightly refused") if outcome.refused else ("bad", "answered, should refuse")
    if outcome.refused:
        return ("bad", "wrongly refused") if "refusal.wrongly_refused" in scores else ("none", "refused")
    right = scores.get("answer.all_and_no_wrong", scores.get("answer.contains"))
    cited = scores.get("citation.gold_cited")
    if right is None and cited is None:
        return "none", "answered"
    if right is None:
        return ("good", "cites the gold") if cited else ("bad", "cites no gold")
    return ("good", "right answer") if right else ("bad", "gold answer not in it")


def case(outcome: Outcome, rank: int, place: int) -> Html:
    """Return a case that opens; `rank` is its place among the worst, `place` that in the file."""
    kind, said = verdict(outcome)
    about = [outcome.type, outcome.id, f"{_seconds(outcome):.1f} s" if _seconds(outcome) else ""]
    head = tag(
        "summary",
        tag("span", outcome.question),
        tag("span", {"good": "✓ ", "bad": "✗ ", "none": ""}[kind] + said, class_=f"verdict {kind}"),
        tag("span", " · ".join(filter(None, about)), class_="about"),
    )
    return tag(
        "details",
        head,
        tag("div", *inside(outcome), class_="inside"),
        class_="case",
        data_type=outcome.type,
        data_verdict=kind,
        data_rank=rank,
        data_place=place,
        data_seconds=f"{_seconds(outcome):.3f}",
    )


def inside(outcome: Outcome) -> Iterator[Html]:
    """Yield what a case shows when it is open."""
    if outcome.error:
        yield tag("p", f"Failed: {outcome.error}", class_="notice")
    if outcome.history:
        turns = (tag("div", f"{turn['role']}: {turn['content']}", class_="quiet") for turn in outcome.history)
        yield tag("h3", "Said before")
        yield joined(turns)
    if outcome.understood not in {"", outcome.question}:
        yield tag("p", f"Understood as: {outcome.understood}", class_="quiet")
    if outcome.status:
        yield tag("h3", f"Answer ({outcome.status})")
        yield tag("p", *_answer(outcome), class_="answer")
    yield from _quotes("Quotes", outcome.citations)
    if outcome.conflicts:
        yield tag("h3", "Disagreements shown")
        sides = ("; ".join(str(side["value"]) for side in one["sides"]) for one in outcome.conflicts)
        yield joined(tag("p", line) for line in sides)
    yield tag("h3", "Gold")
    yield tag("p", " | ".join(outcome.answers) or _no_gold(outcome))
    if outcome.wrong_answers:
        yield tag("p", f"Wrong: {' | '.join(outcome.wrong_answers)}", class_="quiet")
    yield from _quotes("Gold evidence", outcome.gold, gold=True)
    if outcome.refused or not outcome.status:
        yield from _quotes("Nearest sentences", outcome.nearest)
    if outcome.found:
        shown = (f"{name} (gold)" if outcome.documents.get(name, 0) > 0 else name for name in outcome.found)
        yield tag("p", f"Documents found: {' · '.join(list(shown)[:_FOUND_SHOWN])}", class_="quiet")
    scores = (f"{name} {value:.3g}" for name, value in sorted(outcome.scores.items()) if "@" not in name)
    yield tag("p", " · ".join(scores), class_="quiet")


def _no_gold(outcome: Outcome) -> str:
    return "no answer is known" if outcome.answerable else "the documents don't say: to be refused"


def _answer(outcome: Outcome) -> Iterable[object]:
    if not outcome.sentences:
        yield outcome.text
    for sentence in outcome.sentences:
        yield sentence.text
        yield tag("span", *(f"[{number}]" for number in sentence.citations), class_="chip")
        yield " " if sentence.status == "supported" else f" ({sentence.status}: {sentence.why}) "
    for sentence in outcome.withheld:
        yield tag("span", f"withheld: {sentence.text}", class_="withheld")
        yield " "


def _quotes(title: str, excerpts: Iterable[Excerpt], *, gold: bool = False) -> Iterator[Html]:
    listed = list(excerpts)
    if listed:
        yield tag("h3", title)
    for excerpt in listed:
        number = f"[{excerpt.number}] " if excerpt.number else ""
        right = {True: " – where the gold is", False: " – not where the gold is", None: ""}[excerpt.right]
        where = " · ".join(filter(None, (excerpt.doc_id, excerpt.title, excerpt.place)))
        yield tag("div", f"{number}{where}{right}", class_="quiet")
        if excerpt.quote:
            quote = tag("mark", excerpt.quote)
            before = f"…{excerpt.before}" if excerpt.start > len(excerpt.before) else excerpt.before
            after = f"{excerpt.after}…" if len(excerpt.after) == AROUND else excerpt.after
            text = joined([before, quote, after])
            yield tag("blockquote", text, class_="gold" if gold else None)
        else:
            yield tag("p", "the whole document", class_="quiet")


def _seconds(outcome: Outcome) -> float:
    return outcome.seconds.get("answer", outcome.seconds.get("retrieval", 0.0))
