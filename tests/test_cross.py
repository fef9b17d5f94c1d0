from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from rag import Engine, Settings
from rag.cite import check, second_opinion
from rag.cross import CrossEncoder
from rag.errors import ModelError, ModelUnavailableError
from rag.types import Evidence

QUOTE = "Janet Yellen is expected in Beijing in July."


def evidence(*texts: str) -> list[Evidence]:
    return [Evidence(f"doc{at}", f"p{at}", 0, len(text), text, 0.9) for at, text in enumerate(texts)]


def tiny(folder: Path, labels: Sequence[str]) -> Path:
    """Save a real, untrained cross-encoder of a few kilobytes."""
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder.mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "yellen", "beijing", "who", "visits", "is", "in", "paris"]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=64,
        num_labels=len(labels),
        id2label=dict(enumerate(labels)),
        label2id={label: at for at, label in enumerate(labels)},
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


def test_a_cross_encoder_from_a_folder_ranks_and_checks(tmp_path: Path) -> None:
    ranks = CrossEncoder(tiny(tmp_path / "ranks", ["LABEL_0"]), 1, "RAG_RERANKER")
    texts = ["yellen is in beijing", "paris"]
    scores = ranks.scores("who visits beijing", texts)
    assert len(scores) == 2 and scores[0] != scores[1]
    assert ranks.scores("who visits beijing", texts[::-1]) == pytest.approx(scores[::-1], abs=1e-5)
    assert ranks.scores("who", []) == []
    assert 0 <= ranks.entails("yellen is in beijing", "yellen visits beijing") <= 1

    names = ["contradiction", "entailment", "neutral"]
    checks = CrossEncoder(tiny(tmp_path / "checks", names), 1, "RAG_CHECKER")
    chance = checks.entails("yellen is in beijing", "yellen visits beijing")
    assert 0 < chance < 1 and chance == checks.entails("yellen is in beijing", "yellen visits beijing")
    with pytest.raises(ModelError, match=r"gives 3 labels; a reranker gives one score"):
        checks.scores("who", texts)


def test_not_entailment_is_not_taken_for_entailment(tmp_path: Path) -> None:
    two = CrossEncoder(tiny(tmp_path / "two", ["not_entailment", "entailment"]), 1, "RAG_CHECKER")
    assert two._entailed == 1
    none = CrossEncoder(tiny(tmp_path / "none", ["positive", "negative"]), 1, "RAG_CHECKER")
    with pytest.raises(ModelError, match=r"RAG_CHECKER has no label for entailment among positive, negative"):
        none.entails("a", "b")


def test_a_folder_without_a_model_is_named_with_its_setting(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(QUOTE, encoding="utf-8")
    settings = Settings(home=tmp_path / "home", llm="none", embedding="all-MiniLM-L6-v2", reranker=str(tmp_path))
    with Engine(settings) as engine, pytest.raises(ModelUnavailableError, match=r"no config\.json.*RAG_RERANKER"):
        engine._models.reranker()
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match=r"no cross-encoder that can be opened.*RAG_CHECKER"):
        CrossEncoder(tmp_path, 1, "RAG_CHECKER").entails("a", "b")


class Says:
    """A checker that says one thing, and remembers what it was asked."""

    def __init__(self, chance: float) -> None:
        self.chance = chance
        self.asked: list[tuple[str, str]] = []

    def entails(self, premise: str, sentence: str) -> float:
        self.asked.append((premise, sentence))
        return self.chance


def opinion(sentence: str, chance: float, *texts: str) -> tuple[str, str, Says]:
    items, says = evidence(*(texts or (QUOTE,))), Says(chance)
    verdict = second_opinion(check(sentence, items), sentence, items, says)
    return verdict.status, verdict.why, says


def test_a_checker_that_says_yes_lets_a_paraphrase_through() -> None:
    paraphrase = "A trip of Janet Yellen to Beijing is planned for July."
    assert check(paraphrase, evidence(QUOTE)).status != "supported"
    status, why, says = opinion(paraphrase, 0.9)
    assert (status, why) == ("supported", "") and says.asked == [(QUOTE, paraphrase)]
    assert opinion(paraphrase, 0.2)[0] != "supported"


def test_a_checker_that_says_no_withholds_what_the_rules_let_through() -> None:
    sentence = "Yellen is expected in Beijing in July."
    assert check(sentence, evidence(QUOTE)).status == "supported"
    assert opinion(sentence, 0.1)[:2] == ("partly", "the checking model does not find it in the quotes")


@pytest.mark.parametrize(
    "sentence",
    [
        "Gina Raimondo is expected in Beijing in July.",
        "Janet Yellen is expected in Beijing in August.",
        "Janet Yellen is not expected in Beijing in July.",
        "Janet Yellen is expected in Beijing with 40 people in July.",
        "",
    ],
)
def test_no_checker_overrules_names_numbers_dates_and_denials(sentence: str) -> None:
    status, _, says = opinion(sentence, 1.0)
    assert status != "supported" and says.asked == []


def test_a_quote_itself_needs_no_checker() -> None:
    status, _, says = opinion(QUOTE, 0.0)
    assert status == "supported" and says.asked == []
