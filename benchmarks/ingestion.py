"""A whole ingestion beside that of llama-index: the same documents, the same embedding model, both into Chroma.

    python benchmarks/ingestion.py DATASET/documents.jsonl --documents 300 --runs 2

The documents (`title` and `text` of a line each) are written out as text files. One side is `Engine.ingest` into an
empty home. The other is llama-index's IngestionPipeline: SimpleDirectoryReader, SentenceSplitter,
HuggingFaceEmbedding with the same weights and as many threads, ChromaVectorStore in an empty folder. It runs with its
default chunks of 1,024 tokens, of which the model reads 256, and with chunks of 256, of which it reads all. Each run
is a process of its own; models are open before the clock starts. It needs the packages llama-index-embeddings-
huggingface and llama-index-vector-stores-chroma.

A ratio is llama-index's seconds by ours, of the medians: of the clock's, and of the processor's (all threads, and the
processes that read files), which other programs on the machine change less.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rag import Settings

ROOT = Path(__file__).resolve().parent.parent
WARM = "Who might visit after Blinken?"


def write_documents(source: Path, folder: Path, count: int, seed: int) -> int:
    """Write a sample of the documents; return how many characters they have."""
    with source.open(encoding="utf-8") as file:
        rows = [row for row in map(json.loads, file) if row["text"].strip()]
    chosen = random.Random(seed).sample(rows, min(count, len(rows)))
    for number, row in enumerate(chosen):
        title = re.sub(r"\W+", " ", row.get("title") or "").strip()[:60]
        path = folder / f"{number // 100:02d}" / f"{title or 'untitled'} {number:04d}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(row["text"], encoding="utf-8", newline="")
    return sum(len(row["text"]) for row in chosen)


def used() -> float:
    """Return the processor's seconds of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def ours(documents: Path, work: Path, models: Path) -> tuple[float, float, int]:
    from rag import Engine

    (work / "models").symlink_to(models)
    with Engine(Settings.load(home=work, llm="none")) as engine:
        engine.embed([WARM])
        began, before = time.perf_counter(), used()
        report = engine.ingest([documents])
        return time.perf_counter() - began, used() - before, sum(file.passages for file in report.files)


def theirs(chunk: int) -> Callable[[Path, Path, Path], tuple[float, float, int]]:
    def run(documents: Path, work: Path, models: Path) -> tuple[float, float, int]:
        import chromadb
        import torch
        from llama_index.core import SimpleDirectoryReader
        from llama_index.core.ingestion import IngestionPipeline
        from llama_index.core.node_parser import SentenceSplitter
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding
        from llama_index.vector_stores.chroma import ChromaVectorStore

        torch.set_num_threads(Settings.load().cores)
        embedding = HuggingFaceEmbedding(str(models / "all-MiniLM-L6-v2"), device="cpu")
        embedding.get_text_embedding(WARM)
        began, before = time.perf_counter(), used()
        client = chromadb.PersistentClient(str(work), settings=chromadb.Settings(anonymized_telemetry=False))
        store = ChromaVectorStore(client.create_collection("documents", configuration={"hnsw": {"space": "cosine"}}))
        pipeline = IngestionPipeline(
            transformations=[SentenceSplitter(chunk_size=chunk, chunk_overlap=min(200, chunk // 10)), embedding],
            vector_store=store,
        )
        nodes = pipeline.run(documents=SimpleDirectoryReader(str(documents), recursive=True).load_data())
        return time.perf_counter() - began, used() - before, len(nodes)

    return run


SIDES = {"footnote": ours, "llama-index, 1024": theirs(1024), "llama-index, 256": theirs(256)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="documents.jsonl")
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--models", type=Path, help="a home's folder `models` (default: that of the settings' home)")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    models = (options.models or Settings.load().home / "models").resolve()
    if options.side:
        with tempfile.TemporaryDirectory() as work:
            took, cpu, pieces = SIDES[options.side](options.source, Path(work), models)
        print(json.dumps([took, cpu, pieces]))
        return
    seconds: dict[str, list[float]] = {side: [] for side in SIDES}
    worked: dict[str, list[float]] = {side: [] for side in SIDES}
    with tempfile.TemporaryDirectory() as folder:
        characters = write_documents(options.source, Path(folder), options.documents, options.seed)
        print(f"{options.documents} documents, {characters:,} characters", flush=True)
        for run in range(options.runs):
            for side in list(SIDES)[:: 1 if run % 2 == 0 else -1]:
                command = [sys.executable, __file__, folder, "--side", side, "--models", str(models)]
                done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
                if done.returncode:
                    raise SystemExit(f"{side}: {done.stderr[-2000:]}")
                took, cpu, pieces = json.loads(done.stdout.splitlines()[-1])
                seconds[side].append(took)
                worked[side].append(cpu)
                print(f"run {run + 1}, {side}: {took:.1f} s, {cpu:.1f} of CPU, {pieces} passages or chunks", flush=True)
    best, least = statistics.median(seconds["footnote"]), statistics.median(worked["footnote"])
    for side in SIDES:
        median, cpu = statistics.median(seconds[side]), statistics.median(worked[side])
        print(f"{side}: median {median:.1f} s, ratio {median / best:.2f}; CPU {cpu:.1f} s, ratio {cpu / least:.2f}")


if __name__ == "__main__":
    main()
