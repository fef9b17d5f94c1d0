"""Run a question set: ask what is not asked yet, keep each outcome at once, sum up."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import PathError
from rag.evaluate import dataset
from rag.evaluate.asking import Asker, Judge
from rag.evaluate.cases import Case, Problem, in_order, refuse, sample
from rag.evaluate.circumstances import circumstances, without_secrets
from rag.evaluate.corpus import Corpus, from_collection, from_jsonl, from_path
from rag.evaluate.folder import RunFolder
from rag.evaluate.outcome import Outcome
from rag.evaluate.report import report as report_page
from rag.evaluate.subject import EngineSubject, Subject
from rag.evaluate.summary import summarise
from rag.types import Progress, Step

if TYPE_CHECKING:
    from rag.engine import Engine

STAGE = "Asking"
_RUNNING = (
    ("answer.contains", "found"),
    ("citation.precision", "cited right"),
    ("refusal.refused_unanswerable", "refused"),
    ("refusal.wrongly_refused", "wrongly"),
    ("retrieval.recall@5", "recall@5"),
)


@dataclass(frozen=True)
class Options:
    """What of a question set is run, and how."""

    limit: int | None = None
    seed: int = 0
    only_retrieval: bool = False
    workers: int = 1
    skip_invalid: bool = False
    retry: bool = False


@dataclass(frozen=True)
class Prepared:
    """Questions and documents that fit together."""

    cases: tuple[Case, ...]
    corpus: Corpus
    problems: tuple[Problem, ...] = ()
    """What was skipped; empty unless that was asked for."""
    questions: str = ""
    fingerprint: str = ""
    """sha256 of the question file."""
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """A finished run."""

    summary: Mapping[str, Any]
    outcomes: tuple[Outcome, ...] = ()
    run: Mapping[str, Any] = field(default_factory=dict)
    folder: Path | None = None

    def __getitem__(self, name: str) -> float:
        """Return a metric's value: `report["citation.precision"]`. Raises KeyError where there is no such score."""
        return float(self.summary["metrics"][name]["value"])

    @property
    def metrics(self) -> Mapping[str, Mapping[str, float]]:
        """The metrics with `value, n, low, high`."""
        found: Mapping[str, Mapping[str, float]] = self.summary["metrics"]
        return found

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The questions that met an error."""
        return tuple(outcome for outcome in self.outcomes if outcome.error)


def prepare(
    engine: Engine,
    questions: Path,
    *,
    docs: Path | None = None,
    collection: str | None = None,
    options: Options | None = None,
) -> Prepared:
    """Read questions and documents, check them against each other, bring the documents into the store.

    Args:
        engine: where the documents go.
        questions: a question file or a BEIR folder.
        docs: a folder, a document, or a JSONL file of documents; by default those of the BEIR folder.
        collection: documents that are in the store already, in place of `docs`.
        options: which of the questions; with `skip_invalid` those that can't be asked are left out.

    Raises:
        QuestionFileError: something is wrong with questions or documents; it names all of it.
        PathError: a file is missing or of no known kind.
    """
    chosen = options or Options()
    read = dataset.read(questions)
    docs = docs or (None if collection else read.documents)
    corpus = _corpus(engine, read.path, docs, collection)
    resolved = [corpus.resolved(case) for case in read.cases]
    problems = in_order([*corpus.problems, *read.problems, *(problem for _, found in resolved for problem in found)])
    if not chosen.skip_invalid:
        refuse(problems)
    wrong = {problem.case for problem in problems if problem.case}
    cases = [case for case, _ in resolved if case.id not in wrong]
    if not cases:
        refuse(problems)
        raise PathError(f"{questions} has no question that can be asked.")
    corpus.attach(corpus)
    return Prepared(
        tuple(sample(cases, chosen.limit, chosen.seed)),
        corpus,
        tuple(problems),
        read.path.name,
        hashlib.sha256(read.path.read_bytes()).hexdigest(),
        read.notices,
    )


def _corpus(engine: Engine, questions: Path, docs: Path | None, collection: str | None) -> Corpus:
    if docs is None:
        return from_collection(engine, collection or engine.settings.collection)
    if docs.suffix.lower() in {".jsonl", ".ndjson"} and not docs.is_dir():
        return from_jsonl(engine, docs)
    corpus, _ = from_path(engine, docs, questions)
    return corpus


def settings_of(prepared: Prepared, subject: Subject, options: Options, effective: Mapping[str, Any]) -> dict[str, Any]:
    """Return what makes two runs comparable: only a run with the same can be resumed."""
    return {
        "system": subject.name,
        "questions": prepared.questions,
        "questions_sha256": prepared.fingerprint,
        "documents": prepared.corpus.name,
        "documents_sha256": prepared.corpus.fingerprint,
        "limit": options.limit,
        "seed": options.seed,
        "only": "retrieval" if options.only_retrieval else None,
        **{name: effective[name] for name in ("llm", "embedding", "mode", "passages", "evidence_tokens") if effective},
    }


def run(
    engine: Engine,
    questions: Path | str | Prepared,
    *,
    docs: Path | str | None = None,
    collection: str | None = None,
    out: Path | str | None = None,
    options: Options | None = None,
    judge: Judge | None = None,
    progress: Progress | None = None,
) -> Report:
    """Ask an engine the questions of a file and score what it answers.

    Args:
        engine: what is measured.
        questions: a question file, a BEIR folder, or what `prepare` returned.
        docs: see `prepare`.
        collection: see `prepare`.
        out: folder for the run; one that was broken off there goes on. Without it nothing is written.
        options: see Options.
        judge: see rag.evaluate.judge.
        progress: is told how far it is.

    Raises:
        QuestionFileError, PathError: see `prepare` and RunFolder.begin.
    """
    chosen = options or Options()
    if not isinstance(questions, Prepared):
        questions = prepare(
            engine, Path(questions), docs=Path(docs) if docs else None, collection=collection, options=chosen
        )
    subject = EngineSubject(engine, questions.corpus.collection)
    around = circumstances(engine.settings)
    settings = settings_of(questions, subject, chosen, without_secrets(engine.settings))
    if judge is not None:
        settings["judged"] = True
    return measure(
        subject, questions, settings, around, folder=Path(out) if out else None, options=chosen, judge=judge,
        progress=progress,
    )  # fmt: skip


def measure(
    subject: Subject,
    prepared: Prepared,
    settings: Mapping[str, Any],
    around: Mapping[str, Any],
    *,
    folder: Path | None = None,
    options: Options | None = None,
    judge: Judge | None = None,
    progress: Progress | None = None,
) -> Report:
    """Ask anything that is a Subject; what is left of `run` once it is clear what is asked of whom."""
    chosen = options or Options()
    told: dict[str, Any] = {
        "settings": dict(settings),
        **around,
        "documents_not_read": sorted(set(prepared.corpus.texts) - set(prepared.corpus.ids)),
        "notices": list(prepared.notices),
        "skipped": [str(problem) for problem in prepared.problems],
        "workers": chosen.workers,
    }
    kept = RunFolder(folder) if folder else None
    done = kept.begin(told, retry=chosen.retry) if kept else {}
    # Of a run that was finished and only adds something; what a kill cost is not known.
    earlier = float(kept.run().get("seconds", 0)) if kept else 0.0
    asker = Asker(subject, prepared.corpus, chosen.only_retrieval, judge)
    tally = Tally(len(prepared.cases), progress or (lambda step: None))
    began = time.perf_counter()
    for case in prepared.cases:
        if case.id in done:
            tally.count(done[case.id], asked=False)
    left = [case for case in prepared.cases if case.id not in done]
    if left:
        # Loads what a search needs, so that the first question isn't charged for it.
        subject.find(left[0].question, prepared.corpus.searched(left[0]))
    for outcome in _ask_all(asker, left, chosen.workers):
        if kept:
            kept.add(outcome)
        done[outcome.id] = outcome
        tally.count(outcome)
    outcomes = tuple(done[case.id] for case in prepared.cases)
    told["seconds"] = round(earlier + time.perf_counter() - began, 1)
    summary = summarise(outcomes, settings, seed=chosen.seed)
    if kept:
        kept.finish(told, summary, outcomes)
        kept.write_report(report_page(summary, outcomes, told))
    return Report(summary, outcomes, told, folder)


def _ask_all(asker: Asker, cases: Sequence[Case], workers: int) -> Iterator[Outcome]:
    """Yield outcomes as they come; when it is broken off, what was not begun is not asked."""
    if workers <= 1:
        yield from map(asker.ask, cases)
        return
    waiting = iter(cases)
    with ThreadPoolExecutor(workers, "evaluate") as pool:
        running: set[Future[Outcome]] = set()
        while True:
            free = range(workers - len(running))
            running |= {pool.submit(asker.ask, case) for _, case in zip(free, waiting, strict=False)}
            if not running:
                return
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()


@dataclass
class Tally:
    """What the progress bar says: the scores so far and how long it may take yet."""

    total: int
    tell: Progress
    clock: Callable[[], float] = time.perf_counter
    done: int = 0
    asked: int = 0
    errors: int = 0
    sums: dict[str, tuple[float, int]] = field(default_factory=dict)
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.clock()

    def count(self, outcome: Outcome, *, asked: bool = True) -> None:
        """Count an outcome; one that was there before says nothing about the time that is left."""
        self.done, self.asked = self.done + 1, self.asked + asked
        self.errors += bool(outcome.error)
        for name, _ in _RUNNING:
            if name in outcome.scores:
                total, number = self.sums.get(name, (0.0, 0))
                self.sums[name] = (total + outcome.scores[name], number + 1)
        self.tell(Step(STAGE, self.done, self.total, "", self.said()))

    def said(self) -> str:
        """Return "found .71, refused .80, 3:20 left"."""
        names = dict(_RUNNING)
        shown = [f"{names[name]} {total / number:.2f}" for name, (total, number) in self.sums.items()]
        shown += [f"{self.errors} failed"] if self.errors else []
        left = self.total - self.done
        if self.asked and left:
            seconds = round((self.clock() - self.began) / self.asked * left)
            shown.append(f"{seconds // 60}:{seconds % 60:02d} left")
        return ", ".join(shown)
