"""What the page is told of an answer: sentences with their quotes, and what has become of the sources.

The page gets text and numbers, never HTML; it puts text into the document as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from rag.chats import Kept
from rag.types import Sentence, remark
from vectorstore.chats import ChatRecord

NEAREST = 3
"""Passages that a refusal shows."""
QUOTE_CHARACTERS = 1200
"""So much of a quote is shown in the chat; the document shows it whole."""
# What reorders or hides text, and control characters; each becomes one visible character, so that no place moves.
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

HashOf = Callable[[str], str | None]
"""Today's content hash of a document by its id, or None if it is gone."""


def safe(text: str) -> str:
    """Return the text with nothing in it that reorders or hides what is beside it; as long as before."""
    return _UNSAFE.sub("\ufffd", text)


def short(text: str, characters: int = QUOTE_CHARACTERS) -> str:
    """Return the text, or its beginning and an ellipsis."""
    shown = safe(text)
    return shown if len(shown) <= characters else f"{shown[: characters - 1]}…"


def name_of(uri: str) -> str:
    """Return a file's name without its folders: where it lies is nobody else's business."""
    return safe(PurePath(uri.replace("\\", "/")).name or uri)


def chat(record: ChatRecord) -> dict[str, Any]:
    """Return a chat for the list."""
    return {
        "id": record.id,
        "title": safe(record.title),
        "collection": record.collection,
        "updated": record.updated_at,
        "turns": record.turns,
    }


def turn(kept: Kept, hash_of: HashOf) -> dict[str, Any]:
    """Return a question with its answer for the page."""
    shown: dict[str, Any] = {
        "id": kept.id,
        "chat": kept.chat_id,
        "question": safe(kept.question),
        "state": kept.state,
        "verdict": kept.verdict,
        "reason": safe(kept.reason),
        "asked": kept.created_at,
        "answer": None,
    }
    if kept.answer is not None:
        shown["answer"] = _answer(kept, kept.answer, hash_of)
    return shown


def _answer(kept: Kept, given: Mapping[str, Any], hash_of: HashOf) -> dict[str, Any]:
    refused = given["status"] == "not_found" and not given["claims"]
    return {
        "status": given["status"],
        "text": safe(given["text"]),
        "understood": safe(given["understood"]) if given["understood"] != given["question"] else "",
        "sentences": sentences(given["text"], given["claims"]),
        "citations": [citation(item, kept, hash_of) for item in given["citations"]],
        "conflicts": [_conflict(item) for item in given["conflicts"]],
        "nearest": [nearest(item, kept, hash_of) for item in given["evidence"][:NEAREST]] if refused else [],
        "unanswered": [safe(part) for part in given.get("unanswered", ())],
        "withheld": [safe(claim["why"]) for claim in given.get("withheld", ())],
        "model": safe(given["model"]),
        "timings": given["timings"],
        "usage": given["usage"],
        "error": safe(given.get("error", "")),
    }


def sentences(text: str, claims: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the sentences of an answer, each with its state, the numbers of its quotes, and why it lacks some."""
    return [
        {
            "text": safe(text[claim["start"] : claim["end"]]),
            "status": claim["status"],
            "why": safe(claim["why"]),
            "citations": list(claim["citations"]),
        }
        for claim in claims
    ]


def sentence(event: Sentence) -> dict[str, Any]:
    """Return a sentence that has just been checked."""
    return {
        "text": safe(event.text),
        "status": event.claim.status,
        "why": safe(event.claim.why),
        "citations": list(event.claim.citations),
    }


def citation(item: Mapping[str, Any], kept: Kept | None, hash_of: HashOf) -> dict[str, Any]:
    """Return a numbered quote."""
    return {"number": item["number"], "quote": short(item["quote"]), **_source(item, kept, hash_of)}


def nearest(item: Mapping[str, Any], kept: Kept | None, hash_of: HashOf) -> dict[str, Any]:
    """Return a passage that is near the question but doesn't answer it."""
    return {"quote": short(item["text"]), **_source(item, kept, hash_of)}


def _source(item: Mapping[str, Any], kept: Kept | None, hash_of: HashOf) -> dict[str, Any]:
    document_id = item["document_id"]
    state = kept.state_of(document_id, hash_of(document_id)) if kept else "same"
    return {
        "document": document_id,
        "title": safe(item["title"]) or name_of(item["uri"]),
        "file": name_of(item["uri"]),
        "date": safe(item["published_at"] or ""),
        "place": safe(item["place"]) or (f"p. {item['page']}" if item["page"] else ""),
        "also": len(item["also_in"]),
        "source": "changed" if state == "same" and item.get("source_changed") else state,
    }


def _conflict(given: Mapping[str, Any]) -> dict[str, Any]:
    most = max((side.get("documents", 1) for side in given["sides"]), default=1)
    sides = [
        {
            "value": safe(side["value"]),
            "date": safe(side["published_at"] or ""),
            "citations": list(side["citations"]),
            "note": _remark(side, most),
        }
        for side in given["sides"]
    ]
    return {
        "settled": sum(not side.get("corrected") for side in given["sides"]) == 1,
        "about": safe(given["about"]),
        "sides": sides,
    }


def _remark(side: Mapping[str, Any], most: int) -> str:
    """Return what is to be known of a side; a chat that was kept by an older version may not have all of it."""
    outvoted, corrected = bool(side.get("outvoted")), bool(side.get("corrected"))
    return remark(side.get("documents", 1), most, outvoted=outvoted, corrected=corrected)
