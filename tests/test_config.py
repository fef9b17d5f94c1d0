"""Settings: where they come from, what is refused, what is hidden."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.config import DEFAULT_LLM, Settings, config_file
from rag.errors import SettingsError


@pytest.fixture
def toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A rag.toml in use, for the test to fill."""
    path = tmp_path / "rag.toml"
    monkeypatch.setenv("RAG_CONFIG", str(path))
    return path


def test_without_any_setting_the_defaults_hold(home: Path) -> None:
    settings = Settings.load()
    assert (settings.home, settings.llm, settings.mode) == (home, DEFAULT_LLM, "strict")


def test_an_argument_goes_before_the_environment_and_that_before_the_file(
    toml: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml.write_text("passages = 3\ntimeout = 30\nseed = 7\n")
    monkeypatch.setenv("RAG_PASSAGES", "4")
    monkeypatch.setenv("RAG_TIMEOUT", "40")
    settings = Settings.load(passages=5)
    assert (settings.passages, settings.timeout, settings.seed) == (5, 40, 7)


def test_none_as_an_argument_means_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_LLM", "none")
    assert Settings.load(llm=None).llm == "none"


def test_an_empty_variable_means_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_PASSAGES", "")
    assert Settings.load().passages == 8


def test_an_unknown_variable_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_PASAGES", "3")
    with pytest.raises(SettingsError, match="RAG_PASAGES"):
        Settings.load()


def test_an_unknown_name_in_the_file_is_refused_by_name(toml: Path) -> None:
    toml.write_text("pasages = 3\n")
    with pytest.raises(SettingsError, match=r"pasages.* is not a setting"):
        Settings.load()


def test_a_file_that_is_not_toml_is_named(toml: Path) -> None:
    toml.write_text("passages = = 3\n")
    with pytest.raises(SettingsError, match=r"rag\.toml is not valid TOML"):
        Settings.load()


def test_rag_config_that_names_no_file_is_refused(toml: Path) -> None:
    with pytest.raises(SettingsError, match=r"RAG_CONFIG names .*rag\.toml, but there is no such file"):
        Settings.load()


def test_a_rag_toml_in_the_current_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAG_CONFIG")
    monkeypatch.chdir(tmp_path)
    Path("rag.toml").write_text('llm = "none"\n')
    assert config_file() == Path("rag.toml")
    assert Settings.load().llm == "none"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("passages", 0),
        ("passages", 101),
        ("temperature", 2.1),
        ("timeout", 0),
        ("retries", -1),
        ("threads", 0),
        ("context_window", 511),
        ("mode", "loose"),
        ("collection", "a/b"),
        ("collection", ""),
        ("passages", "many"),
    ],
)
def test_a_value_out_of_range_is_refused_with_the_settings_name(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=f"^Argument {name}: "):
        Settings.load(**{name: value})


def test_a_wrong_value_from_outside_says_where_it_may_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_PASSAGES", "many")
    with pytest.raises(SettingsError, match=r"^Setting passages \(RAG_PASSAGES or rag\.toml\): "):
        Settings.load()


@pytest.mark.parametrize(
    "llm",
    [
        "none",
        "embedded:qwen2.5-coder-0.5b",
        "gguf:/a b/model.gguf",
        "hf:owner/repo/file.gguf",
        "openai:gpt",
        "ollama:llama3:8b",
        "anthropic:claude",
        "http://127.0.0.1:8080/v1#m",
        "https://example.org/v1#m",
    ],
)
def test_each_form_of_a_model_is_accepted(llm: str) -> None:
    assert Settings.load(llm=f" {llm} ").llm == llm


@pytest.mark.parametrize("llm", ["gpt-4", "openai:", "hf:owner/repo", "hf:a//b", "http://h/v1", "http://h/v1#", "x:y"])
def test_another_form_of_a_model_is_refused_with_the_forms_there_are(llm: str) -> None:
    with pytest.raises(SettingsError, match="embedded:NAME"):
        Settings.load(llm=llm)


@pytest.mark.parametrize(
    ("variable", "setting"),
    [
        ("RAG_API_KEY", "api_key"),
        ("OPENAI_API_KEY", "openai_api_key"),
        ("RAG_OPENAI_API_KEY", "openai_api_key"),
        ("ANTHROPIC_API_KEY", "anthropic_api_key"),
    ],
)
def test_a_key_is_read_and_never_shown(variable: str, setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "sk-very-secret")
    settings = Settings.load()
    assert getattr(settings, setting).get_secret_value() == "sk-very-secret"
    assert settings.shown()[setting] == "(set)"
    assert "very-secret" not in f"{settings!r} {settings} {settings.shown()}"


def test_a_refused_value_does_not_show_the_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_API_KEY", "sk-very-secret")
    with pytest.raises(SettingsError) as refused:
        Settings.load(passages=0)
    assert "very-secret" not in str(refused.value)


def test_a_hubs_own_offline_switch_is_ours_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not Settings.load().offline
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert Settings.load().offline


def test_the_home_is_absolute_and_the_tilde_is_expanded() -> None:
    assert Settings.load(home="~/notes").home == Path.home() / "notes"
    assert Settings.load(home="notes").home == Path.cwd() / "notes"


def test_a_home_of_a_user_that_is_not_there_is_refused() -> None:
    with pytest.raises(SettingsError, match="Argument home: is '~nobody-of-that-name/x', but there is no such user"):
        Settings.load(home="~nobody-of-that-name/x")


def test_every_setting_says_what_it_means() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


NAMES = st.sampled_from(sorted(Settings.model_fields))


@given(st.dictionaries(NAMES, st.text(max_size=20) | st.integers(), max_size=3))
def test_any_value_is_taken_or_refused_in_a_sentence(values: dict[str, object]) -> None:
    try:
        Settings.load(**values)
    except SettingsError as error:
        assert str(error).startswith("Argument ")
