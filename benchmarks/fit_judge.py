"""Fit what a model's yes or no to "do the sentences state the answer?" is worth, and write it to rag/fitted.json.

    python benchmarks/fit_judge.py DATASETS --home HOME --llm embedded:qwen2.5-coder-1.5b --cache FILE

Each question is searched as the product does it and put to the model with the evidence that it would read. Half of the
questions, chosen by a hash of their ids, are fitted on; the rates are measured on the other half. --cache keeps the
odds, so that a broken run goes on and another fit asks nothing.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from datasets import Case, cases, load
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from rag import Engine, Settings
from rag.judge import FEATURES, entry, features
from rag.llm import open_writer
from rag.models import ModelStore
from rag.prompts import JUDGE
from rag.retrieve import within
from rag.task import Task, prompt

FITTED = Path(__file__).parents[1] / "rag" / "fitted.json"
WRONGLY_REFUSED = {"strict": 0.15, "lenient": 0.05}
"""Share of the answerable questions of the fitted half that each mode may refuse."""


def asked(options: argparse.Namespace) -> Iterator[tuple[str, Case, Engine, list[str] | None]]:
    """Yield questions with the documents to ask: squad2's of the whole collection and of their own article, others'."""
    with Engine(Settings.load(home=options.home, llm="none")) as engine:
        for name in options.sets.split(","):
            ids = load(engine, options.datasets / name, options.home / "work")
            for number, case in enumerate(cases(options.datasets / name, options.limit, seed=3)):
                yield name, case, engine, [ids[d] for d in case.doc_ids if d in ids] or None
                if case.about in ids and number % 2 == 0:
                    yield f"{name} article", case, engine, [ids[case.about]]


def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Return a row a question: its features and whether it has an answer; known ones from the cache."""
    rows = [json.loads(line) for line in options.cache.open()] if options.cache.exists() else []
    if options.no_more:
        return rows
    known = {(row["set"], row["id"]) for row in rows}
    settings = Settings.load(home=options.home, llm=options.llm)
    models = ModelStore(settings.home)
    with open_writer(settings, models.pull) as writer, options.cache.open("a") as file:  # type: ignore[union-attr]
        for name, case, engine, ids in asked(options):
            if (name, case.id) in known:
                continue
            found = engine.retriever().search(case.question, name.split()[0], ids)
            if not found.evidence:
                continue
            task = Task(
                question=case.question,
                standalone=case.question,
                evidence=found.evidence,
                answerable=found.answerable,
                missing=found.missing,
                searched=found.passages,
                situation=found.situation,
                read=within(found.evidence, writer.evidence_tokens),
            )
            odds, usage = writer.odds(prompt(task, JUDGE))
            assert odds is not None, f"{options.llm} gives no odds"
            rows.append(
                {"set": name, "id": case.id, "answerable": case.answerable, "tokens": usage.prompt_tokens}
                | {"features": features(odds, task)}
            )
            file.write(json.dumps(rows[-1]) + "\n")
            file.flush()
            if len(rows) % 25 == 0:
                print(len(rows), name, flush=True)
    return rows


def is_held_out(row: dict[str, Any]) -> bool:
    return hashlib.sha256(row["id"].encode()).digest()[0] % 2 == 1


def fit(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the entry of fitted.json."""
    fitted_half = [row for row in rows if not is_held_out(row)]
    groups = Counter((row["set"], row["answerable"]) for row in fitted_half)
    # A set without unanswerable questions would only teach that its kind of collection has the answers.
    train = [row for row in fitted_half if groups[row["set"], False] and groups[row["set"], True]]
    x, y = (np.array([row[key] for row in train]) for key in ("features", "answerable"))
    weights = [len(train) / groups[row["set"], row["answerable"]] for row in train]
    model = LogisticRegression(C=100.0, max_iter=5000).fit(x, y, sample_weight=weights)
    p = model.predict_proba(x)[:, 1]
    thresholds = {mode: round(float(np.quantile(p[y], share)), 3) for mode, share in WRONGLY_REFUSED.items()}
    test = [row for row in rows if is_held_out(row)]
    chance = model.predict_proba(np.array([row["features"] for row in test]))[:, 1]
    return {
        "features": list(FEATURES),
        "weights": [round(float(w), 4) for w in model.coef_[0]],
        "bias": round(float(model.intercept_[0]), 4),
        "thresholds": thresholds,
        "thresholds_are": {
            mode: f"below it lie {share:.0%} of the answerable questions of the fitted half"
            for mode, share in WRONGLY_REFUSED.items()
        },
        "fitted_on": len(train),
        "measured_on_held_out": {
            name: _rates(
                [(row, c) for row, c in zip(test, chance, strict=True) if name in ("all", row["set"])], thresholds
            )
            for name in ["all", *sorted({row["set"] for row in test})]
        },
    }


def _rates(rows: list[tuple[dict[str, Any], float]], thresholds: dict[str, float]) -> dict[str, Any]:
    yes = np.array([chance for row, chance in rows if row["answerable"]])
    no = np.array([chance for row, chance in rows if not row["answerable"]])
    rates: dict[str, Any] = {"answerable": len(yes), "unanswerable": len(no)}
    for mode, bound in thresholds.items():
        rates[f"wrongly_refused_at_{mode}"] = round(float((yes < bound).mean()), 3) if len(yes) else None
        rates[f"refused_at_{mode}"] = round(float((no < bound).mean()), 3) if len(no) else None
    if len(yes) and len(no):
        rates["auc"] = round(float(roc_auc_score([1] * len(yes) + [0] * len(no), [*yes, *no])), 3)
        odds = [row["features"][0] for row, _ in rows]
        rates["auc_of_odds_alone"] = round(float(roc_auc_score([row["answerable"] for row, _ in rows], odds)), 3)
    return rates


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--sets", default="squad2,nomiracl,realtimeqa")
    parser.add_argument("--limit", type=int, default=160, help="questions a set")
    parser.add_argument("--llm", required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--no-more", action="store_true", help="ask nothing; fit on what is in the cache")
    options = parser.parse_args()
    entry_of_model = fit(measure(options))
    entry_of_model["provenance"] = {
        "by": "benchmarks/fit_judge.py",
        "date": datetime.date.today().isoformat(),
        "sha256_of_questions": {
            name: hashlib.sha256((options.datasets / name / "questions.jsonl").read_bytes()).hexdigest()[:16]
            for name in options.sets.split(",")
        },
    }
    name = entry(options.llm.partition(":")[2])
    fitted = json.loads(FITTED.read_text(encoding="utf-8"))
    FITTED.write_text(json.dumps(fitted | {name: entry_of_model}, indent=1) + "\n", encoding="utf-8")
    print(name, json.dumps(entry_of_model, indent=1))


if __name__ == "__main__":
    main()
