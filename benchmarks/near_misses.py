"""How often a quote is refused because it is of another thing than was asked (rag/premise.py): rightly, and wrongly.

    python benchmarks/near_misses.py DATASETS [--sets squad2,…] [--cache FILE] [--show]

Each answerable question of the sets is held against its own gold quotes (the first three): none of them should be
refused. With the --cache of benchmarks/fit_judge.py the questions there are answered anew as the product does it, once
by quotes alone and once by a model that says again what was kept of it; counted is what is refused for this reason.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fit_judge import task_of_row

from rag.answer import CLOSEST, respond
from rag.premise import Changed, otherwise
from rag.types import Answer, Done, Evidence, Usage
from rag.writer import Delta

SETS = "squad2,ramdocs,tatqa,multihop_wiki,nomiracl,realtimeqa,mtrag"
MOST_GOLD = 3


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def against_gold(folder: Path) -> Iterator[tuple[str, str, Changed | None]]:
    """Yield each answerable first question with the gold quote and what it has in place of what was asked."""
    titles = {row["doc_id"]: row.get("title") or "" for row in rows_of(folder / "documents.jsonl")}
    for row in rows_of(folder / "questions.jsonl"):
        if not row["answerable"] or row.get("history"):
            continue
        gold = [(one["quote"], titles.get(one["doc_id"], "")) for one in row.get("evidence") or [] if one.get("quote")]
        quotes = [Evidence("gold", "", 0, len(text), text, 1.0, title=title) for text, title in gold[:MOST_GOLD]]
        found = [(item.text, changed) for item in quotes if (changed := otherwise(row["question"], item))]
        yield (row["question"], *(found[0] if found else ("", None)))


@dataclass
class Again:
    """A writer that is as sure as a row says, and writes what it has."""

    row: dict[str, Any]
    name: str
    structured: bool = False
    asked: bool = False
    """Of the best sentences, which are asked of first."""

    def odds(self, messages: Any) -> tuple[float, Usage]:
        asked_before, self.asked = self.asked, True
        return self.row["odds" if asked_before else "best"], Usage()

    def stream(self, messages: Any, *, max_tokens: int | None = None) -> Iterator[Delta]:
        yield Delta(self.row["text"])
        yield Delta("", Usage(), "stop")


def answered_again(cache: Path, model: str) -> Iterator[tuple[str, bool, bool, Answer]]:
    """Yield who answered, whether there is an answer, whether it was refused as of another thing, and what was said."""
    for row in rows_of(cache):
        if "text" not in row:
            raise SystemExit(f"{cache} has not what the model writes: ask again with fit_judge.py --words.")
        for name, writer in (("quotes alone", None), (model, Again(row, model))):
            *_, done = respond(task_of_row(row), writer)  # type: ignore[arg-type]
            assert isinstance(done, Done)
            yield name, row["answerable"], CLOSEST in done.answer.text, done.answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path)
    parser.add_argument("--sets", default=SETS)
    parser.add_argument("--cache", type=Path, help="rows of benchmarks/fit_judge.py")
    parser.add_argument("--model", default="qwen2.5-coder-1.5b", help="whose the rows are")
    parser.add_argument("--show", action="store_true", help="print each question that is refused")
    given = parser.parse_args()
    for name in given.sets.split(","):
        found = list(against_gold(given.datasets / name))
        print(f"{name}: {sum(bool(changed) for *_, changed in found)} of {len(found)} gold quotes refused")
        for question, quote, changed in found if given.show else ():
            if changed:
                print(f"  {question} | {quote[:120]} | {changed}")
    counted: Counter[tuple[str, bool, bool]] = Counter()
    for name, answerable, refused, answer in answered_again(given.cache, given.model) if given.cache else ():
        counted[name, answerable, refused] += 1
        if refused and given.show:
            print(f"  {name}, {'' if answerable else 'un'}answerable: {answer.question} | {answer.text}")
    for name, answerable in sorted({(name, answerable) for name, answerable, _ in counted}):
        refused, passed = counted[name, answerable, True], counted[name, answerable, False]
        print(f"{name}, {'' if answerable else 'un'}answerable: {refused} of {refused + passed} refused")


if __name__ == "__main__":
    main()
