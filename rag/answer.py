"""Question + evidence -> stream of answer events: what the model writes, sentence by sentence, as quotes bear it.

Four voices decide. The outlook (what was found, before the model is asked) refuses what is nowhere near the
documents. The model judges whether the sentences answer (rag.judge), where it is known what its judgement is worth.
Then it writes, or says that it can't. The check lets through only what quotes support. Where the sentences answer and
what the model wrote is no help, the best quotes themselves are the answer.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rag.cite import Verdict, check, without_markers
from rag.conflicts import Found, disagreement
from rag.fitted import fitted
from rag.judge import is_borne, is_hopeless, is_judge, judged
from rag.mend import mend
from rag.prompts import REFUSALS, SAYS_NOT, WRITE_OR_REFUSE, YES
from rag.sentences import split
from rag.task import Mode, Situation, Task, by_example, prompt
from rag.types import (
    Answer,
    AnswerEvent,
    Citation,
    Claim,
    Done,
    Evidence,
    Retrieved,
    Sentence,
    Status,
    Timings,
    Understood,
    Usage,
)
from rag.words import content, names

if TYPE_CHECKING:
    from llama_index.core.llms import ChatMessage

    from rag.writer import Delta, Writer

__all__ = ["Task", "is_promising", "prompt", "respond", "sentences_of", "verdict_on", "whole_sentences"]

QUOTED = 3
"""Quotes that make an answer where the model is none or of no help."""
QUOTED_IN_A_LIST = 8
CUT = "\0cut"
"""Stands in the stream where the model ran out of tokens in the middle of a sentence."""


@dataclass(slots=True)
class _Draft:
    """The answer as it grows; numbers a quote when it is first cited."""

    evidence: tuple[Evidence, ...]
    text: str = ""
    claims: list[Claim] = field(default_factory=list)
    withheld: list[Claim] = field(default_factory=list)
    citations: dict[int, Citation] = field(default_factory=dict)
    """By index of the evidence."""
    refused: bool = False
    disagreement: Found | None = None
    usage: Usage = field(default_factory=Usage)
    checking: float = 0.0
    first: float = 0.0
    """Seconds from the start to the model's first word."""

    def add(self, sentence: str, claim: Claim, quotes: Sequence[int]) -> Sentence:
        """Append a sentence; return the event that shows it."""
        start = len(self.text) + (1 if self.text else 0)
        self.text = f"{self.text} {sentence}" if self.text else sentence
        numbers = tuple(self._cite(index, claim.score) for index in quotes)
        placed = replace(claim, start=start, end=len(self.text), citations=numbers)
        self.claims.append(placed)
        return Sentence(sentence, placed, tuple(self.citations[index] for index in quotes))

    def _cite(self, index: int, score: float) -> int:
        if index not in self.citations:
            item = self.evidence[index]
            self.citations[index] = Citation(
                number=len(self.citations) + 1,
                document_id=item.document_id,
                title=item.title,
                uri=item.uri,
                published_at=item.published_at,
                page=item.page,
                place=item.place,
                start=item.start,
                end=item.end,
                quote=item.text,
                score=score,
                also_in=item.also_in,
            )
        return self.citations[index].number


def is_promising(answerable: float, situation: Situation, mode: Mode) -> bool:
    """Say whether what was found is worth asking the model; below this the documents don't say."""
    return answerable >= fitted(f"answerable_{situation}").thresholds[mode]


def respond(task: Task, writer: Writer | None) -> Generator[AnswerEvent]:
    """Yield the events of an answer: Understood, Retrieved, each Sentence once it is checked, and Done.

    Raises:
        LLMError: the model failed; what was yielded before stands.
    """
    began = time.perf_counter()
    yield Understood(task.question, task.standalone)
    yield Retrieved(task.evidence)
    draft = _Draft(task.evidence)
    if task.evidence and is_promising(task.answerable, task.situation, task.mode):
        yield from _answered(task, writer, draft, began)
    yield Done(_finished(task, draft, writer.name if writer else "none", time.perf_counter() - began))


def _answered(task: Task, writer: Writer | None, draft: _Draft, began: float) -> Iterator[Sentence]:
    """Yield the sentences of the answer, if the evidence has one: the model's, and quotes where those are better.

    For a list the small models are no help: over the reference folder they name the one who was asked about, or
    too few, where the quotes name everyone. So the quotes are the list.
    """
    draft.disagreement = disagreement(task)
    if writer is None or (task.several and is_judge(writer.name)):
        yield from _quoted(task, draft)
    else:
        odds, draft.usage = judged(task, writer)
        yield from _offered(task, writer, draft, began) if odds is None else _weighed(task, writer, draft, began, odds)
    if draft.claims and task.several:
        yield from _completed(task, draft)
    if draft.claims:
        yield from _both_sides(draft)


def _offered(task: Task, writer: Writer, draft: _Draft, began: float) -> Iterator[Sentence]:
    """Let a model write that may also say that it can't; then quotes answer only where the outlook is good."""
    for _, sentences in _written(task, writer, prompt(task, WRITE_OR_REFUSE), draft, began):
        yield from sentences
    sure = task.answerable >= fitted(f"answerable_{task.situation}").thresholds["sure"]
    if not draft.claims and (sure or not draft.refused):
        yield from _quoted(task, draft)


def _weighed(task: Task, writer: Writer, draft: _Draft, began: float, odds: float) -> Iterator[Sentence]:
    """Let a measured model write, unless its Yes is too weak; go on unless what it writes speaks against it, too.

    Where documents disagree on the very thing that was asked, they do state it, whatever the model thinks.
    """
    stated = draft.disagreement is not None
    if not stated and is_hopeless(odds, task, writer.name):
        return
    drafted: list[str] = []
    with closing(_written(task, writer, by_example(task, YES), draft, began)) as written:
        for (sentence, verdict), sentences in written:
            if not (drafted or stated or is_borne(odds, task, sentence, verdict, writer.name)):
                draft.withheld.clear()
                return
            drafted.append(sentence)
            yield from sentences
    if not (drafted or stated or is_borne(odds, task, "", None, writer.name)):
        return
    draft.refused = False
    if not draft.claims:
        yield from _sources(task, drafted, draft)
    if not draft.claims:
        yield from _quoted(task, draft)


def _sources(task: Task, drafted: Sequence[str], draft: _Draft) -> Iterator[Sentence]:
    """Quote what the model's words were taken from, where the words themselves don't hold."""
    found = [near for sentence in drafted if (near := closest(sentence, task.evidence, question=task.standalone))]
    for index, _ in sorted(found, key=lambda pair: -pair[1])[:1]:
        yield from _quote(draft, index)


def _both_sides(draft: _Draft) -> Iterator[Sentence]:
    """Quote each side of a disagreement that the answer has not quoted yet."""
    for _, indices in draft.disagreement.sides if draft.disagreement else ():
        for index in indices:
            if index not in draft.citations:
                yield from _quote(draft, index)


def _written(
    task: Task, writer: Writer, messages: Sequence[ChatMessage], draft: _Draft, began: float
) -> Generator[tuple[tuple[str, Verdict], Iterator[Sentence]]]:
    """Stream the model, check each sentence when it is whole; yield it with its verdict, and what may be shown of it.

    Nothing of a sentence is in the answer before the second part is taken, so whoever asks may stop before.
    """
    with closing(writer.stream(messages, max_tokens=task.answer_tokens)) as deltas:  # type: ignore[type-var]
        for sentence in _sentences(task, deltas, draft, began):
            if _is_refusal(sentence):
                draft.refused = True
                continue
            start = time.perf_counter()
            verdict = verdict_on(task, sentence)
            draft.checking += time.perf_counter() - start
            yield (sentence, verdict), _shown(task, sentence, verdict, draft)


def _shown(task: Task, sentence: str, verdict: Verdict, draft: _Draft) -> Iterator[Sentence]:
    claim = Claim(0, len(sentence), verdict.status, (), verdict.score, verdict.why)
    if verdict.status == "supported" or (task.mode == "lenient" and task.evidence):
        yield draft.add(sentence, claim, verdict.quotes if verdict.status != "unsupported" else ())
    else:
        draft.withheld.append(replace(claim, why=f"{sentence} – {verdict.why}"))


def verdict_on(task: Task, sentence: str) -> Verdict:
    """Return what the check says of a sentence as an answer to this question."""
    return _to_the_point(task, _by_one_quote(task, sentence))


def _by_one_quote(task: Task, sentence: str) -> Verdict:
    """Check a sentence; one that only several quotes together bear out is not shown as supported.

    Small models put halves of two sentences together to something that neither says.
    """
    verdict = check(sentence, task.evidence, question=task.standalone)
    if verdict.status != "supported" or len(verdict.quotes) < 2:
        return verdict
    alone = (check(sentence, [task.evidence[index]], question=task.standalone) for index in verdict.quotes)
    if any(single.status == "supported" for single in alone):
        return verdict
    return replace(verdict, status="partly", why="no quote says it by itself")


def _to_the_point(task: Task, verdict: Verdict) -> Verdict:
    """Small models answer "who" with a true sentence that names nobody: what no fitting quote supports is no answer."""
    if verdict.status != "supported" or any(task.evidence[index].fits for index in verdict.quotes):
        return verdict
    return replace(verdict, status="partly", why="its quotes don't hold what was asked for")


def _sentences(task: Task, deltas: Iterator[Delta], draft: _Draft, began: float) -> Iterator[str]:
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

    yield from sentences_of(pieces())


def sentences_of(pieces: Iterable[str]) -> Iterator[str]:
    """Yield the sentences of a reply as it comes, without markers, repeats, and the Yes that it begins with."""
    seen: set[str] = set()
    for sentence in whole_sentences(pieces):
        plain = mend(without_markers(_unbroken(sentence)))
        if plain and plain.casefold() not in seen and plain != YES:
            seen.add(plain.casefold())
            yield plain


def _unbroken(text: str) -> str:
    """Join halves of characters that a server sent one by one; a lone one, which can't be stored, becomes "?"."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def whole_sentences(pieces: Iterable[str]) -> Iterator[str]:
    """Yield the sentences of a text that comes in pieces, each as soon as it is clear where it ends.

    However the text is cut into pieces, the sentences are the same. What is unfinished at CUT is dropped.
    """
    text = ""
    for piece in pieces:
        if piece == CUT:
            yield from (span.of(text) for span in split(text)[:-1])
            return
        text += piece
        *lines, text = text.split("\n")
        for line in lines:
            yield from (span.of(line) for span in split(line))
        spans = split(text)
        # Where the last sentence begins is clear only once its first word is whole.
        if len(spans) > 1 and " " in spans[-1].of(text):
            yield from (span.of(text) for span in spans[:-1])
            text = text[spans[-1].start :]
    yield from (span.of(text) for span in split(text))


def _is_refusal(sentence: str) -> bool:
    low = sentence.casefold()
    return any(phrase in low for phrase in REFUSALS)


def _quoted(task: Task, draft: _Draft) -> Iterator[Sentence]:
    """Make the best quotes the answer: what is left when there is no model or what it wrote does not hold."""
    sides = [index for _, indices in draft.disagreement.sides for index in indices] if draft.disagreement else []
    for index in sides or _likely(task):
        yield from _quote(draft, index)


def _completed(task: Task, draft: _Draft) -> Iterator[Sentence]:
    """Add to a list the quotes that likely answer too and name what the answer has not named."""
    for index in _likely(task):
        item = task.evidence[index]
        if names(item.text) - content(draft.text) - content(task.standalone):
            yield from _quote(draft, index)


def _likely(task: Task) -> list[int]:
    """Return the evidence that can answer by itself and is nearly as likely to as the best, best first."""
    fitting = [index for index, item in enumerate(task.evidence) if item.fits]
    if not fitting:
        return []
    share = fitted(f"relevance_{task.situation}").thresholds["share_in_a_list" if task.several else "share"]
    least = share * task.evidence[fitting[0]].score
    likely = [index for index in fitting if task.evidence[index].score >= least]
    return likely[: QUOTED_IN_A_LIST if task.several else QUOTED]


def _quote(draft: _Draft, index: int) -> Iterator[Sentence]:
    # A footnote mark of the document, "[3]", would read as the number of one of our quotes.
    sentence = without_markers(mend(draft.evidence[index].text))
    if sentence:
        yield draft.add(sentence, Claim(0, len(sentence), "supported", (), 1.0), (index,))


def _finished(task: Task, draft: _Draft, model: str, seconds: float) -> Answer:
    status = _status(draft)
    text = draft.text if draft.claims else _refusal(task)
    timings = Timings(
        understand=task.understand,
        retrieve=task.retrieve,
        first_token=draft.first and task.understand + task.retrieve + draft.first,
        generate=max(0.0, seconds - draft.checking),
        check=draft.checking,
        total=task.understand + task.retrieve + seconds,
    )
    named = "\0".join((task.question, task.standalone, model, status, text))
    numbers = {index: citation.number for index, citation in draft.citations.items()}
    return Answer(
        id=hashlib.sha256(named.encode()).hexdigest()[:16],
        question=task.question,
        understood=task.standalone,
        status=status,
        text=text,
        claims=tuple(draft.claims),
        citations=tuple(sorted(draft.citations.values(), key=lambda citation: citation.number)),
        conflicts=(draft.disagreement.numbered(task.evidence, numbers),) if draft.disagreement and draft.claims else (),
        evidence=task.evidence,
        model=model,
        timings=timings,
        usage=draft.usage,
        withheld=tuple(draft.withheld),
    )


def _status(draft: _Draft) -> Status:
    if not any(claim.status == "supported" for claim in draft.claims):
        return "not_found"
    whole = all(claim.status == "supported" for claim in draft.claims)
    return "answered" if whole and not draft.refused else "partly"


def _refusal(task: Task) -> str:
    """Say that the documents don't, and what was looked for in vain."""
    if not task.searched:
        return f"{SAYS_NOT} There are no documents to search."
    if task.missing:
        words = ", ".join(f"“{word}”" for word in task.missing[:5])
        return f"{SAYS_NOT} Nothing in the passages searched ({task.searched}) mentions {words}."
    return f"{SAYS_NOT} The passages searched ({task.searched}) are near the question, but none answers it."
