"""How well words are found in eight languages: recall of the right passage by word search alone, no embedder.

    python benchmarks/languages.py [--k 1 5]

data/languages.json has eight passages and five questions for each of eight languages; the questions bend the words, and
all passages lie in one collection. "plain" is SQLite's `porter unicode61` over the text as it is, the index that the
product had before it knew other languages than English; "ours" is the product's.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from vectorstore.local import open_store
from vectorstore.store import DocumentRecord, PassageRecord

DATA = Path(__file__).parent / "data" / "languages.json"
Search = Callable[[str, int], list[str]]


def plain(texts: dict[str, str]) -> Search:
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE VIRTUAL TABLE words USING fts5 (id, text, tokenize='porter unicode61 remove_diacritics 2')"
    )
    connection.executemany("INSERT INTO words VALUES (?, ?)", texts.items())

    def search(question: str, k: int) -> list[str]:
        wanted = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", question.casefold()))
        sql = "SELECT id FROM words WHERE words MATCH ? ORDER BY bm25(words) LIMIT ?"
        return [row[0] for row in connection.execute(sql, (f"text : ({wanted})", k))]

    return search


def ours(texts: dict[str, str], home: Path) -> Search:
    store = open_store(home)
    store.ensure_collection("all", "none", 1)
    for name, text in texts.items():
        document = DocumentRecord(name, "all", name, name, text, name, language=name.split("-")[0])
        passage = PassageRecord(name, name, 0, 0, len(text), text, ((0, len(text)),), vector_key=name)
        store.put(document, [passage], np.ones((1, 1), dtype=np.float32))
    return lambda question, k: [hit.passage_id for hit in store.lexical("all", question, k)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--k", type=int, nargs="+", default=[1, 5])
    given = parser.parse_args()
    data = json.loads(DATA.read_text(encoding="utf-8"))
    texts = {f"{lang}-{i}": text for lang, one in data.items() for i, text in enumerate(one["passages"])}
    with tempfile.TemporaryDirectory() as home:
        searches = {"plain": plain(texts), "ours": ours(texts, Path(home))}
        print(f"{'':6}" + "".join(f"{name + ' @' + str(k):>12}" for name in searches for k in given.k))
        total = [0.0] * (2 * len(given.k))
        for lang, one in data.items():
            found = [
                sum(f"{lang}-{right}" in search(question, k) for question, right in one["questions"])
                / len(one["questions"])
                for search in searches.values()
                for k in given.k
            ]
            total = [sum_ + value for sum_, value in zip(total, found, strict=True)]
            print(f"{lang:6}" + "".join(f"{value:12.2f}" for value in found))
        print(f"{'all':6}" + "".join(f"{value / len(data):12.2f}" for value in total))


if __name__ == "__main__":
    main()
