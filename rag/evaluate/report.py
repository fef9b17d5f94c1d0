"""The report of a run, and that of a comparison: one HTML file each, for a browser, a phone or paper."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from rag.evaluate import plots
from rag.evaluate.casepage import badness, case, inside, verdict
from rag.evaluate.compare import FLIPPING, Comparison, Difference, lower_is_better
from rag.evaluate.markup import Html, joined, page, table, tag
from rag.evaluate.metrics.refusing import refusal_curve
from rag.evaluate.metrics.sampling import bootstrap
from rag.evaluate.outcome import Outcome

_TILES = (
    ("answer.contains", "gold answer in the answer"),
    ("answer.all_and_no_wrong", "all answers and no wrong one"),
    ("citation.precision", "quotes where the gold is"),
    ("citation.verbatim", "quotes true to the letter"),
    ("refusal.refused_unanswerable", "unanswerable refused"),
    ("refusal.wrongly_refused", "answerable refused"),
    ("retrieval.recall@5", "gold documents in the first 5"),
    ("retrieval.ndcg@10", "nDCG of the first 10"),
    ("latency_ms.answer_p50", "for an answer, median"),
    ("latency_ms.retrieval_p50", "for a search, median"),
)
_BREAKDOWN = ("answer.contains", "citation.precision", "refusal.refused_unanswerable", "refusal.wrongly_refused")
CHIEF = frozenset({*FLIPPING, *(name for name, _ in _TILES), "citation.recall", "latency_ms.answer", "tokens.read"})
"""Of a comparison, what is shown whether chance may have done it or not."""
_CUTS = (1, 3, 5, 10, 20)
_MOST_GROUPS = 30
_MOST_BARS = 12
Bar = tuple[str, float, float, float, int]


def report(summary: Mapping[str, Any], outcomes: Sequence[Outcome], run: Mapping[str, Any]) -> str:
    """Return the page of a run."""
    settings = summary["settings"]
    title = f"{settings.get('questions') or 'Questions'} – {settings.get('system') or settings.get('llm') or ''}"
    return page(
        title,
        tag("h1", title),
        tag("p", _about(summary, run), class_="quiet"),
        *_notices(summary, run),
        _tiles(summary),
        tag("h2", "Plots"),
        tag("div", *_plots(outcomes), class_="plots"),
        *_groups("By type", outcomes, _types),
        *_groups("By document", outcomes, _documents),
        *_cases(outcomes),
        tag("h2", "All scores"),
        _scores(summary),
        tag("h2", "Settings"),
        _settings(settings, run),
    )


def _types(outcome: Outcome) -> list[str]:
    return [outcome.type or "–"]


def _documents(outcome: Outcome) -> list[str]:
    return list(outcome.documents)


def _about(summary: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    took = f" in {run['seconds']:,.0f} s" if run.get("seconds") else ""
    return (
        f"{summary['cases']} questions{took}, {summary['errors']} failed. Behind each figure stands its 95 % interval: "
        "what it would be if chance had drawn other questions of the same kind."
    )


def _notices(summary: Mapping[str, Any], run: Mapping[str, Any]) -> Iterator[Html]:
    if summary["errors"]:
        yield tag("p", f"{summary['errors']} questions failed; no figure counts them.", class_="notice")
    if unread := run.get("documents_not_read"):
        yield tag("p", f"{len(unread)} documents could not be read, such as {unread[0]}.", class_="notice")
    if skipped := run.get("skipped"):
        yield tag("p", f"{len(skipped)} problems were left out, such as: {skipped[0]}.", class_="notice")


def _figure(name: str, value: float) -> str:
    return f"{value:,.0f}" if name.startswith(("latency_ms", "tokens")) else f"{value:.3f}"


def _told(name: str, value: float) -> str:
    if not name.startswith("latency_ms"):
        return _figure(name, value)
    return f"{value:,.0f} ms" if value < 1000 else f"{value / 1000:,.1f} s"


def _tiles(summary: Mapping[str, Any]) -> Html:
    tiles = (
        tag(
            "div",
            tag("b", _told(name, m["value"])),
            tag("span", words),
            tag("span", f"{_told(name, m['low'])} – {_told(name, m['high'])}, {m['n']} cases"),
            class_="tile",
        )
        for name, words in _TILES
        if (m := summary["metrics"].get(name))
    )
    return tag("div", *tiles, class_="tiles")


def _plots(outcomes: Sequence[Outcome]) -> Iterator[Html]:
    series = [
        (words, found)
        for prefix, words in (("", "sentences ranked"), ("fused_", "search alone"))
        if (found := _recalls(outcomes, f"retrieval.{prefix}recall@"))
    ]
    if series:
        about = "Share of the gold documents among the first k; in both orders."
        ticks = [(float(k), str(k)) for k in _CUTS]
        yield plots.lines("Recall over k", about, series, ticks)
    known = (o for o in outcomes if not o.status or any(name.startswith("refusal.") for name in o.scores))
    scored = [(o.answerable, o.chance) for o in known if o.chance is not None and not o.error]
    if curve := refusal_curve(scored):
        about = "Were all questions refused that seem less answerable than a threshold: how many of the refusals "
        about += "would be right (up), how many of the unanswerable ones caught (right)."
        ticks = [(share / 4, f"{share / 4:g}") for share in range(5)]
        points = [(recall, precision) for _, precision, recall in curve]
        yield plots.lines("Refusal: precision over recall", about, [("before any model is asked", points)], ticks)
        about = "What a threshold would do: the share of right refusals, and of unanswerable questions refused."
        rates = [(threshold, precision) for threshold, precision, _ in curve]
        caught = [(threshold, recall) for threshold, _, recall in curve]
        series = [("right refusals", rates), ("unanswerable refused", caught)]
        yield plots.lines("Refusal over the threshold", about, series, ticks)
    about = "Share of right answers, right refusals and, of a search alone, right finds, with its 95 % interval."
    for words, keys in (("Right by type", _types), ("Right by document", _documents)):
        if rows := list(_shares(outcomes, keys)):
            yield plots.bars(words, about, rows)
    for stage, words in (("answer", "Seconds for an answer"), ("retrieval", "Seconds for a search")):
        took = [o.seconds[stage] for o in outcomes if o.seconds.get(stage)]
        if took:
            yield plots.histogram(words, f"Of {len(took)} questions.", took, "s")


def _shares(outcomes: Sequence[Outcome], keys: Callable[[Outcome], list[str]]) -> Iterator[Bar]:
    """Yield the share of right cases in each group, the largest group first."""
    groups: dict[str, list[float]] = {}
    for outcome in outcomes:
        if (kind := verdict(outcome)[0]) != "none":
            for key in keys(outcome):
                groups.setdefault(key, []).append(float(kind == "good"))
    if len(groups) < 2:
        return
    for key, values in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))[:_MOST_BARS]:
        yield key, *bootstrap(values), len(values)


def _recalls(outcomes: Sequence[Outcome], prefix: str) -> list[tuple[float, float]]:
    found = []
    for k in _CUTS:
        values = [o.scores[f"{prefix}{k}"] for o in outcomes if f"{prefix}{k}" in o.scores]
        if values:
            found.append((float(k), sum(values) / len(values)))
    return found


def _groups(title: str, outcomes: Sequence[Outcome], keys: Callable[[Outcome], list[str]]) -> Iterator[Html]:
    """Yield a table with the chief scores of each group, the largest first; nothing where there is only one."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        for key in keys(outcome):
            groups.setdefault(key, []).append(outcome)
    if len(groups) < 2:
        return
    names = [name for name in _BREAKDOWN if any(name in o.scores for o in outcomes)] or ["retrieval.recall@5"]
    largest = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))[:_MOST_GROUPS]
    rows = [[key, len(members), *(_mean(members, name) for name in names)] for key, members in largest]
    yield tag("h2", title)
    if len(groups) > _MOST_GROUPS:
        yield tag("p", f"The {_MOST_GROUPS} with the most questions, of {len(groups)}.", class_="quiet")
    yield table(["", "cases", *names], rows, range(1, 2 + len(names)))


def _mean(outcomes: Iterable[Outcome], name: str) -> str:
    values = [outcome.scores[name] for outcome in outcomes if name in outcome.scores]
    return f"{sum(values) / len(values):.2f} ({len(values)})" if values else "–"


def _cases(outcomes: Sequence[Outcome]) -> Iterator[Html]:
    place = {outcome.id: number for number, outcome in enumerate(outcomes)}
    worst = sorted(outcomes, key=lambda outcome: (-badness(outcome), place[outcome.id]))
    yield tag("h2", "Cases")
    kinds = (("", "all"), ("bad", "wrong"), ("good", "right"), ("none", "no gold"))
    types = [("", "all"), *((kind, kind) for kind in sorted({o.type for o in outcomes if o.type}))]
    orders = (("worst", "worst first"), ("file", "as in the file"), ("slow", "slowest first"))
    yield tag(
        "form",
        tag("label", "Words", Html('<input name="text" type="search">')),
        _choice("Type", "type", types),
        _choice("Verdict", "verdict", kinds),
        _choice("Order", "order", orders),
        tag("output", id="count", class_="quiet"),
        id="filters",
        class_="filters",
        hidden=True,
    )
    yield tag("div", *(case(o, rank, place[o.id]) for rank, o in enumerate(worst)), id="cases")


def _choice(label: str, name: str, options: Iterable[tuple[str, str]]) -> Html:
    return tag(
        "label", label, tag("select", *(tag("option", words, value=value) for value, words in options), name=name)
    )


def _scores(summary: Mapping[str, Any]) -> Html:
    rows = (
        (name, _figure(name, m["value"]), f"{_figure(name, m['low'])} – {_figure(name, m['high'])}", m["n"])
        for name, m in summary["metrics"].items()
    )
    return table(["score", "value", "95 % interval", "cases"], rows, (1, 2, 3))


def _settings(settings: Mapping[str, Any], run: Mapping[str, Any]) -> Html:
    told = {name: run[name] for name in ("revision", "machine", "python", "workers") if run.get(name)}
    versions = {f"version of {name}": value for name, value in run.get("versions", {}).items() if value}
    hashes = {f"sha256 of {role}": value for role, value in run.get("models", {}).items()}
    rows = [
        (name, "–" if value is None else value) for name, value in {**settings, **told, **versions, **hashes}.items()
    ]
    return table(["setting", "value"], rows)


def comparison(found: Comparison) -> str:
    """Return the page of a comparison."""
    certain = [difference for difference in found.differences if difference.is_certain]
    better = sum(difference.is_better for difference in certain)
    moved = [one for one in found.differences if one.wins or one.losses]
    title = f"{found.name_a} → {found.name_b}"
    return page(
        title,
        tag("h1", title),
        tag(
            "p",
            f"{found.cases} questions in both; {found.only_a} only in the first, {found.only_b} only in the second, "
            f"{found.failed} failed in one of them. Of {len(found.differences)} scores {better} are better and "
            f"{len(certain) - better} worse with p < 0.05, one in 20 of them by chance alone.",
            class_="quiet",
        ),
        tag("h2", "Settings that differ"),
        table(["setting", "first", "second"], [(name, str(a), str(b)) for name, a, b in found.settings]),
        tag("h2", "Scores that moved"),
        _differences([one for one in moved if _is_told(one)]),
        *_folded("Others that moved, by what chance may do", [one for one in moved if not _is_told(one)]),
        tag("h2", "Cases that flipped"),
        *_flipped(found),
        tag("h2", "Scores that did not"),
        *_folded("Those of which no case moved", [one for one in found.differences if one not in moved]),
    )


def _is_told(one: Difference) -> bool:
    return one.is_certain or one.name in CHIEF


def _folded(title: str, found: Sequence[Difference]) -> Iterator[Html]:
    if found:
        yield tag("details", tag("summary", f"{title} ({len(found)})"), _differences(found), class_="more")


def _differences(found: Sequence[Difference]) -> Html:
    header = ["score", "cases", "first", "second", "difference", "95 % interval", "p", "wins", "ties", "losses"]
    return table(header, map(_difference, found), range(1, 10)) if found else tag("p", "None.", class_="quiet")


def _difference(one: Difference) -> tuple[object, ...]:
    kind = ("up" if one.is_better else "down") if one.is_certain else None
    arrow = {"up": "▲ ", "down": "▼ ", None: ""}[kind]
    digits = 0 if one.name.startswith(("latency_ms", "tokens")) else 3
    name = f"{one.name} (less is better)" if lower_is_better(one.name) else one.name
    return (
        name,
        one.n,
        f"{one.a:,.{digits}f}",
        f"{one.b:,.{digits}f}",
        tag("span", f"{arrow}{one.difference:+,.{digits}f}", class_=kind),
        f"{one.low:+,.{digits}f} – {one.high:+,.{digits}f}",
        f"{one.p:.3f}" if one.p >= 0.001 else "< 0.001",
        one.wins,
        one.ties,
        one.losses,
    )


def _flipped(found: Comparison) -> Iterator[Html]:
    if not found.flips:
        yield tag("p", "None.", class_="quiet")
    for name in dict.fromkeys(flip.name for flip in found.flips):
        flips = [flip for flip in found.flips if flip.name == name]
        won = sum(flip.better == "b" for flip in flips)
        yield tag("h3", f"{name}: {won} won, {len(flips) - won} lost")
        for flip in flips:
            kind, words = ("good", "▲ won") if flip.better == "b" else ("bad", "▼ lost")
            sides = (
                tag("div", tag("h3", f"{label}: {verdict(outcome)[1]}"), joined(inside(outcome)))
                for label, outcome in (("First", flip.a), ("Second", flip.b))
            )
            head = tag("summary", tag("span", flip.a.question), tag("span", words, class_=f"verdict {kind}"))
            yield tag("details", head, tag("div", *sides, class_="sides inside"), class_="case")
