"""Sentences that an answer needs beyond the likeliest ones: of what is weighed, of where quotes lead.

Each is of another document than what answers most of the question, and seldom likely by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import islice

from rag.fitted import fitted
from rag.sentences import is_question
from rag.task import Task
from rag.types import Evidence
from rag.understand.kind import holds, kind_of
from rag.understand.options import decisive, options_of, weighed_by
from rag.understand.wording import done_by
from rag.words import VAGUE, content, tokens

LEAST_WEIGHED = 2
"""Things that a question weighs which the evidence has to have."""
BESIDE = 3
"""Words within which a sentence names who did what: "directed by the young Ann Lee"."""
_SORT = re.compile(r"\b(?:which|what|both|two)\s+(\w+)", re.IGNORECASE)


def of_options(task: Task, quotes: Sequence[int]) -> list[int]:
    """Return the sentences about each of the things that a question weighs, where no quote is one.

    "Who is older, Ann Lee or Bo Ek?" is answered by two sentences, best such that have a birthday each; "Which film has
    the older director, Storm or Calm?" by four: who directed each, and when these were born. None where not two of
    these things are in the evidence: then it is no question that these documents could answer so.
    """
    told = [about for option in options_of(task.standalone) if (about := _about(task, option))]
    if len({about[0] for about in told}) < LEAST_WEIGHED:
        return []
    first = [about[0] for about in told if not set(about) & set(quotes)]
    shown = [*quotes, *first]
    second = [_led_to(task, index) for index in shown]
    return list(dict.fromkeys((*first, *(index for index in second if index is not None and index not in quotes))))


def of_parts(task: Task, quotes: Sequence[int]) -> list[int]:
    """Return the likeliest sentence for each of several things that a question asks, where no quote has that.

    "What does it weigh, and how long is the cable?" is answered by two lines.
    """
    asked = dict.fromkeys(part for item in task.evidence for part in item.parts)
    had = {part for index in quotes for part in task.evidence[index].parts}
    first = (next(i for i, item in enumerate(task.evidence) if part in item.parts) for part in asked if part not in had)
    return list(dict.fromkeys(first))


def _about(task: Task, option: str) -> list[int]:
    """Return the sentences about a thing that a question weighs which may decide as well as any, likeliest first."""
    called = option.partition(" (")[0]
    last = [token.key for token in tokens(called) if token.content][-1:]
    stated = [(index, item) for index, item in enumerate(task.evidence) if last and not is_question(item.text)]
    found = [index for index, item in stated if _is_about(item, content(called))]
    # "Janet Yellen" is "Yellen" in most sentences, unless another one is weighed who is called so.
    alone = sum(last[0] in content(other) for other in options_of(task.standalone)) == 1 if last else False
    if not found and alone:
        found = [index for index, item in stated if last[0] in _capitalised(item.text)]
    if leading := [index for index in found if _led_to(task, index) is not None]:
        return leading
    least = min((_undecided(task, index) for index in found), default=0)
    return [index for index in found if _undecided(task, index) == least]


def _undecided(task: Task, index: int) -> int:
    """Return how little a sentence has of what decides a question that weighs: 0 to 3."""
    question, text = task.standalone, task.evidence[index].text
    said = decisive(question)
    lacks_word = bool(said) and not said & content(text)
    return 2 * (not holds(weighed_by(question), content(question), text)) + lacks_word


def _led_to(task: Task, index: int) -> int | None:
    """Return what decides about whom a sentence names beside a word of the question: the director of a film.

    "Storm is a film directed by Ann Lee" leads to the document "Ann Lee"; None where a sentence leads nowhere.
    """
    there = _beside(task, index)
    dated = {at: holds("date", frozenset(), task.evidence[at].text) for at in there}
    return min(there, key=lambda at: (_undecided(task, at), -dated[at], at), default=None)


def _beside(task: Task, index: int) -> list[int]:
    """Return the sentences of the documents that a sentence names beside a word of the question, likeliest first."""
    one = task.evidence[index]
    asked = _relations(task, one.text)
    called = {item.document_id: item for item in task.evidence} if asked else {}
    documents = {document for document, item in called.items() if _is_named_beside(asked, one, item)}
    return [
        at
        for at, item in enumerate(task.evidence)
        if item.document_id in documents and item.fits and not is_question(item.text)
    ]


def _relations(task: Task, text: str) -> AbstractSet[str]:
    """Return the words of a question that a sentence has, as they stand or as what was done: "directed by".

    Not what the things are that it weighs: "Which film …".
    """
    weighed = content(" ".join((*options_of(task.standalone), *_SORT.findall(task.standalone))))
    words = [token for token in tokens(task.standalone) if token.content and token.key not in weighed | VAGUE]
    said = content(text)
    return frozenset(
        key for word in words for key in ({word.key} & said or done_by(word.text, [text])) if not word.name
    )


def _is_named_beside(asked: AbstractSet[str], one: Evidence, other: Evidence) -> bool:
    """Say whether a sentence names what another document is called, close by one of these words."""
    called = [token.key for token in tokens(other.title.partition(" (")[0]) if token.content]
    if not called or other.document_id == one.document_id or not set(called) <= _capitalised(one.text):
        return False
    words = [token.key for token in tokens(one.text) if token.content]
    at = next((at for at in range(len(words)) if words[at : at + len(called)] == called), None)
    near = words[max(0, at - BESIDE) : at + len(called) + BESIDE] if at is not None else []
    return bool(asked & set(near) - set(called))


def led_to(task: Task, quotes: Sequence[int]) -> list[int]:
    """Return the sentence of another document that the answer goes on in; at most one.

    It is what the quotes lead to (`of_links`), or else what is said of whom the first of them names beside a word of
    the question, "directed by John Ford", however unlikely. What is weighed has its own (`of_options`).
    """
    if not quotes or task.several or of_options(task, ()):
        return []
    return of_links(task, quotes) or _by_relation(task, quotes)


def of_links(task: Task, quotes: Sequence[int], share: float | None = None) -> list[int]:
    """Return the sentence that the quotes lead to, where they don't have all words of the question; at most one.

    "Where was the director of Stagecoach born?" is answered by two documents: "Stagecoach is a film by John Ford" names
    the other one, "John Ford", and that says where (the bridge of a multi-hop question: Yang et al., HotpotQA, EMNLP
    2018). A quote leads to a document whose title it names, and to one that names its own. The sentence is the
    likeliest of these that has a word of the question that the quotes lack; `share` is how likely it has to be, as a
    share of the likeliest quote's, by default as fitted among many documents: in a folder that is read whole, too.
    """
    if not quotes or task.several:
        return []
    least = fitted("relevance_pool").thresholds["share_of_link"] if share is None else share
    least *= max(task.evidence[index].score for index in quotes)
    further = (index for index, item in enumerate(task.evidence) if item.score >= least)
    return list(islice((index for index in further if leads_on(task, quotes, index)), 1))


def leads_on(task: Task, quotes: Sequence[int], index: int) -> bool:
    """Say whether quotes lead to this sentence of another document, for a word of the question that they lack."""
    item, cited = task.evidence[index], [task.evidence[place] for place in quotes]
    if not item.fits or is_question(item.text) or item.document_id in {one.document_id for one in cited}:
        return False
    return bool(_lacking(task, cited) & content(item.text)) and any(
        _names_document(task, one, item) or _names_document(task, item, one) for one in cited
    )


def _by_relation(task: Task, quotes: Sequence[int]) -> list[int]:
    """Return the likeliest sentence of whom the first quote names beside a word of the question; at most one.

    It has to hold the kind of thing that was asked for, and the quotes to lack something.
    """
    cited = [task.evidence[place] for place in quotes]
    lacking = _lacking(task, cited) - _relations(task, cited[0].text)
    kind, asked = kind_of(task.standalone), content(task.standalone)
    there = [at for at in _beside(task, quotes[0]) if _names_document(task, cited[0], task.evidence[at])]
    there = [at for at in there if task.evidence[at].document_id not in {one.document_id for one in cited}]
    return [at for at in there if lacking and holds(kind, asked, task.evidence[at].text)][:1]


def _lacking(task: Task, cited: Sequence[Evidence]) -> AbstractSet[str]:
    """Return the words of the question that quotes and their titles don't have."""
    said = (content(f"{one.title}. {one.text}") for one in cited)
    return (content(task.standalone) - VAGUE).difference(*said)


def _names_document(task: Task, one: Evidence, other: Evidence) -> bool:
    """Say whether a sentence names what another one's document is called, and the question doesn't."""
    called = content(other.title.partition(" (")[0])  # "Stagecoach (1939 film)"
    return bool(called - content(task.standalone)) and called <= _capitalised(one.text)


def _capitalised(text: str) -> AbstractSet[str]:
    """Return the keys of what may be part of a name, where a sentence begins, too."""
    return {token.key for token in tokens(text) if token.number or token.text[:1].isupper()}


def _is_about(item: Evidence, wanted: AbstractSet[str]) -> bool:
    """Say whether a sentence has these words, or its document is called by them: not by "A visit to China"."""
    return wanted <= content(item.text) or wanted == content(item.title.partition(" (")[0])
