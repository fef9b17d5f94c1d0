"""One question's scores, by "group.name". What a metric needs and isn't known gives no score, never 0."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rag.evaluate.cases import Case
from rag.evaluate.metrics import ranking, texts
from rag.evaluate.metrics.citing import citation_precision, citation_recall, is_same_place
from rag.evaluate.subject import Finding, Place
from rag.types import Answer, Citation

CUTS = (1, 3, 5, 10, 20)
PASSAGE_CUTS = (1, 3, 5, 10)
FOLLOW_UP_CUTS = (5, 10)
Scores = dict[str, float]


@dataclass(frozen=True)
class Target:
    """Where the gold evidence of a question stands in the store."""

    case: Case
    grades: Mapping[str, float]
    """By id in the store."""
    quotes: tuple[tuple[Place, ...], ...] = ()
    """For each gold quote the places where it stands: a document may say it twice."""
    whole: frozenset[str] = frozenset()
    """Documents that are evidence as a whole."""

    @property
    def is_known(self) -> bool:
        """Whether it is known where the evidence is."""
        return bool(self.quotes or self.whole)

    def holds(self, place: Place) -> bool:
        """Say whether a place is gold evidence: a gold quote, or anything in a document that is evidence as a whole.

        A sentence that stands in other documents, too, in the same words, is right if it is gold in one of them.
        """
        return bool({place.document_id, *place.also_in} & self.whole) or any(
            _is_there(quote, place) for quote in self.quotes
        )


def _is_there(quote: Sequence[Place], found: Place) -> bool:
    return any(
        is_same_place((place.start, place.end), (found.start, found.end))
        if place.document_id == found.document_id
        else place.document_id in found.also_in and _says(found.text, place.text)
        for place in quote
    )


def _says(text: str, quote: str) -> bool:
    said, wanted = texts.words(text), texts.words(quote)
    return bool(said.strip()) and (wanted in said or said in wanted)


def retrieval(found: Finding, target: Target) -> Scores:
    """Score the documents in both orders, and whether and where gold quotes are among the passages and the evidence."""
    scores: Scores = {}
    for prefix, passages in (("", found.passages), ("fused_", found.fused)):
        ranked = ranked_documents(passages)
        for name, value in _of_ranking(ranked, target.grades):
            scores[f"retrieval.{prefix}{name}"] = value
        for k in PASSAGE_CUTS if target.quotes else ():
            scores[f"retrieval.{prefix}evidence_recall@{k}"] = _evidence_recall(target, passages[:k])
    for tokens, places in found.within if target.quotes else ():
        scores[f"retrieval.evidence_recall@{tokens}tokens"] = _evidence_recall(target, places)
    if target.is_known and found.within:
        scores["retrieval.evidence_mrr@5"] = _evidence_mrr(target, found)
    return scores


def _evidence_mrr(target: Target, found: Finding) -> float:
    """Return one over the rank of the first gold sentence of those nearest to the question, 0 without one."""
    places = (Place(e.document_id, e.start, e.end, e.text, e.also_in) for e in found.nearest)
    return next((1 / rank for rank, place in enumerate(places, start=1) if target.holds(place)), 0.0)


def ranked_documents(passages: Sequence[Place]) -> list[str]:
    """Return documents by their best passage; one with the same words stands beside the one that has them."""
    return list(dict.fromkeys(id for place in passages for id in (place.document_id, *place.also_in)))


def _of_ranking(ranked: Sequence[str], grades: Mapping[str, float]) -> Iterable[tuple[str, float]]:
    by_cut: dict[str, Callable[[Sequence[str], Mapping[str, float], int], float | None]] = {
        "hit": ranking.hit, "recall": ranking.recall, "all": ranking.complete, "precision": ranking.precision,
    }  # fmt: skip
    wanted = [(f"{name}@{k}", metric(ranked, grades, k)) for name, metric in by_cut.items() for k in CUTS]
    wanted += [
        ("mrr@10", ranking.reciprocal_rank(ranked, grades, 10)),
        ("map@10", ranking.average_precision(ranked, grades, 10)),
        ("ndcg@10", ranking.ndcg(ranked, grades, 10)),
        ("ndcg@5", ranking.ndcg(ranked, grades, 5)),
    ]
    return [(name, value) for name, value in wanted if value is not None]


def _evidence_recall(target: Target, places: Sequence[Place]) -> float:
    """Return which share of the gold quotes stands in these places, or word for word in another document's."""
    there = sum(any(_is_there(quote, place) for place in places) for quote in target.quotes)
    return there / len(target.quotes)


def follow_up(last_turn: Finding, rewritten: Finding, understood: Finding, target: Target) -> Scores:
    """Compare what a follow-up finds as it was asked, as somebody rewrote it, and as the system understood it."""
    scores: Scores = {}
    for name, found in (("last_turn", last_turn), ("rewritten", rewritten), ("understood", understood)):
        ranked = ranked_documents(found.passages)
        for k in FOLLOW_UP_CUTS:
            value = ranking.recall(ranked, target.grades, k)
            if value is not None:
                scores[f"followup.{name}_recall@{k}"] = value
        if target.is_known and found.within:
            scores[f"followup.{name}_evidence_mrr@5"] = _evidence_mrr(target, found)
    return scores


def answering(answer: Answer, target: Target) -> Scores:
    """Score the text of an answer, its citations, and whether it was right to answer at all."""
    refused = answer.status in {"not_found", "clarify"}
    case = target.case
    name = "refusal.wrongly_refused" if case.answerable else "refusal.refused_unanswerable"
    scores: Scores = {name: float(refused)} if case.known else {}
    if case.answerable:
        scores |= _of_text("" if refused else answer.text, case)
    # An answer that isn't taken apart into sentences is of a system that doesn't cite.
    if not refused and answer.claims:
        scores |= citing(answer, target)
    return scores | _of_conflict(answer, case)


def _of_text(text: str, case: Case) -> Scores:
    golds, needs_all = case.answers, case.all_answers_required or bool(case.wrong_answers)
    found = {
        "answer.contains": texts.contains(text, golds),
        "answer.exact_match": texts.exact_match(text, golds),
        "answer.f1": texts.f1(text, golds),
        "answer.share_contained": texts.share_contained(text, golds) if case.all_answers_required else None,
        "answer.all_and_no_wrong": texts.all_and_no_wrong(text, golds, case.wrong_answers) if needs_all else None,
    }
    return {name: value for name, value in found.items() if value is not None}


def citing(answer: Answer, target: Target) -> Scores:
    """Score citations against gold evidence (`precision`, `recall`) and by the product's own check (`checked_…`)."""
    statements = [claim.citations for claim in answer.claims]
    by_number = {citation.number: citation for citation in answer.citations}

    def is_gold(_statement: int, cited: tuple[int, ...]) -> bool:
        return any(number in by_number and is_right(by_number[number], target) for number in cited)

    def is_checked(statement: int, _cited: tuple[int, ...]) -> bool:
        return answer.claims[statement].status == "supported"

    found: dict[str, float | None] = {
        "citation.checked_recall": citation_recall(statements, is_checked),
        "citation.checked_precision": citation_precision(statements, is_checked),
        "citation.unsupported": _share(claim.status == "unsupported" for claim in answer.claims),
        "citation.withheld": len(answer.withheld) / max(1, len(answer.withheld) + len(answer.claims)),
    }
    if target.case.answerable and target.is_known:
        found |= {
            "citation.recall": citation_recall(statements, is_gold),
            "citation.precision": citation_precision(statements, is_gold),
            "citation.gold_cited": float(any(is_right(citation, target) for citation in answer.citations)),
        }
        if target.quotes:
            found["citation.evidence_recall"] = _evidence_recall(target, [_place(c) for c in answer.citations])
    if target.case.answerable and target.grades:
        found["citation.document_precision"] = _share(
            any(target.grades.get(id, 0) > 0 for id in (citation.document_id, *citation.also_in))
            for citation in answer.citations
        )
    return {name: value for name, value in found.items() if value is not None}


def is_right(citation: Citation, target: Target) -> bool:
    """Say whether a citation is where the gold evidence is."""
    return target.holds(_place(citation))


def verbatim(answer: Answer, text: Callable[[str], str]) -> Scores:
    """Return which share of the quotes is, to the letter, what stands at their offsets in their document."""
    share = _share(text(c.document_id)[c.start : c.end] == c.quote for c in answer.citations)
    return {} if share is None else {"citation.verbatim": share}


def _of_conflict(answer: Answer, case: Case) -> Scores:
    """Score whether a disagreement is shown where the documents disagree, and only there.

    They are known to disagree where there are wrong answers, or several right ones of a type that says so.
    """
    if not case.answerable or not case.known:
        return {}
    shown = float(bool(answer.conflicts))
    of_conflict = any(kind.strip().startswith("conflict") for kind in case.type.split(","))
    if not case.wrong_answers and not (of_conflict and len(case.answers) > 1):
        return {"conflict.falsely_shown": shown}
    sides = " \n ".join(side.value for conflict in answer.conflicts for side in conflict.sides)
    share = texts.share_contained(sides, (*case.answers, *case.wrong_answers))
    return {"conflict.shown": shown} | ({} if share is None else {"conflict.sides_recall": share})


def _share(flags: Iterable[bool]) -> float | None:
    counted = list(flags)
    return sum(counted) / len(counted) if counted else None


def _place(citation: Citation) -> Place:
    return Place(citation.document_id, citation.start, citation.end, citation.quote, citation.also_in)
