"""Fit what a model's Yes to "do the sentences answer?" is worth, before it writes, into rag/fitted.json.

    python benchmarks/fit_judge.py DATASETS --home HOME --llm embedded:qwen2.5-coder-1.5b --cache FILE

Each question is searched as the product does it and put to the model, with the best two sentences and with the best
few: the odds of its Yes go into --cache with the evidence, so that a broken run goes on and another fit asks nothing.
`--words` also keeps what it writes after a Yes, which no feature uses (near_misses.py does). Half of the questions,
chosen by a hash of their ids, are fitted on; the rates are measured on the other half.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from datasets import Case, cases
from searched import EVERYDAY, PAPERS, Asked, papers
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from rag import Engine, Settings
from rag.budget import fitting_first, within
from rag.evaluate.runner import Options, prepare
from rag.judge import ENOUGH, FEATURES, FEW, Odds, briefly, entry, features, may_decide, with_link, with_more
from rag.llm import EMBEDDED_EVIDENCE_TOKENS, open_writer
from rag.models import ModelStore
from rag.prompts import YES
from rag.relevance import Question
from rag.seeking import Scope
from rag.task import Task, by_example
from rag.types import Evidence
from rag.understand.several import asks_for_several

FITTED = Path(__file__).parents[1] / "rag" / "fitted.json"
REFUSED = {"strict": 0.08, "lenient": 0.02}
"""Share of the questions of the fitted half whose answer is read that each mode may refuse: set, not fitted."""
AMONG = "among others"
"""Marks questions of one folder that were asked of it and others together, too many to be read whole."""
SETS = {"squad2", "squad2 article", "nomiracl", "multihop_wiki"} | {
    name for folder in EVERYDAY for name in (folder.name, f"{folder.name} {AMONG}")
}
"""What weights are fitted on; each set's questions whose answer was read, and its others, count the same. multihop_wiki
has no unanswerable ones, but without it the weights would punish what questions over two documents are like."""
CURVE = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
"""Shares of the answerable questions that the curve has refused."""
KEPT_TOKENS = 2000
"""Evidence that the answer may quote, and the cache keeps."""


def asked(engine: Engine, options: argparse.Namespace) -> Iterator[tuple[str, Any, str, list[str] | None]]:
    """Yield questions with the documents to ask: all of the set, those that it names, its article or folder."""
    for name in options.sets.split(","):
        folder = options.datasets / name
        chosen = Options(limit=options.limit, seed=options.seed)
        prepared = prepare(engine, folder / "questions.jsonl", docs=folder / "documents.jsonl", options=chosen)
        rows = [json.loads(line) for line in (folder / "questions.jsonl").open(encoding="utf-8")]
        about = {row["id"]: row.get("gold_doc_id") for row in rows}
        ids, collection = prepared.corpus.ids, prepared.corpus.collection
        for number, case in enumerate(case for case in prepared.cases if not case.history):
            yield name, case, collection, [ids[d] for d in case.doc_ids if d in ids] or None
            if about[case.id] in ids and number % 4 == 0:
                yield f"{name} article", case, collection, [ids[about[case.id]]]
    among, _ = engine.attach(PAPERS / "files")
    for folder in EVERYDAY:
        collection, _ = engine.attach(papers(folder))
        for number, case in enumerate(cases(folder)):
            yield folder.name, case, collection, None
            if number % 2 == 0:
                yield f"{folder.name} {AMONG}", case, among, None


def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Return a row a question: what was found, the odds, what was written; known ones from the cache."""
    rows = [json.loads(line) for line in options.cache.open()] if options.cache.exists() else []
    if not all(row.get("few") == FEW for row in rows):
        raise SystemExit(f"{options.cache} has odds over other than {FEW} sentences: delete it.")
    if options.no_more:
        return rows
    known = {(row["set"], row["id"]) for row in rows}
    settings = Settings.load(home=options.home, llm=options.llm)
    with (
        Engine(Settings.load(home=options.home, llm="none")) as engine,
        open_writer(settings, ModelStore(settings.home).pull) as writer,  # type: ignore[union-attr]
        options.cache.open("a") as file,
    ):
        for name, case, collection, ids in asked(engine, options):
            if (name, case.id) in known:
                continue
            scope = Scope(engine.retriever(), collection, ids)
            sought = scope.sought(case.question, (), lambda: None)
            meant, found = sought.asks, scope.found(sought)
            if not found.evidence or found.situation not in options.situations.split(","):
                continue
            ordered = fitting_first(found.evidence) if asks_for_several(meant) else found.evidence
            task = with_link(task_of(meant, found, within(ordered, writer.evidence_tokens)))
            best, _ = writer.odds(by_example(briefly(task)))
            odds, _ = writer.odds(by_example(with_more(task)))
            assert best is not None and odds is not None, f"{options.llm} gives no odds"
            kept = {key: getattr(task, key) for key in ("answerable", "missing", "searched", "situation")}
            kept["evidence"] = [asdict(item) for item in task.evidence]
            row = {"set": name, "id": case.id, "question": meant, "answerable": case.answerable}
            if options.words:
                row["text"], _ = writer.complete(by_example(task, YES), max_tokens=settings.answer_tokens)
            rows.append(row | {"best": best, "odds": odds, "few": FEW, "found": kept})
            file.write(json.dumps(rows[-1]) + "\n")
            file.flush()
            if len(rows) % 25 == 0:
                print(len(rows), name, flush=True)
    return rows


def task_of(question: str, found: Any, read: tuple[Evidence, ...] = ()) -> Task:
    """Return the question as the engine would hand it to the answer."""
    return Task(
        question=question,
        standalone=question,
        evidence=within(found.evidence, KEPT_TOKENS),
        answerable=found.answerable,
        missing=found.missing,
        searched=found.passages,
        situation=found.situation,
        read=read,
    )


def task_of_row(row: dict[str, Any]) -> Task:
    """Return the question of a row with the evidence that was kept."""
    found = row["found"]
    evidence = tuple(Evidence(**item | {"also_in": tuple(item["also_in"])}) for item in found["evidence"])
    rest = {key: found[key] for key in ("answerable", "searched", "situation")}
    return Task(row["question"], row["question"], evidence, missing=tuple(found["missing"]), **rest)


def featured(rows: list[dict[str, Any]], options: argparse.Namespace) -> list[dict[str, Any]]:
    """Return the rows with their features, and whether what was read answers.

    A model that is shown other sentences than the right ones, and says No, is right: such a question is no example of
    an answer that is there.
    """
    folders = [*(options.datasets / name for name in options.sets.split(",")), *EVERYDAY]
    known = {case.id: case for folder in folders for case in cases(folder)}
    found = []
    for row in rows:
        task = with_link(task_of_row(row))
        there = row["answerable"] and _is_read(known[row["id"]], task, options.llm.partition(":")[2])
        found.append(row | {"features": features(Odds(row["best"], row["odds"]), task), "read": there})
    return found


def _is_read(case: Case, task: Task, model: str) -> bool:
    """Say whether a gold sentence was read; true where a set has only gold passages."""
    asked = Asked(case, "", "", Question.of(case.question, ()), [])
    read = with_more(task).read or within(task.evidence, EMBEDDED_EVIDENCE_TOKENS[model])
    return not case.evidence or any(asked.is_gold(item) for item in read)


def is_held_out(row: dict[str, Any]) -> bool:
    return hashlib.sha256(row["id"].encode()).digest()[0] % 2 == 1


def fit(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the entry of fitted.json, with what it does on the held-out half."""
    made = _fit([row for row in rows if not is_held_out(row)])
    held_out = [row for row in rows if is_held_out(row)]
    for mode in REFUSED:
        bound = made["thresholds"][mode]
        made[f"measured_on_held_out_{mode}"] = {
            name: _rates([row for row in held_out if name in ("all", row["set"])], made, bound)
            for name in ["all", *sorted({row["set"] for row in rows})]
        }
    made["decided_by_best_on_held_out"] = _beyond(held_out, made)
    made["curve_on_held_out"] = _curve(held_out, made)
    return made


def _fit(rows: list[dict[str, Any]]) -> dict[str, Any]:
    groups = Counter((_kin(row), row["read"]) for row in rows)
    train = [row for row in rows if row["set"] in SETS]
    x, y = (np.array([row[key] for row in train]) for key in ("features", "read"))
    weights = [len(train) / groups[_kin(row), row["read"]] for row in train]
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    fitted = LogisticRegression(C=0.1, max_iter=5000)
    fitted.fit((x - mean) / spread, y, sample_weight=np.array(weights) / np.mean(weights))
    slope = fitted.coef_[0] / spread
    bias = float(fitted.intercept_[0] - slope @ mean)
    made = {
        "features": list(FEATURES),
        "weights": [round(float(w), 4) for w in slope],
        "bias": round(bias, 4),
        "fitted_on": len(train),
    }
    chances = _chances([row for row in rows if row["read"]], made)
    made["thresholds"] = {mode: round(float(np.quantile(chances, share)), 3) for mode, share in REFUSED.items()}
    made["thresholds"][ENOUGH] = _enough(train, made)
    made["thresholds_are"] = {
        mode: f"below it lie {share:.0%} of the questions of the fitted half whose answer was read"
        for mode, share in REFUSED.items()
    } | {ENOUGH: "the odds over the best sentences above which both odds refuse nothing of the fitted half, strict"}
    return made


def _kin(row: dict[str, Any]) -> str:
    """Return which set a row counts with: everyday papers are one, and squad2 however it is asked."""
    return "everyday" if row["set"].split()[0] in {folder.name for folder in EVERYDAY} else str(row["set"].split()[0])


def _enough(rows: list[dict[str, Any]], made: dict[str, Any]) -> float:
    """Return the highest odds over the best sentences of a question that both odds refuse, where these may decide."""
    refused = _chances(rows, made) < made["thresholds"]["strict"]
    return round(max(row["best"] for row, no in zip(rows, refused, strict=True) if no and _may_decide(row)), 3)


def _may_decide(row: dict[str, Any]) -> bool:
    """Say whether the best sentences may decide alone."""
    return may_decide(with_link(task_of_row(row)))


def _beyond(rows: list[dict[str, Any]], made: dict[str, Any]) -> dict[str, int]:
    """Return of how many questions the best sentences decide, and what both odds would have refused of these."""
    may = [row for row in rows if _may_decide(row)]
    sure = [row for row in may if row["best"] >= made["thresholds"][ENOUGH]]
    refused = _chances(sure, made) < made["thresholds"]["strict"]
    good = sum(bool(no) and row["answerable"] for no, row in zip(refused, sure, strict=True))
    return {"of": len(may), "decided": len(sure), "refused_by_both": int(refused.sum()), "answerable_of_these": good}


def _chances(rows: list[dict[str, Any]], made: dict[str, Any]) -> Any:
    return 1 / (1 + np.exp(-(np.array([row["features"] for row in rows]) @ np.array(made["weights"]) + made["bias"])))


def _rates(rows: list[dict[str, Any]], made: dict[str, Any], bound: float) -> dict[str, Any]:
    """Return which share of the questions of each kind is refused."""
    found: dict[str, Any] = {}
    for name, answerable in (("wrongly_refused", True), ("refused_unanswerable", False)):
        kind = [row for row in rows if row["answerable"] == answerable]
        share = round(float(np.mean(_chances(kind, made) < bound)), 3) if kind else None
        found |= {name: share, f"n_{name}": len(kind)}
    labels = [row["answerable"] for row in rows]
    if len(set(labels)) == 2:
        found["auc"] = round(float(roc_auc_score(labels, _chances(rows, made))), 3)
    return found


def _curve(rows: list[dict[str, Any]], made: dict[str, Any]) -> list[dict[str, float]]:
    """Return what share of the unanswerable could be refused at what price."""
    good, bad = (_chances([row for row in rows if row["answerable"] == flag], made) for flag in (True, False))
    bounds = [float(np.quantile(good, price, method="lower")) for price in CURVE]
    return [
        {
            "wrongly_refused": round(float(np.mean(good < bound)), 3),
            "refused_unanswerable": round(float(np.mean(bad < bound)), 3),
        }
        for bound in bounds
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--sets", default="squad2,nomiracl,multihop_wiki")
    parser.add_argument("--limit", type=int, default=160, help="questions a set")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--llm", required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--no-more", action="store_true", help="ask nothing; fit on what is in the cache")
    parser.add_argument(
        "--situations", default="pool,whole", help="what to ask and fit: among many documents, read whole"
    )
    parser.add_argument("--words", action="store_true", help="keep what it writes, too, for near_misses.py")
    options = parser.parse_args()
    rows = featured(measure(options), options)
    provenance = {
        "by": "benchmarks/fit_judge.py",
        "date": datetime.date.today().isoformat(),
        "sha256_of_questions": {
            name: hashlib.sha256((options.datasets / name / "questions.jsonl").read_bytes()).hexdigest()[:16]
            for name in options.sets.split(",")
        }
        | {
            f"everyday/{f.name}": hashlib.sha256((f / "questions.jsonl").read_bytes()).hexdigest()[:16]
            for f in EVERYDAY
        },
    }
    model = options.llm.partition(":")[2]
    fitted = json.loads(FITTED.read_text(encoding="utf-8"))
    for situation in options.situations.split(","):
        made = fit([row for row in rows if row["found"]["situation"] == situation])
        fitted[entry(model, situation)] = made | {"provenance": provenance}
        print(entry(model, situation), json.dumps(made, indent=1))
    FITTED.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
