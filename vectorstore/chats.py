"""Conversations in the catalogue: chats of an owner, their turns, and what the reader thought of each.

Of an answer nothing is known here but that it is JSON with its words under "text".
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from sqlite3 import Connection
from typing import Literal

from vectorstore.database import Database

State = Literal["asked", "done", "stopped", "failed"]
Verdict = Literal["up", "down"]

_CHAT = (
    "chats.id, chats.owner, chats.title, chats.collection, chats.created_at, chats.updated_at, "
    "(SELECT count(*) FROM turns WHERE turns.chat = chats.number)"
)
_TURN = (
    "turns.id, chats.id, turns.question, turns.state, turns.answer, turns.sources, turns.verdict, turns.reason, "
    "turns.created_at"
)
_OF_CHAT = "FROM turns JOIN chats ON chats.number = turns.chat"


@dataclass(frozen=True, slots=True)
class ChatRecord:
    """A conversation; `owner` is the user it belongs to, or "" where nobody has to log in."""

    id: str
    owner: str
    title: str
    collection: str
    created_at: str
    updated_at: str
    turns: int = 0


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """A question with its answer as JSON ("" until there is one) and the hashes of its sources as JSON."""

    id: str
    chat_id: str
    question: str
    state: State
    answer: str
    sources: str
    verdict: Verdict | None
    reason: str
    created_at: str


class ChatStore:
    """Chats, turns and feedback of all owners; every method that takes an owner touches theirs alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, owner: str, title: str, collection: str) -> ChatRecord:
        """Begin a chat."""
        now = _now()
        record = ChatRecord(uuid.uuid4().hex, owner, title, collection, now, now)
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO chats (id, owner, title, collection, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)",
                (record.id, owner, title, collection, now, now),
            )
        return record

    def find(self, owner: str, words: str = "") -> list[ChatRecord]:
        """List an owner's chats, the latest first; with `words` those that have all of them in title or turns."""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT {_CHAT} FROM chats WHERE owner = ? ORDER BY updated_at DESC, number DESC", (owner,)
            ).fetchall()
            found = [ChatRecord(*row) for row in rows]
            return [chat for chat in found if all(_has(connection, chat, word) for word in words.split())]

    def get(self, owner: str, chat_id: str) -> ChatRecord | None:
        """Return a chat of this owner."""
        with self._database.reading() as connection:
            row = connection.execute(
                f"SELECT {_CHAT} FROM chats WHERE owner = ? AND id = ?", (owner, chat_id)
            ).fetchone()
        return ChatRecord(*row) if row else None

    def rename(self, owner: str, chat_id: str, title: str) -> bool:
        """Give a chat another title; False if there is none."""
        return self._changed("UPDATE chats SET title = ? WHERE owner = ? AND id = ?", title, owner, chat_id)

    def delete(self, owner: str, chat_id: str) -> bool:
        """Delete a chat with its turns; False if there is none."""
        return self._changed("DELETE FROM chats WHERE owner = ? AND id = ?", owner, chat_id)

    def turns(self, owner: str, chat_id: str) -> list[TurnRecord]:
        """Return the turns of a chat, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT {_TURN} {_OF_CHAT} WHERE chats.owner = ? AND chats.id = ? ORDER BY turns.number",
                (owner, chat_id),
            ).fetchall()
        return [TurnRecord(*row) for row in rows]

    def turn(self, owner: str, turn_id: str) -> TurnRecord | None:
        """Return one turn of this owner's chats."""
        with self._database.reading() as connection:
            row = connection.execute(
                f"SELECT {_TURN} {_OF_CHAT} WHERE chats.owner = ? AND turns.id = ?", (owner, turn_id)
            ).fetchone()
        return TurnRecord(*row) if row else None

    def ask(self, owner: str, chat_id: str, question: str, collection: str | None = None) -> TurnRecord | None:
        """Add a question to a chat, in state "asked"; None if there is no such chat. With a collection, the chat is
        from now on about that one."""
        record = TurnRecord(uuid.uuid4().hex, chat_id, question, "asked", "", "{}", None, "", _now())
        with self._database.writing() as connection:
            added = connection.execute(
                "INSERT INTO turns (id, chat, question, state, answer, sources, created_at) "
                "SELECT ?, number, ?, 'asked', '', '{}', ? FROM chats WHERE owner = ? AND id = ?",
                (record.id, question, record.created_at, owner, chat_id),
            ).rowcount
            if added:
                connection.execute(
                    "UPDATE chats SET updated_at = ?, collection = coalesce(?, collection) WHERE id = ?",
                    (record.created_at, collection, chat_id),
                )
        return record if added else None

    def answer(self, turn_id: str, state: State, answer: str, sources: str) -> bool:
        """Put the answer to a question; False if the chat was deleted meanwhile."""
        return self._changed(
            "UPDATE turns SET state = ?, answer = ?, sources = ? WHERE id = ?", state, answer, sources, turn_id
        )

    def cut(self, owner: str, turn_id: str) -> bool:
        """Delete a turn and those after it in its chat: what editing or repeating a question does."""
        return self._changed(
            "DELETE FROM turns WHERE number >= (SELECT number FROM turns WHERE id = ?2) AND chat = "
            "(SELECT chat FROM turns JOIN chats ON chats.number = turns.chat WHERE turns.id = ?2 AND owner = ?1)",
            owner,
            turn_id,
        )

    def judge(self, owner: str, turn_id: str, verdict: Verdict | None, reason: str) -> bool:
        """Keep what the reader thinks of an answer; None takes it back. False if there is no such turn."""
        return self._changed(
            "UPDATE turns SET verdict = ?, reason = ? WHERE id = ? "
            "AND chat IN (SELECT number FROM chats WHERE owner = ?)",
            verdict,
            reason,
            turn_id,
            owner,
        )

    def judged(self) -> list[TurnRecord]:
        """Return the turns of all owners that have a verdict, oldest first: for making question files of them."""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT {_TURN} {_OF_CHAT} WHERE verdict IS NOT NULL ORDER BY turns.number"
            ).fetchall()
        return [TurnRecord(*row) for row in rows]

    def interrupt(self) -> int:
        """Mark questions that a process left unanswered when it ended as stopped; return how many there were."""
        with self._database.writing() as connection:
            return connection.execute("UPDATE turns SET state = 'stopped' WHERE state = 'asked'").rowcount

    def _changed(self, statement: str, *values: object) -> bool:
        with self._database.writing() as connection:
            return connection.execute(statement, values).rowcount > 0


def _has(connection: Connection, chat: ChatRecord, word: str) -> bool:
    """Say whether a word stands in the title, a question or an answer of a chat, whatever its case."""
    low = word.casefold()
    if low in chat.title.casefold():
        return True
    said = "CASE WHEN answer = '' THEN '' ELSE coalesce(json_extract(answer, '$.text'), '') END"
    rows = connection.execute(f"SELECT turns.question, {said} {_OF_CHAT} WHERE chats.id = ?", (chat.id,))
    return any(low in question.casefold() or low in answer.casefold() for question, answer in rows)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
