"""What is printed for people. Text of documents and models is untrusted: it goes through `plain` first."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from rag.types import Answer, Citation, Evidence, FileReport, IngestReport, Sentence, remark

# Control characters (also those that begin an ANSI sequence), and those that reorder or hide text.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_ANSI = re.compile("(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)")
_NAMES_SHOWN = 3
_NEAREST = 3
_STYLES = {
    **dict.fromkeys(("added", "updated", "moved"), "green"),
    "removed": "magenta",
    "skipped": "dim",
    "failed": "red",
}


def plain(text: str) -> str:
    """Return the text on one line, with nothing in it that a terminal would obey or that reorders what is read."""
    return _UNSAFE.sub("\ufffd", re.sub(r"\s+", " ", _ANSI.sub("\ufffd", text))).strip()


def harmless(line: str) -> str:
    """Return a line with its white space as it is, but nothing in it that a terminal would obey."""
    return _UNSAFE.sub("\ufffd", _ANSI.sub("\ufffd", line).expandtabs())


def to_json(value: Any, encoding: str | None = "utf-8") -> str:
    """Return JSON in which unsafe characters are escaped; all but ASCII is, where the output is not UTF-8."""
    utf8 = (encoding or "").lower().replace("-", "") == "utf8"
    text = json.dumps(value, ensure_ascii=not utf8, indent=2, default=str)
    # The line ends are json's own; within strings it has escaped them already.
    return _UNSAFE.sub(lambda found: found[0] if found[0] == "\n" else f"\\u{ord(found[0]):04x}", text)


def sentence(event: Sentence) -> Text:
    """Return a sentence of the answer with the numbers of its quotes."""
    marks = event.claim.marks()
    line = Text(plain(event.text)).append(f" {marks}" if marks else "", style="cyan")
    if event.claim.status != "supported":
        why = plain(event.claim.why) or "no quote supports it"
        line.append(f" ({event.claim.status}: {why})", style="yellow")
    return line


def under_the_answer(answer: Answer) -> Iterator[Text]:
    """Return the lines that follow the sentences: conflicts, then quotes, or the nearest passages of a refusal."""
    for conflict in answer.conflicts:
        said = "Corrected or changed since" if conflict.is_settled else "The documents disagree"
        yield Text(f"{said}: {plain(conflict.about)}", style="yellow")
        most = max((side.documents for side in conflict.sides), default=1)
        for side in conflict.sides:
            marks = "".join(f"[{number}]" for number in side.citations)
            dated = f" ({plain(side.published_at)})" if side.published_at else ""
            said = remark(side.documents, most, outvoted=side.outvoted, corrected=side.corrected)
            yield Text(f"  {plain(side.value)} {marks}{dated}{said and f' – {said}'}")
    for part in answer.unanswered:
        yield Text(f"Nothing found answers: {plain(part)}", style="yellow")
    yield from map(quote, answer.citations)
    if answer.status == "not_found" and answer.evidence:
        yield Text("Nearest passages:", style="bold")
        yield from map(passage, answer.evidence[:_NEAREST])


def quote(citation: Citation) -> Text:
    """Return a quote with its document, its place and its path."""
    where = ", ".join(filter(None, (plain(citation.title), plain(citation.place))))
    line = Text(f"[{citation.number}]", style="cyan").append(f" “{plain(citation.quote)}”", style="default")
    line.append(f" — {where}{_also(citation.also_in)} ({plain(citation.uri)})", style="dim")
    if citation.source_changed:
        line.append(" – the file has changed since", style="yellow")
    return line


def passage(evidence: Evidence) -> Text:
    """Return a sentence that was found, with its document and its path."""
    place = evidence.place or (f"p. {evidence.page}" if evidence.page else "")
    where = ", ".join(filter(None, (plain(evidence.title), plain(place))))
    line = Text(f"– “{plain(evidence.text)}”")
    return line.append(f" — {where}{_also(evidence.also_in)} ({plain(evidence.uri)})", style="dim")


def _also(others: Sequence[str]) -> str:
    return f", also in {counted(len(others), 'other document')}" if others else ""


def counted(number: int, noun: str) -> str:
    """Return "1 file", "2 files"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def unread(report: IngestReport) -> Text | None:
    """Return one line on the files that were not read, or None."""
    files = [file for file in report.files if file.outcome in {"skipped", "failed"}]
    if not files:
        return None
    named = "; ".join(map(_reason, files[:_NAMES_SHOWN]))
    more = f"; and {len(files) - _NAMES_SHOWN} more (`rag ingest` lists them)" if len(files) > _NAMES_SHOWN else ""
    style = "yellow" if report.count("failed") else "dim"
    return Text(f"{counted(len(files), 'file')} not read: {named}{more}.", style=style)


def _reason(file: FileReport) -> str:
    """Return the file's name and why it was not read; most reasons name the file themselves."""
    name, reason = plain(re.split(r"[/\\]", file.uri)[-1]), plain(file.reason).rstrip(".")
    return reason if name in reason else f"{name}: {reason}"


def ingested(report: IngestReport) -> Iterator[Text]:
    """Return a line for each file that changed or was not read, and the sum."""
    for file in report.files:
        if file.outcome in _STYLES:
            yield file_line(file)
    counts = ((outcome, report.count(outcome)) for outcome in (*_STYLES, "unchanged"))
    total = ", ".join(f"{number} {outcome}" for outcome, number in counts if number) or "nothing found"
    yield Text(f"Collection {report.collection}: {total}; {counted(report.embedded, 'passage')} embedded.")
    for warning in report.warnings:
        yield Text(f"Note: {plain(warning)}", style="yellow")


def file_line(file: FileReport) -> Text:
    """Return a line on what became of a file."""
    amount = counted(file.passages, "passage") if file.outcome in {"added", "updated"} else ""
    detail = "; ".join(filter(None, (amount, plain(file.reason))))
    line = Text(f"{file.outcome:<8}", style=_STYLES.get(file.outcome, "")).append(
        f" {plain(file.uri)}", style="default"
    )
    return line.append(f"  {detail}" if detail else "", style="dim")


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[Text]:
    """Return aligned lines; the last column is not padded, so that long paths stay whole."""
    cells = [[plain("" if cell is None else str(cell)) for cell in row] for row in rows]
    lines = [list(header), *cells]
    # In columns of the screen, of which an emoji or a Chinese character takes two.
    widths = [max(cell_len(line[column]) for line in lines) for column in range(len(header))]
    widths[-1] = 0
    for number, line in enumerate(lines):
        padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True))
        text = "  ".join(padded).rstrip()
        yield Text(text, style="bold" if number == 0 else "")
