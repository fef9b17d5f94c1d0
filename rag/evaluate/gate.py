"""Whether a run is good enough: bounds for its scores, and how far they may fall behind another run."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.errors import UsageError
from rag.evaluate.compare import lower_is_better

COMPARED = (
    "retrieval.recall@5",
    "retrieval.ndcg@10",
    "retrieval.evidence_recall@5",
    "answer.contains",
    "answer.all_and_no_wrong",
    "citation.precision",
    "citation.recall",
    "citation.verbatim",
    "refusal.refused_unanswerable",
    "refusal.wrongly_refused",
)
"""What is compared with a baseline where no metric is named by a bound; rounding apart, nothing that costs time."""
ERRORS = "errors"
_SAME = ("questions_sha256", "limit", "seed", "only")


@dataclass(frozen=True)
class Check:
    """One bound, and whether it holds."""

    name: str
    holds: bool
    said: str


def bounds(given: Sequence[str], option: str) -> dict[str, float]:
    """Return {"citation.precision": 0.9} for ["citation.precision=0.9"].

    Raises:
        UsageError: one is not NAME=NUMBER, or a name stands twice.
    """
    found: dict[str, float] = {}
    for text in given:
        name, equals, number = (part.strip() for part in text.partition("="))
        try:
            value = float(number)
        except ValueError:
            value = float("nan")
        if not name or not equals or value != value:
            raise UsageError(f"{option} {text!r} is not NAME=NUMBER, such as {option} citation.precision=0.9.")
        if name in found:
            raise UsageError(f"{option} names {name} twice; give one bound.")
        found[name] = value
    return found


def gate(
    summary: Mapping[str, Any],
    least: Mapping[str, float],
    most: Mapping[str, float],
    *,
    baseline: Mapping[str, Any] | None = None,
    max_drop: float = 0.0,
) -> list[Check]:
    """Return a check for each bound; a question that failed breaks one, unless `most` allows for errors.

    Args:
        summary: what summary.json holds.
        least: lowest value by metric.
        most: highest value by metric, or of "errors".
        baseline: summary of the run to compare with.
        max_drop: how much worse than the baseline a metric may be; of those named by a bound, else of COMPARED.

    Raises:
        UsageError: the baseline is of other questions.
    """
    checks = [_bound(summary, name, value, upper=False) for name, value in least.items()]
    checks += [_bound(summary, name, value, upper=True) for name, value in {ERRORS: 0.0, **most}.items()]
    if baseline is not None:
        _refuse_other_questions(summary, baseline)
        names = list(dict.fromkeys([*least, *(name for name in most if name != ERRORS)])) or [
            name for name in COMPARED if name in baseline["metrics"]
        ]
        checks += [_drop(summary, baseline, name, max_drop) for name in names]
    return checks


def _value(summary: Mapping[str, Any], name: str) -> float | None:
    if name == ERRORS:
        return float(summary["errors"])
    found = _metric(summary, name)
    return None if found is None else float(found["value"])


def _metric(summary: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """Return a metric, or with "name[part]" that of a type or a pool of the questions."""
    name, bracket, part = name.partition("[")
    if not bracket:
        found = summary["metrics"].get(name)
    else:
        by: Mapping[str, Any] = summary.get("by", {})
        parts = (kind[part.removesuffix("]")] for kind in by.values() if part.removesuffix("]") in kind)
        found = next((one["metrics"].get(name) for one in parts), None)
    return found  # type: ignore[no-any-return]


def _bound(summary: Mapping[str, Any], name: str, bound: float, *, upper: bool) -> Check:
    value = _value(summary, name)
    wanted = f"{'at most' if upper else 'at least'} {bound:g}"
    if value is None:
        return Check(name, False, _missing(summary, name))
    holds = value <= bound if upper else value >= bound
    return Check(name, holds, f"{name} is {value:.4g}, {wanted} is wanted")


def _drop(summary: Mapping[str, Any], baseline: Mapping[str, Any], name: str, most: float) -> Check:
    value, before = _value(summary, name), _value(baseline, name)
    label = f"{name} (baseline)"
    if value is None or before is None:
        return Check(label, False, _missing(summary if value is None else baseline, name))
    worse = value - before if lower_is_better(name) else before - value
    # A hair's breadth for values that were rounded.
    said = f"{name} is {value:.4g}, the baseline's is {before:.4g}, it may be worse by {most:g}"
    return Check(label, worse <= most + 1e-9, said)


def _missing(summary: Mapping[str, Any], name: str) -> str:
    known = [*summary["metrics"]]
    if "[" in name:
        parts = summary.get("by", {}).values()
        known = [f"{one}[{part}]" for kind in parts for part, figures in kind.items() for one in figures["metrics"]]
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    return f"{name}: the run has no such score{hint}"


def _refuse_other_questions(summary: Mapping[str, Any], baseline: Mapping[str, Any]) -> None:
    for name in _SAME:
        one, other = summary["settings"].get(name), baseline["settings"].get(name)
        if one != other:
            raise UsageError(
                f"The baseline is a run of other questions ({name}: {other!r}, here {one!r}); "
                "run the same file with the same --limit, --seed and --only."
            )
