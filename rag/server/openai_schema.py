"""Bodies of the OpenAI-compatible routes, as far as they are used; what else a client sends is ignored, as there."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from rag.server.schema import MOST_TURNS, Sound

Model = Annotated[str, Sound, Field(max_length=300)]
Text = Annotated[str, Field(max_length=1_000_000)]


class Lenient(BaseModel):
    """A body that may have members that mean nothing here: temperature, tools, user."""

    model_config = ConfigDict(extra="ignore")


class Part(Lenient):
    """A part of a message; only text counts."""

    type: str = Field(max_length=100)
    text: Text | None = None


class Message(Lenient):
    """A message of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Text | list[Part] | None = None

    def text(self) -> str:
        """Return its text."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content or [] if part.text)


class StreamOptions(Lenient):
    """What a stream has besides the answer."""

    include_usage: bool = False


class Completion(Lenient):
    """A chat completion: the last message is the question, those before it are the conversation."""

    model: Model = Field("footnote", examples=["footnote"], description="`footnote`, or `footnote/COLLECTION`.")
    messages: list[Message] = Field(
        min_length=1, max_length=MOST_TURNS, examples=[[{"role": "user", "content": "Who might visit after Blinken?"}]]
    )
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = 1


class Item(Lenient):
    """An item of a conversation; only messages count."""

    type: str | None = Field("message", max_length=100)
    role: Literal["system", "developer", "user", "assistant"] | None = None
    content: Text | list[Part] | None = None


class ResponseIn(Lenient):
    """A response: the last message of `input` is the question, those before it are the conversation."""

    model: Model = Field("footnote", description="`footnote`, or `footnote/COLLECTION`.")
    input: Text | Annotated[list[Item], Field(min_length=1, max_length=MOST_TURNS)] = Field(
        examples=["Who might visit after Blinken?"]
    )
    stream: bool | None = False
    previous_response_id: str | None = Field(None, max_length=300, description="Nothing is stored, so none is known.")

    def messages(self) -> list[Message]:
        """Return the messages."""
        if isinstance(self.input, str):
            return [Message(role="user", content=self.input)]
        items = [item for item in self.input if item.role is not None and item.type in {None, "message"}]
        return [Message(role=item.role, content=item.content) for item in items if item.role is not None]


class Embedding(Lenient):
    """Texts to be turned into vectors."""

    model: Model = "footnote"
    input: Text | Annotated[list[Text], Field(min_length=1, max_length=512)]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: None = Field(None, description="The model's own number; no other can be chosen.")


class ModelOut(BaseModel):
    """A model: a collection to ask."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "footnote"


class ModelsOut(BaseModel):
    """The models."""

    object: Literal["list"] = "list"
    data: list[ModelOut]


class Anything(BaseModel):
    """An answer in OpenAI's form; its documentation says what is in it."""

    model_config = ConfigDict(extra="allow")

    object: str
    model: str
    usage: dict[str, Any] | None = None
