"""The chats of one owner, answered: what is asked in one is kept with its answer, also when that is broken off."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from rag.errors import RagError
from rag.types import Answer, AnswerEvent, Citation, Claim, Done, Sentence, Turn, Understood

if TYPE_CHECKING:
    from rag.chats import Kept
    from rag.engine import Engine
    from rag.task import Mode
    from vectorstore.chats import ChatRecord, State, Verdict

BUG = "Something went wrong that shouldn't have; the log of the server says what. Ask again, or report it."


@dataclass
class SoFar:
    """As much of an answer as was shown: it is kept when the answer is broken off."""

    question: str
    understood: str = ""
    text: str = ""
    claims: list[Claim] = field(default_factory=list)
    citations: dict[int, Citation] = field(default_factory=dict)
    whole: Answer | None = None

    def add(self, event: AnswerEvent) -> None:
        """Take in an event."""
        if isinstance(event, Understood):
            self.understood = event.standalone
        elif isinstance(event, Sentence):
            start = len(self.text) + (1 if self.text else 0)
            self.text = f"{self.text} {event.text}" if self.text else event.text
            self.claims.append(replace(event.claim, start=start, end=len(self.text)))
            self.citations.update((citation.number, citation) for citation in event.citations)
        elif isinstance(event, Done):
            self.whole = event.answer

    def answer(self) -> Answer:
        """Return the whole answer, or what there is of it."""
        return self.whole or Answer(
            id="",
            question=self.question,
            understood=self.understood or self.question,
            status="partly",
            text=self.text,
            claims=tuple(self.claims),
            citations=tuple(self.citations[number] for number in sorted(self.citations)),
        )


@dataclass(frozen=True)
class Begun:
    """A question that is kept and waits for its answer."""

    kept: Kept
    collection: str
    history: Sequence[Turn]


class Talk:
    """The chats of one owner of an engine's store; `owner` is "" where nobody has to log in.

    >>> from rag import Engine, Talk
    >>> with Engine() as engine:  # doctest: +SKIP
    ...     talk = Talk(engine)
    ...     chat = talk.create("Visits to Beijing")
    ...     print(talk.ask(chat.id, "Who might visit after Blinken?").answer["text"])
    """

    def __init__(self, engine: Engine, owner: str = "") -> None:
        self._engine = engine
        self._chats = engine.chats
        self._owner = owner

    def create(self, title: str, collection: str | None = None) -> ChatRecord:
        """Begin a chat over a collection, by default that of the settings."""
        return self._chats.create(self._owner, title, collection or self._engine.settings.collection)

    def find(self, words: str = "") -> list[ChatRecord]:
        """List the chats, the latest first; with `words` those in which all of them stand."""
        return self._chats.find(self._owner, words)

    def get(self, chat_id: str) -> ChatRecord:
        """Return a chat.

        Raises:
            PathError: this owner has no such chat.
        """
        return self._chats.get(self._owner, chat_id)

    def rename(self, chat_id: str, title: str) -> ChatRecord:
        """Give a chat another title; an empty one leaves the old. Errors as for `get`."""
        return self._chats.rename(self._owner, chat_id, title)

    def delete(self, chat_id: str) -> None:
        """Delete a chat with all that was said. Errors as for `get`."""
        self._chats.delete(self._owner, chat_id)

    def turns(self, chat_id: str) -> list[Kept]:
        """Return what was asked and answered, oldest first. Errors as for `get`."""
        return self._chats.turns(self._owner, chat_id)

    def turn(self, turn_id: str) -> Kept:
        """Return one question with its answer; PathError where this owner has none of that id."""
        return self._chats.turn(self._owner, turn_id)

    def judge(self, turn_id: str, verdict: Verdict | None, reason: str = "") -> Kept:
        """Keep what the owner thinks of an answer; None takes it back. Errors as for `turn`."""
        return self._chats.judge(self._owner, turn_id, verdict, reason)

    def ask(
        self,
        chat_id: str,
        question: str,
        *,
        document_ids: Sequence[str] | None = None,
        mode: Mode | None = None,
        quotes_only: bool = False,
    ) -> Kept:
        """Ask in a chat, where a follow-up is understood; return the question with its answer, as they were kept.

        Raises:
            PathError: there is no such chat, or see `Engine.ask`, whose other errors are those of this, too.
        """
        begun = self.begin(chat_id, question, document_ids)
        for _ in self._answer(begun, document_ids, mode, quotes_only):
            pass
        return self.turn(begun.kept.id)

    def stream(
        self,
        chat_id: str,
        question: str,
        *,
        document_ids: Sequence[str] | None = None,
        mode: Mode | None = None,
        quotes_only: bool = False,
    ) -> Generator[AnswerEvent]:
        """Yield the events of an answer in a chat; closing it stops the model, and what was shown is kept."""
        begun = self.begin(chat_id, question, document_ids)
        yield from self._answer(begun, document_ids, mode, quotes_only)

    def begin(self, chat_id: str, question: str, document_ids: Sequence[str] | None = None) -> Begun:
        """Keep a question before it is answered; one that can't be asked is refused and not kept.

        Raises:
            QuestionError, PathError: see `ask`.
        """
        asked = self._engine.checked(question)
        chat = self.get(chat_id)
        self._engine.documents.searchable(chat.collection, document_ids)
        history = self._chats.history(self._owner, chat_id)
        return Begun(self._chats.ask(self._owner, chat_id, asked), chat.collection, history)

    def end(self, begun: Begun, so_far: SoFar, state: State, error: str = "") -> None:
        """Keep the answer, or as much as there is of it; nothing happens where the chat was deleted meanwhile."""
        given: Mapping[str, Any] = so_far.answer().to_dict()
        self._chats.answer(begun.kept.id, {**given, "error": error} if error else given, state)

    def forget(self, begun: Begun) -> None:
        """Take a question back that nobody began to answer."""
        self._chats.cut(self._owner, begun.kept.id)

    def _answer(
        self, begun: Begun, document_ids: Sequence[str] | None, mode: Mode | None, quotes_only: bool
    ) -> Generator[AnswerEvent]:
        so_far = SoFar(begun.kept.question)
        state: State = "stopped"
        told = ""
        events = self._engine.stream(
            begun.kept.question,
            collection=begun.collection,
            document_ids=document_ids,
            history=begun.history,
            mode=mode,
            quotes_only=quotes_only,
        )
        try:
            with closing(events):
                for event in events:
                    so_far.add(event)
                    if so_far.whole is None:
                        yield event
            state = "done"
        except Exception as error:
            state, told = "failed", str(error) if isinstance(error, RagError) else BUG
            raise
        finally:
            self.end(begun, so_far, state, told)
        yield Done(so_far.answer())
