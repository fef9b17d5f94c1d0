"""Settings -> the model that writes the answer. Every one speaks the OpenAI protocol, the embedded one too.

`open_writer` makes a Writer from the settings, `wrap` from any llama-index LLM.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from rag.config import Settings
from rag.embedded import EmbeddedServer, Loading
from rag.errors import LLMAuthError, SettingsError
from rag.failures import Endpoint
from rag.types import Progress, Step
from rag.writer import Delta, EmbeddedWriter, Patience, Wire, Writer

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

__all__ = ["Delta", "Writer", "open_writer", "wrap"]

# Tokens of evidence a question may cost. On a CPU the prompt is the wait before the first word (the 0.5B model reads
# about 140 tokens/s on two cores, the 1.5B 60); a hosted model reads thousands a second.
EMBEDDED_EVIDENCE_TOKENS = {"qwen2.5-coder-0.5b": 400, "qwen2.5-coder-1.5b": 350}
LOCAL_EVIDENCE_TOKENS = 600
HOSTED_EVIDENCE_TOKENS = 6000
# Tokens a model can read where RAG_CONTEXT_WINDOW doesn't say. Ollama cuts a longer prompt without a word; it gives
# 4096 unless its own settings say otherwise. The embedded one's is a matter of memory: 12 or 28 KB a token.
EMBEDDED_CONTEXT = 8192
OLLAMA_CONTEXT = 4096
OPENAI_CONTEXT = 128_000
ANTHROPIC_CONTEXT = 200_000
HTTP_CONTEXT = 8192
_INSTRUCTIONS = 800
"""Tokens kept free for instructions and question when a small window bounds the evidence."""
_LEAST_EVIDENCE = 64


def open_writer(
    settings: Settings,
    fetch: Callable[[str], Path],
    progress: Progress | None = None,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Writer | None:
    """Return the model that the settings name, ready to write; None for "none".

    `fetch` gives the local file of a catalogue name or of "hf:OWNER/REPO/FILE". Only an embedded model is loaded
    here (seconds); nothing is asked of a hosted one before the first question.

    Raises:
        SettingsError: the extra for this kind of model is not installed.
        ModelError: the embedded model's file can't be had or loaded.
        LLMAuthError: a key is needed and not set.
    """
    patience = Patience(settings.timeout, settings.retries, sleep)
    kind, _, rest = settings.llm.partition(":")
    if kind == "none":
        return None
    if kind == "embedded":
        return _embedded(settings, rest, fetch(rest), patience, progress)
    if kind == "gguf":
        path = Path(rest).expanduser()
        return _embedded(settings, path.stem, path, patience, progress)
    if kind == "hf":
        return _embedded(settings, rest.rpartition("/")[2], fetch(settings.llm), patience, progress)
    if kind == "anthropic":
        return _anthropic(settings, rest, patience)
    if kind == "openai":
        return _openai(settings, rest, patience)
    if kind == "ollama":
        return _ollama(settings, rest, patience)
    return _address(settings, patience)


def wrap(llm: LLM, settings: Settings) -> Writer:
    """Return any llama-index LLM as a Writer; its own limits, timeout and retries stay what they are."""
    metadata = llm.metadata
    window = settings.context_window or metadata.context_window
    name = metadata.model_name if metadata.model_name != "unknown" else llm.class_name()
    return Writer(
        llm,
        Endpoint(name, "", "the address of the LLM you passed", "the key of the LLM you passed"),
        context_window=window,
        evidence_tokens=_evidence(settings, HOSTED_EVIDENCE_TOKENS, window),
        patience=Patience(settings.timeout, settings.retries),
        structured=settings.structured != "off",
    )


def _evidence(settings: Settings, usual: int, window: int) -> int:
    if settings.evidence_tokens is not None:
        return settings.evidence_tokens
    return max(_LEAST_EVIDENCE, min(usual, window - settings.answer_tokens - _INSTRUCTIONS))


def _embedded(settings: Settings, name: str, model: Path, patience: Patience, progress: Progress | None) -> Writer:
    stage = f"Loading {name}"
    if progress:
        progress(Step(stage, 0, 1))
    loading = Loading(settings.cores, settings.context_window or EMBEDDED_CONTEXT, settings.home / "cache" / "prefix")
    server = EmbeddedServer(model, loading)
    if progress:
        progress(Step(stage, 1, 1))
    at = Endpoint(name, f"{server.url}/v1", secret=server.key)
    usual = EMBEDDED_EVIDENCE_TOKENS.get(name, LOCAL_EVIDENCE_TOKENS)
    parts = _parts(settings, at, usual, server.context, patience, return_progress=True)
    # Left to itself, a small model is asked for plain sentences.
    return EmbeddedWriter(server, **parts | {"structured": settings.structured == "on"})


def _openai(settings: Settings, model: str, patience: Patience) -> Writer:
    secret = _key(settings.openai_api_key, f"openai:{model}", "OPENAI_API_KEY (or RAG_OPENAI_API_KEY)")
    # No address: the SDK's own, or what OPENAI_BASE_URL names.
    at = Endpoint(model, "", "OPENAI_BASE_URL", "OPENAI_API_KEY (or RAG_OPENAI_API_KEY)", secret=secret)
    window = settings.context_window or OPENAI_CONTEXT
    return Writer(**_parts(settings, at, HOSTED_EVIDENCE_TOKENS, window, patience))


def _ollama(settings: Settings, model: str, patience: Patience) -> Writer:
    at = Endpoint(
        model,
        settings.ollama_url.rstrip("/") + "/v1",
        "RAG_OLLAMA_URL",
        unknown_model=f"run `ollama pull {model}`, or name another model in RAG_LLM",
    )
    window = settings.context_window or OLLAMA_CONTEXT
    return Writer(**_parts(settings, at, HOSTED_EVIDENCE_TOKENS, window, patience))


def _address(settings: Settings, patience: Patience) -> Writer:
    url, _, model = settings.llm.rpartition("#")
    secret = settings.api_key.get_secret_value() if settings.api_key else ""
    window = settings.context_window or HTTP_CONTEXT
    at = Endpoint(model, url, secret=secret)
    return Writer(**_parts(settings, at, HOSTED_EVIDENCE_TOKENS, window, patience))


def _anthropic(settings: Settings, model: str, patience: Patience) -> Writer:
    if find_spec("llama_index.llms.anthropic") is None:
        raise SettingsError(
            f"RAG_LLM=anthropic:{model} needs an extra that is not installed: pip install 'footnote-rag[anthropic]'."
        )
    from llama_index.llms.anthropic import Anthropic

    variable = "ANTHROPIC_API_KEY (or RAG_ANTHROPIC_API_KEY)"
    secret = _key(settings.anthropic_api_key, f"anthropic:{model}", variable)
    llm = Anthropic(
        model=model,
        api_key=secret,
        max_tokens=settings.answer_tokens,
        temperature=settings.temperature,
        timeout=settings.timeout,
        max_retries=0,
    )
    window = settings.context_window or ANTHROPIC_CONTEXT
    return Writer(
        llm,
        Endpoint(model, "https://api.anthropic.com", key_setting=variable, secret=secret),
        context_window=window,
        evidence_tokens=_evidence(settings, HOSTED_EVIDENCE_TOKENS, window),
        patience=patience,
        structured=settings.structured != "off",
    )


def _key(secret: SecretStr | None, llm: str, variable: str) -> str:
    if secret is None:
        raise LLMAuthError(f"RAG_LLM={llm} needs a key; set {variable}, or another model in RAG_LLM.")
    return secret.get_secret_value()


def _parts(
    settings: Settings, at: Endpoint, usual: int, window: int, patience: Patience, **extra: object
) -> dict[str, Any]:
    """Return what a Writer is made of for an address that speaks the OpenAI protocol."""
    from llama_index.llms.openai_like import OpenAILike

    wire = Wire(at, settings.timeout)
    llm = OpenAILike(
        model=at.model,
        api_base=str(wire.client.base_url),
        api_key=wire.client.api_key,
        openai_client=wire.client,
        context_window=window,
        is_chat_model=True,
        is_function_calling_model=False,
        timeout=settings.timeout,
        max_retries=0,
        temperature=settings.temperature,
        additional_kwargs={
            "seed": settings.seed,
            "stream_options": {"include_usage": True},
            **({"extra_body": extra} if extra else {}),
        },
    )
    return {
        "llm": llm,
        "at": at if at.url else replace(at, url=str(wire.client.base_url)),
        "context_window": window,
        "evidence_tokens": _evidence(settings, usual, window),
        "patience": patience,
        "wire": wire,
        "structured": settings.structured != "off",
    }
