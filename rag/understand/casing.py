"""A question typed without capitals -> the names in it as the documents write them: "ruth" becomes "Ruth".

Capitals are all that tells a name here (rag.words), and in a chat people leave them out. What documents nearly always
write with a capital gets theirs; a question that has a capital of its own is left as it is, for whoever typed that
knows where they go (truecasing by the most frequent form: Lita et al., "tRuEcasIng", ACL 2003).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from rag.words import OWNED, Token, tokens

MOSTLY = 4
"""Times that the documents write a word with a capital for each time that they don't."""
LOOKED_UP = 64
"""Different words of a question that are looked for."""
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_OPENS = re.compile(r"[.!?:;|•–—\"“”(>*]|\s-\s")
_I = re.compile(r"\bI\b")

Having = Callable[[Sequence[str]], Sequence[str]]
"""Returns texts of the collection that have any of some words."""


def cased(question: str, having: Having) -> str:
    """Return the question with capitals where its documents have them; one that has any is left as it is."""
    if (said := _I.sub("i", question)) != said.lower():
        return question
    words = [token for token in tokens(question) if token.content and not token.number]
    wanted = list(dict.fromkeys(_bare(token) for token in words))[:LOOKED_UP]
    forms = _forms(having(wanted), frozenset(wanted)) if wanted else {}
    for token in reversed(words):
        word = _bare(token)
        if form := forms.get(word):
            question = question[: token.start] + form + question[token.start + len(word) :]
    return question


def _bare(token: Token) -> str:
    return OWNED.sub("", token.text)


def _forms(texts: Sequence[str], wanted: frozenset[str]) -> dict[str, str]:
    """Return how texts write those words that they hardly ever write in small letters."""
    counted: dict[str, Counter[str]] = {}
    for text in texts:
        for word in _within_sentences(text):
            if word.lower() in wanted:
                counted.setdefault(word.lower(), Counter())[word] += 1
    found = {}
    for word, forms in counted.items():
        small = forms.pop(word, 0)
        if forms and sum(forms.values()) >= MOSTLY * small:
            found[word] = max(forms, key=lambda form: (forms[form], form))
    return found


def _within_sentences(text: str) -> Iterator[str]:
    """Yield the words whose capital would say something: none that open a sentence, but for a first name before a last.

    Headlines say nothing either.
    """
    for line in text.splitlines():
        words = list(_WORD.finditer(line))
        capitals = [word.group()[0].isupper() for word in words]
        if 2 * sum(capitals) > len(words) and (len(words) > 2 or sum(capitals) > 1):
            continue
        for at, word in enumerate(words):
            opens = at == 0 or _OPENS.search(line[words[at - 1].end() : word.start()])
            before_a_name = at + 1 < len(words) and capitals[at + 1] and line[word.end() : words[at + 1].start()] == " "
            if (not opens or (capitals[at] and before_a_name)) and not _is_shouted(words, at):
                yield OWNED.sub("", word.group())


def _is_shouted(words: Sequence[re.Match[str]], at: int) -> bool:
    """Say whether a word stands in capitals beside another one: "READ BEFORE USE" makes no name of "use"."""
    beside = (words[place].group() for place in (at - 1, at + 1) if 0 <= place < len(words))
    said = words[at].group()
    return len(said) > 1 and said.isupper() and any(len(other) > 1 and other.isupper() for other in beside)
