"""How often the right page is cited: ask facts of paginated files without a model and look at the citations' pages.

    python benchmarks/facts.py FOLDER benchmarks/data/facts.jsonl [--apart] [--show]

FACTS is JSON Lines, one fact a line: {"file": "paper.pdf", "question": "…", "page": 3}; "pages": [3, 7] where several
state it. These files of FOLDER are ingested into a store under a temporary home that shares the models of the real one,
then each fact is asked with RAG_LLM=none: of all files at once, or with --apart of its own, because not every question
says which it means. Right: a citation names the file and the page. Prints per file how many are right with the
first citation, with any, and how many were refused.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from pathlib import Path

from rag import Engine, Settings

Counts = dict[str, dict[str, int]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("facts", type=Path)
    parser.add_argument("--apart", action="store_true", help="ask each file's questions of that file alone")
    parser.add_argument("--show", action="store_true", help="print every fact that was not cited from the right page")
    given = parser.parse_args()
    facts = [json.loads(line) for line in given.facts.read_text(encoding="utf-8").splitlines() if line.strip()]
    files = sorted({given.folder / fact["file"] for fact in facts})
    counts: Counts = defaultdict(lambda: defaultdict(int))
    for together in [[file] for file in files] if given.apart else [files]:
        names = {file.name for file in together}
        ask_all(together, [fact for fact in facts if fact["file"] in names], counts, given.show)
    for name, one in sorted(counts.items()):
        print(
            f"{name}: first citation {one['first']}, any citation {one['any']}, refused {one['refused']}, n {one['n']}"
        )
    total = {key: sum(one[key] for one in counts.values()) for key in ("first", "any", "refused", "n")}
    print(f"all: first citation {total['first']}, any {total['any']}, refused {total['refused']}, n {total['n']}")


def ask_all(files: list[Path], facts: list[dict[str, object]], counts: Counts, show: bool) -> None:
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "models").symlink_to(Settings().home / "models")
        with Engine(Settings(home=Path(home), llm="none")) as engine:
            report = engine.ingest(files)
            print(f"{report.count('added')} of {len(files)} files, {report.embedded} passages", flush=True)
            for fact in facts:
                ask(engine, fact, counts[str(fact["file"])], show)


def ask(engine: Engine, fact: dict[str, object], count: dict[str, int], show: bool) -> None:
    answer = engine.ask(str(fact["question"]))
    listed = fact.get("pages")
    pages = set(listed) if isinstance(listed, list) else {fact["page"]}
    right = [Path(one.uri).name == fact["file"] and one.page in pages for one in answer.citations]
    count["n"] += 1
    count["first"] += bool(right) and right[0]
    count["any"] += any(right)
    count["refused"] += answer.status == "not_found"
    if show and not any(right):
        cited = [f"{Path(one.uri).name} p. {one.page}: {one.quote[:120]}" for one in answer.citations]
        print(
            f"{fact['file']} p. {sorted(map(str, pages))}: {fact['question']}\n    {answer.status}; {cited}", flush=True
        )


if __name__ == "__main__":
    main()
