"""Fit the weights and thresholds of rag/fitted.json on labelled questions, and write them with their provenance.

    python benchmarks/fit.py DATASETS --home HOME --sets squad2,realtimeqa

DATASETS is a folder of question sets in the schema of benchmarks/datasets.py; HOME a store (RAG_HOME) to keep their
documents in. Half of the questions, chosen by a hash of their ids, are fitted on; every figure that is written is
measured on the other half. The language model has no part in this.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import pickle
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from datasets import Case, cases, load
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

import rag.fitted
from rag import Engine, Settings
from rag.relevance import OUTLOOK, RELEVANCE, Question, features, outlook_features
from rag.retrieve import Candidate, Retriever, estimate
from rag.words import content

FITTED = Path(__file__).parents[1] / "rag" / "fitted.json"
BUDGETS = (150, 300, 600)


@dataclass
class Asked:
    """One question over one collection, searched."""

    case: Case
    of: str
    """Set that the question comes from; it was asked of `over`."""
    over: str
    asked: Question
    ranked: list[Candidate]

    @property
    def answerable(self) -> bool:
        return self.case.answerable and self.of == self.over

    @property
    def held_out(self) -> bool:
        return hashlib.sha256(self.case.id.encode()).digest()[0] % 2 == 1

    def is_gold(self, candidate: Candidate) -> bool:
        words = content(candidate.text)
        for _, quote in self.case.evidence:
            gold = content(quote)
            if len(words & gold) >= 0.7 * max(1, min(len(words), len(gold))) and len(words) >= 3:
                return True
        return False


def search(retriever: Retriever, case: Case, of: str, over: str, ids: dict[str, str]) -> Asked | None:
    restricted = [ids[doc_id] for doc_id in case.doc_ids if doc_id in ids] if of == over else []
    vector = retriever.embedder.query(case.question)
    passages = retriever.candidates(case.question, vector, over, restricted or None)
    candidates = retriever.sentences(passages)
    if not candidates:
        return None
    asked = Question.of(case.question, [candidate.text for candidate in candidates])
    return Asked(case, of, over, asked, [c for c, _ in retriever.score(asked, vector, candidates, passages)])


def fit_relevance(data: Sequence[Asked]) -> dict[str, Any]:
    usable = [a for a in data if a.answerable and any(a.is_gold(c) for c in a.ranked)]
    x = [features(a.asked, c) for a in usable if not a.held_out for c in a.ranked]
    y = [a.is_gold(c) for a in usable if not a.held_out for c in a.ranked]
    model = LogisticRegression(C=10.0, max_iter=5000).fit(np.array(x), np.array(y))
    weights, bias = model.coef_[0], float(model.intercept_[0])
    test = [a for a in usable if a.held_out]
    measured: dict[str, Any] = {"cases": len(test)}
    for over in sorted({a.over for a in test}):
        measured[over] = _recall([a for a in test if a.over == over], weights)
    train = [(p, label) for p, label in zip(model.predict_proba(np.array(x))[:, 1], y, strict=True)]
    return {
        "features": list(RELEVANCE),
        "weights": [round(float(w), 4) for w in weights],
        "bias": round(bias, 4),
        "thresholds": {"also": round(_even(train), 3)},
        "thresholds_are": {"also": "probability from which a sentence of the fitted half is gold in half of the cases"},
        "fitted_on": len(usable) - len(test),
        "measured_on_held_out": measured,
    }


def _recall(data: Sequence[Asked], weights: Any) -> dict[str, float]:
    """Share of questions whose first gold sentence is within a budget of tokens, and mean reciprocal rank."""
    within = dict.fromkeys(BUDGETS, 0)
    reciprocal = 0.0
    for a in data:
        ranked = sorted(a.ranked, key=lambda c: -float(np.dot(weights, features(a.asked, c))))
        rank = next(i for i, c in enumerate(ranked) if a.is_gold(c))
        cost = sum(estimate(c.text) for c in ranked[: rank + 1])
        reciprocal += 1 / (rank + 1)
        for budget in BUDGETS:
            within[budget] += cost <= budget
    shares = {f"gold_within_{budget}_tokens": round(n / len(data), 3) for budget, n in within.items()}
    return {"cases": len(data), "mrr": round(reciprocal / len(data), 3), **shares}


def _even(scored: Sequence[tuple[float, bool]]) -> float:
    """Return the lowest probability above which at least half are gold."""
    best, good = 1.0, 0
    for number, (p, label) in enumerate(sorted(scored, reverse=True), start=1):
        good += label
        if good >= number / 2:
            best = float(p)
    return best


def fit_answerable(data: Sequence[Asked]) -> dict[str, Any]:
    rows = [(outlook_features(a.asked, a.ranked)[0], a.answerable, a) for a in data]
    train = [(x, y) for x, y, a in rows if not a.held_out]
    model = LogisticRegression(C=10.0, max_iter=5000, class_weight="balanced")
    model.fit(np.array([x for x, _ in train]), np.array([y for _, y in train]))
    p_train = model.predict_proba(np.array([x for x, _ in train]))[:, 1]
    positives = np.sort(p_train[np.array([y for _, y in train])])
    thresholds = {
        "strict": round(float(np.quantile(positives, 0.05)), 3),
        "lenient": round(float(np.quantile(positives, 0.02)), 3),
        "sure": round(float(np.quantile(positives, 0.30)), 3),
    }
    test = [(x, y, a) for x, y, a in rows if a.held_out]
    p = model.predict_proba(np.array([x for x, _, _ in test]))[:, 1]
    groups: dict[str, Any] = {"cases": len(test)}
    for name in sorted({_group(a) for _, _, a in test}):
        chosen = np.array([_group(a) == name for _, _, a in test])
        groups[name] = {"cases": int(chosen.sum())} | {
            f"refused_at_{key}": round(float((p[chosen] < bound).mean()), 3) for key, bound in thresholds.items()
        }
    groups["auc"] = round(float(roc_auc_score([y for _, y, _ in test], p)), 3)
    return {
        "features": list(OUTLOOK),
        "weights": [round(float(w), 4) for w in model.coef_[0]],
        "bias": round(float(model.intercept_[0]), 4),
        "thresholds": thresholds,
        "thresholds_are": {
            "strict": "below it lie 5 % of the answerable questions of the fitted half; the model is not asked",
            "lenient": "below it lie 2 % of them",
            "sure": "above it lie 70 % of them; there the best quotes answer even if the model says that it can't",
        },
        "fitted_on": len(train),
        "measured_on_held_out": groups,
    }


def _group(a: Asked) -> str:
    if a.of != a.over:
        return f"{a.of} questions asked of {a.over}"
    return f"{a.of} {'answerable' if a.case.answerable else 'unanswerable'}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--sets", default="squad2,realtimeqa")
    parser.add_argument("--limit", type=int, default=250, help="questions a set")
    parser.add_argument("--cache", type=Path, help="keep what was searched here, to fit again without searching")
    options = parser.parse_args()
    if options.cache and options.cache.exists():
        data = pickle.loads(options.cache.read_bytes())
    else:
        data = search_all(options)
        if options.cache:
            options.cache.write_bytes(pickle.dumps(data))
    for a in data:
        a.asked = Question.of(a.case.question, [candidate.text for candidate in a.ranked])
    write(data, options)


def search_all(options: argparse.Namespace) -> list[Asked]:
    names = options.sets.split(",")
    data: list[Asked] = []
    with tempfile.TemporaryDirectory() as scratch, Engine(Settings.load(home=options.home, llm="none")) as engine:
        work = options.home / "work" if (options.home / "work").is_dir() else Path(scratch)
        ids = {name: load(engine, options.datasets / name, work) for name in names}
        retriever = engine.retriever()
        for of in names:
            sample = cases(options.datasets / of, options.limit)
            for number, case in enumerate(sample):
                data += [a for a in [search(retriever, case, of, of, ids[of])] if a]
                other = names[(names.index(of) + 1) % len(names)]
                if other != of and number % 3 == 0:
                    data += [a for a in [search(retriever, case, of, other, ids[other])] if a]
            print(of, len(data), flush=True)
    return data


def write(data: Sequence[Asked], options: argparse.Namespace) -> None:
    names = options.sets.split(",")
    fitted = json.loads(FITTED.read_text(encoding="utf-8"))
    provenance = {
        "by": "benchmarks/fit.py",
        "date": datetime.date.today().isoformat(),
        "sets": {
            name: hashlib.sha256((options.datasets / name / "questions.jsonl").read_bytes()).hexdigest()[:16]
            for name in names
        },
    }
    fitted["relevance"] = fit_relevance(data) | {"provenance": provenance}
    FITTED.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")
    rag.fitted.fitted.cache_clear()
    rag.fitted.all_values.cache_clear()
    fitted["answerable"] = fit_answerable(data) | {"provenance": provenance}
    FITTED.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({k: fitted[k] for k in ("relevance", "answerable")}, indent=1))


if __name__ == "__main__":
    main()
