"""How often the right page is cited: ask facts of paginated files without a model and look at the citations' pages.

    python benchmarks/facts.py FOLDER FACTS [--show]

FACTS is JSON Lines, one fact a line: {"file": "paper.pdf", "question": "…", "page": 3}; "pages": [3, 7] where several
state it. FOLDER is ingested into a store of its own under a temporary home that shares the models of the real one, then
each fact is asked with RAG_LLM=none. Right: a citation names the file and the page. Prints per file how many are right
with the first citation, with any, and how many were refused.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from pathlib import Path

from rag import Engine, Settings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("facts", type=Path)
    parser.add_argument("--show", action="store_true", help="print every fact that was not cited from the right page")
    given = parser.parse_args()
    facts = [json.loads(line) for line in given.facts.read_text(encoding="utf-8").splitlines() if line.strip()]
    files = sorted({given.folder / fact["file"] for fact in facts})
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "models").symlink_to(Settings().home / "models")
        with Engine(Settings(home=Path(home), llm="none")) as engine:
            report = engine.ingest(files)
            print(f"{report.count('added')} of {len(files)} files, {report.embedded} passages", flush=True)
            for fact in facts:
                ask(engine, fact, counts[fact["file"]], given.show)
    for name, one in sorted(counts.items()):
        print(
            f"{name}: first citation {one['first']}, any citation {one['any']}, refused {one['refused']}, n {one['n']}"
        )
    total = {key: sum(one[key] for one in counts.values()) for key in ("first", "any", "refused", "n")}
    print(f"all: first citation {total['first']}, any {total['any']}, refused {total['refused']}, n {total['n']}")


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
