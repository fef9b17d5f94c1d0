"""Fit which list answers a question whose heading says it in other words, and which quotes add to a list of names.

    python benchmarks/fit_lists.py --home HOME

HOME is a store (RAG_HOME) to keep the papers in. The questions of office, studio and club are fitted on; the threshold
is the one with the best F0.5 where each question is judged by what was fitted on all others, for a wrong list is a
wrong answer. Measured on `kept`, and on news and briefings, which have next to no list: there what is chosen is wrong.

How likely a quote has to be that names something new (rag/naming.py) is fitted on the lists of names that news and
briefings ask for: they are few and all fitted on, so measure them on `wire`.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from fit import FITTED
from fit_quotes import FURTHER as SHARES
from fit_quotes import task_of
from searched import BRIEFINGS, EVERYDAY, PAPERS, Asked, of_folder, papers
from sklearn.linear_model import LogisticRegression

from rag import Engine, Settings
from rag.fitted import fitted
from rag.headed import HEADED, listings
from rag.naming import naming
from rag.relevance import features
from rag.task import QUOTED_IN_A_LIST, Task
from rag.understand.several import asks_for_names

STRENGTH = 3.0
"""Inverse of the regularisation; 1 and 10 choose one list less and one more."""
THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
BETA = 0.5
EVEN_ENOUGH = 0.005
"""Of shares that differ by less the highest is taken, which quotes less."""
MEASURED = (PAPERS / "kept", PAPERS / "news", BRIEFINGS)


@dataclass(frozen=True, slots=True)
class Choice:
    """The lists that may answer one question: their features, and which of them do."""

    rows: tuple[tuple[float, ...], ...]
    right: tuple[bool, ...]


def choices(engine: Engine, questions: Path, files: Path) -> list[Choice]:
    """Return what there is to choose from for each question of a folder that has a list to choose from."""
    retriever = engine.retriever()
    found = (_choice(engine, asked) for asked in of_folder(engine, retriever, questions, files))
    return [choice for choice in found if choice.rows]


def _choice(engine: Engine, a: Asked) -> Choice:
    situation = "whole" if not any(candidate.chance for candidate in a.ranked) else "pool"
    relevance, retriever = fitted(f"relevance_{situation}"), engine.retriever()
    scored = sorted(((c, relevance(features(a.asked, c))) for c in a.ranked), key=lambda pair: -pair[1])
    vector = retriever.embedder.query(a.case.question)
    lists = listings(a.asked, scored, partial(retriever.nearness, vector))
    gold = [_plain(quote) for _, quote in a.case.evidence if quote] if a.answerable else []
    right = (
        [any(_plain(item.text) in quote or quote in _plain(item.text) for quote in gold) for item in one.entries]
        for one in lists
    )
    return Choice(tuple(one.features for one in lists), tuple(2 * sum(these) >= len(these) for these in right))


def _plain(text: str) -> str:
    return " ".join(text.split())


def fit(data: Sequence[Choice]) -> Any:
    rows = np.array([row for choice in data for row in choice.rows])
    return LogisticRegression(C=STRENGTH, max_iter=5000).fit(rows, [right for c in data for right in c.right])


def chosen(model: Any, choice: Choice) -> tuple[float, bool]:
    """Return how likely the likeliest list is, and whether it is right."""
    chances = model.predict_proba(np.array(choice.rows))[:, 1]
    best = int(np.argmax(chances))
    return float(chances[best]), choice.right[best]


def left_out(data: Sequence[Choice]) -> list[tuple[float, bool]]:
    """Return the same for each question by what was fitted on all others."""
    return [chosen(fit([*data[:at], *data[at + 1 :]]), choice) for at, choice in enumerate(data)]


def counted(picked: Sequence[tuple[float, bool]], data: Sequence[Choice], least: float) -> dict[str, int]:
    """Return how many lists are chosen from a threshold on, how many of them are right, and how many there are."""
    taken = [right for chance, right in picked if chance >= least]
    there = sum(any(choice.right) for choice in data)
    return {"questions": len(data), "with_a_list": there, "chosen": len(taken), "right": sum(taken)}


def f_beta(count: dict[str, int]) -> float:
    return (1 + BETA**2) * count["right"] / max(1, count["chosen"] + BETA**2 * count["with_a_list"])


def entry(data: Sequence[Choice], measured: Mapping[str, Sequence[Choice]]) -> dict[str, Any]:
    model, picked = fit(data), left_out(data)
    least = max(THRESHOLDS, key=lambda bound: f_beta(counted(picked, data, bound)))
    return {
        "features": list(HEADED),
        "weights": [round(float(weight), 4) for weight in model.coef_[0]],
        "bias": round(float(model.intercept_[0]), 4),
        "thresholds": {"least": least},
        "thresholds_are": {
            "least": f"from it on a list is the answer: the one of {THRESHOLDS} with the best F{BETA:g}, each question "
            "judged by what was fitted on all others"
        },
        "fitted_on": len(data),
        "measured_left_out": counted(picked, data, least),
        "measured_on_others": {
            name: counted([chosen(model, choice) for choice in others], others, least)
            for name, others in measured.items()
            if others
        },
    }


def naming_entry(engine: Engine) -> dict[str, Any]:
    """Return the shares of the first quote's probability with the best F2, and the best F1 where a model has chosen."""
    asked = of_names_asked(engine)
    shares: dict[str, float] = {}
    found: dict[str, float] = {}
    for name, beta in (("share", 2.0), ("share_if_picked", 1.0)):
        scores = {share: f_of_names(asked, share, beta) for share in SHARES}
        shares[name] = max(share for share in SHARES if scores[share] >= max(scores.values()) - EVEN_ENOUGH)
        found[name] = round(scores[shares[name]], 3)
    what = (
        f"of the likeliest naming sentence's probability, over {len(asked)} lists: the highest of {SHARES} within "
        f"{EVEN_ENOUGH} of the best"
    )
    return {
        "features": [],
        "weights": [],
        "bias": 0.0,
        "thresholds": shares,
        "thresholds_are": {
            "share": f"{what} F2 against gold sentences, {found['share']}",
            "share_if_picked": f"{what} F1, {found['share_if_picked']}: what is added to a list that a model wrote",
        },
        "fitted_on": len(asked),
    }


def of_names_asked(engine: Engine) -> list[tuple[Task, list[bool]]]:
    """Return the lists of names that news and briefings ask for, with which sentences are gold."""
    retriever, found = engine.retriever(), []
    for folder, files in ((PAPERS / "news", PAPERS / "news" / "files"), (BRIEFINGS, BRIEFINGS)):
        for a in of_folder(engine, retriever, folder, files):
            task, gold = task_of(a, "pool" if any(c.chance for c in a.ranked) else "whole")
            if task.several and asks_for_names(task.standalone) and a.answerable and sum(gold) > 1:
                found.append((task, gold))
    return found


def f_of_names(asked: Sequence[tuple[Task, list[bool]]], share: float, beta: float) -> float:
    right = quoted = there = 0
    for task, gold in asked:
        fitting = [index for index, item in enumerate(task.evidence) if item.fits]
        quotes = naming(task.standalone, task.evidence, fitting, share, QUOTED_IN_A_LIST)
        right, quoted, there = right + sum(gold[index] for index in quotes), quoted + len(quotes), there + sum(gold)
    return (1 + beta**2) * right / max(1, quoted + beta**2 * there)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    options = parser.parse_args()
    with Engine(Settings.load(home=options.home, llm="none")) as engine:
        data = [choice for folder in EVERYDAY for choice in choices(engine, folder, papers(folder))]
        files = {folder: folder if folder == BRIEFINGS else folder / "files" for folder in MEASURED}
        measured = {folder.name: choices(engine, folder, files[folder]) for folder in MEASURED}
        write("naming", naming_entry(engine), (PAPERS / "news", BRIEFINGS))
    write("headed", entry(data, measured), EVERYDAY)


def write(key: str, found: dict[str, Any], folders: Sequence[Path]) -> None:
    """Put one entry into fitted.json, with where it comes from."""
    hashes = {folder.name: hashlib.sha256((folder / "questions.jsonl").read_bytes()).hexdigest() for folder in folders}
    found["provenance"] = {
        "by": "benchmarks/fit_lists.py",
        "date": datetime.date.today().isoformat(),
        "sha256_of_questions": {name: digest[:16] for name, digest in hashes.items()},
    }
    values = json.loads(FITTED.read_text(encoding="utf-8"))
    FITTED.write_text(json.dumps(values | {key: found}, indent=1) + "\n", encoding="utf-8")
    print(key, json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
