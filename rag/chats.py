"""Conversations that are kept: chats of a user, their questions and answers, and what the user thought of them.

Citations of a kept answer are as they were when it was given, save `source_changed`: whether the document has changed,
or gone, since. `Kept.state_of` tells the two apart.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rag.errors import PathError
from rag.types import Answer, Turn
from vectorstore.chats import ChatRecord, ChatStore, State, TurnRecord, Verdict
from vectorstore.store import Store

TITLE_CHARACTERS = 80
REASON_CHARACTERS = 2000

SourceState = Literal["same", "changed", "removed"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A question of a chat with its answer (as `Answer.to_dict` gave it; None as long as there is none)."""

    id: str
    chat_id: str
    question: str
    state: State
    answer: dict[str, Any] | None
    sources: Mapping[str, str]
    """The content hash of each document it cites, as it was then, by id."""
    verdict: Verdict | None
    reason: str
    created_at: str

    def state_of(self, document_id: str, content_hash: str | None) -> SourceState:
        """Say whether a cited document is what it was; `content_hash` is today's, None if it is gone."""
        if content_hash is None:
            return "removed"
        return "same" if self.sources.get(document_id, content_hash) == content_hash else "changed"


class Chats:
    """The chats of all users; `owner` is whose, and "" where nobody has to log in. Any number of threads may use it."""

    def __init__(self, store: ChatStore, documents: Store) -> None:
        self._store = store
        self._documents = documents

    def create(self, owner: str, question: str, collection: str) -> ChatRecord:
        """Begin a chat; its title is the question's first words."""
        return self._store.create(owner, _title(question), collection)

    def find(self, owner: str, words: str = "") -> list[ChatRecord]:
        """List the owner's chats, the latest first; with `words` those in which all of them stand."""
        return self._store.find(owner, words)

    def get(self, owner: str, chat_id: str) -> ChatRecord:
        """Return a chat.

        Raises:
            PathError: this owner has no such chat.
        """
        found = self._store.get(owner, chat_id)
        if found is None:
            raise PathError("There is no such chat any more; it may have been deleted in another window.")
        return found

    def rename(self, owner: str, chat_id: str, title: str) -> ChatRecord:
        """Give a chat another title; an empty one leaves the old. Errors as for `get`."""
        found = self.get(owner, chat_id)
        if title.strip():
            self._store.rename(owner, chat_id, _title(title))
            found = self.get(owner, chat_id)
        return found

    def delete(self, owner: str, chat_id: str) -> None:
        """Delete a chat with all that was said. Errors as for `get`."""
        self.get(owner, chat_id)
        self._store.delete(owner, chat_id)

    def turns(self, owner: str, chat_id: str) -> list[Kept]:
        """Return what was asked and answered, oldest first. Errors as for `get`."""
        self.get(owner, chat_id)
        return self._seen(self._store.turns(owner, chat_id))

    def turn(self, owner: str, turn_id: str) -> Kept:
        """Return one question with its answer.

        Raises:
            PathError: this owner has no such turn.
        """
        found = self._store.turn(owner, turn_id)
        if found is None:
            raise PathError("There is no such question any more; its chat may have been deleted.")
        return self._seen([found])[0]

    def history(self, owner: str, chat_id: str) -> list[Turn]:
        """Return the conversation as the engine wants it, oldest first."""
        spoken = []
        self.get(owner, chat_id)
        for kept in map(_kept, self._store.turns(owner, chat_id)):
            if kept.state == "done" and kept.answer is not None:
                spoken += [Turn("user", kept.question), Turn("assistant", str(kept.answer.get("text", "")))]
        return spoken

    def ask(self, owner: str, chat_id: str, question: str, collection: str | None = None) -> Kept:
        """Keep a question before it is answered; the chat then is about `collection`. Errors as for `get`."""
        record = self._store.ask(owner, chat_id, question, collection)
        if record is None:
            self.get(owner, chat_id)
            raise PathError("The question could not be kept, because its chat was deleted.")
        return _kept(record)

    def answer(self, turn_id: str, answer: Answer | Mapping[str, Any] | None, state: State = "done") -> None:
        """Keep the answer to a question, whole or as far as it came; nothing happens if its chat was deleted."""
        given = answer.to_dict() if isinstance(answer, Answer) else answer
        cited = {citation["document_id"] for citation in (given or {}).get("citations", ())}
        cited |= {item["document_id"] for item in (given or {}).get("evidence", ())}
        hashes = {item.id: item.content_hash for item in self._documents.documents() if item.id in cited}
        text = json.dumps(given, ensure_ascii=False) if given is not None else ""
        self._store.answer(turn_id, state, text, json.dumps(hashes))

    def cut(self, owner: str, turn_id: str) -> None:
        """Forget a question and what came after it: before it is asked in other words, or again."""
        self._store.cut(owner, turn_id)

    def judge(self, owner: str, turn_id: str, verdict: Verdict | None, reason: str = "") -> Kept:
        """Keep what the owner thinks of an answer; None takes it back. Errors as for `turn`."""
        self.turn(owner, turn_id)
        self._store.judge(owner, turn_id, verdict, reason.strip()[:REASON_CHARACTERS])
        return self.turn(owner, turn_id)

    def judged(self) -> list[Kept]:
        """Return the questions of all users whose answers were judged, oldest first: to make question files of."""
        return self._seen(self._store.judged())

    def interrupt(self) -> int:
        """Mark questions that were being answered when a process ended as stopped; return how many there were."""
        return self._store.interrupt()

    def _seen(self, records: Sequence[TurnRecord]) -> list[Kept]:
        """Return turns whose citations say whether their source is what it was."""
        turns = [_kept(record) for record in records]
        if any(kept.sources for kept in turns):
            today = {item.id: item.content_hash for item in self._documents.documents()}
            for kept in turns:
                for citation in (kept.answer or {}).get("citations", ()):
                    document_id = citation["document_id"]
                    citation["source_changed"] = kept.state_of(document_id, today.get(document_id)) != "same"
        return turns


def _title(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= TITLE_CHARACTERS else f"{words[: TITLE_CHARACTERS - 1].rstrip()}…"


def _kept(record: TurnRecord) -> Kept:
    return Kept(
        id=record.id,
        chat_id=record.chat_id,
        question=record.question,
        state=record.state,
        answer=json.loads(record.answer) if record.answer else None,
        sources=json.loads(record.sources),
        verdict=record.verdict,
        reason=record.reason,
        created_at=record.created_at,
    )
