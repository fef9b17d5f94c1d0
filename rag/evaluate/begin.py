"""A first question file for a collection, for a person to correct.

A model writes the questions where there is one, and rules do where there is none or where it fails too often. Either
way the quote is right by construction and the answer stands in it; what can't stand alone, or stands there twice, is
left out. Whether a search finds the quote has no part in it: that is what the questions are to measure.

The unanswerable ones ask what the documents come near: a question of the file about something else they name. Where
no such question can be had they ask for what no document mentions.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import PathError
from rag.evaluate.corpus import relative, shortened
from rag.evaluate.drafting import answered_by, asked_by_model, near_misses
from rag.evaluate.judging import Complete, complete_by
from rag.evaluate.metrics import texts
from rag.evaluate.wording import Drafted, drafts
from rag.types import Progress, Step

if TYPE_CHECKING:
    from rag.documents import ListedDocument
    from rag.engine import Engine
    from vectorstore.store import Store

STAGE = "Writing questions"
_GAP = "____"
# A name of several words, a date, or a number: what can be asked for, and checked.
_ASKED_FOR = re.compile(
    r"(?:[A-Z][\w'’-]+(?: (?:of|de|von|van|the) )? ?){2,4}(?<! )|\b\d{1,2} [A-Z][a-z]+ \d{4}\b|\b\d[\d,.]*\d%?|\b\d+%"
)
_SHORTEST, _LONGEST = 30, 300
_REPLY_TOKENS = 96
_AROUND = 300
"""Characters on each side of a sentence that a model reads with it."""
_PATIENCE, _TRIES = 8, 4
"""Sentences that a model is asked about before it has written a question, and for each that it has written; then rules
do the rest, for a model whose replies are no use would keep a person waiting for nothing."""
_SEARCHED = 20
# Places and things that hardly any collection is about.
_NOWHERE = ("the Vasaloppet ski race", "the lighthouse of Alexandria", "the Antikythera mechanism", "Lake Titicaca")


@dataclass(frozen=True, slots=True)
class _Source:
    """A sentence that a question may be asked about, and what stands around it."""

    doc_id: str
    sentence: str
    around: str = field(repr=False)

    def row(self, asked: Drafted, kind: str) -> dict[str, Any]:
        return {
            "id": "",
            "question": asked.question,
            "answers": [asked.answer],
            "answerable": True,
            "evidence": [{"doc_id": self.doc_id, "quote": self.sentence}],
            "type": kind,
        }


def first_questions(
    engine: Engine,
    collection: str,
    count: int,
    *,
    seed: int = 0,
    root: Path | None = None,
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """Return rows for a question file: `count` with a quote, spread over the documents, and a few unanswerable ones.

    Args:
        engine: where the collection is; its model writes the questions, rules do if it has none.
        collection: the documents to ask about.
        count: questions that have an answer; there may be fewer where the documents have no more.
        seed: the same one gives the same questions, as far as a model is that even.
        root: the folder that the documents are in, so that they are named by their path in it.
        progress: is told how far it is.

    Raises:
        PathError: the collection has no sentence to ask about.
        ModelError, LLMError: the model can't be had or can't be asked.
    """
    rng = random.Random(seed)
    documents = engine.documents.list(collection)
    if not documents:
        raise PathError(f"Collection {collection!r} has no documents; `rag collections` shows the ones there are.")
    store = engine.retriever().store
    sources = [list(_sources(store, document, relative(document.uri, root))) for document in documents]
    for of_document in sources:
        rng.shuffle(of_document)
    tell, complete = progress or (lambda step: None), complete_by(engine, _REPLY_TOKENS)
    rows: list[dict[str, Any]] = []
    if complete is not None:
        rows += _of_model(complete, sources, count, tell)
    for draft in (_of_rules, _gaps):
        rows += _others(rows, _in_turn([draft(of_document) for of_document in sources]), count - len(rows))
    if not rows:
        raise PathError(f"Collection {collection!r} has no sentence with a name, a date or a number to ask for.")
    rows += _unanswerable(engine, collection, rows, sources, max(1, count // 4), rng)
    for number, row in enumerate(rows, start=1):
        row["id"] = f"q{number}"
    return rows


def judged_questions(engine: Engine, collection: str, *, root: Path | None = None) -> list[dict[str, Any]]:
    """Return rows for a question file of what readers judged with the thumbs of the chat page, oldest first.

    An answer that was found good is the reference, with its quotes. One that was found bad is kept as `given` and is no
    reference; its quotes and the reason are there to be corrected, as is any quote that its document no longer has.

    Raises:
        PathError: nobody has judged an answer over this collection.
    """
    documents = {document.id: document for document in engine.documents.list(collection)}
    rows = []
    for kept in engine.chats.judged():
        answer = kept.answer or {}
        looked_at = [*answer.get("citations", ()), *answer.get("evidence", ())]
        if not any(item["document_id"] in documents for item in looked_at):
            continue  # of another collection
        standing = [c for c in answer["citations"] if _stands(c, documents.get(c["document_id"]))]
        good = kept.verdict == "up" and len(standing) == len(answer["citations"])
        refused = answer["status"] == "not_found"
        rows.append(
            {
                "id": f"chat-{kept.id}",
                "question": answer["understood"],
                "answers": [answer["text"]] if good and not refused else [],
                "answerable": not (good and refused),
                "evidence": [
                    {"doc_id": relative(documents[c["document_id"]].uri, root), "quote": c["quote"]} for c in standing
                ],
                "type": "judged good" if good else "to correct",
                "verdict": kept.verdict,
                "reason": kept.reason,
                "given": answer["text"],
            }
        )
    if not rows:
        raise PathError(
            f"Nobody has judged an answer over collection {collection!r} yet; the thumbs under an answer of the chat "
            "page do that."
        )
    return rows


def _stands(citation: dict[str, Any], document: ListedDocument | None) -> bool:
    return document is not None and citation["quote"] in document.text


def as_jsonl(rows: Sequence[dict[str, Any]]) -> str:
    """Return the rows as the lines of a question file."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _sources(store: Store, document: ListedDocument, doc_id: str) -> Iterator[_Source]:
    """Yield the sentences that are whole: not headings, rows of a table, or pieces of a list."""
    text = document.text
    for start, end in (span for passage in store.passages_of([document.id]) for span in passage.sentences):
        sentence = text[start:end]
        whole = sentence.rstrip()[-1:] in ".!" and " | " not in sentence and sentence[:1] not in "-*#"
        if whole and _SHORTEST <= len(sentence) <= _LONGEST:
            yield _Source(doc_id, sentence, text[max(0, start - _AROUND) : end + _AROUND])


def _of_model(
    complete: Complete, sources: Sequence[Sequence[_Source]], count: int, tell: Progress
) -> list[dict[str, Any]]:
    """Ask a model about one sentence of each document in turn until there are enough questions, or it is no use."""
    rows: list[dict[str, Any]] = []
    for tried, source in enumerate(_in_turn(sources)):
        if len(rows) == count or tried == _PATIENCE + _TRIES * len(rows):
            break
        tell(Step(STAGE, len(rows), count, source.doc_id))
        asked = asked_by_model(complete, source.sentence, source.around)
        rows += _others(rows, [source.row(asked, "by the model")] if asked else [], 1)
    tell(Step(STAGE, len(rows), len(rows), ""))
    return rows


def _of_rules(sources: Sequence[_Source]) -> list[dict[str, Any]]:
    """Return the first question of each sentence, then the others."""
    made = [
        (place, source.row(one, "by rule")) for source in sources for place, one in enumerate(drafts(source.sentence))
    ]
    return [row for _, row in sorted(made, key=lambda pair: pair[0])]


def _gaps(sources: Sequence[_Source]) -> Iterator[dict[str, Any]]:
    """Yield sentences with a gap, for documents that no rule can read, such as those in other languages."""
    for source in sources:
        sentence = source.sentence
        found = next((match for match in _ASKED_FOR.finditer(sentence) if match.start() > 0), None)
        if found and sentence.count(found[0]) == 1:
            answer = found[0].strip()
            gap = shortened(sentence.replace(answer, _GAP, 1), _LONGEST)
            yield source.row(Drafted(f"What belongs into the gap: “{gap}”?", answer), "to put into words")


def _others(
    rows: Sequence[dict[str, Any]], more: Sequence[dict[str, Any]] | Iterator[dict[str, Any]], count: int
) -> list[dict[str, Any]]:
    """Return up to `count` more rows, none that asks what is asked already.

    A question that the documents answer in two ways ("Who is the President?") is left out altogether.
    """
    listed = list(more)
    answers: dict[str, set[str]] = {}
    for row in (*rows, *listed):
        answers.setdefault(texts.normalised(row["question"]), set()).add(texts.normalised(row["answers"][0]))
    taken = {key for row in rows for key in _keys(row)}
    found: list[dict[str, Any]] = []
    for row in listed:
        if len(found) < count and not _keys(row) & taken and not _differ(answers[texts.normalised(row["question"])]):
            taken |= _keys(row)
            found.append(row)
    return found


def _keys(row: dict[str, Any]) -> set[str]:
    """Return what no other question may have: its words, and its quote with the same answer."""
    quote, answer = row["evidence"][0]["quote"], texts.normalised(row["answers"][0])
    return {texts.normalised(row["question"]), f"{answer}: {quote}"}


def _differ(answers: set[str]) -> bool:
    """Say whether two answers share no word: "Gina Raimondo" and "Gina M. Raimondo" do."""
    words = [set(answer.split()) for answer in answers]
    return any(not one & other for one in words for other in words)


def _unanswerable(
    engine: Engine,
    collection: str,
    rows: Sequence[dict[str, Any]],
    sources: Sequence[Sequence[_Source]],
    count: int,
    rng: random.Random,
) -> list[dict[str, Any]]:
    """Return questions without an answer: near misses, and for one in three, or where there are none, distant ones."""
    everything = " ".join(source.sentence for of_document in sources for source in of_document)

    def search(question: str) -> list[str]:
        return [found.text for found in engine.search(question, collection=collection, k=_SEARCHED)]

    worded = [row for row in rows if _GAP not in row["question"]]
    rng.shuffle(worded)
    sentences = (source.sentence for of_document in sources for source in of_document)
    near: list[str] = []
    for question in near_misses(worded, sentences, answered_by(search), rng):
        if len(near) == count - count // 3:
            break
        near.append(question)
    absent = [thing for thing in _NOWHERE if not texts.contains(everything, [thing])]
    far = [f"What do the documents say about {thing}?" for thing in absent[: count - len(near)]]
    blank = {"id": "", "answers": [], "answerable": False, "evidence": [], "type": "unanswerable"}
    return [{**blank, "question": question} for question in (*near, *far)]


def _in_turn(by_document: Sequence[Any]) -> Iterator[Any]:
    """Yield one of each document in turn, until none is left."""
    left = [iter(of_document) for of_document in by_document]
    while left:
        still = []
        for of_document in left:
            for one in of_document:
                yield one
                still.append(of_document)
                break
        left = still
