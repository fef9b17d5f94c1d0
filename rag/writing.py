"""What a model writes, sentence by sentence, each held against the evidence before anything of it is shown.

There are three kinds of models. A measured one (rag.judge) is shown examples, and how sure it is decides whether it
writes. One that can cite is asked for sentences with the numbers of its evidence (rag.structured). Any other writes
prose and may say that it can't answer.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from rag import structured as cited
from rag.cite import Verdict, check, closest, second_opinion
from rag.draft import Draft
from rag.entries import ends
from rag.fitted import fitted
from rag.further import leads_on
from rag.judge import Odds, is_hopeless, to_read
from rag.markers import without_markers
from rag.mend import mend
from rag.premise import Changed, instead
from rag.prompts import WRITE_OR_REFUSE, YES, is_of_documents, may_refuse
from rag.quoting import expected, of_another, others, quote, quoted
from rag.sentences import CUT, is_question, whole_sentences
from rag.task import QUOTED, Task, by_example, likely, prompt
from rag.types import Claim, Sentence
from rag.understand.kind import MEASURES, holds, kind_of, subject_of
from rag.understand.options import options_of
from rag.unfinished import unbroken
from rag.words import content

if TYPE_CHECKING:
    from llama_index.core.llms import ChatMessage

    from rag.writer import Delta, Writer

ASTRAY = "it stands where the answer likely doesn't"
EVEN = 0.5
"""The probability from which something is likelier than not."""

Written = tuple[str, Verdict, Iterator[Sentence]]
"""A sentence, the check's verdict on it, and what may be shown of it: nothing is, until that is taken."""


def offered(task: Task, writer: Writer, draft: Draft, began: float) -> Iterator[Sentence]:
    """Let a model write that may also say that it can't; then quotes answer only where the outlook is good."""
    for _, _, sentences in _written(task, writer, prompt(task, WRITE_OR_REFUSE), draft, began):
        yield from sentences
    if _may_be_quoted(task, draft):
        yield from quoted(task, draft)


def numbered(task: Task, writer: Writer, draft: Draft, began: float) -> Iterator[Sentence]:
    """Let a model write that names the evidence of each sentence; what it names is a hint to the check."""
    sofar = time.perf_counter() - began
    with closing(cited.structured(task, writer)) as drafts:
        for drafted in drafts:
            draft.usage = draft.usage + drafted.usage if drafted.usage else draft.usage
            draft.first = draft.first or (drafted.first and sofar + drafted.first)
            draft.missing = draft.missing or drafted.missing
            start = time.perf_counter()
            verdict = cited.verdict_on(task, drafted)
            draft.checking += time.perf_counter() - start
            if verdict is None:
                draft.refused = draft.refused or drafted.refused
            else:
                yield from _shown(task, drafted.text, verdict, draft)
    if _may_be_quoted(task, draft):
        yield from quoted(task, draft)
        yield from others(task, draft)


def _may_be_quoted(task: Task, draft: Draft) -> bool:
    """Say whether quotes may answer where nothing of what the model wrote holds."""
    return not (draft.claims or draft.instead) and (is_sure(task) or not draft.refused)


def weighed(task: Task, writer: Writer, draft: Draft, began: float, odds: Odds) -> Iterator[Sentence]:
    """Let a measured model write, unless its Yes is too weak.

    Where documents disagree on days or numbers that were asked for, they do state them, whatever it thinks. Where model
    and ranking differ on the place, the surer of the two is followed. Where the model said of one thing what its quote
    says of another, no quote answers. What each is worth stands in docs/experiments.md.
    """
    stated = draft.disagreement is not None and draft.disagreement.sure
    if not stated and is_hopeless(odds, task, writer.name):
        return
    drafted: list[tuple[str, Verdict]] = []
    astray = False
    with closing(_written(task, writer, by_example(to_read(task, odds), YES), draft, began)) as written:
        for sentence, verdict, sentences in written:
            astray = not (drafted or stated) and is_astray(task, sentence, verdict)
            if astray:
                _withhold(draft, sentence, replace(verdict, status="unsupported", why=ASTRAY))
                break
            drafted.append((sentence, verdict))
            yield from sentences
    draft.refused = False
    if not (draft.claims or draft.instead or astray):
        yield from _sources(task, drafted, draft)
    if not (draft.claims or draft.instead):
        yield from quoted(task, draft, most=QUOTED)


def is_astray(task: Task, sentence: str, verdict: Verdict) -> bool:
    """Say whether the ranking's quotes are a better answer than a sentence that was taken from another place.

    They are where the ranking holds its first quote for likelier to answer than not. Only for one fact, for a list is
    put together from many places; and not where all documents are about one thing, which the ranking tells less apart.
    What an expected quote leads to is no other place.
    """
    best = likely(task)[:1]
    if task.several or task.situation == "whole" or not best or task.evidence[best[0]].score < EVEN:
        return False
    if verdict.status == "supported":
        taken = verdict.quotes
    else:
        near = closest(sentence, task.evidence, task.standalone)
        taken = near[:1] if near else ()
    there = expected(task)
    return not any(index in there or leads_on(task, there, index) for index in taken)


def is_sure(task: Task) -> bool:
    """Say whether what was found answers so likely that quotes do, whatever a model says."""
    return task.answerable >= fitted(f"answerable_{task.situation}").thresholds["sure"]


def _sources(task: Task, drafted: Sequence[tuple[str, Verdict]], draft: Draft) -> Iterator[Sentence]:
    """Quote what the model's words were taken from, where the words themselves don't hold.

    For a list these are several: a small model names in one sentence what it read in two. A sentence that names nobody
    where that was asked ("Officials might visit") points nowhere.
    """
    kind, asked = kind_of(task.standalone), content(task.standalone)
    found: list[tuple[int, float]] = []
    for sentence, verdict in drafted:
        if task.several and not holds(kind, asked, sentence):
            continue
        if task.several and verdict.status == "partly":
            found += [(index, verdict.score) for index in verdict.quotes if task.evidence[index].fits]
        elif (near := closest(sentence, task.evidence, task.standalone)) and _is_of_subject(task, near[0]):
            found.append(near)
    best = list(dict.fromkeys(index for index, _ in sorted(found, key=lambda pair: -pair[1])))
    answering = (index for index in best if _may_answer(task, index))
    for index in islice(answering, QUOTED if task.several else 1):
        yield from quote(draft, index)


def _may_answer(task: Task, index: int) -> bool:
    item = task.evidence[index]
    asks = is_question(item.text) or not (item.fits or ends(item.text))
    return not (asks or of_another(task, [index]) or _lacks_measure(task, [index]))


def _written(
    task: Task, writer: Writer, messages: Sequence[ChatMessage], draft: Draft, began: float
) -> Generator[Written]:
    """Stream the model and check each sentence when it is whole."""
    with closing(writer.stream(messages, max_tokens=task.answer_tokens)) as deltas:
        for sentence in _sentences(task, deltas, draft, began):
            start = time.perf_counter()
            verdict = verdict_on(task, sentence)
            draft.checking += time.perf_counter() - start
            if _is_refusal(sentence, verdict):
                draft.refused = True
                continue
            yield sentence, verdict, _shown(task, sentence, verdict, draft)


def _shown(task: Task, sentence: str, verdict: Verdict, draft: Draft) -> Iterator[Sentence]:
    if verdict.status == "supported" or (task.mode == "lenient" and task.evidence):
        claim = Claim(0, len(sentence), verdict.status, (), verdict.score, verdict.why)
        yield draft.add(sentence, claim, verdict.quotes if verdict.status != "unsupported" else ())
    else:
        if not (draft.claims or draft.withheld or draft.disagreement or task.several):
            draft.instead = _of_another(task, sentence, verdict)
        _withhold(draft, sentence, verdict)


def _of_another(task: Task, sentence: str, verdict: Verdict) -> Changed | None:
    """Return what was asked, and what the quote that a sentence was taken from says in its place, if it does."""
    if verdict.status == "unsupported" and not options_of(task.standalone):
        return instead(sentence, task.evidence, task.standalone)
    return of_another(task, verdict.quotes)


def _withhold(draft: Draft, sentence: str, verdict: Verdict) -> None:
    why = f"{sentence} – {verdict.why}"
    draft.withheld.append(Claim(0, len(sentence), verdict.status, (), verdict.score, why))


def verdict_on(task: Task, sentence: str) -> Verdict:
    """Return what the check says of a sentence as an answer to this question."""
    return _to_the_point(task, sentence, _by_one_quote(task, sentence))


def _by_one_quote(task: Task, sentence: str) -> Verdict:
    """Check a sentence; one that only several quotes together bear out is not shown as supported.

    Small models put halves of two sentences together to something that neither says.
    """
    verdict = check(sentence, task.evidence, question=task.standalone)
    verdict = second_opinion(verdict, sentence, task.evidence, task.checker)
    if verdict.status != "supported" or len(verdict.quotes) < 2:
        return verdict
    alone = (_alone(task, sentence, index) for index in verdict.quotes)
    if any(single.status == "supported" for single in alone):
        return verdict
    return replace(verdict, status="partly", why="no quote says it by itself")


def _alone(task: Task, sentence: str, index: int) -> Verdict:
    item = [task.evidence[index]]
    verdict = check(sentence, item, question=task.standalone, around=task.evidence)
    return second_opinion(verdict, sentence, item, task.checker)


def _to_the_point(task: Task, sentence: str, verdict: Verdict) -> Verdict:
    """Small models answer "who" and "when" with a true sentence that names nobody and no time.

    What no fitting quote supports is no answer; where the quote has what was asked for and the sentence left it out,
    the quote itself is one.
    """
    if verdict.status != "supported":
        return verdict
    if not any(task.evidence[index].fits for index in verdict.quotes):
        return replace(verdict, status="partly", why="its quotes don't hold what was asked for")
    if not any(_is_of_subject(task, index) for index in verdict.quotes):
        return replace(verdict, status="partly", why="its quotes are not about what was asked about")
    if changed := of_another(task, verdict.quotes):
        return replace(verdict, status="partly", why="its quote has “{1}”, not “{0}”".format(*changed))
    kind, asked = kind_of(task.standalone), content(task.standalone)
    quotes = [task.evidence[index].text for index in verdict.quotes]
    if not holds(kind, asked, sentence) and any(holds(kind, asked, quote) for quote in quotes):
        return replace(verdict, status="partly", why="it leaves out what was asked for")
    if _lacks_measure(task, verdict.quotes):
        return replace(verdict, status="partly", why=f"its quotes have no {kind}, which was asked for")
    return verdict


def _lacks_measure(task: Task, quotes: Sequence[int]) -> bool:
    """Say whether quotes have no time or number, where that was asked for and likelier quotes have one."""
    kind, asked = kind_of(task.standalone), content(task.standalone)
    if kind not in MEASURES or task.several:
        return False
    return not any(holds(kind, asked, task.evidence[index].text) for index in quotes) and any(
        holds(kind, asked, task.evidence[index].text) for index in likely(task)
    )


def _is_of_subject(task: Task, index: int) -> bool:
    """Say whether a quote names whom "Might the Commerce Secretary come?" is about; true where nobody can tell."""
    subject = subject_of(task.standalone)
    return not subject or bool(options_of(task.standalone)) or bool(subject & content(task.evidence[index].text))


def _sentences(task: Task, deltas: Iterator[Delta], draft: Draft, began: float) -> Iterator[str]:
    """Yield whole sentences of the stream, without markers and repeats; notes usage and the first word's time."""

    def pieces() -> Iterator[str]:
        for delta in deltas:
            draft.first = draft.first or time.perf_counter() - began
            draft.usage = draft.usage + delta.usage if delta.usage else draft.usage
            if task.stopped.is_set():
                return
            yield delta.text
            if delta.finish == "length":
                yield CUT

    yield from sentences_of(pieces(), [item.text for item in task.evidence])


def sentences_of(pieces: Iterable[str], sources: Sequence[str] = ()) -> Iterator[str]:
    """Yield the sentences of a reply as it comes, without markers, repeats, and the Yes that it begins with.

    `sources` are the texts that it is written from.
    """
    seen: set[str] = set()
    for sentence in whole_sentences(pieces):
        plain = mend(without_markers(unbroken(sentence), sources))
        if plain and plain.casefold() not in seen and plain != YES:
            seen.add(plain.casefold())
            yield plain


def _is_refusal(sentence: str, verdict: Verdict) -> bool:
    """Say whether a sentence only says that the documents don't: "The policy does not cover it" may be an answer."""
    if not may_refuse(sentence):
        return False
    stated = verdict.status == "supported" and (verdict.score == 1.0 or not is_of_documents(sentence))
    return not stated
