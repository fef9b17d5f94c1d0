"""An answer as it grows: sentences with their verdicts, quotes numbered when they are first cited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rag.conflicts import Found
from rag.types import Citation, Claim, Evidence, Sentence, Usage


@dataclass(slots=True)
class Draft:
    """What there is of an answer so far."""

    evidence: tuple[Evidence, ...]
    text: str = ""
    claims: list[Claim] = field(default_factory=list)
    withheld: list[Claim] = field(default_factory=list)
    citations: dict[int, Citation] = field(default_factory=dict)
    """By index of the evidence."""
    refused: bool = False
    """The model said that it can't answer."""
    missing: str = ""
    """What it said is not answered; nothing that may be shown (see rag.structured.missing_words)."""
    instead: tuple[str, str] | None = None
    """What was asked, and what the quote that comes closest has in its place (rag.premise)."""
    disagreement: Found | None = None
    usage: Usage = field(default_factory=Usage)
    checking: float = 0.0
    first: float = 0.0
    """Seconds from the start to the model's first word."""

    def add(self, sentence: str, claim: Claim, quotes: Sequence[int]) -> Sentence:
        """Append a sentence; return the event that shows it."""
        start = len(self.text) + (1 if self.text else 0)
        self.text = f"{self.text} {sentence}" if self.text else sentence
        numbers = tuple(self._cite(index, claim.score) for index in quotes)
        placed = replace(claim, start=start, end=len(self.text), citations=numbers)
        self.claims.append(placed)
        return Sentence(sentence, placed, tuple(self.citations[index] for index in quotes))

    def _cite(self, index: int, score: float) -> int:
        if index not in self.citations:
            item = self.evidence[index]
            self.citations[index] = Citation(
                number=len(self.citations) + 1,
                document_id=item.document_id,
                title=item.title,
                uri=item.uri,
                published_at=item.published_at,
                page=item.page,
                place=item.place,
                start=item.start,
                end=item.end,
                quote=item.text,
                score=score,
                also_in=item.also_in,
            )
        return self.citations[index].number
