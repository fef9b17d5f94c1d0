"""Vectors by onnxruntime are those of the model, and torch stands in where they aren't."""

from __future__ import annotations

import json
import logging
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from rag.embed import SentenceEmbedder
from rag.graph import NoGraphError, graph
from rag.quick import PROBES, SAME, TOKENS, QuickEncoder, Trust, batches

HIDDEN, HEADS, LAYERS, WIDE, WORDS = 16, 4, 2, 24, 40
EPSILON = 1e-12


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sentence encoder of random weights: BERT as sentence-transformers keeps it."""
    where = tmp_path / "tiny"
    (where / "1_Pooling").mkdir(parents=True)
    vocabulary = {
        word: number for number, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *map(str, range(36))])
    }
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(where / "tokenizer.json"))
    parts: dict[str, object] = {
        "config.json": {
            "model_type": "bert", "hidden_act": "gelu", "hidden_size": HIDDEN, "num_attention_heads": HEADS,
            "num_hidden_layers": LAYERS, "layer_norm_eps": EPSILON,
        },
        "modules.json": [
            {"idx": at, "name": str(at), "path": path, "type": f"sentence_transformers.models.{name}"}
            for at, (name, path) in enumerate((("Transformer", ""), ("Pooling", "1_Pooling")))
        ],
        "1_Pooling/config.json": {"word_embedding_dimension": HIDDEN, "pooling_mode_mean_tokens": True},
        "sentence_bert_config.json": {"max_seq_length": 12},
        "config_sentence_transformers.json": {"prompts": {"query": "7 ", "passage": "8 "}},
    }  # fmt: skip
    for name, content in parts.items():
        (where / name).write_text(json.dumps(content))
    save(where / "model.safetensors", weights())
    return where


def weights() -> dict[str, np.ndarray]:
    draw = np.random.default_rng(1)
    shapes = {f"embeddings.{name}_embeddings.weight": (size, HIDDEN) for name, size in SIZES.items()}
    shapes |= norm("embeddings.LayerNorm")
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}."
        for part in ("query", "key", "value"):
            shapes |= dense(f"{at}attention.self.{part}", HIDDEN, HIDDEN)
        shapes |= dense(f"{at}attention.output.dense", HIDDEN, HIDDEN) | norm(f"{at}attention.output.LayerNorm")
        shapes |= dense(f"{at}intermediate.dense", WIDE, HIDDEN) | dense(f"{at}output.dense", HIDDEN, WIDE)
        shapes |= norm(f"{at}output.LayerNorm")
    return {name: draw.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


SIZES = {"word": WORDS, "position": 12, "token_type": 2}


def dense(name: str, out: int, into: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (out, into), f"{name}.bias": (out,)}


def norm(name: str) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (HIDDEN,), f"{name}.bias": (HIDDEN,)}


def save(path: Path, tensors: dict[str, np.ndarray]) -> None:
    header, at = {}, 0
    for name, tensor in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [at, at + tensor.nbytes]}
        at += tensor.nbytes
    head = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(head)) + head + b"".join(t.tobytes() for t in tensors.values()))


def by_hand(ids: Sequence[int]) -> np.ndarray:
    """The same in numpy, as the BERT paper has it."""
    w = weights()

    def normed(x: np.ndarray, name: str) -> np.ndarray:
        spread = x.var(axis=-1, keepdims=True) + EPSILON
        return (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(spread) * w[f"{name}.weight"] + w[f"{name}.bias"]

    def passed(x: np.ndarray, name: str) -> np.ndarray:
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    places = np.arange(len(ids))
    x = w["embeddings.word_embeddings.weight"][list(ids)] + w["embeddings.position_embeddings.weight"][places]
    x = normed(x + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}."
        q, k, v = (
            passed(x, f"{at}attention.self.{part}").reshape(len(ids), HEADS, -1).swapaxes(0, 1)
            for part in ("query", "key", "value")
        )
        scores = np.exp(q @ k.swapaxes(1, 2) / np.sqrt(HIDDEN // HEADS))
        seen = (scores / scores.sum(axis=-1, keepdims=True) @ v).swapaxes(0, 1).reshape(len(ids), -1)
        x = normed(passed(seen, f"{at}attention.output.dense") + x, f"{at}attention.output.LayerNorm")
        wide = passed(x, f"{at}intermediate.dense")
        from math import erf

        active = wide * 0.5 * (1 + np.vectorize(erf)(wide / np.sqrt(2)))
        x = normed(passed(active, f"{at}output.dense") + x, f"{at}output.LayerNorm")
    total = x.sum(axis=0)
    return np.asarray(total / np.linalg.norm(total))


def embedder(folder: Path, compared: Path, cosine: float = 1.0) -> SentenceEmbedder:
    made = SentenceEmbedder(folder, "tiny@1", 1, compared=compared)
    Trust(compared).cosine("tiny@1", lambda: cosine)
    return made


def test_vectors_are_those_of_the_model_whatever_else_is_in_the_batch(folder: Path, tmp_path: Path) -> None:
    texts = ["1 2 3", "4", "5 6 7 8 9 10 11 12 13 14 15 16 17 18 19", ""]
    rows = embedder(folder, tmp_path / "c.json").documents(texts)
    cut = [2, *(4 + n for n in (8, 5, 6, 7, 8, 9, 10, 11, 12, 13)), 3]
    expected = [by_hand(ids) for ids in ([2, 12, 5, 6, 7, 3], [2, 12, 8, 3], cut, [2, 12, 3])]
    assert np.allclose(rows, expected, atol=1e-5)


def test_a_question_has_another_prompt_than_a_passage(folder: Path, tmp_path: Path) -> None:
    made = embedder(folder, tmp_path / "c.json")
    assert np.allclose(made.query("1"), by_hand([2, 11, 5, 3]), atol=1e-5)
    named = SentenceEmbedder(folder, "tiny@1", 1, prompts={"query": "9 "}, compared=tmp_path / "c.json")
    assert np.allclose(named.query("1"), by_hand([2, 13, 5, 3]), atol=1e-5)
    assert np.allclose(named.documents(["1"])[0], by_hand([2, 5, 3]), atol=1e-5)


def test_weights_behind_a_link_are_found(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes((folder / "model.safetensors").read_bytes())
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").symlink_to(tmp_path / "blob")
    assert np.allclose(embedder(folder, tmp_path / "c.json").query("1"), by_hand([2, 11, 5, 3]), atol=1e-5)


@pytest.mark.parametrize(
    ("file", "changed", "why"),
    [
        ("config.json", {"model_type": "mpnet"}, "model_type is 'mpnet', not 'bert'"),
        ("config.json", {"hidden_act": "relu"}, "hidden_act"),
        ("1_Pooling/config.json", {"pooling_mode_cls_token": True}, "pooling"),
        ("1_Pooling/config.json", {"include_prompt": False}, "include_prompt"),
        ("sentence_bert_config.json", {"do_lower_case": True}, "do_lower_case"),
    ],
)
def test_another_kind_of_model_has_no_graph_and_says_why(
    folder: Path, file: str, changed: dict[str, object], why: str
) -> None:
    (folder / file).write_text(json.dumps(json.loads((folder / file).read_text()) | changed))
    with pytest.raises(NoGraphError, match=why):
        graph(folder)


def test_weights_that_are_missing_or_cut_off_have_no_graph(folder: Path) -> None:
    whole = (folder / "model.safetensors").read_bytes()
    for data in (b"", whole[:100], whole.replace(b"attention.self.key", b"attention.self.kex")):
        (folder / "model.safetensors").write_bytes(data)
        with pytest.raises(NoGraphError):
            graph(folder)
    (folder / "model.safetensors").write_bytes(whole[:-4])
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    with pytest.raises(NoGraphError, match="onnxruntime can't run it"):
        QuickEncoder(folder, tokenizer, 12, 1)


def test_a_runtime_with_other_vectors_is_not_used_and_named(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = embedder(folder, tmp_path / "c.json", cosine=0.99)
    with caplog.at_level(logging.WARNING):
        assert made._quick is None
    assert "tiny@1 is run by torch: onnxruntime's vectors differ (cosine 0.990000)" in caplog.text


def test_runtimes_are_compared_once_for_a_model(tmp_path: Path) -> None:
    found = [Trust(tmp_path / "home" / "c.json").cosine("m@1", lambda value=value: value) for value in (1.0, 0.5)]
    assert found == [1.0, 1.0] and Trust(tmp_path / "home" / "c.json").cosine("m@2", lambda: 0.5) == 0.5
    (tmp_path / "home" / "c.json").write_text("{broken")
    assert Trust(tmp_path / "home" / "c.json").cosine("m@1", lambda: 0.7) == 0.7


def test_batches_hold_every_text_once_and_little_padding() -> None:
    lengths = [5, 250, 3, 700, 2000, 5, *[60] * 50]
    found = batches(lengths)
    assert sorted(i for batch in found for i in batch) == list(range(len(lengths)))
    assert all(len(batch) == 1 or lengths[batch[0]] * len(batch) <= TOKENS for batch in found)
    assert batches([]) == []


@pytest.mark.model
def test_the_real_model_has_the_vectors_of_sentence_transformers() -> None:
    from sentence_transformers import SentenceTransformer

    from rag import Settings
    from rag.models import ModelStore

    path = ModelStore(Settings().home).path("all-MiniLM-L6-v2")
    quick = QuickEncoder(path, Tokenizer.from_file(str(path / "tokenizer.json")), 256, 2)
    theirs = SentenceTransformer(str(path), device="cpu").encode(list(PROBES), normalize_embeddings=True)
    assert float((quick.encode(PROBES) * theirs).sum(axis=1).min()) > SAME
