"""Answers made of quotes: the likeliest sentences, the two sides of a disagreement, what a list still lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.compare import compared, in_order, with_statement
from rag.draft import Draft
from rag.ended import endings
from rag.entries import is_introduced, is_item, is_said_by
from rag.further import led_to, of_options, of_parts
from rag.markers import without_notes
from rag.mend import mend
from rag.namesakes import of_namesakes
from rag.premise import Changed, otherwise
from rag.rows import of_rows
from rag.rumours import denials
from rag.task import Task, likely, of_names
from rag.types import Claim, Evidence, Sentence
from rag.understand.kind import kind_of
from rag.understand.mentions import mentions
from rag.understand.options import options_of
from rag.understand.several import asks_openly
from rag.words import VAGUE, content, names, tokens

_NAMED = frozenset(("person", "place", "name"))
"""Kinds of what a sentence may list."""
QUOTED_OF_A_LIST = 20
"""Entries of one list that are quoted at most."""


def quoted(task: Task, draft: Draft, most: int | None = None) -> Iterator[Sentence]:
    """Make the best quotes the answer: what is left when there is no model or what it wrote does not hold.

    Unless the best of them says of another thing what was asked (rag.premise). `most` bounds their number.
    """
    disagreement, best = draft.disagreement, expected(task)[:most]
    if disagreement:
        # Days and numbers may be those of something else than the likeliest quote is about.
        aside = disagreement.of_versions or set(disagreement.quoted) & set(best)
        best = [*(() if aside else best[:1]), *disagreement.quoted]
    elif not compared(task):
        draft.instead = draft.instead or of_another(task, best[:1])
        if draft.instead and (said := _of_the_same(task, best[0], draft.instead[0])):
            draft.instead, best = None, said
    for index in best if not draft.instead else ():
        yield from quote(draft, index)


def _of_the_same(task: Task, first: int, word: str) -> list[int]:
    """Return the likeliest answer of the same document that has the very word for which the first one has another.

    "The roof work begins on 8 April. He will be finished by 26 April." says when it is finished. Names and numbers tell
    things apart: for these there is none, nor where the sentence names something else first.
    """
    if not word.isalpha() or not word.islower():
        return []
    document, meant = task.evidence[first].document_id, content(word)
    for index, item in enumerate(task.evidence):
        if item.fits and item.document_id == document and meant and meant <= content(item.text):
            at = next((token.start for token in tokens(item.text) if token.key in meant), 0)
            is_of_another = names(f"x {item.text[:at]}") - content(task.standalone)
            return [] if is_of_another or otherwise(task.standalone, item) else [index]
    return []


def of_another(task: Task, quotes: Sequence[int]) -> Changed | None:
    """Return what quotes have in place of what was asked; None where one has that, or the check is lenient.

    Of two that a question weighs each is another one than the other.
    """
    if task.several or task.mode == "lenient" or options_of(task.standalone):
        return None
    found = [otherwise(task.standalone, task.evidence[index]) for index in quotes]
    return found[0] if found and all(found) else None


def completed(task: Task, draft: Draft, *, picked: bool = False) -> Iterator[Sentence]:
    """Add to a list the quotes that likely answer too and name what the answer has not named.

    Where a model has `picked` what it names out of all that may, only what is nearly as likely as the best is added,
    of a list of names what names others and is likely enough, what another document says in as many words of the
    question as the first quote has, and what goes on with the same list: it has half of those that one of the answer's
    sentences names, and others.
    """
    asked, close = content(task.standalone), {*likely(task, "share"), *of_names(task, "share_if_picked")}
    close |= set(_elsewhere(task, draft))
    for index in likely(task):
        found = names(task.evidence[index].text) - asked
        is_new = index not in draft.citations and bool(found - content(draft.text))
        if is_new and (not picked or index in close or _goes_on(draft, found, asked)):
            yield from quote(draft, index)


def _elsewhere(task: Task, draft: Draft) -> list[int]:
    """Return what other documents than the quoted ones say in as many words of the question as the first quote.

    Not where that has one alone: in a folder about one thing most sentences have it.
    """
    asked = content(task.standalone) - VAGUE
    cited = [draft.evidence[index] for index in draft.citations]
    if not cited:  # where the check is lenient, an answer may have no quote at all
        return []
    least, quoted_from = len(asked & content(cited[0].text)), {item.document_id for item in cited}
    return [
        index
        for index, item in enumerate(task.evidence)
        if item.document_id not in quoted_from and 1 < least <= len(asked & content(item.text))
    ]


def _goes_on(draft: Draft, found: frozenset[str], asked: frozenset[str]) -> bool:
    """Say whether these names have half of several of one kind that a sentence of the answer names: people, places."""
    for claim in draft.claims:
        several: dict[str, list[frozenset[str]]] = {}
        for mention in mentions(draft.text[claim.start : claim.end]):
            if mention.kind in _NAMED and not content(mention.text) & asked:
                several.setdefault(mention.kind, []).append(content(mention.text))
        for those in several.values():
            # Most of a name: two may share one.
            had = sum(2 * len(name & found) > len(name) for name in those)
            if len(those) > 1 and 2 * had >= len(those):
                return True
    return False


def expected(task: Task) -> list[int]:
    """Return the quotes that make the answer: the list that was asked for, one for each thing, else the likeliest."""
    return of_list(task) or of_options(task, ()) or of_parts(task, ()) or likely(task)


def of_list(task: Task) -> list[int]:
    """Return what a list is answered by: the rows within a bound, the entries under a heading, the rows of a table."""
    if (comparison := compared(task)) and comparison.found:
        return with_statement(task, in_order(task.evidence, comparison.found)[:QUOTED_OF_A_LIST])
    listed = (index for index, item in enumerate(task.evidence) if item.listed)
    found = sorted(listed, key=lambda at: task.evidence[at].start) or of_rows(task)
    return found[:QUOTED_OF_A_LIST]


def siblings(task: Task, draft: Draft) -> Iterator[Sentence]:
    """Quote the rest of a list of which the answer has an item that says nothing of the question's own words.

    "What do I get with the full plan?" leads to one of the items under "Included", by chance; all of them answer.
    """
    if kind_of(task.standalone) or not asks_openly(task.standalone):
        return
    item = _first_item(task, draft)
    if item is None:
        return
    asked = content(task.standalone) - VAGUE - content(f"{item.title}. {item.heading}")
    if 2 * len(asked & content(item.text)) >= max(1, len(asked)):
        return
    there = [at for at, other in enumerate(task.evidence) if _is_beside(item, other) and at not in draft.citations]
    for at in sorted(there, key=lambda at: task.evidence[at].start)[:QUOTED_OF_A_LIST]:
        yield from quote(draft, at)


def _first_item(task: Task, draft: Draft) -> Evidence | None:
    """Return the item that an answer begins with, or that comes right behind its lead-in."""
    first = [task.evidence[index] for index in list(draft.citations)[:2]]
    if first and not is_item(first[0].text, first[0].heading):
        lead = first.pop(0)
        first = [one for one in first if one.heading == lead.text and one.document_id == lead.document_id]
    return next((one for one in first[:1] if is_item(one.text, one.heading)), None)


def _is_beside(item: Evidence, other: Evidence) -> bool:
    same = (other.document_id, other.heading) == (item.document_id, item.heading)
    return same and is_item(other.text, other.heading)


def quote(draft: Draft, index: int) -> Iterator[Sentence]:
    """Append a piece of the evidence as a sentence of the answer, an item with the line that introduces it."""
    # A footnote mark of the document, "[3]", would read as the number of one of our quotes.
    sentence = without_notes(mend(draft.evidence[index].text))
    if not sentence:
        return
    lead = _lead_in(draft, index)
    if lead is not None:
        before = without_notes(mend(draft.evidence[lead].text)).rstrip(" :")
        sentence = f"{before}: {sentence}"
    quotes = (index,) if lead is None else (lead, index)
    yield draft.add(sentence, Claim(0, len(sentence), "supported", (), 1.0), quotes)


def _lead_in(draft: Draft, index: int) -> int | None:
    """Return the line without which an item would say something else; not where the item before has brought it."""
    item = draft.evidence[index]
    if not (is_introduced(item.text, item.heading) and is_said_by(item.heading)):
        return None
    there = (
        at
        for at, other in enumerate(draft.evidence)
        if other.document_id == item.document_id and other.text == item.heading and other.start < item.start
    )
    last = draft.evidence[next(reversed(draft.citations))] if draft.citations else None
    goes_on = last is not None and (last.document_id, last.heading) == (item.document_id, item.heading)
    return next((at for at in there if not ((item.listed or goes_on) and at in draft.citations)), None)


def others(task: Task, draft: Draft) -> Iterator[Sentence]:
    """Quote what the answer lacks.

    That is who denies a rumour, what has ended since, others that a question weighs or that are called so, too.
    """
    for more in (denials, endings, of_options, of_parts, led_to, of_namesakes):
        for index in more(task, list(draft.citations)):
            yield from quote(draft, index)


def both_sides(draft: Draft) -> Iterator[Sentence]:
    """Quote each side of a disagreement that the answer has not quoted yet."""
    for index in draft.disagreement.quoted if draft.disagreement else ():
        if index not in draft.citations:
            yield from quote(draft, index)
