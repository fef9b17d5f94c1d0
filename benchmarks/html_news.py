"""How much of a news page's text is found, and how little else: F1 by 4-grams of words.

    python benchmarks/html_news.py DATASETS

The measure is that of the set's makers (github.com/scrapinghub/article-extraction-benchmark): words by `\\w+`, 4-grams
counted as often as they stand, true and false positives divided by their sum for each page, then summed over all pages.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import time
from collections import Counter
from pathlib import Path

from rag.errors import DocumentError
from rag.load import parse

N = 4
_WORD = re.compile(r"\w+")


def grams(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    return Counter(tuple(words[i : i + N]) for i in range(max(1, len(words) - N + 1)))


def shares(wanted: Counter[tuple[str, ...]], got: Counter[tuple[str, ...]]) -> tuple[float, float, float]:
    """Return true positives, false positives and false negatives of a page as shares of their sum."""
    true = sum((wanted & got).values())
    false, missed = sum((got - wanted).values()), sum((wanted - got).values())
    total = true + false + missed
    return (true / total, false / total, missed / total) if total else (0.0, 0.0, 0.0)


def text_of(page: bytes) -> str:
    try:
        return parse(Path("page.html"), page).text
    except DocumentError:
        return ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path)
    folder = parser.parse_args().datasets / "html_news"
    sums = [0.0, 0.0, 0.0]
    entries = [json.loads(line) for line in (folder / "documents.jsonl").read_text(encoding="utf-8").splitlines()]
    began = time.perf_counter()
    for entry in entries:
        got = text_of(gzip.decompress((folder / entry["file"]).read_bytes()))
        found = shares(grams(entry["text"]), grams(got))
        sums = [one + two for one, two in zip(sums, found, strict=True)]
    true, false, missed = sums
    precision, recall = true / (true + false), true / (true + missed)
    print(f"pages {len(entries)}, {time.perf_counter() - began:.0f} s")
    print(f"precision {precision:.3f}, recall {recall:.3f}, F1 {2 * precision * recall / (precision + recall):.3f}")


if __name__ == "__main__":
    main()
