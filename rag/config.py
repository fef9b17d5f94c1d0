"""Settings: defaults, then rag.toml, then RAG_* variables, then arguments. The only reader of the environment."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from rag.errors import SettingsError

DEFAULT_LLM = "embedded:qwen2.5-coder-1.5b"
LLM_FORMS = (
    "embedded:NAME",
    "gguf:PATH",
    "hf:OWNER/REPO/FILE",
    "openai:MODEL",
    "ollama:MODEL",
    "anthropic:MODEL",
    "http://HOST:PORT/v1#MODEL",
    "none",
)
_PREFIX = "RAG_"
# Read by the process itself, not settings: which rag.toml to use.
_OTHER_VARIABLES = {"RAG_CONFIG"}

COLLECTION_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$"
CollectionName = Annotated[str, Field(pattern=COLLECTION_NAME)]


def _default_home() -> Path:
    return Path(platformdirs.user_data_dir("footnote-rag", appauthor=False))


class Settings(BaseSettings):
    """Every setting, each with its meaning; unknown names and values out of range are errors, never ignored."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="forbid", frozen=True, env_ignore_empty=True)

    home: Path = Field(default_factory=_default_home, description="Folder of catalogue, index and models.")
    collection: CollectionName = Field("default", description="Collection to use when none is named.")
    llm: str = Field(DEFAULT_LLM, description=f"Model that writes the answer: {', '.join(LLM_FORMS)}.")
    llm_choices: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Further models that people may choose on the chat page, in the same forms, with commas."
    )
    embedding: str = Field(
        "all-MiniLM-L6-v2", description="Embedding model: a catalogue name, hf:OWNER/REPO, or a folder."
    )
    mode: Literal["strict", "lenient"] = Field(
        "strict", description="strict withholds what no quote supports; lenient shows it, marked."
    )
    reranker: str | None = Field(
        None, description="Cross-encoder that ranks passages anew: hf:OWNER/REPO or a folder; by default none."
    )
    checker: str | None = Field(
        None,
        description="Inference model that checks sentences, too: hf:OWNER/REPO or a folder; by default none.",
    )
    passages: int = Field(8, ge=1, le=100, description="Passages to retrieve for a question.")
    evidence_tokens: int | None = Field(
        None, ge=64, le=200_000, description="Tokens of evidence a question may cost; by default follows the model."
    )
    context_window: int | None = Field(
        None, ge=512, le=2_000_000, description="Tokens the model can read; by default follows the model."
    )
    answer_tokens: int = Field(256, ge=16, le=8192, description="Most tokens an answer may have.")
    structured: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Ask the model for JSON with the numbers of its evidence; auto asks every model but embedded ones.",
    )
    temperature: float = Field(0.0, ge=0, le=2, description="Sampling temperature; 0 repeats itself exactly.")
    seed: int = Field(0, ge=0, description="Seed of the sampler.")
    timeout: float = Field(120.0, gt=0, le=3600, description="Seconds a model may stay silent.")
    retries: int = Field(2, ge=0, le=10, description="Further tries after a failure that may pass.")
    threads: int | None = Field(None, ge=1, le=1024, description="CPU threads for the models; by default all cores.")
    question_characters: int = Field(8000, ge=100, le=100_000, description="Longest question that is accepted.")
    file_bytes: int = Field(100_000_000, ge=1000, description="Largest file that is read, in bytes.")
    upload_files: int = Field(2000, ge=1, description="Most files that may be uploaded at once on the chat page.")
    auth: Path | None = Field(None, description="File of users that may log in to the chat page (see `rag users`).")
    file_seconds: float = Field(120.0, gt=0, le=3600, description="Seconds that reading one file may take.")
    file_memory: int = Field(
        2_000_000_000, ge=200_000_000, description="Memory in bytes that reading one file may take (Linux only)."
    )
    passwords: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (), description="Passwords to try on encrypted files, with commas between them."
    )
    lock_seconds: float = Field(10.0, ge=0, le=3600, description="Seconds to wait for another process's write.")
    offline: bool = Field(
        False,
        validation_alias=AliasChoices("offline", "RAG_OFFLINE", "HF_HUB_OFFLINE"),
        description="Fetch nothing; use only models that are there.",
    )
    url: str | None = Field(
        None, description="Address of a running `rag serve` that commands use, such as http://HOST:7860."
    )
    server_key: SecretStr | None = Field(None, description="Key for that server (`rag keys add` there makes one).")
    answers: int = Field(4, ge=1, le=1000, description="Answers that a server writes at once.")
    waiting: int = Field(32, ge=0, le=10_000, description="Questions that may wait for that; more are refused.")
    rate_limit: int = Field(300, ge=1, le=1_000_000, description="Requests a minute that a server takes of one key.")
    upload_bytes: int = Field(500_000_000, ge=1000, description="Largest upload that a server takes, in bytes.")
    cors_origins: str = Field("", description="Web sites, separated by commas, whose pages may use the server's API.")
    traces: str | None = Field(
        None,
        pattern=r"^https?://\S+$",
        description="Where a server sends OpenTelemetry spans, such as http://127.0.0.1:4318/v1/traces (extra otel).",
    )
    private_urls: bool = Field(False, description="Also read web pages of private networks and of this machine.")
    chroma_url: str | None = Field(None, description="Address of a Chroma server; by default an embedded index.")
    ollama_url: str = Field("http://127.0.0.1:11434", description="Address of Ollama.")
    api_key: SecretStr | None = Field(None, description="Key for an http://… endpoint.")
    openai_api_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("openai_api_key", "RAG_OPENAI_API_KEY", "OPENAI_API_KEY"),
        description="Key for openai:MODEL.",
    )
    anthropic_api_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("anthropic_api_key", "RAG_ANTHROPIC_API_KEY", "ANTHROPIC_API_KEY"),
        description="Key for anthropic:MODEL.",
    )

    @field_validator("home", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        try:
            return value.expanduser().absolute()
        except RuntimeError as error:
            raise ValueError(f"is {str(value)!r}, but there is no such user") from error

    @field_validator("passwords", "llm_choices", mode="before")
    @classmethod
    def _separate(cls, value: Any) -> Any:
        return tuple(filter(None, value.split(","))) if isinstance(value, str) else value

    @field_validator("llm_choices")
    @classmethod
    def _known_llms(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(cls._known_llm, value))

    @field_validator("llm")
    @classmethod
    def _known_llm(cls, value: str) -> str:
        value = value.strip()
        kind, _, rest = value.partition(":")
        if value == "none" or (kind in {"embedded", "gguf", "openai", "ollama", "anthropic"} and rest):
            return value
        if kind == "hf" and rest.count("/") == 2 and all(rest.split("/")):
            return value
        if kind in {"http", "https"} and "#" in value and not value.endswith("#"):
            return value
        raise ValueError(f"is {value!r}, but has to be one of: {', '.join(LLM_FORMS)}")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: arguments, environment, rag.toml."""
        toml = config_file()
        files = (TomlConfigSettingsSource(settings_cls, toml_file=toml),) if toml else ()
        return (init_settings, env_settings, *files)

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """Read the settings; `None` in `overrides` means "not given".

        Raises:
            SettingsError: a name is unknown or a value is not allowed; names the setting and where it came from.
        """
        _refuse_unknown_variables(os.environ)
        given = {name: value for name, value in overrides.items() if value is not None}
        try:
            return cls(**given)
        except ValidationError as error:
            raise SettingsError(_explain(error, given)) from error
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"{config_file()} is not valid TOML ({error}); correct it or remove it.") from error

    @cached_property
    def cores(self) -> int:
        """CPU threads to use."""
        return self.threads or os.cpu_count() or 1

    def shown(self) -> dict[str, Any]:
        """Return the effective settings for people and logs, with secrets hidden."""
        values = self.model_dump(mode="json")
        return {name: ("(set)" if _is_secret(getattr(self, name)) else values[name]) for name in values}


def _is_secret(value: Any) -> bool:
    return isinstance(value, SecretStr) or (isinstance(value, tuple) and any(map(_is_secret, value)))


def config_file() -> Path | None:
    """Return the rag.toml in use: RAG_CONFIG, else ./rag.toml, else the one in the user's configuration folder."""
    named = os.environ.get("RAG_CONFIG")
    if named:
        path = Path(named).expanduser()
        if not path.is_file():
            raise SettingsError(f"RAG_CONFIG names {path}, but there is no such file.")
        return path
    home = Path(platformdirs.user_config_dir("footnote-rag", appauthor=False)) / "rag.toml"
    return next((path for path in (Path("rag.toml"), home) if path.is_file()), None)


def child_environment(**changes: str) -> dict[str, str]:
    """Return the environment for a child process: this one's with `changes`."""
    return {**os.environ, **changes}


def _refuse_unknown_variables(environ: Mapping[str, str]) -> None:
    known = {_PREFIX + name.upper() for name in Settings.model_fields} | _OTHER_VARIABLES
    unknown = sorted(name for name in environ if name.startswith(_PREFIX) and name not in known)
    if unknown:
        raise SettingsError(f"Unknown setting {', '.join(unknown)}; `rag config` lists the ones there are.")


def _explain(error: ValidationError, given: Mapping[str, Any]) -> str:
    """Turn pydantic's report into one sentence a setting: its name, where it was given, what is wrong."""
    sentences = []
    for problem in error.errors():
        name = str(problem["loc"][0]).removeprefix(_PREFIX).lower() if problem["loc"] else "settings"
        where = f"Argument {name}" if name in given else f"Setting {name} (RAG_{name.upper()} or rag.toml)"
        reason = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "string_pattern_mismatch" and name == "traces":
            reason = f"is {problem['input']!r}, but has to be an address, http://… or https://…"
        elif problem["type"] == "string_pattern_mismatch":  # of a collection's name; nothing else has a pattern
            reason = f"is {problem['input']!r}, but has to be 1 to 200 of A-Z a-z 0-9 . _ -, a letter or digit first"
        if problem["type"] == "extra_forbidden":
            reason = "is not a setting; `rag config` lists the ones there are"
        sentences.append(f"{where}: {reason}.")
    return " ".join(sentences)
