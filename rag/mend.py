"""The copy of a text that is indexed and read by a model. Below the stages; quotes never pass through here."""

from __future__ import annotations

import re
from typing import Literal
from unicodedata import is_normalized, normalize

_HYPHENATED = re.compile(r"(?<![\w‐-])([^\W_]+(?:[-‐][^\W_]+)*)(?:[-‐]|\u00ad)[^\S\n]*\r?\n[\s>]*([^\W_])")
# Begins only where white space does and gives nothing back: else a thousand empty lines take a second, two take eight.
_QUOTE_MARK = re.compile(r"(?<!\s)[^\S\n]*+\n\s*+>[>\s]*+")
_INVISIBLE = re.compile(r"[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
# Joiners shape Arabic and Indic letters and emoji; between others they only hide a word from the search.
_JOINER = re.compile(r"(?<![\u0600-\u1fff\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_SPACE = re.compile(r"\s+")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\(<?[^()\s]*>?(?:\s\"[^\"]*\")?\)")
_EMPHASIS = re.compile(r"(?<![\w*])(\*{1,3})(?=[^\s*])([^*]{1,300})(?<=[^\s*])\1(?![\w*])")
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
# To normalize a letter with ten thousand marks takes seconds: so many are no writing, and are not put in order.
_RUN = re.compile(r"\S{1,64}[^\w\s]{0,32}")
# First parts of compounds that keep their hyphen when a line ends behind it.
_COMPOUNDS = frozenset(
    (
        "all anti co cross eight ex far five four full half high ill large left long low man mid multi near nine non "
        "off old one open part post pre pro quasi right second self semi seven short six small so ten then third three "
        "two ultra vice well wide year"
    ).split()
)


def mend(text: str) -> str:
    """Return a text on one line: hyphenation joined, invisible characters and the targets of links gone."""
    text = _HYPHENATED.sub(_joined, letters(text))
    text = _QUOTE_MARK.sub(" ", text)
    text = _JOINER.sub("", _INVISIBLE.sub("", text))
    text = _SPACE.sub(" ", _CONTROL.sub(" ", text))
    return _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", text)).strip()


def letters(text: str) -> str:
    """Return a text with each accent on its letter and ligatures as letters: "e" + U+0301 is "é", "ﬁ" is "fi".

    Macs and PDFs write them apart, people together, and one must be found by the other.
    """
    return text if text.isascii() else normalized(text).translate(_LIGATURES)


def normalized(text: str, form: Literal["NFC", "NFKD"] = "NFC") -> str:
    """Return a text in a normalization form of Unicode, in a time that grows with its length, whatever is in it."""
    return text if is_normalized(form, text) else _RUN.sub(lambda run: normalize(form, run.group()), text)


def _joined(match: re.Match[str]) -> str:
    first, following = match.groups()
    keep = not following.islower() or "-" in first or first.lower() in _COMPOUNDS or first[-1].isdigit()
    return f"{first}-{following}" if keep else f"{first}{following}"


def sound(text: str) -> str:
    """Return what somebody typed or pasted as it is compared: with its letters put together (see `letters`).

    Lone surrogates (half characters, from a broken terminal) become "?": no model can take them.
    """
    return letters(text.encode("utf-8", "replace").decode("utf-8"))
