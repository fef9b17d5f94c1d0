"""A question of the page from start to end: kept, put in line, answered sentence by sentence, kept again."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from anyio.to_thread import run_sync

from rag.errors import RagError
from rag.talk import SoFar
from rag.types import Answer, Done, Retrieved, Sentence, Step, Turn, Understood
from rag.ui import view
from rag.ui.turns import Event, Line, Tell, Turns

if TYPE_CHECKING:
    from rag.chats import Kept
    from rag.engine import Engine

log = logging.getLogger(__name__)

AT_ONCE = 4
"""Answers at a time from models elsewhere; in this process one at a time is fastest for all."""
_BUG = "Something went wrong that shouldn't have; the terminal of the server says what. Ask again, or report it."


@dataclass(frozen=True, slots=True)
class Wish:
    """What a question is asked with: where to look, how strictly to check, and whether a model is to write."""

    collection: str
    documents: tuple[str, ...] | None = None
    mode: Literal["strict", "lenient"] | None = None
    quotes_only: bool = False
    model: str | None = None
    """By its name among `engine.choices.models()`; None is the engine's own."""
    passages: int | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any], default_collection: str) -> Wish:
        """Return what the page asked for, nothing of it trusted."""
        listed, mode = given.get("documents"), given.get("mode")
        model, passages = given.get("model"), given.get("passages")
        return cls(
            collection=str(given.get("collection") or default_collection),
            documents=tuple(map(str, listed)) if isinstance(listed, list) else None,
            mode=mode if mode in ("strict", "lenient") else None,
            quotes_only=given.get("quotes_only") is True,
            model=str(model) if model else None,
            passages=passages if isinstance(passages, int) else None,
        )


class Asking:
    """Answers the questions of all users; what is said is kept in `engine.chats`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.turns = Turns()
        self._so_far: dict[str, SoFar] = {}
        self._here, self._elsewhere = Line(1), Line(AT_ONCE)

    async def ask(self, owner: str, question: str, chat_id: str | None, wish: Wish) -> AsyncIterator[Event]:
        """Keep the question in a chat, by default a new one, and yield what happens until it is answered."""
        try:
            asked = self._engine.checked(question)
            await run_sync(self._engine.choices.using, wish.model, wish.passages)
            kept, history = await run_sync(self._keep, owner, asked, chat_id, wish)
        except RagError as error:
            yield {"type": "refused", "message": str(error)}
            return
        running = self.turns.start(kept.id, partial(self._work, owner, kept, history, wish))
        async for event in running.follow():
            yield event

    async def follow(self, owner: str, turn_id: str) -> AsyncIterator[Event]:
        """Yield what happens to a question at work, from its beginning: for a page that was reloaded."""
        await run_sync(self._engine.chats.turn, owner, turn_id)  # refuses another user's
        if running := self.turns.get(turn_id):
            async for event in running.follow():
                yield event

    async def stop(self, owner: str, turn_id: str) -> None:
        """Break an answer off; what was shown of it is kept.

        Raises:
            PathError: this owner has no such question.
        """
        await run_sync(self._engine.chats.turn, owner, turn_id)
        await self.turns.stop(turn_id)

    def kept(self, owner: str, turn_id: str) -> Kept:
        """Return a question with its answer, or with what is shown of it by now, whose quotes can be looked up, too.

        Raises:
            PathError: this owner has no such question.
        """
        so_far = self._so_far.get(turn_id)
        kept = self._engine.chats.turn(owner, turn_id)
        return replace(kept, answer=asdict(so_far.answer())) if so_far and kept.answer is None else kept

    def hashes(self) -> view.HashOf:
        """Return today's content hash of every document, to compare with those of kept answers."""
        return {document.id: document.content_hash for document in self._engine.documents.list()}.get

    def shown(self, kept: Kept) -> dict[str, Any]:
        """Return a kept question for the page."""
        return view.turn(kept, self.hashes())

    def _keep(self, owner: str, question: str, chat_id: str | None, wish: Wish) -> tuple[Kept, Sequence[Turn]]:
        chats = self._engine.chats
        chat = chats.get(owner, chat_id) if chat_id else chats.create(owner, question, wish.collection)
        history = chats.history(owner, chat.id)
        return chats.ask(owner, chat.id, question, wish.collection), history

    async def _work(self, owner: str, kept: Kept, history: Sequence[Turn], wish: Wish, tell: Tell) -> None:
        tell({"type": "asked", "turn": view.turn(kept, lambda _: None)})
        so_far = self._so_far[kept.id] = SoFar(kept.question)
        try:
            async with self._line(wish).place(tell):
                answer = await self._answered(kept, history, wish, so_far, tell)
            await self._finish(owner, kept, asdict(answer), "done", tell)
        except asyncio.CancelledError:
            await self._finish(owner, kept, asdict(so_far.answer()), "stopped", tell)
            raise
        except RagError as error:
            await self._failed(owner, kept, so_far, str(error), tell)
        except Exception:
            # A fault of ours: the question must not stay "working" for ever, and the log has the trace.
            log.exception("a question of the page failed")
            await self._failed(owner, kept, so_far, _BUG, tell)
        finally:
            del self._so_far[kept.id]

    def _line(self, wish: Wish) -> Line:
        return self._here if self._engine.choices.model(wish.model).where == "here" else self._elsewhere

    async def _answered(self, kept: Kept, history: Sequence[Turn], wish: Wish, so_far: SoFar, tell: Tell) -> Answer:
        tell({"type": "working", "text": "Reading your documents"})
        loop, here = asyncio.get_running_loop(), threading.get_ident()

        def progress(step: Step) -> None:
            if threading.get_ident() != here and step.stage.startswith(("Fetching", "Loading")):
                loop.call_soon_threadsafe(tell, {"type": "working", "text": step.stage})

        unlisten = self._engine.listen(progress)
        events = self._engine.choices.using(wish.model, wish.passages).astream(
            kept.question,
            collection=wish.collection,
            document_ids=wish.documents,
            history=history,
            mode=wish.mode,
            quotes_only=wish.quotes_only,
        )
        try:
            async for event in events:
                if isinstance(event, Done):
                    return event.answer
                so_far.add(event)
                _report(event, tell)
        finally:
            unlisten()
            await events.aclose()  # type: ignore[attr-defined]  # it is an async generator
        raise RuntimeError("a stream of answer events ends with Done")

    async def _failed(self, owner: str, kept: Kept, so_far: SoFar, message: str, tell: Tell) -> None:
        await self._finish(owner, kept, {**asdict(so_far.answer()), "error": message}, "failed", tell)

    async def _finish(self, owner: str, kept: Kept, answer: dict[str, Any], state: Any, tell: Tell) -> None:
        """Keep the answer, then show it as it was kept; a chat that was deleted meanwhile stays deleted."""

        def keep() -> dict[str, Any]:
            self._engine.chats.answer(kept.id, answer, state)
            return self.shown(self._engine.chats.turn(owner, kept.id))

        try:
            tell({"type": "done", "turn": await run_sync(keep)})
        except RagError as error:
            tell({"type": "refused", "message": str(error)})


def _report(event: object, tell: Tell) -> None:
    if isinstance(event, Understood):
        if event.standalone != event.question:
            tell({"type": "understood", "text": view.safe(event.standalone)})
    elif isinstance(event, Retrieved):
        documents = len({item.document_id for item in event.evidence})
        sentences = len(event.evidence)
        found = f"Found {_counted(sentences, 'sentence')} in {_counted(documents, 'document')}"
        tell({"type": "working", "text": f"{found}; writing and checking"})
    elif isinstance(event, Sentence):
        new = [view.citation(asdict(citation), None, lambda _: None) for citation in event.citations]
        tell({"type": "sentence", "sentence": view.sentence(event), "citations": new})


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
