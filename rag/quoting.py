"""Answers made of quotes: the likeliest sentences, the two sides of a disagreement, what a list still lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice

from rag.cite import without_markers
from rag.draft import Draft
from rag.fitted import fitted
from rag.mend import mend
from rag.premise import Changed, otherwise
from rag.sentences import is_question
from rag.task import Task
from rag.types import Claim, Evidence, Sentence
from rag.understand.kind import holds, is_yes_or_no, kind_of
from rag.words import VAGUE, content, names, numbers, tokens

QUOTED = 3
"""Quotes that make an answer where the model is none or of no help."""
QUOTED_IN_A_LIST = 8
MOST_NAMESAKES = 4
"""Quotes that an answer may have where documents are about several of one name."""


def quoted(task: Task, draft: Draft, most: int | None = None) -> Iterator[Sentence]:
    """Make the best quotes the answer: what is left when there is no model or what it wrote does not hold.

    Unless the best of them says of another thing what was asked (rag.premise). `most` bounds their number.
    """
    sides = draft.disagreement.quoted if draft.disagreement else ()
    best = [] if sides else likely(task)[:most]
    draft.instead = draft.instead or (of_another(task, best[:1]) if best else None)
    if draft.instead:
        return
    for index in sides or best:
        yield from quote(draft, index)


def of_another(task: Task, quotes: Sequence[int]) -> Changed | None:
    """Return what quotes have in place of what was asked; None where one has that, or the check is lenient."""
    if task.several or task.mode == "lenient":
        return None
    found = [otherwise(task.standalone, task.evidence[index]) for index in quotes]
    return found[0] if found and all(found) else None


def completed(task: Task, draft: Draft, *, picked: bool = False) -> Iterator[Sentence]:
    """Add to a list the quotes that likely answer too and name what the answer has not named.

    Where a model has `picked` what it names out of all that may, only what is nearly as likely as the best is added,
    and what goes on with the same list: it has half of the names that the answer had so far, and others.
    """
    asked, close = content(task.standalone), set(likely(task, "share"))
    picks = names(draft.text) - asked
    for index in likely(task):
        found = names(task.evidence[index].text) - asked
        goes_on = bool(picks) and 2 * len(found & picks) >= len(picks)
        is_new = index not in draft.citations and bool(found - content(draft.text))
        if is_new and (not picked or index in close or goes_on):
            yield from quote(draft, index)


def likely(task: Task, share: str = "") -> list[int]:
    """Return the evidence that can answer by itself and is nearly as likely to as the best, best first.

    `share` names the fitted threshold that says how nearly; by default that of the kind of question.
    """
    fitting = [index for index, item in enumerate(task.evidence) if item.fits]
    if not fitting:
        return []
    thresholds = fitted(f"relevance_{task.situation}").thresholds
    least = thresholds[share or ("share_in_a_list" if task.several else "share")] * task.evidence[fitting[0]].score
    likely = [index for index in fitting if task.evidence[index].score >= least]
    return likely[: QUOTED_IN_A_LIST if task.several else QUOTED]


def of_namesakes(task: Task, quotes: Sequence[int], share: float | None = None) -> list[int]:
    """Return what answers in documents that are not quoted yet: several may be called by the name that was asked for.

    "When was Bert Smith born?" has an answer for each of that name. A document adds its likeliest sentence if that is
    about the names of the question, holds what was asked for, and says something new. Only where all
    documents are read: among many, most that share a name are about something else. `share` is how likely it has to be,
    as a share of the likeliest quote's; by default as fitted.
    """
    kind, asked = kind_of(task.standalone), content(task.standalone)
    one = bool(kind) and not (task.several or is_yes_or_no(task.standalone))
    if not (quotes and one) or task.situation != "whole":
        return []
    wanted = names(task.standalone) or asked
    if not wanted:
        return []
    least = fitted("relevance_whole").thresholds["share_of_namesake"] if share is None else share
    least *= max(task.evidence[index].score for index in quotes)
    seen = {task.evidence[index].document_id for index in quotes}
    known = asked.union(*(content(task.evidence[index].text) for index in quotes))
    found: list[int] = []
    for index, item in enumerate(task.evidence):
        new = (names(item.text) | numbers(item.text)) - known
        if item.document_id in seen or not (item.fits and item.score >= least and new):
            continue
        if _is_about(item, wanted) and holds(kind, asked, item.text):
            found.append(index)
            seen.add(item.document_id)
            known |= content(item.text)
    return found[: max(0, MOST_NAMESAKES - len(quotes))]


def _is_about(item: Evidence, wanted: AbstractSet[str]) -> bool:
    """Say whether a sentence has these words, or its document is called by them: not by "A visit to China"."""
    return wanted <= content(item.text) or wanted == content(item.title.partition(" (")[0])


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
    said = (content(f"{one.title}. {one.text}") for one in cited)
    lacking = (content(task.standalone) - VAGUE).difference(*said)
    return bool(lacking & content(item.text)) and any(
        _names_document(task, one, item) or _names_document(task, item, one) for one in cited
    )


def _names_document(task: Task, one: Evidence, other: Evidence) -> bool:
    """Say whether a sentence names what another one's document is called, and the question doesn't."""
    called = content(other.title.partition(" (")[0])  # "Stagecoach (1939 film)"
    named = {token.key for token in tokens(one.text) if token.number or token.text[:1].isupper()}
    return bool(called - content(task.standalone)) and called <= named


def quote(draft: Draft, index: int) -> Iterator[Sentence]:
    """Append a piece of the evidence as a sentence of the answer."""
    # A footnote mark of the document, "[3]", would read as the number of one of our quotes.
    sentence = without_markers(mend(draft.evidence[index].text))
    if sentence:
        yield draft.add(sentence, Claim(0, len(sentence), "supported", (), 1.0), (index,))


def others(task: Task, draft: Draft) -> Iterator[Sentence]:
    """Quote what the answer leads to in another document, and what answers for the others of the name asked for."""
    for more in (of_links, of_namesakes):
        for index in more(task, list(draft.citations)):
            yield from quote(draft, index)


def both_sides(draft: Draft) -> Iterator[Sentence]:
    """Quote each side of a disagreement that the answer has not quoted yet."""
    for index in draft.disagreement.quoted if draft.disagreement else ():
        if index not in draft.citations:
            yield from quote(draft, index)
