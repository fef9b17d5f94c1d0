"""HTML in small pieces. Texts of documents, questions and models are untrusted: only `Html` goes in unescaped."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from importlib.resources import files

# What may reorder or hide text, and what HTML can't hold.
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Html(str):
    """Markup that was put together here."""

    __slots__ = ()


def escaped(text: object) -> Html:
    """Return a text as markup; what is markup already stays."""
    return text if isinstance(text, Html) else Html(html.escape(_UNSAFE.sub("\ufffd", str(text))))


def joined(parts: Iterable[object], between: str = "") -> Html:
    """Return the parts one behind another, escaped where they are no markup."""
    return Html(between.join(map(escaped, parts)))


def tag(name: str, /, *inside: object, **attributes: object) -> Html:
    """Return an element; `class_` and the like lose their underscore, "_" becomes "-", None and False are left out."""
    given = (
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escaped(value)}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    return Html(f"<{name}{''.join(given)}>{joined(inside)}</{name}>")


def table(header: Sequence[str], rows: Iterable[Sequence[object]], numbers: Iterable[int] = ()) -> Html:
    """Return a table that scrolls by itself where it is too wide; columns in `numbers` are set right."""
    right = set(numbers)

    def cell(kind: str, column: int, inside: object) -> Html:
        return tag(kind, inside, class_="number" if column in right else None, scope="col" if kind == "th" else None)

    head = tag("tr", *(cell("th", column, name) for column, name in enumerate(header)))
    body = (tag("tr", *(cell("td", column, inside) for column, inside in enumerate(row))) for row in rows)
    return tag("div", tag("table", tag("thead", head), tag("tbody", *body)), class_="wide")


def page(title: str, *inside: object) -> str:
    """Return a whole page that needs nothing else: no network, no other file."""
    folder = files("rag.evaluate")
    style = Html(folder.joinpath("report.css").read_text(encoding="utf-8"))
    script = Html(folder.joinpath("report.js").read_text(encoding="utf-8"))
    policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
    head = joined(
        [
            Html('<meta charset="utf-8">'),
            Html(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
            Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            tag("title", title),
            Html(f"<style>\n{style}</style>"),
        ],
        "\n",
    )
    body = tag("body", joined(inside, "\n"), Html(f"<script>\n{script}</script>"))
    return f'<!doctype html>\n<html lang="en">\n<head>\n{head}\n</head>\n{body}\n</html>\n'
