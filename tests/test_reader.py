"""A question and a sentence are read together by the embedding model with its adapter."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rag.reader import LONGEST, AdaptedReader, adapter, base, reader_of


def embedder(folder: Path, mark: str) -> Any:
    return SimpleNamespace(folder=folder, fingerprint=f"all-MiniLM-L6-v2@{mark[:12]}", threads=2)


def test_another_embedding_model_is_not_given_the_adapter(tmp_path: Path) -> None:
    assert reader_of(embedder(tmp_path, "0" * 64)) is None


def test_a_folder_that_can_not_be_run_so_is_searched_without_reading(tmp_path: Path) -> None:
    assert reader_of(embedder(tmp_path, base())) is None


def test_the_adapter_changes_matrices_by_products_that_fit_them() -> None:
    arrays = adapter()
    changed = {name.removesuffix(".up") for name in arrays if name.endswith(".up")}
    assert len(changed) == 36
    assert all(arrays[f"{name}.up"].shape[1] == arrays[f"{name}.down"].shape[0] for name in changed)


@pytest.fixture(scope="module")
def real() -> AdaptedReader:
    from rag import Settings
    from rag.models import ModelStore

    found = reader_of(embedder(ModelStore(Settings().home).path("all-MiniLM-L6-v2"), base()))
    assert found is not None
    return found


@pytest.mark.model
@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        ("What park covers 74 ha?", "Mill Park covers 74 ha.", "Mill Park covers 76 ha."),
        ("When did the bridge open?", "The bridge opened in May 1931.", "The bridge is 300 metres long."),
        ("Who designed the bridge?", "It was designed by Ada Lowe.", "It was paid for by Ada Lowe."),
    ],
)
def test_the_real_reader_finds_what_answers_likelier_than_what_is_near(
    real: AdaptedReader, question: str, right: str, wrong: str
) -> None:
    first, second = real.scores(question, [right, wrong])
    assert first > second


@pytest.mark.model
def test_the_real_reader_gives_what_torch_gives_for_the_same_change(real: AdaptedReader) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    arrays = adapter()
    model, tokenizer = AutoModel.from_pretrained(str(real.folder)), AutoTokenizer.from_pretrained(str(real.folder))
    for name in (name.removesuffix(".up") for name in arrays if name.endswith(".up")):
        change = torch.tensor(arrays[f"{name}.up"] @ arrays[f"{name}.down"])
        model.get_submodule(name).weight.data += change
    question, texts = "Who runs the mill?", ["Ada Lowe runs it.", "The mill is closed. " * 60]
    given = tokenizer([question] * 2, texts, truncation=True, max_length=LONGEST, padding=True, return_tensors="pt")
    with torch.no_grad():
        state = model(**given).last_hidden_state
    there = given["attention_mask"].unsqueeze(-1).float()
    both = torch.cat([(state * there).sum(1) / there.sum(1), state[:, 0]], 1).numpy()
    theirs = (both @ arrays["head.weight"].T + arrays["head.bias"])[:, 0]
    assert np.allclose(real.scores(question, texts), theirs, atol=1e-2)


@pytest.mark.model
def test_the_real_reader_reads_long_and_empty_texts(real: AdaptedReader) -> None:
    found = real.scores("why " * 400, ["", "word " * 400])
    assert len(found) == 2 and np.isfinite(found).all()
    assert real.scores("Why?", []) == []
