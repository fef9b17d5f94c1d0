"""Fit what passages are ranked by (rag.ranking.FEATURES) on labelled questions, into rag/fitted.json ("passages").

    python benchmarks/fit_passages.py DATASETS --home HOME [--sets NAMES] [--cache FILE]

Half of the questions, chosen by a hash of their ids, are fitted on; both orders, by plain reciprocal rank fusion and as
fitted, are measured on the other half. Each set counts the same, and each question of a set. How freely the weights
follow the questions is chosen by what ranks best in questions that were left out of the fit, of sets that are part of
it (five folds) and of sets that are not. A follow-up is searched as the rules understand it. The language model has no
part in this.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import pickle
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from datasets import Case, cases, load, pools
from sklearn.linear_model import LogisticRegression

from rag import Engine, Settings
from rag.evaluate.metrics.ranking import complete, ndcg
from rag.ranking import FEATURES
from rag.understand.follow_up import understand
from rag.words import content
from vectorstore.store import PassageRecord

FITTED = Path(__file__).parents[1] / "rag" / "fitted.json"
SMALLEST_SHARE = 0.8
"""Share of a gold quote's words that a passage has to have."""
FREEDOMS = (0.1, 0.01, 0.003, 0.001, 0.0003, 0.0001, 0.00001)
"""Inverses of the regularisation that are compared."""
FOLDS = 5
SETS = "squad2,realtimeqa,scifact,multihop_wiki,mtrag"


@dataclass
class Searched:
    """One question: its candidates with their features, which of them hold gold evidence, and both rankings."""

    of: str
    case: Case
    ids: list[str]
    documents: list[str]
    rows: Any
    """Shape (passages, FEATURES)."""
    gold: list[bool]
    fused: list[str]
    documents_of_fused: list[str]

    @property
    def held_out(self) -> bool:
        return hashlib.sha256(self.case.id.encode()).digest()[0] % 2 == 1

    @property
    def fold(self) -> int:
        return hashlib.sha256(self.case.id.encode()).digest()[1] % FOLDS


def gather(options: argparse.Namespace) -> list[Searched]:
    if options.cache and options.cache.exists():
        known: list[Searched] = pickle.loads(options.cache.read_bytes())
        return known
    found: list[Searched] = []
    with Engine(Settings.load(home=options.home, llm="none")) as engine:
        for name in options.sets.split(","):
            collection, ids = load(engine, options.datasets / name)
            within = pools(options.datasets / name, ids)
            retriever = engine.retriever()
            for case in cases(options.datasets / name, options.limit, follow_ups=True):
                if not case.relevant:
                    continue
                only = [ids[d] for d in case.doc_ids if d in ids] or within.get(case.pool)
                asked = understand(case.question, case.history).text
                vector = retriever.embedder.query(asked)
                passages, rows = retriever.searching.candidates(asked, vector, collection, only)
                hits = [hit.passage_id for hit in retriever.searching.fused(asked, vector, collection, only)]
                of = {p.id: p.document_id for p in retriever.store.passages(hits)}
                there = {document: doc_id for doc_id, document in ids.items()}
                found.append(
                    Searched(
                        name,
                        case,
                        [passage.id for passage in passages],
                        [there[passage.document_id] for passage in passages],
                        rows,
                        [is_gold(case, there[passage.document_id], passage) for passage in passages],
                        hits,
                        [there[of[hit]] for hit in hits],
                    )
                )
            print(name, len(found), flush=True)
    if options.cache:
        options.cache.write_bytes(pickle.dumps(found))
    return found


def is_gold(case: Case, doc_id: str, passage: PassageRecord) -> bool:
    """A passage with a gold quote; any of a document that is evidence as a whole."""
    quotes = [quote for document, quote in case.evidence if document == doc_id]
    if not quotes:
        return doc_id in case.relevant
    words = content(passage.text)
    return any(len(words & content(quote)) >= SMALLEST_SHARE * max(1, len(content(quote))) for quote in quotes)


def fit(data: list[Searched]) -> dict[str, Any]:
    fitted_on = [one for one in data if not one.held_out and any(one.gold)]
    strange = {freedom: _left_out(fitted_on, freedom, lambda one: one.of) for freedom in FREEDOMS}
    known = {freedom: _left_out(fitted_on, freedom, lambda one: str(one.fold)) for freedom in FREEDOMS}
    freedom = max(FREEDOMS, key=lambda one: _overall(strange[one]) + _overall(known[one]))
    weights, bias = _weights_of(fitted_on, freedom)
    return {
        "features": list(FEATURES),
        "weights": [round(float(w), 5) for w in weights],
        "bias": round(bias, 5),
        "thresholds": {},
        "fitted_on": len(fitted_on),
        "inverse_regularisation": freedom,
        "measured_on_sets_left_out": strange[freedom],
    }


def _left_out(data: list[Searched], freedom: float, group: Callable[[Searched], str]) -> dict[str, dict[str, float]]:
    """Return the rates in each set, each question by weights that were fitted without its group."""
    scores: dict[str, list[dict[str, float]]] = defaultdict(list)
    for name in sorted({group(one) for one in data}):
        weights, _ = _weights_of([one for one in data if group(one) != name], freedom)
        for one in data:
            if group(one) == name:
                scores[one.of].append(_scores(one, weights))
    return {name: _means(of_one) for name, of_one in scores.items()}


def _overall(rates: dict[str, dict[str, float]]) -> float:
    return float(np.mean([of_one["ndcg@10"] for of_one in rates.values()]))


def _weights_of(data: list[Searched], freedom: float) -> tuple[Any, float]:
    sizes = Counter(one.of for one in data)
    x = np.concatenate([one.rows for one in data])
    y = np.array([flag for one in data for flag in one.gold])
    weights = np.concatenate([_counting(one) / sizes[one.of] for one in data])
    model = LogisticRegression(C=freedom, max_iter=5000).fit(x, y, sample_weight=weights * len(y))
    return model.coef_[0], float(model.intercept_[0])


def _means(scores: list[dict[str, float]]) -> dict[str, float]:
    return {key: round(float(np.mean([one[key] for one in scores])), 3) for key in scores[0]}


def _counting(one: Searched) -> Any:
    """The gold passages of a question count as much as all others of it together."""
    gold = np.array(one.gold)
    share = np.where(gold, 1 / max(1, gold.sum()), 1 / max(1, (~gold).sum()))
    return share / share.sum()


def rates(data: list[Searched], entry: dict[str, Any]) -> dict[str, Any]:
    weights = np.array(entry["weights"])
    return {
        "questions": len(data),
        "fusion": _means([_scores(one, None) for one in data]),
        "fitted": _means([_scores(one, weights) for one in data]),
    }


def _scores(one: Searched, weights: Any) -> dict[str, float]:
    ids, documents = one.fused, one.documents_of_fused
    if weights is not None:
        order = np.argsort(-(one.rows @ weights), kind="stable")
        ids, documents = [one.ids[i] for i in order], [one.documents[i] for i in order]
    gold = {id for id, flag in zip(one.ids, one.gold, strict=True) if flag}
    ranked, grades = list(dict.fromkeys(documents)), dict.fromkeys(one.case.relevant, 1.0)
    return {
        "ndcg@10": ndcg(ranked, grades, 10) or 0.0,
        "all@10": complete(ranked, grades, 10) or 0.0,
        "evidence@5": float(bool(gold & set(ids[:5]))),
        "evidence@10": float(bool(gold & set(ids[:10]))),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--sets", default=SETS)
    parser.add_argument("--limit", type=int, help="questions a set; by default all")
    parser.add_argument("--cache", type=Path, help="file to keep what was searched in, to fit again without searching")
    options = parser.parse_args()
    data = gather(options)
    entry = fit(data)
    groups = {name: [one for one in data if one.of == name] for name in dict.fromkeys(one.of for one in data)}
    for one in data:
        if one.case.pool:
            groups.setdefault(f"{one.of} {one.case.pool}", []).append(one)
    entry["measured_on_held_out"] = {
        name: rates([one for one in group if one.held_out], entry) for name, group in groups.items()
    }
    entry["measured_on_all"] = {name: rates(group, entry) for name, group in groups.items()}
    entry["provenance"] = {
        "by": "benchmarks/fit_passages.py",
        "date": datetime.date.today().isoformat(),
        "sha256_of_questions": {
            name: hashlib.sha256((options.datasets / name / "questions.jsonl").read_bytes()).hexdigest()[:16]
            for name in options.sets.split(",")
        },
    }
    fitted = json.loads(FITTED.read_text(encoding="utf-8"))
    FITTED.write_text(json.dumps(fitted | {"passages": entry}, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(entry, indent=1))


if __name__ == "__main__":
    main()
