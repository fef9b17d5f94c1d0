"""A llama-index LLM that answers by what it is asked, any number of times, as slowly as wanted."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping
from typing import Any

from llama_index.core.llms import CompletionResponse, CompletionResponseGen
from pydantic import Field

from tests.fakes.llm import ScriptedLLM

GO_ON = threading.Event()
"""Cleared, it keeps a Speaker that is asked something "held" in the middle of its answer, until it is set."""
GO_ON.set()
_BEGUN = re.compile(r"\.\s\w+\s\w+$")


class Speaker(ScriptedLLM):
    """Says the reply whose key stands in the question (the end of the prompt), word by word, `pause` seconds apart.

    Where no key does, it says `otherwise`. A question with "held" in it is answered up to the second word behind the
    first sentence, and then when GO_ON is set.
    """

    says: dict[str, str] = Field(default_factory=dict)
    otherwise: str = "NOT FOUND"
    pause: float = 0.0
    slow: str = "slowly"
    """A question with this word is answered with a pause between words."""

    def __init__(self, says: Mapping[str, str], **fields: Any) -> None:
        super().__init__([], says=dict(says), **fields)

    def _play(self, prompt: str) -> CompletionResponseGen:
        self.prompts.append(prompt)
        question = prompt[-400:]
        reply = next((reply for key, reply in self.says.items() if key in question), self.otherwise)
        pause = 0.15 if self.slow in question else self.pause
        text = ""
        for word in reply.split(" "):
            if pause:
                time.sleep(pause)
            delta = f" {word}" if text else word
            text += delta
            yield CompletionResponse(text=text, delta=delta)
            if "held" in question and _BEGUN.search(text):
                GO_ON.wait()
