"""Plots as inline SVG; colours come from the page, so they follow light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from rag.evaluate.markup import Html, escaped, tag

WIDTH, HEIGHT = 420, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 42, 12, 22, 36
_MOST_DOTS = 12
_BAR = 24
_LABEL, _LABEL_LETTERS = 160, 26
Points = Sequence[tuple[float, float]]


def _x(share: float) -> float:
    return round(_LEFT + share * (WIDTH - _LEFT - _RIGHT), 1)


def _y(share: float) -> float:
    return round(HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM), 1)


def lines(title: str, about: str, series: Sequence[tuple[str, Points]], ticks: Sequence[tuple[float, str]]) -> Html:
    """Return one or two lines; y is from 0 to 1, x as in `ticks` (value, label)."""
    least, most = ticks[0][0], ticks[-1][0]
    span = (most - least) or 1
    parts = [_frame([(share / 4, f"{share / 4:g}") for share in range(5)])]
    parts += [_label((x - least) / span, label) for x, label in ticks]
    for (name, points), kind in zip(series, ("first", "second"), strict=False):
        placed = [(_x((x - least) / span), _y(y)) for x, y in points]
        path = " ".join(f"{x},{y}" for x, y in placed)
        parts.append(Html(f'<polyline class="{kind}" points="{path}"/>'))
        if kind == "first" and len(placed) <= _MOST_DOTS:
            parts += [Html(f'<circle class="dot" cx="{x}" cy="{y}" r="3"/>') for x, y in placed]
        left = _LEFT + (0 if kind == "first" else 190)
        dash = "–– " if kind == "first" else "- - "
        parts.append(Html(f'<text class="legend-{kind}" x="{left}" y="12">{dash}{escaped(name)}</text>'))
    return _figure(title, about, parts)


def histogram(title: str, about: str, values: Sequence[float], unit: str, bins: int = 16) -> Html:
    """Return how often values fall into equal ranges from 0 to the largest."""
    most = max(values, default=0) or 1
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, int(bins * value / most))] += 1
    top = max(counts)
    steps = sorted({0, ceil(top / 2), top})
    parts = [_frame([(step / top, str(step)) for step in steps])]
    for place, count in enumerate(counts):
        if count:
            left, right, above = _x(place / bins), _x((place + 1) / bins), _y(count / top)
            size = f'width="{right - left - 2:.1f}" height="{_y(0) - above:.1f}"'
            parts.append(Html(f'<rect class="bar" x="{left + 1:.1f}" y="{above}" {size}/>'))
    parts += [_label(share, f"{most * share:.2g} {unit}") for share in (0, 0.5, 1)]
    return _figure(title, about, parts)


def bars(title: str, about: str, rows: Sequence[tuple[str, float, float, float, int]]) -> Html:
    """Return a bar from 0 to 1 for each row (label, value, low, high, number of cases) with its interval on it."""
    height = _BAR * len(rows) + _BOTTOM
    left, right = _LABEL, _RIGHT + 74
    width = WIDTH - left - right

    def x(share: float) -> float:
        return round(left + share * width, 1)

    parts = []
    for place, (label, value, low, high, number) in enumerate(rows):
        top = _BAR * place + 6
        middle = top + _BAR / 2 - 4
        shown = label if len(label) <= _LABEL_LETTERS else f"{label[: _LABEL_LETTERS - 1]}…"
        whole = Html(f"<title>{escaped(label)}</title>")
        parts += [
            Html(f'<text x="{left - 8}" y="{middle + 4}" text-anchor="end">{whole}{escaped(shown)}</text>'),
            Html(f'<rect class="bar" x="{left}" y="{top}" width="{max(1.0, x(value) - left)}" height="{_BAR - 8}"/>'),
            Html(f'<line class="whisker" x1="{x(low)}" x2="{x(high)}" y1="{middle}" y2="{middle}"/>'),
            Html(f'<text x="{WIDTH - right + 8}" y="{middle + 4}">{value:.2f} of {number}</text>'),
        ]
    for share in (0, 0.5, 1):
        parts.append(Html(f'<text x="{x(share)}" y="{height - 14}" text-anchor="middle">{share:g}</text>'))
    return _figure(title, about, parts, height)


def _frame(ticks: Sequence[tuple[float, str]]) -> Html:
    rows = [
        f'<line class="axis" x1="{_x(0)}" x2="{_x(1)}" y1="{_y(share)}" y2="{_y(share)}"/>'
        f'<text x="{_LEFT - 6}" y="{_y(share) + 4}" text-anchor="end">{escaped(label)}</text>'
        for share, label in ticks
    ]
    return Html("".join(rows))


def _label(share: float, label: str) -> Html:
    anchor = "start" if share == 0 else "end" if share == 1 else "middle"
    return Html(f'<text x="{_x(share)}" y="{HEIGHT - _BOTTOM + 18}" text-anchor="{anchor}">{escaped(label)}</text>')


def _figure(title: str, about: str, parts: Sequence[Html], height: int = HEIGHT) -> Html:
    label = escaped(f"{title}. {about}")
    drawn = Html(f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}">{"".join(parts)}</svg>')
    return tag("figure", tag("h3", title), drawn, tag("figcaption", about))
