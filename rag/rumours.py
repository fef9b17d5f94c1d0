"""Rumours that documents deny: whoever is shown the rumour alone takes it for what the documents say."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.sentences import is_question
from rag.task import Task
from rag.words import content, is_negator, names, tokens

MOST = 2
"""Denials that are quoted."""
_SAID = re.compile(
    r"\b(?:rumou?r\w*|allegedly|alleged|reportedly|supposedly|purported\w*|speculat\w+|gossip|unconfirmed"
    r"|(?:is|are|was|were) said to (?:have|be))\b",
    re.IGNORECASE,
)
"""What is told of without being vouched for."""
_UNTRUE = re.compile(
    r"\b(?:false|untrue|wrong|unfounded|baseless|invented|nonsense|dismiss\w*|reject\w*|denie[sd]|deny|denying|denial"
    r"|debunk\w*|refut\w*|disprov\w*)\b",
    re.IGNORECASE,
)


def denials(task: Task, quotes: Sequence[int]) -> list[int]:
    """Return the likeliest sentences that deny what a quote only tells as a rumour, of the same people or things.

    Each has all the names that the rumour has of the question, or says that there is a rumour and that it is not so.
    """
    told = [task.evidence[index] for index in quotes if _SAID.search(task.evidence[index].text)]
    if not told or task.several or any(_denies(task.evidence[index].text) for index in quotes):
        return []
    about = names(told[0].text) & (names(task.standalone) or content(task.standalone))
    there = (
        index
        for index, item in enumerate(task.evidence)
        if index not in quotes and about and about <= content(item.text) and _denies(item.text)
    )
    return [index for index in there if not is_question(task.evidence[index].text)][:MOST]


def _denies(text: str) -> bool:
    return bool(_UNTRUE.search(text)) or any(is_negator(token) for token in tokens(text))
