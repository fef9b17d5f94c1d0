"""A question after what was said -> what it means in its documents' words, and what was found for it.

The same for an answer, for a search without one, and for measuring either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.chat import heard
from rag.types import Turn
from rag.understand.parts import parts

if TYPE_CHECKING:
    from rag.retrieve import Found, Retriever
    from rag.writer import Writer


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for."""

    said: str
    """See rag.chat.Heard.said."""
    spoken: tuple[Turn, ...]
    """What was said before it."""
    whole: str
    """The question that stands alone, in the documents' words; shown to whoever asked."""
    alone: str
    """See rag.chat.Heard.alone; "" for nearly every question."""
    wordings: tuple[str, ...]
    """What else to search for, so that the rankings can be fused."""
    asks: str
    """What a model is asked and an answer is checked for: `alone` or `whole`."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look: a collection, or some of its documents."""

    retriever: Retriever
    collection: str
    document_ids: Sequence[str] | None = None

    def sought(self, question: str, history: Sequence[Turn], writer: Callable[[], Writer | None]) -> Sought:
        """Return what a question looks for here; `writer` is called where only a model could say.

        Raises:
            LLMError: the model failed.
        """
        follow_up = heard(question, history, self._in_capitals, writer)
        whole, alone = self._in_words(follow_up.whole), self._in_words(follow_up.alone)
        asks = (follow_up.by_itself and alone) or whole
        return Sought(follow_up.said, follow_up.spoken, whole, alone, tuple(follow_up.wordings), asks)

    def found(self, sought: Sought) -> Found:
        """Search for it.

        Raises:
            StoreBusyError: another process kept changing the very documents that were found.
        """
        whole, search = sought.whole, self.retriever.search
        return search(
            whole,
            self.collection,
            self.document_ids,
            also=sought.wordings,
            parts=parts(whole),
            as_asked=sought.alone,
        )

    def _in_capitals(self, text: str) -> str:
        return self.retriever.in_their_capitals(text, self.collection, self.document_ids)

    def _in_words(self, text: str) -> str:
        return self.retriever.in_their_words(text, self.collection, self.document_ids) if text else ""
