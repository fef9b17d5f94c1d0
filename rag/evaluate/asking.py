"""Ask one question of what is measured, and note all that a report wants to show."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from rag.errors import RagError
from rag.evaluate import scoring
from rag.evaluate.cases import Case
from rag.evaluate.corpus import Corpus
from rag.evaluate.outcome import AROUND, Excerpt, Outcome, Sentence
from rag.evaluate.scoring import Target
from rag.evaluate.subject import Finding, Place, Subject
from rag.types import Answer, Citation, Claim, Evidence

RANKED = 50
"""Documents of a ranking that are kept."""

Judge = Callable[[Case, Answer], tuple[dict[str, float], dict[str, Any]]]
"""Scores an answer with a model's help; see rag.evaluate.judge."""


@dataclass
class Asker:
    """Asks the questions of one run; any number of threads may use it."""

    subject: Subject
    corpus: Corpus
    only_retrieval: bool = False
    judge: Judge | None = None
    _names: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self._names = {document_id: doc_id for doc_id, document_id in self.corpus.ids.items()}

    def ask(self, case: Case) -> Outcome:
        """Return what became of a question; an error that it meets is in the outcome."""
        began = time.perf_counter()
        try:
            return self._asked(case)
        # Whatever one question trips over, also a bug: it is told, and the other questions are asked.
        except Exception as error:
            said = str(error) if isinstance(error, RagError) else f"{type(error).__name__}: {error}"
            return replace(self._blank(case), error=said, seconds={"failed": time.perf_counter() - began})

    def _asked(self, case: Case) -> Outcome:
        only = self.corpus.searched(case)
        target = self.target(case)
        answer = None if self.only_retrieval else self.subject.answer(case.question, case.history, only)
        found = self.subject.find(case.question, only, case.history)
        scores = scoring.retrieval(found, target)
        understood = answer.understood if answer is not None else found.understood or case.question
        if case.history and case.rewrite:
            last, rewritten = self.subject.find(case.question, only), self.subject.find(case.rewrite, only)
            scores |= scoring.follow_up(last, rewritten, found, target)
        noted = self._noted(case, found, target, understood, scores)
        if answer is None:
            return replace(noted, seconds={"retrieval": found.seconds})
        judged, said = self.judge(case, answer) if self.judge else ({}, {})
        scores |= scoring.answering(answer, target) | scoring.verbatim(answer, self.subject.text) | judged
        return replace(noted, **self._of_answer(answer, target), scores=scores, judged=said)

    def target(self, case: Case) -> Target:
        """Return where the gold of a question stands in the store."""
        ids = self.corpus.ids
        if not case.answerable:
            return Target(case, {})
        quotes = (
            _places(ids[gold.doc_id], gold.quote, self.subject.text(ids[gold.doc_id]))
            for gold in case.evidence
            if gold.quote is not None and gold.doc_id in ids
        )
        whole = (ids[gold.doc_id] for gold in case.evidence if gold.quote is None and gold.doc_id in ids)
        # A document that could not be read keeps its grade: what it says can't be found, and that counts.
        grades = {ids.get(doc_id, doc_id): grade for doc_id, grade in case.grades().items()}
        return Target(case, grades, tuple(filter(None, quotes)), frozenset(whole))

    def _blank(self, case: Case) -> Outcome:
        return Outcome(
            case.id,
            case.question,
            case.type,
            case.answerable,
            case.answers,
            case.wrong_answers,
            tuple({"role": turn.role, "content": turn.content} for turn in case.history),
            case.rewrite,
            dict(case.grades()),
            pool=case.pool,
        )

    def _noted(self, case: Case, found: Finding, target: Target, understood: str, scores: dict[str, float]) -> Outcome:
        cut = [self._excerpt(quote[0]) for quote in target.quotes]
        whole = [Excerpt(self._names.get(document_id, document_id), "") for document_id in sorted(target.whole)]
        return replace(
            self._blank(case),
            gold=(*cut, *whole),
            found=self._ranked(found.passages),
            fused=self._ranked(found.fused),
            chance=found.chance,
            understood=understood,
            nearest=tuple(map(self._near, found.nearest)),
            scores=scores,
        )

    def _of_answer(self, answer: Answer, target: Target) -> dict[str, Any]:
        timings, usage = answer.timings, answer.usage
        return {
            "status": answer.status,
            "text": answer.text,
            "sentences": tuple(_sentence(answer.text[claim.start : claim.end], claim) for claim in answer.claims),
            "withheld": tuple(_sentence(claim.why, claim) for claim in answer.withheld),
            "citations": tuple(self._cited(citation, target) for citation in answer.citations),
            "conflicts": tuple(asdict(conflict) for conflict in answer.conflicts),
            "model": answer.model,
            "seconds": {
                "retrieval": timings.retrieve,
                "first_token": timings.first_token,
                "answer": timings.total,
            },
            "tokens": {
                "read": usage.prompt_tokens,
                "cached": usage.cached_tokens,
                "written": usage.completion_tokens,
            }
            if self.subject.counts_tokens
            else {},
        }

    def _ranked(self, passages: Sequence[Place]) -> tuple[str, ...]:
        ranked = scoring.ranked_documents(passages)[:RANKED]
        return tuple(self._names.get(document_id, document_id) for document_id in ranked)

    def _excerpt(self, place: Place) -> Excerpt:
        return self._cut(place.document_id, place.start, place.end)

    def _near(self, evidence: Evidence) -> Excerpt:
        return self._cut(evidence.document_id, evidence.start, evidence.end, title=evidence.title, place=evidence.place)

    def _cited(self, citation: Citation, target: Target) -> Excerpt:
        return self._cut(
            citation.document_id,
            citation.start,
            citation.end,
            title=citation.title,
            place=citation.place,
            number=citation.number,
            right=scoring.is_right(citation, target) if target.is_known else None,
        )

    def _cut(
        self, document_id: str, start: int, end: int, title: str = "", place: str = "", number: int = 0,
        right: bool | None = None,
    ) -> Excerpt:  # fmt: skip
        text = self.subject.text(document_id)
        return Excerpt(
            self._names.get(document_id, document_id),
            text[start:end],
            text[max(0, start - AROUND) : start],
            text[end : end + AROUND],
            title,
            place,
            start,
            number,
            right,
        )


def _sentence(text: str, claim: Claim) -> Sentence:
    return Sentence(text, claim.status, claim.citations, claim.why)


def _places(document_id: str, quote: str, text: str) -> tuple[Place, ...]:
    """Return every place at which a quote stands."""
    places, at = [], text.find(quote)
    while at >= 0:
        places.append(Place(document_id, at, at + len(quote), quote))
        at = text.find(quote, at + 1)
    return tuple(places)
