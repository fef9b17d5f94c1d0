"""Compare the throughput of the product's embedder with plain `SentenceTransformer.encode`, and their vectors.

    python benchmarks/embedding.py DATASETS [--passages 1000] [--rounds 3]

DATASETS has squad2 and realtimeqa. Their documents are cut into passages as ingestion cuts them; a sample of mixed
length is embedded by both in turn, so that a busy machine slows both. Plain is `SentenceTransformer.encode(texts)` with
its defaults and as many threads. Prints passages a second of each, the ratio of the median times, and the smallest
cosine between the vectors of a passage.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from rag import Settings
from rag.chunk import chunk
from rag.clean import kept
from rag.embed import SentenceEmbedder
from rag.models import ModelStore
from rag.types import Document


def passages(datasets: Path, embedder: SentenceEmbedder, count: int) -> list[str]:
    found: list[str] = []
    for name in ("squad2", "realtimeqa"):
        texts: list[str] = []
        lines = (datasets / name / "documents.jsonl").read_text(encoding="utf-8").splitlines()
        random.Random(1).shuffle(lines)
        for line in lines:
            text = json.loads(line)["text"]
            texts += [one.text for one in chunk(Document("", "", text, ""), kept(text), embedder.count)]
            if len(texts) >= count:
                break
        found += texts[: count // 2]
    return found


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path)
    parser.add_argument("--passages", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    settings = Settings()
    models = ModelStore(settings.home)
    folder = models.pull(settings.embedding)
    mark = f"{settings.embedding}@{models.catalogue[settings.embedding].sha256[:12]}"
    ours = SentenceEmbedder(folder, mark, settings.cores, compared=models.folder / "compared.json")
    texts = passages(given.datasets, ours, given.passages)
    lengths = sorted(ours.count(text) for text in texts)
    print(f"{len(texts)} passages, {lengths[0]} to {lengths[-1]} tokens, median {lengths[len(texts) // 2]}")

    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(settings.cores)
    plain = SentenceTransformer(str(folder), device="cpu")
    plain.encode(texts[:8])
    ours.documents(texts[:8])
    seconds: tuple[list[float], list[float]] = ([], [])
    for number in range(given.rounds):
        first, theirs = timed(lambda: plain.encode(texts))
        second, mine = timed(lambda: ours.documents(texts))
        seconds[0].append(first)
        seconds[1].append(second)
        cosine = float((theirs * mine).sum(axis=1).min() / np.linalg.norm(theirs, axis=1).max())
        rates = f"plain {len(texts) / first:.1f}/s, ours {len(texts) / second:.1f}/s"
        print(f"round {number + 1}: {rates}, ratio {first / second:.2f}, smallest cosine {cosine:.7f}", flush=True)
    ratio = statistics.median(seconds[0]) / statistics.median(seconds[1])
    print(f"ratio of the median times {ratio:.2f} (n {len(texts)}, {given.rounds} rounds)")


if __name__ == "__main__":
    main()
