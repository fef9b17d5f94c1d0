"""Sentences of a list that name something new: whoever asks which towns or who is not helped by one that names none.

Nor by a third one about the same two. So a quote has to have a name that neither the question nor a likelier quote
has, and may be less likely then: each document tells of its own in its own words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from rag.types import Evidence
from rag.understand.kind import kind_of
from rag.understand.people import people
from rag.words import MONTHS, WEEKDAYS, content, names, tokens

_CALENDAR = frozenset(MONTHS.values()) | content(" ".join(WEEKDAYS))
_MAY_BE_PEOPLE = re.compile(r"\b(?:names|candidates|members|groups|bands|teams)\b", re.IGNORECASE)
EVEN = 0.5
"""The probability from which something is likelier than not."""


def naming(question: str, evidence: Sequence[Evidence], ranked: Sequence[int], share: float, most: int) -> list[int]:
    """Return those of these sentences that name something new, at most so many, each as likely as a share of the first.

    The likeliest counts as one if it likely answers: "Who were the Semuren?" is answered by what they were.
    """
    known, people_named = _known(evidence), people([item.text for item in evidence])
    only = people_named if kind_of(question) == "person" else None
    if only is None and not _MAY_BE_PEOPLE.search(question):  # "Harbour master Nils Aaker said …" names no village
        known -= people_named.keys()
    had = set(content(question))
    found: list[int] = []
    for index in ranked:
        if len(found) == most or (found and evidence[index].score < share * evidence[found[0]].score):
            break
        new = _named(evidence[index].text, known, only) - had
        if new or (not found and evidence[index].score >= EVEN):
            found.append(index)
            had |= new
    return found


def _known(evidence: Sequence[Evidence]) -> AbstractSet[str]:
    """Return the keys of all words that are part of a name somewhere, where they don't begin a sentence."""
    return frozenset[str]().union(*(names(item.text) for item in evidence)) - _CALENDAR


def _named(text: str, known: AbstractSet[str], only: Mapping[str, object] | None) -> AbstractSet[str]:
    """Return the names in a text, also where it begins with one: of people alone, if these are wanted."""
    capitals = {token.key for token in tokens(text) if token.text[:1].isupper() and not token.number}
    named = capitals & known
    return named if only is None else named & only.keys()
