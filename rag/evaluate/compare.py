"""Two runs of the same questions: paired differences with a test, wins and losses, and the cases that flipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rag.errors import PathError
from rag.evaluate.folder import RunFolder
from rag.evaluate.metrics.sampling import bootstrap, permutation_p
from rag.evaluate.outcome import Outcome
from rag.evaluate.summary import GROUPS

LOWER_IS_BETTER = frozenset(
    {
        "refusal.wrongly_refused",
        "citation.unsupported",
        "citation.withheld",
        "conflict.falsely_shown",
        "judge.unreadable",
    }
)
FLIPPING = (
    "answer.contains",
    "answer.all_and_no_wrong",
    "citation.gold_cited",
    "refusal.refused_unanswerable",
    "refusal.wrongly_refused",
    "retrieval.hit@5",
)
"""Scores of which a case has all or nothing: where one run has it and the other not, people look first."""


@dataclass(frozen=True)
class Difference:
    """One metric over the cases that both runs have a score for."""

    name: str
    n: int
    a: float
    b: float
    difference: float
    """b - a, with its 95 % interval (bootstrap over the pairs)."""
    low: float
    high: float
    p: float
    """Of the paired permutation test; not adjusted for the number of metrics."""
    wins: int
    """Cases in which b is better."""
    ties: int
    losses: int

    @property
    def is_certain(self) -> bool:
        """Whether chance makes such a difference in fewer than one of 20 comparisons."""
        return self.p < 0.05

    @property
    def is_better(self) -> bool:
        """Whether b is better, whatever chance had to do with it."""
        return (self.difference < 0) if lower_is_better(self.name) else (self.difference > 0)


@dataclass(frozen=True)
class Flip:
    """A case that one run got right and the other didn't."""

    name: str
    better: str
    """The run that got it right: "a" or "b"."""
    a: Outcome
    b: Outcome


@dataclass(frozen=True)
class Comparison:
    """What `compare` gives."""

    name_a: str
    name_b: str
    cases: int
    """Questions that both runs asked and neither failed at."""
    only_a: int
    only_b: int
    failed: int
    """Questions of both that failed in one or the other."""
    differences: tuple[Difference, ...]
    flips: tuple[Flip, ...]
    settings: tuple[tuple[str, Any, Any], ...]
    """Name, value in a and value in b of the settings that differ."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; of a flipped case its id, not all of it."""
        flips = [{"name": flip.name, "better": flip.better, "id": flip.a.id} for flip in self.flips]
        differences = [asdict(difference) for difference in self.differences]
        own = ("name_a", "name_b", "cases", "only_a", "only_b", "failed", "settings")
        return {**{name: getattr(self, name) for name in own}, "differences": differences, "flips": flips}


def lower_is_better(name: str) -> bool:
    """Say whether less of a metric is more."""
    return name in LOWER_IS_BETTER or name.startswith(("latency_ms.", "tokens."))


def compare_runs(a: Path, b: Path) -> Comparison:
    """Compare two finished runs.

    Raises:
        PathError: one is no finished run, or they have no question in common.
    """
    one, other = RunFolder(a), RunFolder(b)
    before, after = one.summary()["settings"], other.summary()["settings"]
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    settings = [(name, before.get(name), after.get(name)) for name in names]
    return compare(one.outcomes(), other.outcomes(), str(a), str(b), settings)


def compare(
    a: Sequence[Outcome],
    b: Sequence[Outcome],
    name_a: str = "a",
    name_b: str = "b",
    settings: Sequence[tuple[str, Any, Any]] = (),
) -> Comparison:
    """Compare what became of the same questions: those with the same id and the same words.

    Raises:
        PathError: there is none.
    """
    after = {outcome.id: outcome for outcome in b}
    pairs = [
        (outcome, after[outcome.id])
        for outcome in a
        if outcome.id in after and after[outcome.id].question == outcome.question
    ]
    if not pairs:
        raise PathError(f"{name_a} and {name_b} have no question in common; compare two runs of the same file.")
    good = [(one, other) for one, other in pairs if not one.error and not other.error]
    return Comparison(
        name_a,
        name_b,
        len(good),
        len(a) - len(pairs),
        len(b) - len(pairs),
        len(pairs) - len(good),
        tuple(_differences(good)),
        tuple(flip for name in FLIPPING for flip in _flips(good, name)),
        tuple(settings),
    )


def _differences(pairs: Sequence[tuple[Outcome, Outcome]]) -> list[Difference]:
    scored = [(_scores(one), _scores(other)) for one, other in pairs]
    names = {name for one, other in scored for name in one.keys() & other.keys()}
    ordered = sorted(names, key=lambda name: (GROUPS.index(name.split(".")[0]), name))
    return [
        _difference(name, [(one[name], other[name]) for one, other in scored if name in one and name in other])
        for name in ordered
    ]


def _scores(outcome: Outcome) -> dict[str, float]:
    times = {f"latency_ms.{stage}": 1000 * seconds for stage, seconds in outcome.seconds.items() if seconds}
    return {**outcome.scores, **times, **{f"tokens.{kind}": float(n) for kind, n in outcome.tokens.items()}}


def _difference(name: str, pairs: Sequence[tuple[float, float]]) -> Difference:
    moved = [after - before for before, after in pairs]
    value, low, high = bootstrap(moved)
    up, down = sum(d > 0 for d in moved), sum(d < 0 for d in moved)
    wins, losses = (down, up) if lower_is_better(name) else (up, down)
    n = len(pairs)
    return Difference(
        name,
        n,
        sum(before for before, _ in pairs) / n,
        sum(after for _, after in pairs) / n,
        value,
        low,
        high,
        permutation_p(moved),
        wins,
        n - up - down,
        losses,
    )


def _flips(pairs: Sequence[tuple[Outcome, Outcome]], name: str) -> list[Flip]:
    flips = []
    for one, other in pairs:
        before, after = one.scores.get(name), other.scores.get(name)
        if before is None or after is None or before == after:
            continue
        flips.append(Flip(name, "b" if (after > before) != lower_is_better(name) else "a", one, other))
    return sorted(flips, key=lambda flip: flip.better)
