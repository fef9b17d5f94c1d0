"""Run every question set of a folder, one after another, by the command that a user would type, and write one table.

    python benchmarks/all_sets.py DATASETS --out RUNS --llm embedded:NAME,none,llama-index [--limit N --seed S]

A set is a folder with questions.jsonl and documents.jsonl; one whose documents are files in a folder `files`, too, is
run on both. Broken off, the same command goes on where it was: a finished run is not made again, an unfinished one asks
what it has not asked yet. After each run RUNS/table.md and RUNS/by.md are written anew, so the figures that are there
can be read at any time. "llama-index" as a model stands for benchmarks/llamaindex.py with the model of --baseline-llm.
`--only retrieval` asks no model. Sets without questions have scripts of their own: formats.py and html_news.py.
"""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import PathError
from rag.evaluate.folder import RunFolder

ROOT = Path(__file__).resolve().parents[1]
BASELINE = "llama-index"
SEARCH = "search"
"""What stands in place of a model where only the search is measured."""
COLUMNS = (
    ("answer contained", "answer.contains"),
    ("all and no wrong one", "answer.all_and_no_wrong"),
    ("wrongly refused", "refusal.wrongly_refused"),
    ("unanswerable refused", "refusal.refused_unanswerable"),
    ("citation precision", "citation.precision"),
    ("citation recall", "citation.recall"),
    ("gold quotes cited", "citation.evidence_recall"),
    ("verbatim", "citation.verbatim"),
    ("nDCG@10", "retrieval.ndcg@10"),
    ("evidence recall@5", "retrieval.evidence_recall@5"),
    ("all gold@10", "retrieval.all@10"),
    ("conflict shown", "conflict.shown"),
    ("falsely shown", "conflict.falsely_shown"),
    ("follow-up: last turn R@5", "followup.last_turn_recall@5"),
    ("understood R@5", "followup.understood_recall@5"),
    ("rewritten R@5", "followup.rewritten_recall@5"),
)
TIMES = (
    ("answer p50 s", "latency_ms.answer_p50"),
    ("answer p95 s", "latency_ms.answer_p95"),
    ("search p50 s", "latency_ms.retrieval_p50"),
)
BY = ("answer.contains", "citation.precision", "refusal.wrongly_refused", "retrieval.all@10", "retrieval.ndcg@10")


@dataclass(frozen=True)
class Planned:
    """One run: a set, what answers, and the command."""

    name: str
    model: str
    questions: Path
    folder: Path
    command: tuple[str, ...]

    def is_finished(self) -> bool:
        """Say whether the run is there and is of all that is asked for: `rag eval` itself refuses another one."""
        try:
            settings, run = RunFolder(self.folder).summary()["settings"], RunFolder(self.folder).run()
        except PathError:  # no run, or one that was broken off
            return False
        wanted = dict(zip(self.command, self.command[1:], strict=False))
        limit = int(wanted["--limit"]) if "--limit" in wanted else None
        same = (settings["limit"], settings["seed"]) == (limit, int(wanted["--seed"]))
        return same and "seconds" in run


def sets(datasets: Path, only: Sequence[str]) -> Iterator[tuple[str, Path, Path]]:
    """Yield name, questions and documents of each set, in the order of the names."""
    for questions in sorted(datasets.glob("*/questions.jsonl")):
        name = questions.parent.name
        for label, docs in (
            (name, questions.with_name("documents.jsonl")),
            (f"{name}-files", questions.parent / "files"),
        ):
            if docs.exists() and (not only or label in only):
                yield label, questions, docs


def plan(given: argparse.Namespace) -> list[Planned]:
    """Return the runs, all models of a set behind one another: its documents are read once."""
    models = [SEARCH] if given.only else [model for model in given.llm.split(",") if model]
    return [
        Planned(
            name, model, questions, given.out / f"{name}-{_plain(model)}", _command(given, model, questions, docs, name)
        )
        for name, questions, docs in sets(given.datasets, given.sets)
        for model in models
    ]


def _command(given: argparse.Namespace, model: str, questions: Path, docs: Path, name: str) -> tuple[str, ...]:
    out = given.out / f"{name}-{_plain(model)}"
    common = (str(questions), "--docs", str(docs), "--out", str(out), "--seed", str(given.seed))
    limit = ("--limit", str(given.limit)) if given.limit else ()
    if model == BASELINE:
        llm = ("--llm", given.baseline_llm) if given.baseline_llm else ()
        return (sys.executable, str(ROOT / "benchmarks" / "llamaindex.py"), *common, *limit, *llm)
    chosen = ("--only", "retrieval") if model == SEARCH else ("--llm", model)
    return (sys.executable, "-m", "rag", "eval", "run", *common, *limit, *chosen)


def _plain(model: str) -> str:
    return re.sub(r"[^\w.-]+", "-", model).strip("-")


def table(runs: Sequence[Planned]) -> str:
    """Return what the finished runs say as one Markdown table: value, 95 % interval, number of cases."""
    head = ["set", "model", "n", "answerable n", *(name for name, _ in (*COLUMNS, *TIMES)), "minutes", "errors"]
    return _markdown(head, [row for run in runs if (row := _row(run)) is not None])


def _row(run: Planned) -> list[str] | None:
    folder = RunFolder(run.folder)
    if not (run.folder / "summary.json").exists():
        return None
    summary, told = folder.summary(), folder.run()
    metrics = summary["metrics"]
    answerable = sum(outcome.answerable for outcome in folder.outcomes())
    scores = [_figure(metrics.get(name)) for _, name in COLUMNS]
    times = [_figure(metrics.get(name), 1000) for _, name in TIMES]
    minutes = f"{told.get('seconds', 0) / 60:.1f}"
    return [
        run.name,
        run.model,
        str(summary["cases"]),
        str(answerable),
        *scores,
        *times,
        minutes,
        str(summary["errors"]),
    ]


def by_parts(runs: Sequence[Planned]) -> str:
    """Return the chief scores of each type and each pool of questions as a table."""
    rows = []
    for run in runs:
        if not (run.folder / "summary.json").exists():
            continue
        for kind, parts in RunFolder(run.folder).summary().get("by", {}).items():
            for part, figures in parts.items():
                scores = [_figure(figures["metrics"].get(name)) for name in BY]
                rows.append([run.name, run.model, f"{kind} {part}", str(figures["cases"]), *scores])
    return _markdown(["set", "model", "questions", "n", *BY], rows)


def _figure(metric: dict[str, Any] | None, divided_by: float = 1) -> str:
    if metric is None:
        return "–"
    value, low, high = (metric[name] / divided_by for name in ("value", "low", "high"))
    digits = 3 if divided_by == 1 else 2
    return f"{value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}] n={metric['n']}"


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)


def main() -> int:
    """Run what is left, write the tables after each; return 1 if a run could not be made."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="folder for the runs and the tables")
    parser.add_argument("--llm", default=f"none,{BASELINE}", help="models, with commas between")
    parser.add_argument("--baseline-llm", help="model that llama-index's defaults write with; by default the product's")
    parser.add_argument("--only", choices=["retrieval"])
    parser.add_argument("--sets", nargs="*", default=[], help="names of sets; by default all")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    given.datasets, given.out = given.datasets.absolute(), given.out.absolute()
    runs = plan(given)
    if not runs:
        parser.error(f"there is no set in {given.datasets}: a set is a folder with questions.jsonl and documents.jsonl")
    given.out.mkdir(parents=True, exist_ok=True)
    failed = []
    for number, run in enumerate(runs, start=1):
        print(f"[{number}/{len(runs)}] {run.name}, {run.model}", flush=True)
        if not run.is_finished():
            print(f"  {shlex.join(run.command)}", flush=True)
            began = time.perf_counter()
            code = subprocess.run(run.command, check=False).returncode
            print(f"  {time.perf_counter() - began:.0f} s, exit code {code}", flush=True)
            if code == 130:  # broken off by hand
                return code
            if code:
                failed.append(f"{run.name}, {run.model}: exit code {code}")
        (given.out / "table.md").write_text(table(runs), encoding="utf-8")
        (given.out / "by.md").write_text(by_parts(runs), encoding="utf-8")
    print((given.out / "table.md").read_text(encoding="utf-8"), *failed, sep="\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
