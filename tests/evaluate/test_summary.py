"""Figures by type and pool, their gate, and that all intervals are those of the plain bootstrap."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rag.evaluate.gate import gate
from rag.evaluate.metrics.sampling import bootstrap, bootstrap_means
from rag.evaluate.outcome import Outcome
from rag.evaluate.summary import summarise


def outcome(id: str, kind: str, pool: str, found: float) -> Outcome:
    return Outcome(id, f"{id}?", kind, True, scores={"retrieval.all@10": found}, pool=pool)


ASKED = [outcome(str(n), "hop" if n < 4 else "plain", "abc"[n % 3], float(n % 2)) for n in range(9)]


def test_all_columns_get_the_intervals_that_each_would_get_alone() -> None:
    rows = np.random.default_rng(5).random((37, 4))
    together = bootstrap_means(rows, seed=3)
    for column, found in enumerate(together):
        assert found == pytest.approx(bootstrap(rows[:, column], seed=3))


def test_scores_are_given_for_each_type_and_pool() -> None:
    summary = summarise([*ASKED, replace(ASKED[0], id="bad", error="It stalled.")], {})
    assert set(summary) == {"version", "cases", "errors", "metrics", "by", "settings"}
    assert set(summary["by"]) == {"type", "pool"} and set(summary["by"]["pool"]) == set("abc")
    hop = summary["by"]["type"]["hop"]
    assert (hop["cases"], hop["errors"], hop["metrics"]["retrieval.all@10"]["value"]) == (5, 1, 0.5)
    assert hop["metrics"]["retrieval.all@10"]["n"] == 4
    alone = summarise(ASKED[:4], {})["metrics"]["retrieval.all@10"]
    assert hop["metrics"]["retrieval.all@10"] == alone


def test_one_type_is_no_breakdown() -> None:
    assert summarise([replace(one, type="x", pool="") for one in ASKED], {})["by"] == {}
    assert summarise([replace(one, type=one.id) for one in ASKED * 4], {})["by"].keys() == {"type", "pool"}
    many = [replace(ASKED[0], id=str(n), type=str(n), pool="") for n in range(40)]
    assert summarise(many, {})["by"] == {}, "as many types as questions are names, not kinds"


def test_a_gate_can_ask_for_one_type_or_pool() -> None:
    summary = summarise(ASKED, {})
    (good, _) = gate(summary, {"retrieval.all@10[hop]": 0.5}, {})
    (bad, _) = gate(summary, {"retrieval.all@10[c]": 0.9}, {})
    (missing, _) = gate(summary, {"retrieval.all@10[hops]": 0.5}, {})
    assert good.holds and not bad.holds and "retrieval.all@10[c] is" in bad.said
    assert not missing.holds and "did you mean retrieval.all@10[hop]" in missing.said
