"""Fit what passages are ranked by (rag.ranking.FEATURES) on labelled questions, into rag/fitted.json ("passages").

    python benchmarks/fit_passages.py DATASETS --home HOME --sets squad2,realtimeqa,scifact,multihop_wiki [--cache FILE]

Half of the questions, chosen by a hash of their ids, are fitted on; both orders, by plain reciprocal rank fusion and as
fitted, are measured on the other half. Each set counts the same, and each question of a set. The language model has no
part in this.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import pickle
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from datasets import Case, cases, load
from sklearn.linear_model import LogisticRegression

from rag import Engine, Settings
from rag.evaluate.metrics.ranking import complete, ndcg
from rag.ranking import FEATURES
from rag.words import content
from vectorstore.store import PassageRecord

FITTED = Path(__file__).parents[1] / "rag" / "fitted.json"
SMALLEST_SHARE = 0.8
"""Share of a gold quote's words that a passage has to have."""


@dataclass
class Searched:
    """One question: its candidates with their features, which of them hold gold evidence, and both rankings."""

    of: str
    case: Case
    ids: list[str]
    documents: list[str]
    rows: list[tuple[float, ...]]
    gold: list[bool]
    fused: list[str]
    documents_of_fused: list[str]

    @property
    def held_out(self) -> bool:
        return hashlib.sha256(self.case.id.encode()).digest()[0] % 2 == 1


def gather(options: argparse.Namespace) -> list[Searched]:
    if options.cache and options.cache.exists():
        known: list[Searched] = pickle.loads(options.cache.read_bytes())
        return known
    found: list[Searched] = []
    with Engine(Settings.load(home=options.home, llm="none")) as engine:
        for name in options.sets.split(","):
            collection, ids = load(engine, options.datasets / name)
            pools = pools_of(options.datasets / name, ids)
            retriever = engine.retriever()
            for case in cases(options.datasets / name, options.limit):
                if not case.relevant:
                    continue
                only = [ids[d] for d in case.doc_ids if d in ids] or pools.get(case.pool)
                vector = retriever.embedder.query(case.question)
                passages, rows = retriever.searching.candidates(case.question, vector, collection, only)
                hits = [hit.passage_id for hit in retriever.searching.fused(case.question, vector, collection, only)]
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


def pools_of(folder: Path, ids: dict[str, str]) -> dict[str, list[str]]:
    pools: dict[str, list[str]] = defaultdict(list)
    for line in (folder / "documents.jsonl").open(encoding="utf-8"):
        row = json.loads(line)
        if row.get("pool") and row["doc_id"] in ids:
            pools[row["pool"]].append(ids[row["doc_id"]])
    return pools


def is_gold(case: Case, doc_id: str, passage: PassageRecord) -> bool:
    """A passage with a gold quote; any of a document that is evidence as a whole."""
    quotes = [quote for document, quote in case.evidence if document == doc_id]
    if not quotes:
        return doc_id in case.relevant
    words = content(passage.text)
    return any(len(words & content(quote)) >= SMALLEST_SHARE * max(1, len(content(quote))) for quote in quotes)


def fit(data: list[Searched]) -> dict[str, Any]:
    usable = [one for one in data if not one.held_out and any(one.gold)]
    sizes: dict[str, int] = defaultdict(int)
    for one in usable:
        sizes[one.of] += 1
    x = np.array([row for one in usable for row in one.rows])
    y = np.array([flag for one in usable for flag in one.gold])
    weights = np.concatenate([_weights(one) / sizes[one.of] for one in usable])
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    model = LogisticRegression(C=1.0, max_iter=5000).fit((x - mean) / spread, y, sample_weight=weights * len(y))
    slope = model.coef_[0] / spread
    return {
        "features": list(FEATURES),
        "weights": [round(float(w), 5) for w in slope],
        "bias": round(float(model.intercept_[0] - slope @ mean), 5),
        "thresholds": {},
        "fitted_on": len(usable),
    }


def _weights(one: Searched) -> Any:
    """The gold passages of a question count as much as all others of it together."""
    gold = np.array(one.gold)
    share = np.where(gold, 1 / max(1, gold.sum()), 1 / max(1, (~gold).sum()))
    return share / share.sum()


def rates(data: list[Searched], entry: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"questions": len(data)}
    for name in ("fusion", "fitted"):
        scores = [_scores(one, entry if name == "fitted" else None) for one in data]
        found[name] = {key: round(float(np.mean([s[key] for s in scores if key in s])), 3) for key in scores[0]}
    return found


def _scores(one: Searched, entry: dict[str, Any] | None) -> dict[str, float]:
    ids, documents = one.fused, one.documents_of_fused
    if entry:
        order = np.argsort(-(np.array(one.rows) @ np.array(entry["weights"])), kind="stable")
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
    parser.add_argument("--sets", default="squad2,realtimeqa,scifact,multihop_wiki")
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
