"""A question after what was said -> what it means in its documents' words, and what was found for it.

The same for an answer, for a search without one, and for measuring either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.chat import Heard, heard
from rag.understand.parts import parts

if TYPE_CHECKING:
    from rag.retrieve import Found, Retriever
    from rag.types import Turn
    from rag.writer import Writer


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for."""

    heard: Heard
    whole: str
    """The question that stands alone, in the documents' words; shown to whoever asked."""
    alone: str
    """Its own words where `whole` is a guess, in the documents' words; "" for nearly every question."""
    otherwise: str = ""
    """`whole` with names where it has roles, or the other way round; "" for nearly every question."""

    @property
    def asks(self) -> str:
        """What a model is asked and an answer is checked for."""
        return (self.heard.by_itself and self.alone) or self.whole


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
        whole, *otherwise = self._in_words(follow_up.whole)
        return Sought(follow_up, whole, self._in_words(follow_up.alone)[0], next(iter(otherwise), ""))

    def found(self, sought: Sought) -> Found:
        """Search for it.

        Raises:
            StoreBusyError: another process kept changing the very documents that were found.
        """
        return self.retriever.search(
            sought.whole,
            self.collection,
            self.document_ids,
            also=sought.heard.wordings,
            parts=() if sought.alone else parts(sought.whole),
            as_asked=sought.alone,
            otherwise=sought.otherwise,
        )

    def _in_capitals(self, text: str) -> str:
        return self.retriever.in_their_capitals(text, self.collection, self.document_ids)

    def _in_words(self, text: str) -> tuple[str, ...]:
        return self.retriever.in_their_words(text, self.collection, self.document_ids) if text else ("",)
