"""Fit what is enough for a quote to support a claim, on labelled claims, and write it to rag/fitted.json ("support").

    python benchmarks/fit_support.py DATASETS
    python benchmarks/fit_support.py DATASETS --measure

DATASETS is a folder of question sets (squad2, multihop_wiki, realtimeqa, ramdocs, scifact) in the schema of
benchmarks/datasets.py; benchmarks/claims.py makes the claims. Half of them, chosen by a hash of the question or the
sentence that they come from, are fitted on; every figure is measured on the other half, and on sets that nothing is
fitted on ("blind"). The conditions of the check (names, numbers, ties, negation) come first and are not fitted: the
score only decides among claims that meet them. There are two: "answered" for sentences that restate their question with
an answer, "support" for all others.
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
from claims import Labelled, all_claims, blind_claims, of_other_things
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

import rag.fitted
from rag.asked import FEATURES as ANSWERED
from rag.cite import FEATURES, check, measure, measure_answered

FITTED = Path(__file__).parents[1] / "rag" / "fitted.json"
MUTATIONS = 0.025
"""Share of the fitted half's changed sentences (name, number, "not", opposite) that may count as supported."""
WRONG = 0.08
"""Share of its questions restated with a wrong answer that may: most have every word of a quote."""
ROUNDS = 3
"""Times that the quote that bears a sentence best is chosen anew with the weights fitted so far."""
PARTLY = 0.10
"""Share of all its negatives that may count as at least partly supported."""
NOT_FITTED = frozenset(
    (
        "answer alone",
        "names swapped",
        "numbers swapped",
        "negation",
        "antonym",
        "hedge hardened",
        "other number",
        "ranked first",
        "limit dropped",
    )
)
"""Kinds that only the conditions can tell: a bare answer has every word of the quote, and so has a swap of names."""
SETS = ("squad2", "multihop_wiki", "realtimeqa", "ramdocs", "scifact")


def is_held_out(claim: Labelled) -> bool:
    return hashlib.sha256(claim.id.encode()).digest()[0] % 2 == 1


def fit(claims: Sequence[Labelled], judged: Sequence[Labelled]) -> dict[str, Any]:
    """Fit the score of sentences that restate no question: weights on all claims, the threshold on those it judges."""
    wanted = [claim for claim in claims if claim.label is not None and "more of" not in claim.kind]
    wanted = [claim for claim in wanted if not (_is_left_out(claim) and (claim.label or is_held_out(claim)))]
    measured = [(claim, measure(claim.claim, claim.evidence, question=claim.question)) for claim in wanted]
    rows = [(claim, found) for claim, found in measured if not _is_left_out(claim)]
    train = [(claim, found) for claim, found in rows if not is_held_out(claim)]
    x = np.array([values for _, found in train for values in found[:1]])
    y = np.array([claim.label for claim, found in train for _ in found[:1]])
    model = LogisticRegression(C=10.0, max_iter=5000).fit(x, y)
    every = [
        (claim, _score(model, found)) for claim, found in measured if claim.label is False and not is_held_out(claim)
    ]
    own = {id(claim) for claim in judged}
    changed = [score for claim, score in every if id(claim) in own]
    return _entry(model, FEATURES, rows, len(train)) | {
        "thresholds": {
            "supported": _above(changed, MUTATIONS),
            "partly": _above([score for _, score in every], PARTLY),
        },
        "thresholds_are": {
            "supported": f"above it lie at most {MUTATIONS:.1%} of the fitted half's claims that no quote supports and "
            "that restate no question",
            "partly": f"above it lie {PARTLY:.1%} of all its claims that no quote supports",
        },
    }


def _is_left_out(claim: Labelled) -> bool:
    return claim.kind in NOT_FITTED or claim.kind.startswith("merged") or "more of" in claim.kind


def fit_answered(claims: Sequence[tuple[Labelled, list[tuple[float, ...]]]]) -> dict[str, Any]:
    """Fit the score of sentences that restate a question; of several quotes that may bear one, the best counts."""
    train = [(claim, found) for claim, found in claims if not is_held_out(claim)]
    y = np.array([claim.label for claim, found in train if found])
    chosen = [max(found, key=lambda values: values[ANSWERED.index("overlap")]) for _, found in train if found]
    for _ in range(ROUNDS):
        model = LogisticRegression(C=1.0, max_iter=5000).fit(np.array(chosen), y)
        best = [np.argmax(model.predict_proba(np.array(found))[:, 1]) for _, found in train if found]
        chosen = [found[at] for at, (_, found) in zip(best, [row for row in train if row[1]], strict=True)]
    wrong = [_score(model, found) for claim, found in train if not claim.label and "more of" not in claim.kind]
    return _entry(model, ANSWERED, claims, len(train)) | {
        "thresholds": {"supported": _above(wrong, WRONG), "partly": _above(wrong, 2 * WRONG)},
        "thresholds_are": {
            "supported": f"above it lie {WRONG:.1%} of the fitted half's questions restated with a wrong answer",
            "partly": f"above it lie {2 * WRONG:.1%} of them",
        },
    }


def _entry(
    model: LogisticRegression,
    features: Sequence[str],
    rows: Sequence[tuple[Labelled, list[tuple[float, ...]]]],
    fitted_on: int,
) -> dict[str, Any]:
    test = [(claim.label, _score(model, found)) for claim, found in rows if is_held_out(claim)]
    return {
        "features": list(features),
        "weights": [round(float(w), 4) for w in model.coef_[0]],
        "bias": round(float(model.intercept_[0]), 4),
        "fitted_on": fitted_on,
        "auc_of_held_out": round(float(roc_auc_score([label for label, _ in test], [score for _, score in test])), 3),
    }


def _above(scores: Sequence[float], share: float) -> float:
    """Return the threshold that a share of scores lies above."""
    return round(float(np.quantile(scores, 1 - share)) + 0.0005, 3)


def _score(model: LogisticRegression, found: Sequence[Sequence[float]]) -> float:
    """Return the best score of any quotes that meet the conditions, 0 where none do."""
    return max((float(p) for p in model.predict_proba(np.array(found))[:, 1]), default=0.0) if len(found) else 0.0


def measured(claims: Sequence[Labelled]) -> dict[str, Any]:
    """Return the share of claims that the check as it stands supports, for each set and kind."""
    total: Counter[tuple[str, str, str]] = Counter()
    found: Counter[tuple[str, str, str, str]] = Counter()
    for claim in claims:
        name = {True: "supported", False: "not supported", None: "unknown"}[claim.label]
        status = check(claim.claim, claim.evidence, question=claim.question).status
        for key in ((name, claim.of, claim.kind), (name, "every set", claim.kind), (name, "every set", "all")):
            total[key] += 1
            found[(*key, status)] += 1
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
    claims, blind = all_claims(options.datasets), blind_claims(options.datasets)
    print(len(claims), "claims,", len(blind), "blind ones", flush=True)
    if not options.measure:
        fit_both(claims, options.datasets)
    held_out = measured([claim for claim in (*claims, *of_other_things(claims)) if is_held_out(claim)])
    unseen = measured([*blind, *of_other_things(blind)])
    if not options.measure:
        write("support", rag.fitted.all_values()["support"] | {"measured_on_held_out": held_out})
    print(json.dumps({"held out": held_out, "blind": unseen}, indent=1))


def fit_both(claims: Sequence[Labelled], datasets: Path) -> None:
    """Fit and write both scores: each sentence is fitted by the one that judges it."""
    provenance = {
        "by": "benchmarks/fit_support.py",
        "date": datetime.date.today().isoformat(),
        "sets": {
            name: hashlib.sha256((datasets / name / "questions.jsonl").read_bytes()).hexdigest()[:16] for name in SETS
        },
    }
    restating: list[tuple[Labelled, list[tuple[float, ...]]]] = []
    others: list[Labelled] = []
    for claim in claims:
        found = measure_answered(claim.claim, claim.evidence, question=claim.question) if claim.question else None
        if found is None:
            others.append(claim)
        elif claim.label is not None:
            restating.append((claim, found))
    write("answered", fit_answered(restating) | {"provenance": provenance})
    write("support", fit(claims, others) | {"provenance": provenance})


def write(name: str, values: dict[str, Any]) -> None:
    """Replace one entry alone: the others have fits of their own."""
    stored = json.loads(FITTED.read_text(encoding="utf-8"))
    FITTED.write_text(json.dumps(stored | {name: values}, indent=1) + "\n", encoding="utf-8")
    rag.fitted.fitted.cache_clear()
    rag.fitted.all_values.cache_clear()


if __name__ == "__main__":
    main()
