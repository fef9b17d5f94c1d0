"""Read every file of a set and say what became of it: text, or a reason its owner understands; by kind.

    python benchmarks/formats.py DATASETS [--show]

DATASETS has formats/manifest.jsonl: a line a file with its kind, what is expected ("text", "password: secret", "empty")
and strings that must, and must not, stand in its text. Some of those strings carry the marks of another converter's
Markdown, which are in no file ("| a | b |", "**From:** x", "[text](address)"). So a string is looked for as it is; then
without such marks; then, for a row that comes with the names of its columns, by its words in order within one line. Of
what is left, "made up" is the converter's own, in no file: marks without a word, and the strings of MADE_UP.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from rag.load import Unread, read_bytes, unfold
from rag.load.worker import Worker

MAX_BYTES = 100_000_000
SECONDS = 60.0
MEMORY = 2_000_000_000
MADE_UP = ("data:image/png;base64...", "## Content", "# Email Message")
"""Wanted strings that their files don't have: stand-ins and headings of the converter that the list was made with."""
_PASSWORD = re.compile(r"password: (\S+)")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    return _WORD.findall(_LINK.sub(r"\1", text))


def unmarked(text: str) -> str:
    """Return a text without the signs of Markdown, its white space as single spaces."""
    plain = _LINK.sub(r"\1", text).replace("**", "").replace("`", "")
    plain = re.sub(r"(?m)^\s*(?:#{1,6}|[*+>-]|!)\s*", "", re.sub(r"!(?=\[)", "", plain))
    return " ".join(re.sub(r"(?<!\w)[*_]|[*_](?!\w)|[\[\]]", "", plain).split())


def in_order(wanted: list[str], text: list[str]) -> bool:
    rest = iter(text)
    return all(word in rest for word in wanted)


def found(wanted: str, text: str) -> str:
    """Return how a string is found: "as it is", "unmarked", "by its words", "made up", or ""."""
    if wanted in text:
        return "as it is"
    needed = words(wanted)
    if not needed or wanted in MADE_UP:
        return "made up"
    if unmarked(wanted) in unmarked(text):
        return "unmarked"
    return "by its words" if any(in_order(needed, words(block)) for block in re.split(r"\n", text)) else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path)
    parser.add_argument("--show", action="store_true", help="list every string that is missing and every unread file")
    given = parser.parse_args()
    folder = given.datasets / "formats"
    entries = [json.loads(line) for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    totals: dict[str, dict[str, Any]] = defaultdict(lambda: defaultdict(int))
    with Worker(SECONDS, MEMORY) as worker:
        for entry in entries:
            measure(folder / entry["file"], entry, worker, totals[entry["kind"]], given.show)
    columns = (
        "files",
        "text",
        "named",
        "other",
        "as it is",
        "unmarked",
        "by its words",
        "made up",
        "missing",
        "unwanted",
        "characters",
        "ms",
    )
    print(f"{'kind':8}" + "".join(f"{column:>13}" for column in columns))
    for kind in sorted(totals):
        print(f"{kind:8}" + "".join(f"{totals[kind][column]:>13,}" for column in columns))
    print(f"{'all':8}" + "".join(f"{sum(t[column] for t in totals.values()):>13,}" for column in columns))


def measure(path: Path, entry: dict[str, Any], worker: Worker, total: dict[str, Any], show: bool) -> None:
    began = time.perf_counter()
    password = _PASSWORD.search(entry["expect"])
    passwords = (password.group(1),) if password else ()
    parts = list(unfold(path, read_bytes(path, MAX_BYTES), uri=path.name, passwords=passwords, read=worker.read))
    documents = [part for part in parts if not isinstance(part, Unread) and part.text.strip()]
    text = "\n".join(document.text for document in documents)
    total["files"] += 1
    total["text" if documents else "named"] += 1
    total["other"] += sum(isinstance(part, Unread) for part in parts) if documents else 0
    total["characters"] += len(text)
    total["ms"] += round((time.perf_counter() - began) * 1000)
    for wanted in entry["must_include"]:
        how = found(wanted, text)
        total[how or "missing"] += 1
        if show and how != "as it is":
            print(f"{how or 'missing'} in {path.name}: {wanted!r}")
    for unwanted in entry["must_not_include"]:
        total["unwanted"] += unwanted in text
        if show and unwanted in text:
            print(f"unwanted in {path.name}: {unwanted!r}")
    for part in parts:
        if show and isinstance(part, Unread):
            print(f"named: {part.uri}: {part.reason}")


if __name__ == "__main__":
    main()
