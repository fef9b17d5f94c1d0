"""Fit the weights and thresholds of rag/fitted.json on labelled questions, and write them with their provenance.

    python benchmarks/fit.py DATASETS --home HOME

DATASETS is a folder of question sets in the schema of benchmarks/datasets.py; HOME a store (RAG_HOME) to keep their
documents in. The language model has no part in this. Two situations are fitted apart, as retrieval tells them apart:
"pool", the best passages of a large collection (each set asked of its own documents; every third question also of
another set's, where it has no answer); and "whole", a folder about one thing that is read whole (squad2's questions
asked of their own article and, every third, of another one; sets whose questions come with a few documents each; the
questions of examples/briefings and of benchmarks/data/everyday). Half of the questions of the sets, chosen by a hash of
their ids, are fitted on; every figure is measured on the other half. The few briefings are all fitted on, so their
figures say only how well they are fitted.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from fit_quotes import SHARES, fit_namesakes, with_links
from searched import BRIEFINGS, EVERYDAY, SMALL, Asked, gathered, pool, whole
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

import rag.fitted
from rag.budget import estimate
from rag.relevance import OUTLOOK, RELEVANCE, Question, Situation, features, fits, outlook_features
from rag.retrieve import Candidate
from rag.task import QUOTED, QUOTED_IN_A_LIST
from rag.understand.people import people

FITTED = Path(__file__).parents[1] / "rag" / "fitted.json"
BUDGETS = (150, 300, 600)
STRENGTH = 10.0
"""Inverse of the regularisation; .1 and .001 differ by less than their intervals."""


def counts(data: Sequence[Asked]) -> list[float]:
    """Return what each question counts: each set the same, and each question of a set; everyday papers are one set."""
    papers = {folder.name for folder in EVERYDAY}
    sets = ["everyday" if a.of in papers else a.of for a in data]
    sizes = Counter(sets)
    return [1 / sizes[name] for name in sets]


def fit_relevance(data: Sequence[Asked]) -> dict[str, Any]:
    """Fit which sentences answer, on the questions that have an answer among the candidates."""
    usable = [a for a in data if a.answerable and any(a.is_gold(c) for c in a.ranked)]
    training = [a for a in usable if not a.held_out and a.of not in SMALL]
    test = [a for a in usable if a.held_out]
    weights, bias = _weights_of(training)
    measured: dict[str, Any] = {"cases": len(test)}
    for over in sorted({a.over for a in test}):
        measured[over] = _recall([a for a in test if a.over == over], weights)
    share, f1 = _best_share([a for a in usable if not a.held_out], weights, bias, beta=1)
    of_briefings = [a for a in training if a.of == "briefings" and len(a.case.evidence) > 1]
    lists = of_briefings or [a for a in training if sum(a.is_gold(c) for c in a.ranked) > 1]
    in_a_list, f2 = _best_share(lists, weights, bias, beta=2)
    return {
        "features": list(RELEVANCE),
        "weights": [round(float(w), 4) for w in weights],
        "bias": round(bias, 4),
        "thresholds": {"share": share, "share_in_a_list": in_a_list},
        "thresholds_are": {
            "share": "of the best fitting sentence's probability, from which others are quoted too, at most three: "
            f"the one of {SHARES} with the best F1 against the gold sentences of the fitted half, {f1:.3f} in the mean "
            "of the sets",
            "share_in_a_list": f"the same for at most eight over the {len(lists)} fitted questions with several gold "
            f"sentences, with recall weighed double (F2), {f2:.3f}",
        },
        "fitted_on": len(training),
        "measured_on_held_out": measured,
    }


def _weights_of(training: Sequence[Asked]) -> tuple[Any, float]:
    """Return weights and bias.

    The gold sentences of a question count as much as all others of it together; how likely a sentence is then comes
    from the same questions with every sentence counting as it stands (calibration: Platt, 1999).
    """
    x = np.array([features(a.asked, c) for a in training for c in a.ranked])
    gold = [np.array([a.is_gold(c) for c in a.ranked]) for a in training]
    y, share = np.concatenate(gold), counts(training)
    even = [np.where(g, s / g.sum(), s / max(1, (~g).sum())) for g, s in zip(gold, share, strict=True)]
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    ranks = LogisticRegression(C=STRENGTH, max_iter=5000)
    ranks.fit((x - mean) / spread, y, sample_weight=_scaled(np.concatenate(even)))
    slope = ranks.coef_[0] / spread
    as_it_stands = np.concatenate([np.full(len(g), s / len(g)) for g, s in zip(gold, share, strict=True)])
    likely = LogisticRegression(C=1e6).fit((x @ slope)[:, None], y, sample_weight=_scaled(as_it_stands))
    return slope * likely.coef_[0][0], float(likely.intercept_[0])


def _scaled(weights: Any) -> Any:
    """Return weights with a mean of 1, so that the regularisation means the same whatever they sum to."""
    return weights / weights.mean()


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


def _best_share(data: Sequence[Asked], weights: Any, bias: float, beta: float) -> tuple[float, float]:
    """Return the share with the best F-beta, and that: the mean of the sets', each micro-averaged."""
    by_set = [[a for a in data if a.of == of] for of in dict.fromkeys(a.of for a in data)]
    found = [_f_by_share(of_one, weights, bias, beta) for of_one in by_set]
    means = {share: float(np.mean([scores[share] for scores in found])) for share in SHARES}
    best = max(SHARES, key=lambda share: means[share])
    return best, means[best]


def _f_by_share(data: Sequence[Asked], weights: Any, bias: float, beta: float) -> dict[float, float]:
    found = {share: [0, 0, 0] for share in SHARES}
    most = QUOTED if beta == 1 else QUOTED_IN_A_LIST
    for a in data:
        known = people([c.text for c in a.ranked])
        scored = [
            (1 / (1 + np.exp(-bias - float(np.dot(weights, features(a.asked, c))))), a.is_gold(c))
            for c in a.ranked
            if fits(a.asked, c, known)
        ]
        scored.sort(reverse=True)
        gold = sum(a.is_gold(c) for c in a.ranked)
        for share, (right, quoted, wanted) in found.items():
            chosen = [label for p, label in scored[:most] if p >= share * scored[0][0]]
            found[share] = [right + sum(chosen), quoted + len(chosen), wanted + gold]
    b = beta * beta
    return {s: (1 + b) * right / max(1, quoted + b * wanted) for s, (right, quoted, wanted) in found.items()}


def fit_answerable(data: Sequence[Asked], situation: Situation) -> dict[str, Any]:
    """Fit whether anything that was found answers; `situation` has to be fitted for relevance before."""
    rows = [(outlook_features(a.asked, by_relevance(a, situation), situation)[0], a.answerable, a) for a in data]
    train = [(x, y, a) for x, y, a in rows if not a.held_out]
    x, y = np.array([x for x, _, _ in train]), np.array([y for _, y, _ in train])
    counting = _scaled(np.array(counts([a for _, _, a in train])))
    model = LogisticRegression(C=10.0, max_iter=5000, class_weight="balanced").fit(x, y, sample_weight=counting)
    positives = model.predict_proba(x)[:, 1][y]
    thresholds = {
        "strict": round(float(np.quantile(positives, 0.02)), 3),
        "lenient": round(float(np.quantile(positives, 0.01)), 3),
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
            "strict": "below it lie 2 % of the answerable questions of the fitted half; the model is not asked",
            "lenient": "below it lies 1 % of them",
            "sure": "above it lie 70 % of them; there the best quotes answer even if the model says that it can't",
        },
        "fitted_on": len(train),
        "measured_on_held_out": groups,
    }


def by_relevance(a: Asked, situation: Situation) -> list[Candidate]:
    relevance = rag.fitted.fitted(f"relevance_{situation}")
    return sorted(a.ranked, key=lambda candidate: -relevance(features(a.asked, candidate)))


def _group(a: Asked) -> str:
    if a.of != a.over:
        return f"{a.of} questions asked of {a.over}"
    return f"{a.of} {'answerable' if a.case.answerable else 'unanswerable'}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--sets", default="squad2,realtimeqa,multihop_wiki,scifact")
    parser.add_argument("--limit", type=int, help="questions a set; by default all")
    parser.add_argument("--articles", type=int, default=14, help="articles of squad2, for the whole")
    parser.add_argument(
        "--cache", type=Path, help="folder to keep what was searched in, to fit again without searching"
    )
    options = parser.parse_args()
    for situation, gather in (("pool", pool), ("whole", whole)):
        data = [a for a in gathered(gather, options) if a.ranked]
        for a in data:
            a.asked = Question.of(a.case.question, [candidate.text for candidate in a.ranked])
        relevance = fit_relevance(data)
        write(f"relevance_{situation}", relevance, options)
        if situation == "whole":
            write("namesakes", fit_namesakes(data), options)
        else:
            write(f"relevance_{situation}", with_links(relevance, data), options)
        write(f"answerable_{situation}", fit_answerable(data, situation), options)


def write(key: str, entry: dict[str, Any], options: argparse.Namespace, by: str = "fit.py") -> None:
    """Put one entry into fitted.json, with where it comes from, and make this process use it."""
    sets = {name: options.datasets / name / "questions.jsonl" for name in (*options.sets.split(","), *SMALL)}
    sets["examples/briefings"] = BRIEFINGS / "questions.jsonl"
    sets |= {f"everyday/{folder.name}": folder / "questions.jsonl" for folder in EVERYDAY}
    entry["provenance"] = {
        "by": f"benchmarks/{by}",
        "date": datetime.date.today().isoformat(),
        "sha256_of_questions": {n: hashlib.sha256(f.read_bytes()).hexdigest()[:16] for n, f in sets.items()},
    }
    fitted = json.loads(FITTED.read_text(encoding="utf-8"))
    FITTED.write_text(json.dumps(fitted | {key: entry}, indent=1) + "\n", encoding="utf-8")
    rag.fitted.fitted.cache_clear()
    rag.fitted.all_values.cache_clear()
    print(key, json.dumps(entry, indent=1), flush=True)


if __name__ == "__main__":
    main()
