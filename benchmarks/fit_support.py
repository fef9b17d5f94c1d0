"""Fit what is enough for a quote to support a claim, on labelled claims, and write it to rag/fitted.json ("support").

    python benchmarks/fit_support.py DATASETS
    python benchmarks/fit_support.py DATASETS --measure

DATASETS is a folder of question sets (squad2, multihop_wiki, realtimeqa, ramdocs, scifact) in the schema of
benchmarks/datasets.py; benchmarks/claims.py makes the claims. Half of them, chosen by a hash of the question or the
sentence that they come from, are fitted on; every figure is measured on the other half. The conditions of the check
(names, numbers, ties, negation) come first and are not fitted: the score only decides among claims that meet them.
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
from claims import Labelled, all_claims
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

import rag.fitted
from rag.cite import FEATURES, check, measure

FITTED = Path(__file__).parents[1] / "rag" / "fitted.json"
MUTATIONS = 0.025
"""Share of the fitted half's changed sentences (name, number, "not", opposite) that may count as supported."""
WRONG = 0.10
"""Share of its questions restated with a wrong answer that may: most have every word of a quote."""
PARTLY = 0.10
"""Share of all its negatives that may count as at least partly supported."""
NOT_FITTED = frozenset(
    ("answer alone", "names swapped", "numbers swapped", "negation", "antonym", "hedge hardened", "other number")
)
"""Kinds that only the conditions can tell: a bare answer has every word of the quote, and so has a swap of names."""
SETS = ("squad2", "multihop_wiki", "realtimeqa", "ramdocs", "scifact")


def is_held_out(claim: Labelled) -> bool:
    return hashlib.sha256(claim.id.encode()).digest()[0] % 2 == 1


def fit(claims: Sequence[Labelled]) -> dict[str, Any]:
    labelled = [claim for claim in claims if claim.label is not None and claim.kind not in NOT_FITTED]
    rows = [(claim, measure(claim.claim, claim.evidence, question=claim.question)) for claim in labelled]
    train = [(claim, values) for claim, values in rows if not is_held_out(claim)]
    x = np.array([values for _, found in train for values in found[:1]])
    y = np.array([claim.label for claim, found in train for _ in found[:1]])
    model = LogisticRegression(C=10.0, max_iter=5000).fit(x, y)
    every = [(claim, _score(model, measure(claim.claim, claim.evidence, question=claim.question)))
             for claim in claims if claim.label is False and not is_held_out(claim)]  # fmt: skip
    restated = [score for claim, score in every if claim.kind.startswith("restated")]
    changed = [score for claim, score in every if not claim.kind.startswith("restated") and claim.of != "scifact"]
    test = [(claim, _score(model, found)) for claim, found in rows if is_held_out(claim)]
    return {
        "features": list(FEATURES),
        "weights": [round(float(w), 4) for w in model.coef_[0]],
        "bias": round(float(model.intercept_[0]), 4),
        "thresholds": {
            "supported": max(_above(changed, MUTATIONS), _above(restated, WRONG)),
            "partly": _above([score for _, score in every], PARTLY),
        },
        "thresholds_are": {
            "supported": f"above it lie at most {MUTATIONS:.1%} of the changed sentences of the fitted half, and "
            f"{WRONG:.1%} of its questions restated with a wrong answer",
            "partly": f"above it lie {PARTLY:.1%} of all its claims that no quote supports",
        },
        "fitted_on": len(train),
        "auc_of_held_out": round(float(roc_auc_score([c.label for c, _ in test], [s for _, s in test])), 3),
    }


def _above(scores: Sequence[float], share: float) -> float:
    """Return the threshold that a share of scores lies above."""
    return round(float(np.quantile(scores, 1 - share)) + 0.0005, 3)


def _score(model: LogisticRegression, found: Sequence[Sequence[float]]) -> float:
    """Return the best score of any quotes that meet the conditions, 0 where none do."""
    return max((float(p) for p in model.predict_proba(np.array(found))[:, 1]), default=0.0) if len(found) else 0.0


def measured(claims: Sequence[Labelled]) -> dict[str, Any]:
    """Return the share of held-out claims that the check as it stands supports, for each set and kind."""
    total: Counter[tuple[str, str, str]] = Counter()
    found: Counter[tuple[str, str, str, str]] = Counter()
    for claim in claims:
        if is_held_out(claim):
            name = {True: "supported", False: "not supported", None: "unknown"}[claim.label]
            for key in ((name, claim.of, claim.kind), (name, "all", "all")):
                total[key] += 1
                found[(*key, check(claim.claim, claim.evidence, question=claim.question).status)] += 1
    table: dict[str, Any] = {}
    for key in sorted(total):
        table.setdefault(key[0], {})[f"{key[1]}: {key[2]}"] = {
            "claims": total[key],
            "supported": round(found[(*key, "supported")] / total[key], 3),
            "partly": round(found[(*key, "partly")] / total[key], 3),
        }
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path)
    parser.add_argument("--measure", action="store_true", help="fit nothing, print how the check does")
    options = parser.parse_args()
    claims = all_claims(options.datasets)
    print(len(claims), "claims", flush=True)
    if not options.measure:
        values = fit(claims)
        values["provenance"] = {
            "by": "benchmarks/fit_support.py",
            "date": datetime.date.today().isoformat(),
            "sets": {
                name: hashlib.sha256((options.datasets / name / "questions.jsonl").read_bytes()).hexdigest()[:16]
                for name in SETS
            },
        }
        write(values)
    table = measured(claims)
    if not options.measure:
        write(values | {"measured_on_held_out": table})
    print(json.dumps(table, indent=1))


def write(values: dict[str, Any]) -> None:
    """Replace the key "support" alone: the others have fits of their own."""
    stored = json.loads(FITTED.read_text(encoding="utf-8"))
    FITTED.write_text(json.dumps(stored | {"support": values}, indent=1) + "\n", encoding="utf-8")
    rag.fitted.fitted.cache_clear()
    rag.fitted.all_values.cache_clear()


if __name__ == "__main__":
    main()
