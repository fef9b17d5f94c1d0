"""Ask a sample of a question set with several models; print what was found, refused, cited, and how long it took.

    python benchmarks/answers.py DATASETS --home HOME --sets squad2,realtimeqa --limit 40 \\
        --llm embedded:qwen2.5-coder-0.5b --llm embedded:qwen2.5-coder-1.5b --llm none

Definitions: an answer counts as found if one of the gold answers, normalised as SQuAD does, is contained in it. A
citation is right if its quote and a gold sentence overlap in the document. Shares come with 95 % Wilson intervals.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import statistics
import string
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from datasets import Case, cases, load

from rag import Answer, Engine, Settings
from rag.errors import RagError


@dataclass(frozen=True)
class Result:
    """One question, asked."""

    id: str
    question: str
    gold: tuple[str, ...]
    answerable: bool
    status: str
    text: str
    found: bool
    citations: int
    right_citations: int
    gold_cited: bool
    verbatim: int
    seconds: float
    first_sentence: float
    prompt_tokens: int
    completion_tokens: int
    error: str = ""

    @property
    def refused(self) -> bool:
        return self.status == "not_found"


def normalised(text: str) -> str:
    """Lower case without punctuation, articles and double white space (SQuAD's evaluation script)."""
    text = "".join(" " if c in string.punctuation else c for c in text.lower())
    return " ".join(re.sub(r"\b(?:a|an|the)\b", " ", text).split())


def contains(text: str, golds: tuple[str, ...]) -> bool:
    """Say whether one of the gold answers stands in the text, as whole words."""
    return any(f" {normalised(gold)} " in f" {normalised(text)} " for gold in golds if normalised(gold))


def ask(engine: Engine, collection: str, case: Case, ids: dict[str, str]) -> Result:
    restricted = [ids[doc_id] for doc_id in case.doc_ids if doc_id in ids] or None
    began, first = time.perf_counter(), 0.0
    answer: Answer | None = None
    try:
        for event in engine.stream(case.question, collection=collection, document_ids=restricted):
            if type(event).__name__ == "Sentence" and not first:
                first = time.perf_counter() - began
            answer = getattr(event, "answer", answer)
    except RagError as error:
        return Result(case.id, case.question, case.answers, case.answerable, "error", "", False, 0, 0, False, 0,
                      time.perf_counter() - began, 0.0, 0, 0, str(error))  # fmt: skip
    assert answer is not None
    texts = {c.document_id: engine.documents.get(c.document_id).text for c in answer.citations}
    gold = [(ids.get(doc_id), quote) for doc_id, quote in case.evidence]
    right = [any(c.document_id == doc and overlap(texts[c.document_id], c.start, c.end, quote) for doc, quote in gold)
             for c in answer.citations]  # fmt: skip
    return Result(
        case.id,
        case.question,
        case.answers,
        case.answerable,
        answer.status,
        answer.text,
        contains(answer.text, case.answers),
        len(answer.citations),
        sum(right),
        any(right),
        sum(texts[c.document_id][c.start : c.end] == c.quote for c in answer.citations),
        time.perf_counter() - began,
        first,
        answer.usage.prompt_tokens,
        answer.usage.completion_tokens,
    )


def overlap(text: str, start: int, end: int, quote: str) -> bool:
    """Say whether `text[start:end]` and the quote share at least half of the shorter one."""
    at = text.find(quote)
    if at < 0:
        return quote in text[start:end] or text[start:end] in quote
    shared = min(end, at + len(quote)) - max(start, at)
    return shared >= 0.5 * min(end - start, len(quote))


def share(good: int, of: int) -> str:
    """Return a share with its 95 % interval (Wilson 1927)."""
    if not of:
        return "–"
    p, z = good / of, 1.96
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return f"{p:.2f} [{max(0, middle - half):.2f}, {min(1, middle + half):.2f}]"


def table(name: str, llm: str, results: list[Result]) -> str:
    yes = [r for r in results if r.answerable]
    no = [r for r in results if not r.answerable]
    cited = sum(r.citations for r in yes)
    seconds = sorted(r.seconds for r in results)
    return (
        f"{name} | {llm} | n={len(results)} | answer found {share(sum(r.found for r in yes), len(yes))}"
        f" | unanswerable refused {share(sum(r.refused for r in no), len(no))}"
        f" | answerable refused {share(sum(r.refused for r in yes), len(yes))}"
        f" | citation precision {share(sum(r.right_citations for r in yes), cited)}"
        f" | gold cited {share(sum(r.gold_cited for r in yes), len(yes))}"
        f" | verbatim {share(sum(r.verbatim for r in results), sum(r.citations for r in results))}"
        f" | seconds p50 {statistics.median(seconds):.1f} p95 {seconds[int(0.95 * (len(seconds) - 1))]:.1f}"
        f" | tokens read {statistics.mean(r.prompt_tokens for r in results):.0f}"
        f" written {statistics.mean(r.completion_tokens for r in results):.0f}"
        f" | errors {sum(bool(r.error) for r in results)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--sets", default="squad2,realtimeqa")
    parser.add_argument("--limit", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--llm", action="append", default=[])
    parser.add_argument("--out", type=Path, help="write every result as a line of JSON here")
    options = parser.parse_args()
    for llm in options.llm or ["none"]:
        settings = Settings.load(home=options.home, llm=llm)
        with tempfile.TemporaryDirectory() as scratch, Engine(settings) as engine:
            work = options.home / "work" if (options.home / "work").is_dir() else Path(scratch)
            for name in options.sets.split(","):
                ids = load(engine, options.datasets / name, work)
                results = [
                    ask(engine, name, case, ids) for case in cases(options.datasets / name, options.limit, options.seed)
                ]
                print(table(name, llm, results), flush=True)
                if options.out:
                    with options.out.open("a", encoding="utf-8") as file:
                        file.writelines(json.dumps({"set": name, "llm": llm} | asdict(r)) + "\n" for r in results)


if __name__ == "__main__":
    main()
