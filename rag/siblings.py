"""Two of one kind: "dog bite" for "cat bite", "winter hours" for "summer hours".

A question of the one isn't answered by what is said of the other. Only closed kinds of everyday life whose members
exclude one another, and only where both stand before the same word: elsewhere a quote may say it of a third.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from rag.polarity import shown, step
from rag.reading import Reading
from rag.words import WEEKDAYS, content

_KINDS = (
    "dog cat rabbit horse hamster parrot goldfish tortoise sheep goat pig cow donkey",
    "puppy kitten foal lamb calf piglet",
    "breakfast lunch dinner",
    "spring summer autumn winter",
    "morning afternoon evening",
    " ".join(WEEKDAYS),
    "kitchen bathroom bedroom garage cellar attic balcony",
    "roof floor ceiling",
    "bus train tram ferry plane",
    "car van lorry motorbike bicycle",
    "water gas electricity",
    "tea coffee beer wine milk",
    "gold silver bronze",
    "red blue green yellow orange purple brown white black pink",
    "theft fire flood",
    "adult child",
    "brother sister mother father uncle aunt nephew niece",
    "football rugby tennis cricket hockey basketball badminton",
    "violin viola cello piano guitar flute trumpet",
)
"""Of words that may mean the same ("supper" and "dinner", "basement" and "cellar", "loft" and "attic") one alone."""


def siblings(asked: Reading, quote: Reading) -> Iterator[tuple[str, str]]:
    """Yield a word that was asked for, and the other of its kind that a quote has before the same word."""
    for word, following in zip(asked.words, asked.words[1:], strict=False):
        others = _kinds().get(word.key, frozenset()) - asked.places.keys()
        if word.key in quote.places or word.clause != following.clause:
            continue
        for other in sorted(others & quote.places.keys()):
            if step(quote, other, following.key) == 1:
                yield word.token.text, shown([quote], other)


@cache
def _kinds() -> dict[str, frozenset[str]]:
    """Return for each word, as `content` has it, the others of its kind."""
    kinds = [content(kind) for kind in _KINDS]
    return {member: kind - {member} for kind in kinds for member in kind}
