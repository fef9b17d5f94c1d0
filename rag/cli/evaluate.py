"""`rag eval`: run question sets, compare two runs, gate a release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.text import Text
from typer.core import TyperGroup

from rag.cli.session import Collection, Json, Session, session_of, usable_path
from rag.cli.show import counted, plain, table
from rag.errors import QuestionFileError, UsageError

if TYPE_CHECKING:
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
    settings = {"llm": "none" if only else llm, "collection": collection}
    from rag.evaluate.runner import Options
    from rag.evaluate.runner import run as run_set

    options = Options(limit, seed, only == "retrieval", workers, skip_invalid, retry)
    with session.own_engine(**settings) as (engine, progress):
        try:
            report = run_set(
                engine,
                usable_path(questions),
                docs=usable_path(docs) if docs is not None else None,
                collection=collection,
                out=usable_path(out) if out is not None else None,
                options=options,
                progress=progress,
            )
        except QuestionFileError as error:
            progress.stop()
            for problem in error.problems:
                session.err.print(plain(problem))
            raise
    _show(session, report, as_json)


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


def _figure(name: str, value: float) -> str:
    return f"{value:,.0f}" if name.startswith(("latency_ms", "tokens")) else f"{value:.3f}"
