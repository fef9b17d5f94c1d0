"""An answer or a chat to take along: Markdown, plain text, HTML, JSON, each quote with its number and its document.

Text of documents is escaped for where it goes: no Markdown or HTML of theirs comes alive.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

Escape = Callable[[str], str]
Label = Callable[[int], str]
Form = Literal["md", "txt", "html", "json"]
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+!|~&-])")
_STYLE = (
    "body{font:17px/1.6 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;color:#1c1b1a;"
    "background:#fff}h2{font-size:1.1rem;margin-top:2rem}blockquote{margin:.3rem 0 .3rem 1rem;color:#444}"
    "sup{font-size:.75em}small{color:#595959}"
)


def one(turn: Mapping[str, Any], form: Literal["md", "txt"]) -> str:
    """Return an answer with its quotes as footnotes, to paste somewhere."""
    return "\n".join(_turn_lines(turn, _markdown if form == "md" else _plain, form)).strip() + "\n"


def whole(title: str, turns: Sequence[Mapping[str, Any]], form: Form) -> str:
    """Return a chat; in JSON it is what the page shows, with every citation."""
    if form == "json":
        return json.dumps({"title": title, "turns": list(turns)}, ensure_ascii=False, indent=2) + "\n"
    if form == "html":
        return _page(title, turns)
    text = _markdown if form == "md" else _plain
    lines = [f"# {text(title)}" if form == "md" else title, ""]
    for number, turn in enumerate(turns, 1):
        question = text(turn["question"])
        lines += [f"## {question}" if form == "md" else f"Question: {question}", ""]
        lines += [*_turn_lines(turn, text, form, f"{number}-"), ""]
    return "\n".join(lines).strip() + "\n"


def _turn_lines(turn: Mapping[str, Any], text: Escape, form: str, prefix: str = "") -> list[str]:
    answer = turn["answer"]
    if answer is None:
        return ["(no answer)"]
    label: Label = (lambda n: f"[^{prefix}{n}]") if form == "md" else (lambda n: f"[{n}]")
    said = " ".join(_said(sentence, text, label) for sentence in answer["sentences"]) or text(answer["text"])
    lines = [said, ""]
    for conflict in answer["conflicts"]:
        lines.append(f"{_headline(conflict)}: {text(conflict['about'])}")
        lines += [f"- {_side(side, text, label)}" for side in conflict["sides"]]
        lines.append("")
    for part in answer.get("unanswered", ()):
        lines += [f"Nothing found answers: {text(part)}", ""]
    colon = ":" if form == "md" else ""
    lines += [
        f"{label(item['number'])}{colon} “{text(item['quote'])}” — {_where(item, text)}" for item in _cited(answer)
    ]
    if not answer["sentences"] and answer["nearest"]:
        lines += ["Nearest passages:", *(f"- “{text(i['quote'])}” — {_where(i, text)}" for i in answer["nearest"])]
    return lines


def _said(sentence: Mapping[str, Any], text: Escape, label: Label) -> str:
    marks = "".join(label(number) for number in sentence["citations"])
    note = {"supported": "", "partly": " (partly supported)", "unsupported": " (not in your documents)"}
    return f"{text(sentence['text'])}{marks and ' '}{marks}{note[sentence['status']]}"


def _headline(conflict: Mapping[str, Any]) -> str:
    return "Corrected or changed since" if conflict.get("settled") else "Sources disagree"


def _side(side: Mapping[str, Any], text: Escape, label: Label) -> str:
    dated = f" ({text(side['date'])})" if side["date"] else ""
    noted = f" – {text(side['note'])}" if side.get("note") else ""
    return f"{text(side['value'])}{dated} {''.join(label(number) for number in side['citations'])}".strip() + noted


def _where(item: Mapping[str, Any], text: Escape) -> str:
    changed = {"same": "", "changed": "the document has changed since", "removed": "the document was removed since"}
    parts = (item["title"], item["date"], item["place"], item["file"] if item["file"] != item["title"] else "")
    return ", ".join(text(part) for part in (*parts, changed[item["source"]]) if part)


def _cited(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(answer["citations"])


def _plain(text: str) -> str:
    return " ".join(text.split())


def _markdown(text: str) -> str:
    """Return the text on one line, so that Markdown shows it as it is: no link, no HTML, no emphasis."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split())).replace("://", ":\u200b//")


def _page(title: str, turns: Sequence[Mapping[str, Any]]) -> str:
    body = "\n".join(_html_turn(number, turn) for number, turn in enumerate(turns, 1))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{html.escape(title)}</h1>\n{body}\n</body></html>\n"
    )


def _html_turn(number: int, turn: Mapping[str, Any]) -> str:
    escape = html.escape
    answer = turn["answer"]
    parts = [f'<section dir="auto"><h2>{escape(turn["question"])}</h2>']
    if answer is None:
        return "".join([*parts, "<p>(no answer)</p></section>"])

    def label(cited: int) -> str:
        return f'<sup><a href="#q{number}-{cited}">[{cited}]</a></sup>'

    said = " ".join(_said(sentence, escape, label) for sentence in answer["sentences"])
    parts.append(f"<p>{said or escape(answer['text'])}</p>")
    for conflict in answer["conflicts"]:
        sides = "".join(f"<li>{_side(side, escape, label)}</li>" for side in conflict["sides"])
        parts.append(f"<p>{_headline(conflict)}: {escape(conflict['about'])}</p><ul>{sides}</ul>")
    parts += [f"<p>Nothing found answers: {escape(part)}</p>" for part in answer.get("unanswered", ())]
    for item in _cited(answer):
        parts.append(
            f'<blockquote id="q{number}-{item["number"]}"><b>{item["number"]}</b> “{escape(item["quote"])}”<br>'
            f"<small>{_where(item, escape)}</small></blockquote>"
        )
    for item in () if answer["sentences"] else answer["nearest"]:
        parts.append(f"<blockquote>“{escape(item['quote'])}”<br><small>{_where(item, escape)}</small></blockquote>")
    return "".join([*parts, "</section>"])
