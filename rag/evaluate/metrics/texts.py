"""How an answer's text compares with gold answers.

`exact_match` and `f1` follow SQuAD's own evaluation script (Rajpurkar et al., EMNLP 2016). `contains` is for answers
that are sentences: a gold answer counts if it stands in them, word by word.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_POINT = re.compile(r"(?<=\d)\.(?=\d)")
_MARK = "\x00"


def normalised(text: str) -> str:
    """Lower case, without punctuation, articles and extra white space, as SQuAD's script does it."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(text: str, golds: Sequence[str]) -> float | None:
    """Return 1 if the text is one of the gold answers once both are normalised."""
    return max((float(normalised(text) == normalised(gold)) for gold in golds), default=None)


def f1(text: str, golds: Sequence[str]) -> float | None:
    """Return the harmonic mean of precision and recall of the words, for the gold answer where it is best."""
    return max((_f1(text, gold) for gold in golds), default=None)


def _f1(text: str, gold: str) -> float:
    said, wanted = normalised(text).split(), normalised(gold).split()
    if not said or not wanted:
        return float(said == wanted)
    shared = (Counter(said) & Counter(wanted)).total()
    if not shared:
        return 0.0
    precision, recall = shared / len(said), shared / len(wanted)
    return 2 * precision * recall / (precision + recall)


def words(text: str) -> str:
    """Return the words of a text as they are compared by `contains`, each between single spaces.

    Unlike SQuAD's normalisation it tells 4.4 from 44, and finds "Beijing" in "Beijing-based".
    """
    text = unicodedata.normalize("NFKC", text).casefold()
    text = _INITIALS.sub(lambda found: found[0].replace(".", ""), _THOUSANDS.sub("", text))
    text = _POINT.sub(_MARK, text)
    kept = (c if c == _MARK or c in "%€£$" or unicodedata.category(c)[0] in "LNM" else " " for c in text)
    return f" {' '.join(_ARTICLES.sub(' ', ''.join(kept)).replace(_MARK, '.').split())} "


def contains(text: str, golds: Sequence[str]) -> float | None:
    """Return 1 if one of the gold answers stands in the text, as whole words."""
    said = words(text)
    return max((float(_stands_in(gold, said)) for gold in golds), default=None)


def share_contained(text: str, golds: Sequence[str]) -> float | None:
    """Return which share of the gold answers stands in the text, as whole words."""
    said = words(text)
    return sum(_stands_in(gold, said) for gold in golds) / len(golds) if golds else None


def all_and_no_wrong(text: str, golds: Sequence[str], wrong: Sequence[str]) -> float | None:
    """Return 1 if every gold answer and no wrong one stands in the text (Wang et al., RAMDocs, 2025).

    A wrong answer that is part of a gold one ("5" of "5 percent") doesn't count where it stands only there.
    """
    if not golds:
        return None
    said = words(text)
    complete = all(_stands_in(gold, said) for gold in golds)
    for gold in sorted(golds, key=len, reverse=True):
        said = _without(said, words(gold))
    return float(complete and not any(_stands_in(answer, said) for answer in wrong))


def _without(said: str, gold: str) -> str:
    while gold.strip() and gold in said:
        said = said.replace(gold, " \x01 ")
    return said


def _stands_in(gold: str, said: str) -> bool:
    looked_for = words(gold)
    return bool(looked_for.strip()) and looked_for in said
