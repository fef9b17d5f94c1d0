"""What people of a page may choose: models the settings name or that are here, and no others, by harmless names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.engine import Engine
from rag.errors import SettingsError, UsageError
from rag.models import CATALOGUE
from tests.fakes.library import QUESTION, YELLEN, library
from tests.fakes.speaker import Speaker

PRESENT = "qwen2.5-coder-0.5b"
SECRET = "http://10.1.2.3:8000/v1#larger"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    chosen = {"llm": "http://127.0.0.1:9/v1#scripted", "llm_choices": (SECRET, "gguf:/home/ada/models/own.gguf")}
    with library(tmp_path / "docs", Speaker({QUESTION: YELLEN}), **chosen) as engine:
        yield engine


def test_what_is_set_up_and_what_is_here_can_be_chosen_without_paths_and_addresses(engine: Engine, home: Path) -> None:
    assert [choice.name for choice in engine.choices.models()] == ["scripted", "larger", "own", "none"]
    assert [choice.where for choice in engine.choices.models()] == ["elsewhere", "elsewhere", "here", "nowhere"]
    (file,) = CATALOGUE[PRESENT].files
    path = home / "models" / PRESENT / file.path
    path.parent.mkdir(parents=True)
    with path.open("wb") as sparse:
        sparse.truncate(file.size)
    assert [choice.name for choice in engine.choices.models()] == ["scripted", "larger", "own", PRESENT, "none"]


@pytest.mark.parametrize(
    "name", ["qwen2.5-coder-1.5b", SECRET, "hf:owner/repo/file.gguf", "http://evil/v1#m", "larger "]
)
def test_nothing_else_can_be_chosen(engine: Engine, name: str) -> None:
    with pytest.raises(UsageError, match=r"can't be chosen here; the ones that can are scripted, larger, own, none\.$"):
        engine.choices.using(name)


def test_a_model_that_is_here_is_never_fetched_even_where_it_turns_out_to_be_damaged(
    engine: Engine, home: Path
) -> None:
    (file,) = CATALOGUE[PRESENT].files
    path = home / "models" / PRESENT / file.path
    path.parent.mkdir(parents=True)
    with path.open("wb") as sparse:
        sparse.truncate(file.size)
    models = engine.choices.using(PRESENT)._models
    models._files.path = lambda name: Path("here") / name  # type: ignore[method-assign]
    models._files.pull = lambda *_: pytest.fail("was fetched")  # type: ignore[method-assign]
    assert models._fetch(PRESENT) == Path("here") / PRESENT


def test_another_choice_answers_in_its_way_and_the_engine_stays_as_it_was(engine: Engine) -> None:
    assert engine.choices.using() is engine.choices.using("scripted") is engine
    quotes = engine.choices.using("none")
    assert quotes is engine.choices.using("none"), "made once"
    assert engine.ask(QUESTION).model == "scripted" and quotes.ask(QUESTION).model == "none"
    assert engine.ask(QUESTION).model == "scripted" and engine.settings.llm.endswith("scripted")


def test_the_number_of_passages_is_one_of_a_few(engine: Engine) -> None:
    assert engine.choices.passages() == [4, 8, 16, 32]
    more = engine.choices.using(passages=16)
    assert more.retriever().passages == 16 and engine.retriever().passages == 8
    assert more.ask(QUESTION).model == "scripted"
    for number in (0, 7, 1000):
        with pytest.raises(UsageError, match=rf"^{number} passages can't be chosen here; 4, 8, 16, 32 can\.$"):
            engine.choices.using(passages=number)


def test_after_the_engine_is_closed_no_other_choice_opens_a_model(engine: Engine) -> None:
    other = engine.choices.using("larger")
    engine.close()
    with pytest.raises(UsageError, match="was closed"):
        other.writer()


def test_a_choice_in_the_settings_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"llm_choices.*'nonsense'"):
        library(tmp_path / "docs", llm_choices="ollama:qwen3,nonsense")
