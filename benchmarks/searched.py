"""The questions of labelled sets, searched as the product does it, each sentence with what the fits need to know of it.

Two situations are gathered apart, as retrieval tells them apart: `pool`, the best passages of a large collection, and
`whole`, a folder about one thing that is read whole.
"""

from __future__ import annotations

import argparse
import hashlib
import pickle
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasets import Case, cases, load, pools

import rag.retrieve
from rag import Engine, Settings
from rag.relevance import Question
from rag.retrieve import Candidate, Retriever
from rag.types import Evidence
from rag.words import content

BRIEFINGS = Path(__file__).parents[1] / "examples" / "briefings"
PAPERS = Path(__file__).parent / "data" / "everyday"
"""Three folders of everyday papers (files/NAME), and questions in other words than theirs (NAME/questions.jsonl)."""
EVERYDAY = tuple(PAPERS / name for name in ("office", "studio", "club"))
SMALL = ("ramdocs", "tatqa", "nomiracl")
"""Sets whose questions are asked of a few documents, which are read whole. The relevance of sentences is measured on
them and not fitted: their gold is a passage of which the sentences with an answer are taken, among them menus of web
pages, and fitted on these it ranks worse everywhere, on themselves, too (docs/experiments.md)."""


@dataclass
class Asked:
    """One question over one collection, searched."""

    case: Case
    of: str
    """Set that the question comes from; it was asked of `over`."""
    over: str
    asked: Question
    ranked: list[Candidate]

    @property
    def answerable(self) -> bool:
        return self.case.answerable and self.of == self.over

    @property
    def held_out(self) -> bool:
        return self.of != "briefings" and hashlib.sha256(self.case.id.encode()).digest()[0] % 2 == 1

    def is_gold(self, candidate: Candidate | Evidence) -> bool:
        """A gold sentence; of a gold quote of several, those that have an answer, if the quote has it."""
        words = content(candidate.text)
        quotes = [content(quote) for _, quote in self.case.evidence]
        shared = [q for q in quotes if len(words & q) >= 0.7 * max(1, min(len(words), len(q))) and len(words) >= 3]
        answers = [a for a in map(content, self.case.answers) if a and any(a <= quote for quote in quotes)]
        if answers and any(len(quote) > 1.5 * len(words) for quote in shared):
            return any(answer <= words for answer in answers)
        return bool(shared)


def search(retriever: Retriever, case: Case, of: str, over: str, collection: str, within: Sequence[str]) -> Asked:
    vector = retriever.embedder.query(case.question)
    ranked, _ = retriever.candidates({case.question: vector}, collection, within or None)
    passages = [passage for passage, _ in ranked]
    candidates = retriever.sentences(passages, [chance for _, chance in ranked])
    asked = Question.of(case.question, [candidate.text for candidate in candidates])
    return Asked(case, of, over, asked, retriever.compared(vector, candidates, passages))


def pool(engine: Engine, options: argparse.Namespace) -> list[Asked]:
    """Ask each set's questions of its own collection, and every third of the next set's."""
    names = options.sets.split(",")
    loaded = {name: load(engine, options.datasets / name) for name in names}
    parts = {name: pools(options.datasets / name, loaded[name][1]) for name in names}
    retriever, data = engine.retriever(), []
    for of in names:
        other = names[(names.index(of) + 1) % len(names)]
        for number, case in enumerate(cases(options.datasets / of, options.limit)):
            collection, ids = loaded[of]
            within = [ids[doc_id] for doc_id in case.doc_ids if doc_id in ids] or parts[of].get(case.pool, [])
            data.append(search(retriever, case, of, of, collection, within))
            if other != of and number % 3 == 0:
                data.append(search(retriever, case, of, other, loaded[other][0], ()))
        print("pool", of, len(data), flush=True)
    for questions in EVERYDAY:
        data += of_folder(engine, retriever, questions, PAPERS / "files")
        print("pool", questions.name, len(data), flush=True)
    return data


def whole(engine: Engine, options: argparse.Namespace) -> list[Asked]:
    """Ask squad2's questions of their own article, every third also of another one, and folders their own questions."""
    rag.retrieve.WHOLE = 1000  # so that an article is read whole, however long
    squad2, ids = load(engine, options.datasets / "squad2")
    asked = cases(options.datasets / "squad2")
    articles = sorted({case.about for case in asked})
    random.Random(3).shuffle(articles)
    chosen = articles[: options.articles]
    retriever, data = engine.retriever(), []
    for article, other in zip(chosen, [*chosen[1:], chosen[0]], strict=True):
        for number, case in enumerate(case for case in asked if case.about == article):
            data.append(search(retriever, case, "articles", "articles", squad2, [ids[article]]))
            if number % 3 == 0:
                data.append(search(retriever, case, "articles", "other article", squad2, [ids[other]]))
        print("whole", article, len(data), flush=True)
    for of in SMALL:
        data += of_few_documents(engine, retriever, options, of)
        print("whole", of, len(data), flush=True)
    for questions in (BRIEFINGS, *EVERYDAY):
        data += of_folder(engine, retriever, questions, BRIEFINGS if questions == BRIEFINGS else papers(questions))
        print("whole", questions.name, len(data), flush=True)
    return data


def papers(questions: Path) -> Path:
    """Return the folder that questions of EVERYDAY are about."""
    return PAPERS / "files" / questions.name


def of_folder(engine: Engine, retriever: Retriever, questions: Path, files: Path) -> list[Asked]:
    """Ask questions of a folder of files."""
    name = questions.name
    collection, _ = engine.attach(files)
    ids = [document.id for document in engine.documents.list(collection)]
    return [search(retriever, case, name, name, collection, ids) for case in cases(questions)]


def of_few_documents(engine: Engine, retriever: Retriever, options: argparse.Namespace, of: str) -> list[Asked]:
    """Ask each question of its own documents, and every third of those of the next one."""
    collection, ids = load(engine, options.datasets / of)
    asked = cases(options.datasets / of, options.limit)
    there = [[ids[doc_id] for doc_id in case.doc_ids if doc_id in ids] for case in asked]
    data = []
    for number, case in enumerate(asked):
        data.append(search(retriever, case, of, of, collection, there[number]))
        if number % 3 == 0:
            data.append(search(retriever, case, of, f"other {of}", collection, there[(number + 1) % len(there)]))
    return data


def gathered(gather: Callable[[Engine, argparse.Namespace], list[Asked]], options: Any) -> list[Asked]:
    kept = options.cache / f"{gather.__name__}.pickle" if options.cache else None
    if kept and kept.exists():
        found: list[Asked] = pickle.loads(kept.read_bytes())
        return found
    with Engine(Settings.load(home=options.home, llm="none")) as engine:
        data = gather(engine, options)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(data))
    return data
