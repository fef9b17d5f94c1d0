"""Chats outlive a restart, a re-index and their documents; nobody gets at another's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rag.chats import TITLE_CHARACTERS
from rag.engine import Engine
from rag.errors import PathError
from rag.types import Turn
from tests.fakes.library import QUESTION, VISITS, YELLEN, library


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return library(tmp_path / "documents")


def kept(engine: Engine, owner: str = "", question: str = QUESTION) -> str:
    chat = engine.chats.create(owner, question, "default")
    engine.chats.answer(engine.chats.ask(owner, chat.id, question).id, engine.ask(question))
    return chat.id


def test_an_answer_is_the_same_after_a_restart(engine: Engine) -> None:
    chat = kept(engine)
    answer = engine.ask(QUESTION)
    settings = engine.settings
    engine.close()
    with Engine(settings) as again:
        (turn,) = again.chats.turns("", chat)
        assert turn.state == "done" and turn.answer is not None
        assert [citation["quote"] for citation in turn.answer["citations"]] == [c.quote for c in answer.citations]
        assert turn.answer["id"] == answer.id


def test_a_document_that_changed_or_went_is_known_to_have(engine: Engine, tmp_path: Path) -> None:
    (turn,) = engine.chats.turns("", kept(engine))
    assert turn.answer is not None
    cited = turn.answer["citations"][0]["document_id"]

    def today() -> str | None:
        return next((document.content_hash for document in engine.documents.list() if document.id == cited), None)

    assert turn.state_of(cited, today()) == "same" and not turn.answer["citations"][0]["source_changed"]
    (tmp_path / "documents" / "visits.txt").write_text(VISITS + "More.\n")
    engine.ingest([tmp_path / "documents"])
    assert turn.state_of(cited, today()) == "changed"
    (changed,) = engine.chats.turns("", turn.chat_id)
    assert changed.answer is not None and changed.answer["citations"][0]["source_changed"]
    engine.documents.remove(cited)
    assert turn.state_of(cited, today()) == "removed"
    gone = engine.chats.turn("", turn.id).answer
    assert gone is not None and gone["citations"][0]["source_changed"]
    assert gone["text"] == turn.answer["text"]
    assert [c["quote"] for c in gone["citations"]] == [c["quote"] for c in turn.answer["citations"]]


def test_the_conversation_is_what_was_answered(engine: Engine) -> None:
    chat = kept(engine)
    engine.chats.ask("", chat, "and then?")
    first, second = engine.chats.history("", chat)
    assert first == Turn("user", QUESTION) and second.role == "assistant" and YELLEN in second.content


def test_nobody_gets_at_the_chats_of_another(engine: Engine) -> None:
    chats = engine.chats
    chat = kept(engine, "ada")
    (turn,) = chats.turns("ada", chat)
    attempts: list[Callable[[], object]] = [
        lambda: chats.get("bob", chat),
        lambda: chats.turns("bob", chat),
        lambda: chats.turn("bob", turn.id),
        lambda: chats.rename("bob", chat, "mine"),
        lambda: chats.delete("bob", chat),
        lambda: chats.ask("bob", chat, "Who?"),
        lambda: chats.judge("bob", turn.id, "down"),
    ]
    for attempt in attempts:
        with pytest.raises(PathError):
            attempt()
    chats.cut("bob", turn.id)
    assert chats.find("bob") == [] and chats.turns("ada", chat) == [turn]


def test_chats_are_found_by_words_of_title_question_and_answer_only(engine: Engine) -> None:
    chat = kept(engine)
    engine.chats.create("", "Something else", "default")
    assert [found.id for found in engine.chats.find("", "JANET july")] == [chat]
    assert [found.title for found in engine.chats.find("", "else")] == ["Something else"]
    assert engine.chats.find("", "citations document_id") == []
    assert len(engine.chats.find("")) == 2


def test_cutting_forgets_a_question_and_what_came_after(engine: Engine) -> None:
    chat = kept(engine)
    second = engine.chats.ask("", chat, "two?")
    engine.chats.ask("", chat, "three?")
    other = kept(engine)
    engine.chats.cut("", second.id)
    assert [turn.question for turn in engine.chats.turns("", chat)] == [QUESTION]
    assert len(engine.chats.turns("", other)) == 1


def test_a_verdict_is_kept_and_taken_back(engine: Engine) -> None:
    (turn,) = engine.chats.turns("", kept(engine))
    judged = engine.chats.judge("", turn.id, "down", "  Kerry is missing ")
    assert (judged.verdict, judged.reason) == ("down", "Kerry is missing")
    assert [one.id for one in engine.chats.judged()] == [turn.id]
    engine.chats.judge("", turn.id, None)
    assert engine.chats.judged() == []


def test_a_deleted_chat_takes_its_turns_along_and_a_late_answer_does_no_harm(engine: Engine) -> None:
    chat = engine.chats.create("", QUESTION, "default")
    turn = engine.chats.ask("", chat.id, QUESTION)
    engine.chats.delete("", chat.id)
    engine.chats.answer(turn.id, engine.ask(QUESTION))
    with pytest.raises(PathError, match="no such chat"):
        engine.chats.turns("", chat.id)
    with pytest.raises(PathError, match="no such question"):
        engine.chats.turn("", turn.id)


def test_a_title_is_one_short_line_and_an_empty_one_changes_nothing(engine: Engine) -> None:
    chat = engine.chats.create("", "a\nb " * 100, "default")
    assert len(chat.title) <= TITLE_CHARACTERS and "\n" not in chat.title
    assert engine.chats.rename("", chat.id, "  ").title == chat.title
    assert engine.chats.rename("", chat.id, " New ").title == "New"
