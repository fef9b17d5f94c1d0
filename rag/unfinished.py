"""JSON that a model is still writing -> its sentences, each as soon as it is whole; whatever comes, never an exception.

A model that is not held to a schema leaves quotes unescaped, forgets commas and brackets, writes Python instead, or
runs out of tokens. Where the text is valid JSON it is read as JSON; where it is not, as much is read as is clear.
However the text is cut into pieces, the sentences are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rag.sentences import split

BEGINS = re.compile(r"""\{\s{0,40}["']?(?:answerable|answer|sentences|missing|text)["']?\s{0,9}:""")
"""Where an object of ours begins, in whatever stands before it."""
LONGEST_BEGINNING = 80
"""Characters within which BEGINS is clear."""
MAY_BEGIN = re.compile(r"""\{\s{0,40}(?:["']?[a-z]{0,10}["']?\s{0,9})?\Z""")
"""The end of a text that may yet turn out to be one."""

_NUMBER = re.compile(r"(?<!\d)\d{1,6}(?!\d)")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_CLOSE = {"}": "{", "]": "["}
_FALSE = {"false", "no"}


@dataclass(frozen=True, slots=True)
class Written:
    """A piece of the answer as the model gave it, with the numbers it named for it."""

    text: str
    numbers: tuple[int, ...] = ()


@dataclass(slots=True)
class _Open:
    """An object or a list whose end has not come; `key` is the name the next value belongs to."""

    kind: str
    value: dict[str, Any] | list[Any]
    key: str | None = None
    name: str = ""
    """The name under which it stands in its object."""


@dataclass(slots=True)
class Reader:
    """Reads what comes piece by piece; `answerable` and `missing` are what has been read of them so far."""

    answerable: bool = True
    missing: str = ""
    _stack: list[_Open] = field(default_factory=list)
    _string: list[str] | None = None
    """The characters of the string being read."""
    _quote: str = ""
    _python: bool | None = None
    """Its first quotation mark was a single one, as in Python: only then are such marks quotation marks."""
    _escape: str = ""
    """A backslash and what has come after it."""
    _after: str | None = None
    """The white space behind a quotation mark that may have ended the string."""
    _word: str = ""

    def feed(self, piece: str) -> Iterator[Written]:
        """Yield the sentences that are whole with this piece."""
        for character in piece:
            if self._string is not None:
                yield from self._in_string(character)
            else:
                yield from self._outside(character)

    def end(self) -> Iterator[Written]:
        """Yield what is whole of a text that broke off: its last number, word or sentence may not be."""
        if self._after is not None:
            yield from self._string_ended()
        elif self._string is not None:
            text = "".join(self._string)
            self._string = None
            yield from self._put(" ".join(span.of(text) for span in split(text)[:-1]))
        elif self._word.lower() in {"true", "false"}:
            yield from self._put(_value(self._word))
        for item in reversed(self._stack):
            yield from _written(item)
        self._stack.clear()

    def _in_string(self, character: str) -> Iterator[Written]:
        assert self._string is not None
        if self._after is not None:
            if character.isspace():
                self._after += character
                return
            if self._is_behind_a_string(character):
                yield from self._string_ended()
                yield from self._outside(character)
                return
            # A quotation mark that the model forgot to escape.
            self._string.append(self._quote + self._after)
            self._after = None
        if self._escape:
            self._unescape(character)
        elif character == "\\":
            self._escape = character
        elif character == self._quote:
            self._after = ""
        else:
            self._string.append(character)

    def _is_behind_a_string(self, character: str) -> bool:
        if character == ":":
            return self._wants_key()
        # A comma that was forgotten at the end of a line.
        return character in ",}]" or (character in "\"'" and "\n" in (self._after or ""))

    def _wants_key(self) -> bool:
        return bool(self._stack) and self._stack[-1].kind == "{" and self._stack[-1].key is None

    def _unescape(self, character: str) -> None:
        assert self._string is not None
        self._escape += character
        if self._escape.startswith("\\u"):
            if len(self._escape) < 6 and (len(self._escape) == 2 or character in "0123456789abcdefABCDEF"):
                return
            digits = self._escape[2:]
            whole = len(digits) == 4 and all(digit in "0123456789abcdefABCDEF" for digit in digits)
            self._string.append(chr(int(digits, 16)) if whole else digits)
        else:
            self._string.append(_ESCAPES.get(character, character))
        self._escape = ""

    def _string_ended(self) -> Iterator[Written]:
        text, self._string, self._after = "".join(self._string or ()), None, None
        if self._wants_key():
            self._stack[-1].key = text
        else:
            yield from self._put(text)

    def _outside(self, character: str) -> Iterator[Written]:
        if character.isalnum() or character in "+-._":
            self._word += character
            return
        if self._word:
            word, self._word = self._word, ""
            if character == ":" and self._wants_key():
                self._stack[-1].key = word
            elif not self._wants_key():
                yield from self._put(_value(word))
        if character in "{[":
            self._push(character)
        elif character in _CLOSE:
            yield from self._close(_CLOSE[character])
        elif self._stack and (character == '"' or (character == "'" and self._python is not False)):
            self._python = character == "'" if self._python is None else self._python
            self._string, self._quote = [], character

    def _push(self, kind: str) -> None:
        value: dict[str, Any] | list[Any] = {} if kind == "{" else []
        name = ""
        if self._stack:
            above = self._stack[-1]
            name = above.key or above.name
            _attach(above, value)
        elif kind == "[":
            return
        self._stack.append(_Open(kind, value, name=name))

    def _close(self, kind: str) -> Iterator[Written]:
        """End the innermost of this kind, and with it whatever in it was left open."""
        if all(item.kind != kind for item in self._stack):
            return
        while self._stack:
            item = self._stack.pop()
            yield from _written(item)
            if item.kind == kind:
                return

    def _put(self, value: Any) -> Iterator[Written]:
        if not self._stack:
            return
        top = self._stack[-1]
        if top.key == "answerable":
            self.answerable = str(value).strip().lower() not in _FALSE
        elif top.key == "missing" and isinstance(value, str):
            self.missing = value
        bare = top.key == "answer" or (top.kind == "[" and top.name == "sentences")
        if bare and isinstance(value, str) and value.strip():
            yield Written(value)
        _attach(top, value)


def _attach(to: _Open, value: Any) -> None:
    if isinstance(to.value, list):
        to.value.append(value)
    elif to.key is not None:
        to.value[to.key] = value
        to.key = None


def _written(item: _Open) -> Iterator[Written]:
    """Yield the sentence of an object; one among the evidence is a quote that the model copied out."""
    if isinstance(item.value, list) or item.name == "evidence":
        return
    text = item.value.get("text")
    if isinstance(text, str) and text.strip():
        yield Written(text, tuple(dict.fromkeys(numbers_in(item.value.get("evidence")))))


def numbers_in(value: Any) -> Iterator[int]:
    """Yield the numbers in what a model gave for a list of them: a number, a string, a list of either or of objects.

    Of an object only what is a number counts: its words are a quote, whose numbers are its own.
    """
    if isinstance(value, str):
        yield from map(int, _NUMBER.findall(value))
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str) and item is not value:
            yield from map(int, _NUMBER.findall(item))
        for number in item.values() if isinstance(item, dict) else [item]:
            if isinstance(number, int) and not isinstance(number, bool):
                yield number


def _value(word: str) -> Any:
    """Return what a bare word stands for; None for what is no number of a sentence."""
    low = word.lower()
    if low in {"true", "false"}:
        return low == "true"
    whole = re.fullmatch(r"(\d{1,6})(?:\.0*)?", word)
    return int(whole[1]) if whole and word.isascii() else None


def unbroken(text: str) -> str:
    """Join halves of characters that came one by one; a lone one, which can't be stored, becomes "?"."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
