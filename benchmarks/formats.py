"""Read every file of a set and say what became of it: text, or a reason its owner understands; by kind.

    python benchmarks/formats.py DATASETS [--show]

DATASETS has formats/manifest.jsonl: a line a file with its kind, what is expected ("text", "password: secret", "empty")
and strings that must, and must not, stand in its text. Strings are looked for as they are, and, because some are marked
up as another converter would ("| a | b |", "**From:** x"), by their words in order within one paragraph or row.
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
_PASSWORD = re.compile(r"password: (\S+)")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    return _WORD.findall(_LINK.sub(r"\1", text))


def in_order(wanted: list[str], text: list[str]) -> bool:
    rest = iter(text)
    return all(word in rest for word in wanted)


def found(wanted: str, text: str) -> str:
    """Return how a string is found: "as it is", "by its words", or ""."""
    if wanted in text:
        return "as it is"
    needed = words(wanted)
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
    columns = ("files", "text", "named", "other", "as it is", "by its words", "missing", "unwanted", "characters", "ms")
    print(f"{'kind':8}" + "".join(f"{column:>14}" for column in columns))
    for kind in sorted(totals):
        print(f"{kind:8}" + "".join(f"{totals[kind][column]:>14,}" for column in columns))
    print(f"{'all':8}" + "".join(f"{sum(t[column] for t in totals.values()):>14,}" for column in columns))


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
        if show and not how:
            print(f"missing in {path.name}: {wanted!r}")
    for unwanted in entry["must_not_include"]:
        total["unwanted"] += unwanted in text
        if show and unwanted in text:
            print(f"unwanted in {path.name}: {unwanted!r}")
    for part in parts:
        if show and isinstance(part, Unread):
            print(f"named: {part.uri}: {part.reason}")


if __name__ == "__main__":
    main()
