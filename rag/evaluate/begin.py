"""A first question file for a collection, for a person to correct.

Without a model nobody can write good questions, and a model's own would be easy for it. So these are modest: each asks
for a name, a number or a date that stands in a sentence, as a gap in it; the quote is right by construction, and a
person puts the question into words. The unanswerable ones ask for what no document mentions.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import PathError
from rag.evaluate.corpus import relative, shortened

if TYPE_CHECKING:
    from rag.documents import ListedDocument
    from rag.engine import Engine
    from vectorstore.store import PassageRecord

_GAP = "____"
# A name of several words, a date, or a number: what can be asked for, and checked.
_ASKED_FOR = re.compile(
    r"(?:[A-Z][\w'’-]+(?: (?:of|de|von|van|the) )? ?){2,4}(?<! )|\b\d{1,2} [A-Z][a-z]+ \d{4}\b|\b\d[\d,.]*\d%?|\b\d+%"
)
_SHORTEST, _LONGEST = 60, 240
# Places and things that hardly any collection is about.
_NOWHERE = ("the Vasaloppet ski race", "the lighthouse of Alexandria", "the Antikythera mechanism", "Lake Titicaca")


def first_questions(
    engine: Engine, collection: str, count: int, *, seed: int = 0, root: Path | None = None
) -> list[dict[str, Any]]:
    """Return rows for a question file: `count` with a quote, spread over the documents, and a few unanswerable ones.

    Args:
        engine: where the collection is.
        collection: the documents to ask about.
        count: questions that have an answer.
        seed: the same one gives the same questions.
        root: the folder that the documents are in, so that they are named by their path in it.

    Raises:
        PathError: the collection has no sentence that states a name, a date or a number.
    """
    rng = random.Random(seed)
    documents = engine.documents.list(collection)
    if not documents:
        raise PathError(f"Collection {collection!r} has no documents; `rag collections` shows the ones there are.")
    store, by_document = engine.retriever().store, []
    for document in documents:
        text = document.text
        found = list(_facts(text, store.passages_of([document.id])))
        rng.shuffle(found)
        by_document.append([_row(relative(document.uri, root), *fact) for fact in found])
    rows = _spread(by_document, count)
    if not rows:
        raise PathError(f"Collection {collection!r} has no sentence with a name, a date or a number to ask for.")
    for number, row in enumerate(rows, start=1):
        row["id"] = f"q{number}"
    everything = " ".join(document.text for document in documents).casefold()
    absent = [thing for thing in _NOWHERE if thing.removeprefix("the ").casefold() not in everything]
    return rows + [_unanswerable(thing, number) for number, thing in enumerate(absent[: max(1, count // 4)], start=1)]


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


def _facts(text: str, passages: Sequence[PassageRecord]) -> Iterator[tuple[str, str]]:
    """Yield sentences with the first thing in each that can be asked for; not what the sentence begins with."""
    for start, end in (span for passage in passages for span in passage.sentences):
        sentence = text[start:end]
        if not _SHORTEST <= len(sentence) <= _LONGEST or sentence.rstrip()[-1:] not in ".!":
            continue
        found = next((match for match in _ASKED_FOR.finditer(sentence) if match.start() > 0), None)
        if found and sentence.count(found[0]) == 1:
            yield sentence, found[0].strip()


def _row(uri: str, sentence: str, answer: str) -> dict[str, Any]:
    return {
        "id": "",
        "question": f"What belongs into the gap: “{shortened(sentence.replace(answer, _GAP, 1), _LONGEST)}”?",
        "answers": [answer],
        "answerable": True,
        "evidence": [{"doc_id": uri, "quote": sentence}],
        "type": "to correct",
    }


def _unanswerable(thing: str, number: int) -> dict[str, Any]:
    return {
        "id": f"no{number}",
        "question": f"What do the documents say about {thing}?",
        "answers": [],
        "answerable": False,
        "evidence": [],
        "type": "unanswerable",
    }


def _spread(by_document: Sequence[list[dict[str, Any]]], count: int) -> list[dict[str, Any]]:
    """Take one of each document in turn, until there are enough or none is left."""
    rows: list[dict[str, Any]] = []
    deepest = max(map(len, by_document), default=0)
    for depth in range(deepest):
        for facts in by_document:
            if depth < len(facts) and len(rows) < count:
                rows.append(facts[depth])
    return rows
