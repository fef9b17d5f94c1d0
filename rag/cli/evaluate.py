"""`rag eval`: run question sets, compare two runs, gate a release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.text import Text
from typer.core import TyperGroup

from rag.cli.session import Collection, Json, Session, session_of, usable_path
from rag.cli.show import counted, plain, table
from rag.errors import PathError, QuestionFileError, UsageError

if TYPE_CHECKING:
    from rag.evaluate.asking import Judge
    from rag.evaluate.compare import Difference
    from rag.evaluate.runner import Report

CHIEF = (
    "retrieval.hit@5", "retrieval.recall@5", "retrieval.recall@10", "retrieval.mrr@10", "retrieval.ndcg@10",
    "retrieval.fused_ndcg@10", "retrieval.evidence_recall@5", "retrieval.evidence_recall@500tokens",
    "answer.contains", "answer.exact_match", "answer.f1", "answer.all_and_no_wrong",
    "citation.precision", "citation.recall", "citation.evidence_recall", "citation.verbatim", "citation.unsupported",
    "refusal.refused_unanswerable", "refusal.wrongly_refused", "refusal.f1",
    "conflict.shown", "conflict.falsely_shown",
    "followup.last_turn_recall@5", "followup.understood_recall@5", "followup.rewritten_recall@5",
    "judge.faithfulness", "judge.correctness", "judge.unreadable",
    "latency_ms.retrieval_p50", "latency_ms.first_token_p50", "latency_ms.answer_p50", "latency_ms.answer_p95",
    "tokens.read", "tokens.written",
)  # fmt: skip
"""What is printed at the end; summary.json has the rest."""
BY = (
    ("answer.contains", "FOUND"), ("citation.precision", "CITED RIGHT"), ("refusal.refused_unanswerable", "REFUSED"),
    ("refusal.wrongly_refused", "WRONGLY"), ("retrieval.recall@5", "RECALL@5"), ("retrieval.all@10", "ALL@10"),
)  # fmt: skip
"""What is printed of each type and pool of questions."""


class _RunUnlessNamed(TyperGroup):
    """`rag eval QUESTIONS` is `rag eval run QUESTIONS`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command in where its name is left out."""
        if args and args[0] not in {*self.commands, "-h", "--help"}:
            args = ["run", *args]
        return super().parse_args(ctx, args)


evaluation = typer.Typer(
    name="eval",
    cls=_RunUnlessNamed,
    help="Run question sets, compare two runs, gate a release. `rag eval QUESTIONS …` is `rag eval run QUESTIONS …`.",
    rich_markup_mode=None,
)


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.add_typer(evaluation)


@evaluation.command()
def run(
    context: typer.Context,
    questions: Annotated[str, typer.Argument(help="Question file (JSONL, JSON, CSV, YAML), or a BEIR folder.")],
    docs: Annotated[
        str | None, typer.Option(help="Folder, file, or JSONL of documents to ask about.", metavar="PATH")
    ] = None,
    collection: Collection = None,
    out: Annotated[
        str | None, typer.Option(help="Folder for the run; a run that was broken off there goes on.", metavar="RUN")
    ] = None,
    only: Annotated[Literal["retrieval"] | None, typer.Option(help="Measure only the search; no model writes.")] = None,
    llm: Annotated[
        str | None, typer.Option(help="Model that writes the answers, such as `none` or `ollama:NAME` (RAG_LLM).")
    ] = None,
    judge: Annotated[
        str | None, typer.Option(help="Model that judges the answers, as a second opinion.", metavar="MODEL")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Ask so many of the questions, drawn at random.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same questions.")] = 0,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Questions to ask at the same time.")] = 1,
    skip_invalid: Annotated[
        bool, typer.Option("--skip-invalid", help="Leave out what is wrong in the files, and ask the rest.")
    ] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Ask again what failed in a run that goes on.")] = False,
    as_json: Json = False,
) -> None:
    """Ask all questions of a file and score the answers.

    Prints the chief scores with 95 % intervals. With --out all of them, every case and a report go into that folder.
    """
    session = session_of(context)
    if docs is not None and collection is not None:
        raise UsageError("Give --docs or --collection, not both: --docs has a collection of its own.")
    from rag.evaluate.runner import Options
    from rag.evaluate.runner import run as run_set

    settings = {"llm": "none" if only else llm, "collection": collection}
    options = Options(limit, seed, only == "retrieval", workers, skip_invalid, retry)
    if session.settings().url is not None:
        _refuse_here({"--docs": docs, "--out": out, "--llm": llm, "--judge": judge})
        with session.engine() as (server, _):
            report = server.evaluate(usable_path(questions), collection=collection, options=options)  # type: ignore[union-attr]
        return _show(session, report, as_json)
    with session.own_engine(**settings) as (engine, progress), _judge(session, judge) as opinion:
        try:
            report = run_set(
                engine,
                usable_path(questions),
                docs=_path(docs),
                collection=collection,
                out=_path(out),
                options=options,
                judge=opinion,
                progress=progress,
            )
        except QuestionFileError as error:
            progress.stop()
            raise _listed(session, error) from error
    _show(session, report, as_json)


def _refuse_here(given: Mapping[str, str | None]) -> None:
    """Refuse what a server can't do for a command: it has documents, a model and a disk of its own."""
    if wrong := [option for option, value in given.items() if value is not None]:
        raise UsageError(f"The server has documents, a model and a folder of runs of its own; leave out {wrong[0]}.")


@contextmanager
def _judge(session: Session, model: str | None) -> Iterator[Judge | None]:
    """Open the model that judges, if there is to be one."""
    if model is None:
        yield None
        return
    from rag.evaluate.judging import engine_judge

    with session.own_engine(llm=model) as (engine, _):
        yield engine_judge(engine)


def _show(session: Session, report: Report, as_json: bool) -> None:
    for line in _noted(report):
        session.err.print(line, style="yellow")
    if as_json:
        session.json(dict(report.summary))
    else:
        for text in scores(report.summary):
            session.out.print(text)
    if report.folder:
        session.err.print(f"{plain(str(report.folder))}: the whole run; open report.html there.", style="dim")


def _noted(report: Report) -> Iterator[str]:
    yield from map(plain, report.run.get("notices", ()))
    for problem in report.run.get("skipped", ()):
        yield f"left out: {plain(problem)}"
    if unread := report.run.get("documents_not_read"):
        yield f"{counted(len(unread), 'document')} not read, such as {plain(unread[0])}."
    if report.failed:
        first = report.failed[0]
        yield f"{counted(len(report.failed), 'question')} failed; {plain(first.id)}: {plain(first.error)}"


def scores(summary: Mapping[str, Any]) -> Iterator[Text]:
    """Return the chief scores as a table."""
    metrics = summary["metrics"]
    rows = [
        (name, _figure(name, m["value"]), f"{_figure(name, m['low'])} – {_figure(name, m['high'])}", m["n"])
        for name in CHIEF
        if (m := metrics.get(name))
    ]
    failed = f", {summary['errors']} failed" if summary["errors"] else ""
    yield Text(f"{counted(summary['cases'], 'question')}{failed}", style="bold")
    if rows:
        yield from table(("SCORE", "VALUE", "95 % INTERVAL", "CASES"), rows)
    for kind, parts in summary.get("by", {}).items():
        shown = [(name, head) for name, head in BY if any(name in one["metrics"] for one in parts.values())]
        yield Text("")
        yield from table(
            (kind.upper(), "CASES", *(head for _, head in shown)),
            [(plain(part), one["cases"], *(_of_part(one, name) for name, _ in shown)) for part, one in parts.items()],
        )


def _of_part(figures: Mapping[str, Any], name: str) -> str:
    found = figures["metrics"].get(name)
    return f"{found['value']:.2f} ({found['n']})" if found else "–"


def _figure(name: str, value: float) -> str:
    return f"{value:,.0f}" if name.startswith(("latency_ms", "tokens")) else f"{value:.3f}"


@evaluation.command()
def init(
    context: typer.Context,
    out: Annotated[str, typer.Argument(help="File to write; it must not be there yet.", metavar="FILE.jsonl")],
    docs: Annotated[
        str | None, typer.Option(help="File or folder to ask about; it is brought up to date first.", metavar="PATH")
    ] = None,
    collection: Collection = None,
    count: Annotated[int, typer.Option(min=1, max=1000, help="Questions with an answer to draft.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="The same seed drafts the same questions.")] = 0,
    llm: Annotated[
        str | None, typer.Option(help="Model that writes the questions; with `none` rules do, at once (RAG_LLM).")
    ] = None,
    from_feedback: Annotated[
        bool, typer.Option("--from-feedback", help="Make it of the answers that readers of the chat page judged.")
    ] = False,
) -> None:
    """Draft a first question file from your documents, to correct by hand.

    Each question has its quote, and the answer stands in it word for word. A few have no answer in the documents.
    With --from-feedback they are questions of the chat page: answers with a thumb up are the reference, with
    their quotes; those with a thumb down are of type "to correct", with the reader's reason.
    """
    session, path = session_of(context), usable_path(out)
    session.only_here("`rag eval init`")
    if docs is not None and collection is not None:
        raise UsageError("Give --docs or --collection, not both: --docs has a collection of its own.")
    if path.exists():
        raise PathError(f"{path} is there already; name another file, or remove it.")
    from rag.evaluate.begin import as_jsonl, first_questions, judged_questions
    from rag.evaluate.corpus import root_of

    root = root_of(usable_path(docs)) if docs is not None else None
    with session.own_engine(collection=collection, llm=llm) as (engine, progress):
        name = engine.attach(usable_path(docs))[0] if docs is not None else engine.settings.collection
        if from_feedback:
            rows = judged_questions(engine, name, root=root)
        else:
            rows = first_questions(engine, name, count, seed=seed, root=root, progress=progress)
    _write(out, as_jsonl(rows))
    answerable = sum(row["answerable"] for row in rows)
    session.out.print(
        f"{counted(len(rows), 'question')} in {plain(out)}, {len(rows) - answerable} of them without an answer in the "
        f"documents: correct them, then `rag eval {plain(out)} …`."
    )


RunPath = Annotated[str, typer.Argument(help="Folder of a finished run.", metavar="RUN")]


@evaluation.command()
def compare(
    context: typer.Context,
    before: Annotated[str, typer.Argument(help="Folder of a finished run.", metavar="A")],
    after: Annotated[str, typer.Argument(help="Another one, of the same questions.", metavar="B")],
    out: Annotated[str | None, typer.Option(help="Write the comparison as a page, too.", metavar="FILE.html")] = None,
    as_json: Json = False,
) -> None:
    """Compare two runs of the same questions.

    Differences are paired, question by question, with 95 % intervals and the p of a permutation test.
    """
    session = session_of(context)
    from rag.evaluate.compare import compare_runs
    from rag.evaluate.report import comparison

    found = compare_runs(usable_path(before), usable_path(after))
    if out is not None:
        _write(out, comparison(found))
    if as_json:
        session.json(found.to_dict())
        return
    rows = [
        _row(difference)
        for difference in found.differences
        if difference.name in CHIEF or difference.name.startswith("latency_ms")
    ]
    header = ("SCORE", "CASES", "A", "B", "B - A", "95 % INTERVAL", "P", "WIN/TIE/LOSS")
    for line in table(header, rows):
        session.out.print(line)
    session.out.print(f"{counted(found.cases, 'question')} in both, {counted(len(found.flips), 'flip')}.")


def _row(one: Difference) -> tuple[object, ...]:
    values = _figure(one.name, one.a), _figure(one.name, one.b), _signed(one.name, one.difference), _range(one)
    return (one.name, one.n, *values, f"{one.p:.3f}", f"{one.wins}/{one.ties}/{one.losses}")


def _signed(name: str, value: float) -> str:
    return f"{value:+,.0f}" if name.startswith(("latency_ms", "tokens")) else f"{value:+.3f}"


def _range(difference: Difference) -> str:
    return f"{_signed(difference.name, difference.low)} – {_signed(difference.name, difference.high)}"


@evaluation.command()
def gate(
    context: typer.Context,
    run_folder: RunPath,
    least: Annotated[
        list[str] | None, typer.Option("--min", help="Lowest value that a score may have.", metavar="NAME=NUMBER")
    ] = None,
    most: Annotated[
        list[str] | None, typer.Option("--max", help="Highest value that a score may have.", metavar="NAME=NUMBER")
    ] = None,
    baseline: Annotated[
        str | None, typer.Option(help="Run of the same questions to compare with.", metavar="B")
    ] = None,
    max_drop: Annotated[float, typer.Option(min=0, help="How much worse than the baseline a score may be.")] = 0.0,
    junit: Annotated[str | None, typer.Option(help="Write the checks as JUnit XML, too.", metavar="FILE.xml")] = None,
    as_json: Json = False,
) -> None:
    """Say whether a run is good enough.

    The exit code is 1 if a bound is broken or a question failed (`--max errors=N` allows for some).
    """
    session = session_of(context)
    from dataclasses import asdict

    from rag.evaluate.folder import RunFolder
    from rag.evaluate.gate import bounds
    from rag.evaluate.gate import gate as check
    from rag.evaluate.junit import junit as as_junit

    wanted = bounds(least or [], "--min"), bounds(most or [], "--max")
    if not any(wanted) and baseline is None:
        raise UsageError("Nothing to check: give --min NAME=NUMBER, --max NAME=NUMBER or --baseline RUN.")
    folder = RunFolder(usable_path(run_folder))
    other = RunFolder(usable_path(baseline)).summary() if baseline is not None else None
    checks = check(folder.summary(), *wanted, baseline=other, max_drop=max_drop)
    if junit is not None:
        _write(junit, as_junit(checks, [outcome for outcome in folder.outcomes() if outcome.error]))
    if as_json:
        session.json([asdict(one) for one in checks])
    else:
        for one in checks:
            mark, style = ("ok    ", None) if one.holds else ("BROKEN", "red")
            session.out.print(f"{mark} {plain(one.said)}", style=style)
    if not all(one.holds for one in checks):
        raise typer.Exit(1)


def _write(name: str, text: str) -> None:
    path = usable_path(name)
    try:
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise PathError(f"{path} can't be written ({error.strerror or error}).") from error


def _path(given: str | None) -> Path | None:
    return usable_path(given) if given is not None else None


def _listed(session: Session, error: QuestionFileError) -> QuestionFileError:
    """Print all that is wrong, a line each, and return the error without it; one problem is its last line's."""
    from rag.evaluate.cases import refusal

    if len(error.problems) < 2:
        return error
    for problem in error.problems:
        session.err.print(plain(problem))
    return QuestionFileError(refusal(len(error.problems)), error.problems)
