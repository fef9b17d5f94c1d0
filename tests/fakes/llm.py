"""A llama-index LLM that gives the answers of a script, for `Engine(llm=ScriptedLLM([...]))`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llama_index.core.llms import CompletionResponse, CompletionResponseGen, CustomLLM, LLMMetadata
from llama_index.core.llms.callbacks import llm_completion_callback
from pydantic import Field

Script = str | Sequence[str | Exception] | Exception
"""One answer: whole, chunk by chunk (an exception among them breaks it off), or a failure."""


class ScriptedLLM(CustomLLM):
    """Gives `replies` one after another, then fails; `prompts` has what it was asked, roles and all."""

    replies: list[Any] = Field(default_factory=list)
    prompts: list[str] = Field(default_factory=list)
    context_window: int = 8192

    def __init__(self, replies: Sequence[Script], **fields: Any) -> None:
        super().__init__(replies=list(replies), **fields)

    @classmethod
    def class_name(cls) -> str:
        return "ScriptedLLM"

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(context_window=self.context_window, model_name="scripted", is_chat_model=False)

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        return CompletionResponse(text="".join(response.delta or "" for response in self._play(prompt)))

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:
        return self._play(prompt)

    def _play(self, prompt: str) -> CompletionResponseGen:
        self.prompts.append(prompt)
        if not self.replies:
            raise AssertionError("the script is over")
        reply = self.replies.pop(0)
        text = ""
        for piece in [reply] if isinstance(reply, str | Exception) else reply:
            if isinstance(piece, Exception):
                raise piece
            text += piece
            yield CompletionResponse(text=text, delta=piece)
