"""Weights and thresholds that benchmarks/fit.py fitted on labelled questions; rag/fitted.json holds them.

Nobody edits that file by hand: it names the data, the number of cases and the measured rates beside each value.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression: features -> probability, and the threshold(s) from which it counts as yes."""

    features: tuple[str, ...]
    weights: tuple[float, ...]
    bias: float
    thresholds: dict[str, float]

    def __call__(self, values: Sequence[float]) -> float:
        """Return the probability for one case; `values` are in the order of `features`."""
        if len(values) != len(self.weights):
            raise ValueError(f"{len(self.weights)} features are expected, {len(values)} were given")
        z = self.bias + sum(weight * value for weight, value in zip(self.weights, values, strict=True))
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, z))))


@cache
def fitted(name: str) -> Logistic:
    """Return a fitted model by its name in fitted.json: "relevance", "answerable" or "support"."""
    entry = all_values()[name]
    return Logistic(tuple(entry["features"]), tuple(entry["weights"]), float(entry["bias"]), dict(entry["thresholds"]))


def is_fitted(name: str) -> bool:
    """Say whether there is an entry of that name."""
    return name in all_values()


@cache
def all_values() -> dict[str, Any]:
    """Return the whole of fitted.json, provenance included."""
    loaded: dict[str, Any] = json.loads((files("rag") / "fitted.json").read_text(encoding="utf-8"))
    return loaded
