"""`rag models`, on a real ModelStore with a small catalogue."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from rag.known_models import Carriers, ModelFile, ModelSpec
from rag.models import ModelStore

BYTES = b"weights"
SPECS = {
    name: ModelSpec(
        name,
        "llm",
        (ModelFile(f"{name}.gguf", len(BYTES), hashlib.sha256(BYTES).hexdigest()),),
        f"nobody-of-that-name/{name}",
        Carriers(()),
    )
    for name in ("here", "other", "gone")
}


@pytest.fixture
def store(home: Path) -> ModelStore:
    """Two models are here, one is not, and nothing can be fetched."""
    for name in ("here", "other"):
        (home / "models" / name).mkdir(parents=True)
        (home / "models" / name / f"{name}.gguf").write_bytes(BYTES)
    return ModelStore(home, offline=True, catalogue=SPECS, hub={})


def test_models_are_listed_with_what_is_here(rag: Any, store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_LLM", "embedded:other")
    lines = rag("models", "list", models=store).out.splitlines()
    assert lines[0].split() == ["NAME", "KIND", "SIZE", "STATE", "IN", "USE", "PATH"]
    assert lines[1].split()[:5] == ["here", "llm", "7", "bytes", "present"]
    assert lines[2].split()[5] == "yes" and lines[3].split() == ["gone", "llm", "7", "bytes", "absent"]
    assert [model["state"] for model in rag("models", "list", "--json", models=store).json] == [
        "present",
        "present",
        "absent",
    ]


def test_the_path_of_a_model_is_all_that_is_printed(rag: Any, store: ModelStore) -> None:
    path = store.folder / "here" / "here.gguf"
    assert rag("models", "path", "here", models=store).out == f"{path}\n"
    assert rag("models", "path", "here", "--json", models=store).json == {"name": "here", "path": str(path)}


def test_a_wrong_hash_is_named_and_the_others_are_checked_all_the_same(rag: Any, store: ModelStore) -> None:
    (store.folder / "here" / "here.gguf").write_bytes(b"WEIGHTS")
    result = rag("models", "verify", models=store)
    assert result.code == 1
    bad, good = result.out.splitlines()
    assert bad.startswith("here: ") and "sha256" in bad and good == "other: verified"


def test_verify_as_json_and_with_nothing_here(rag: Any, store: ModelStore, tmp_path: Path) -> None:
    expected = [{"name": name, "verified": True, "problem": None} for name in ("here", "other")]
    assert rag("models", "verify", "--json", models=store).json == expected
    empty = ModelStore(tmp_path, offline=True, catalogue=SPECS, hub={})
    assert rag("models", "verify", models=empty).out.startswith("No model is here yet")


def test_pull_without_a_name_takes_what_the_settings_use(
    rag: Any, store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_EMBEDDING", "here")
    monkeypatch.setenv("RAG_LLM", "embedded:other")
    assert set(rag("models", "pull", "--json", models=store).json) == {"here", "other"}
    monkeypatch.setenv("RAG_EMBEDDING", "/a/folder")
    monkeypatch.setenv("RAG_LLM", "none")
    assert rag("models", "pull", "--json", models=store).json == {}


def test_pull_takes_what_is_here(rag: Any, store: ModelStore) -> None:
    assert rag("models", "pull", "here", "--json", models=store).json == {
        "here": str(store.folder / "here" / "here.gguf")
    }


@pytest.mark.parametrize("name", ["gone", "unheard-of"])
@pytest.mark.parametrize("command", ["path", "pull", "verify"])
def test_a_model_that_cannot_be_had_is_one_sentence(command: str, name: str, rag: Any, store: ModelStore) -> None:
    result = rag("models", command, name, models=store)
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert result.err.startswith("rag: ") and name in result.err


def test_a_hub_name_that_names_nothing_is_refused(rag: Any, store: ModelStore) -> None:
    result = rag("models", "pull", "hf:only-a-name", models=store)
    assert result.code == 2 and "hf:OWNER/REPO/FILE" in result.err


def test_a_model_that_only_hugging_face_has_is_listed_without_a_size(rag: Any, home: Path) -> None:
    store = ModelStore(home, offline=True, catalogue={})
    lines = rag("models", "list", models=store).out.splitlines()
    assert lines[1].split()[:5] == ["multilingual-e5-small", "embedding", "not", "known", "absent"]
    failed = rag("models", "path", "multilingual-e5-small", models=store)
    assert failed.code == 1
    assert "no hash is known" in failed.err and "`rag models pull multilingual-e5-small`" in failed.err
    failed = rag("models", "pull", "multilingual-e5-small", models=store)
    assert failed.code == 1
    assert "intfloat/multilingual-e5-small cannot be had from Hugging Face" in failed.err
