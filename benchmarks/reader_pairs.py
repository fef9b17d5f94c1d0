"""Questions with sentences that answer them and sentences that don't, made of SQuAD 1.1 (Rajpurkar et al., 2016).

Its 87,599 training questions come with the paragraph and the place of the answer (CC BY-SA 4.0). For each question the
sentence with the answer is a pair that answers. Pairs that don't: the sentence of the same paragraph, or of another one
of the article, that shares most words with the question; the same sentence with another question of the article that
shares most words with it; and the same sentence with the question changed: another name or number of the article in
place of one of its own, an opposite, or a denial, which are the ways in which near misses are made (Rajpurkar et al.,
"Know What You Don't Know", ACL 2018).
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.sentences import split

TRIED = 60
"""Questions, and LOOKED_AT paragraphs, of an article among which the nearest is looked for."""
LOOKED_AT = 12
_WORD = re.compile(r"[a-z0-9]+")
_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
_NAME = re.compile(r"(?<=[a-z,] )(?:[A-Z][a-zA-Z'’-]+)(?: (?:of |the )?[A-Z][a-zA-Z'’-]+)*")
_AUXILIARY = re.compile(r"\b(did|does|do|is|was|were|are|has|have|had|can|could|would|will)\b")
_SHORT = {"can": "can't", "will": "won't"}
_LIGHT = frozenset(
    (
        "the a an of in on at to for and or is are was were be been do does did what which who whom whose when where "
        "why how many much with by from as that this it its his her their has have had not"
    ).split()
)
_PAIRS = (
    "first last|most least|largest smallest|before after|highest lowest|more less|oldest youngest|earliest latest|"
    "north south|east west|northern southern|eastern western|increase decrease|increased decreased|won lost|"
    "began ended|start end|male female|men women|best worst|major minor|early late|upper lower|above below|"
    "private public|biggest smallest|longest shortest|older younger|mother father|son daughter|founded abolished|"
    "opened closed|domestic foreign|winter summer|bought sold|born died|joined left|rich poor|greater lesser|"
    "supported opposed|support oppose|accepted rejected|land sea|day night"
)
_OPPOSITE = {
    a: b for pair in _PAIRS.split("|") for one, other in [pair.split()] for a, b in ((one, other), (other, one))
}


@dataclass(frozen=True, slots=True)
class Pair:
    """A question, a sentence with its article's title, and whether the sentence answers."""

    title: str
    question: str
    sentence: str
    answers: bool
    kind: str
    """How it was made: "gold", "paragraph", "article", "question", "name", "number" or "opposite"."""


@dataclass(frozen=True, slots=True)
class _Asked:
    paragraph: int
    place: int
    question: str
    answer: str
    words: frozenset[str]


class _Article:
    def __init__(self, article: dict[str, Any], chance: random.Random) -> None:
        self.title = article["title"].replace("_", " ")
        self.chance = chance
        self.paragraphs: list[list[str]] = []
        self.asked: list[_Asked] = []
        for paragraph in article["paragraphs"]:
            self._read(paragraph)
        whole = "\n".join(sentence for sentences in self.paragraphs for sentence in sentences)
        self.names = list(dict.fromkeys(_NAME.findall(whole)))
        self.numbers = list(dict.fromkeys(_NUMBER.findall(whole)))

    def _read(self, paragraph: dict[str, Any]) -> None:
        text = paragraph["context"]
        spans = [(span.start, span.end) for span in split(text)]
        for one in paragraph["qas"]:
            answer = one["answers"][0]
            places = [at for at, (start, end) in enumerate(spans) if start <= answer["answer_start"] < end]
            question = one["question"].strip()
            if places:
                asked = _Asked(len(self.paragraphs), places[0], question, answer["text"].lower(), _words(question))
                self.asked.append(asked)
        self.paragraphs.append([text[start:end] for start, end in spans])

    def pairs(self, asked: _Asked) -> Iterator[Pair]:
        """Yield the pairs of one question."""
        gold = self.paragraphs[asked.paragraph][asked.place]
        yield self._pair(asked.question, gold, "gold")
        beside = [s for at, s in enumerate(self.paragraphs[asked.paragraph]) if at != asked.place]
        if nearest := self._nearest(asked, beside):
            yield self._pair(asked.question, nearest, "paragraph")
        drawn = self.chance.sample(range(len(self.paragraphs)), min(LOOKED_AT, len(self.paragraphs)))
        away = [s for number in drawn if number != asked.paragraph for s in self.paragraphs[number]]
        if self.chance.random() < 0.15 and (nearest := self._nearest(asked, away)):
            yield self._pair(asked.question, nearest, "article")
        if other := self._other_question(asked, gold):
            yield self._pair(other, gold, "question")
        changed = list(self._changed(asked.question, gold))
        if changed:
            yield self._pair(*self.chance.choice(changed))

    def _pair(self, question: str, sentence: str, kind: str) -> Pair:
        return Pair(self.title, question, sentence, kind == "gold", kind)

    def _nearest(self, asked: _Asked, sentences: list[str]) -> str:
        without = [sentence for sentence in sentences if asked.answer not in sentence.lower()]
        return max(without, key=lambda s: len(_words(s) & asked.words) + self.chance.random(), default="")

    def _other_question(self, asked: _Asked, gold: str) -> str:
        words, place = _words(gold), (asked.paragraph, asked.place)
        drawn = self.chance.sample(self.asked, min(TRIED, len(self.asked)))
        others = [o for o in drawn if (o.paragraph, o.place) != place and o.answer not in gold.lower()]

        def nearness(other: _Asked) -> float:
            return len(words & other.words) + 0.5 * len(asked.words & other.words) + self.chance.random()

        return max(others, key=nearness).question if others else ""

    def _changed(self, question: str, gold: str) -> Iterator[tuple[str, str, str]]:
        for kind, pattern, there in (("name", _NAME, self.names), ("number", _NUMBER, self.numbers)):
            for match in pattern.finditer(question):
                found = match.group()
                drawn = self.chance.sample(there, min(30, len(there)))
                others = [o for o in drawn if o not in gold and o not in question and found not in o]
                if kind == "number":
                    others = [other for other in others if len(other) == len(found)]
                if others and found.lower() not in self.title.lower():
                    yield _replaced(question, match, self.chance.choice(others)), gold, kind
        if opposed := self._opposed(question):
            yield opposed, gold, "opposite"

    def _opposed(self, question: str) -> str:
        known = [match for match in re.finditer(r"\b[a-z]+\b", question) if match.group() in _OPPOSITE]
        if known:
            match = self.chance.choice(known)
            return _replaced(question, match, _OPPOSITE[match.group()])
        denied = _AUXILIARY.search(question)
        if denied is None or self.chance.random() < 0.5:
            return ""
        return _replaced(question, denied, _SHORT.get(denied.group(), f"{denied.group()}n't"))


def made(file: Path, seed: int) -> list[Pair]:
    """Return the pairs of a file of SQuAD 1.1, in the order of its questions."""
    chance = random.Random(seed)
    articles = (_Article(article, chance) for article in json.loads(file.read_text(encoding="utf-8"))["data"])
    return [pair for article in articles for asked in article.asked for pair in article.pairs(asked)]


def _words(text: str) -> frozenset[str]:
    return frozenset(word[:6] for word in _WORD.findall(text.lower())) - _LIGHT


def _replaced(text: str, match: re.Match[str], by: str) -> str:
    return text[: match.start()] + by + text[match.end() :]
