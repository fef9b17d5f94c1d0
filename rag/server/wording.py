"""An answer as text alone, for clients that show nothing else: numbers behind the sentences, quotes below them."""

from __future__ import annotations

from rag.types import Answer, Citation


def footnoted(answer: Answer) -> str:
    """Return the answer with its numbers, and below it the quotes."""
    return answer.marked() + footnotes(answer)


def footnotes(answer: Answer) -> str:
    """Return the quotes, with what sets them apart from the text above, or nothing."""
    return "".join(["\n", *(f"\n{_footnote(citation)}" for citation in answer.citations)]) if answer.citations else ""


def _footnote(citation: Citation) -> str:
    where = ", ".join(filter(None, (citation.title, citation.place, citation.uri)))
    return f"[{citation.number}] “{' '.join(citation.quote.split())}” — {where}"
