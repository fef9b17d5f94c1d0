"""Every error a user can meet, in one tree. `except RagError` catches them all; `str(error)` is the message to show.

RagError
├── UsageError                 the command or call is wrong: change it             (exit code 2)
│   ├── SettingsError          a setting, rag.toml or RAG_* variable is wrong: correct it
│   ├── QuestionError          the question is empty or too long: ask another
│   ├── PathError              a path is missing, empty or has nothing readable
│   └── QuestionFileError      a file of evaluation questions has lines that can't be asked: mend or skip them
├── DocumentError              one file could not be read: it is listed, the others go in
├── ModelError                 a model file cannot be had or is not what it should be
│   ├── ModelUnavailableError  no source has it: get online, or name a file
│   └── ModelCorruptError      the bytes do not match the sha256: fetch it again
├── LLMError                   the model that writes the answer failed
│   ├── LLMAuthError           wrong or missing key: set it                        (no retry)
│   ├── LLMConnectionError     no answer from the address: start it or correct it  (retried)
│   ├── LLMTimeoutError        it stalled: try again or raise RAG_TIMEOUT          (retried before the first word)
│   ├── LLMRateLimitError      too many requests: wait                             (retried)
│   └── LLMResponseError       it answered garbage or an error                     (5xx retried)
├── ServerError                a `rag serve` could not do what it was asked, or is not one
│   ├── ServerUnreachableError nothing answers at its address: start it or correct RAG_URL (retried)
│   ├── AccessError            no key, a wrong one, or one that may not do this
│   └── BusyError              too many requests at once: wait `retry_after` seconds      (retried)
├── CancelledError             a job was cancelled; what was finished before is kept
└── StoreError                 see vectorstore.errors; what was there before is unchanged
    ├── StoreBusyError         another process owns the store
    │   └── PassageGoneError   it removed or replaced a passage that was found: search again
    ├── StoreUnreadableError   `rag doctor` says what, `rag rebuild` mends the index
    ├── StoreWriteError        full disk or read-only folder
    ├── EmbeddingMismatchError the collection was embedded with another model
    └── IndexUnavailableError  the Chroma server does not answer
"""

from typing import ClassVar

from vectorstore.errors import (
    EmbeddingMismatchError,
    IndexUnavailableError,
    PassageGoneError,
    RagError,
    StoreBusyError,
    StoreError,
    StoreUnreadableError,
    StoreWriteError,
)

__all__ = [
    "AccessError",
    "BusyError",
    "CancelledError",
    "DocumentError",
    "EmbeddingMismatchError",
    "IndexUnavailableError",
    "LLMAuthError",
    "LLMConnectionError",
    "LLMError",
    "LLMRateLimitError",
    "LLMResponseError",
    "LLMTimeoutError",
    "ModelCorruptError",
    "ModelError",
    "ModelUnavailableError",
    "PassageGoneError",
    "PathError",
    "QuestionError",
    "QuestionFileError",
    "RagError",
    "ServerError",
    "ServerUnreachableError",
    "SettingsError",
    "StoreBusyError",
    "StoreError",
    "StoreUnreadableError",
    "StoreWriteError",
    "UsageError",
]


class UsageError(RagError):
    """The call or command itself is wrong; nothing was done."""

    exit_code: ClassVar[int] = 2


class SettingsError(UsageError):
    """A setting has a wrong name or value; the message says which and what is allowed."""


class QuestionError(UsageError):
    """The question is empty or longer than the limit."""


class PathError(UsageError):
    """A path to documents is missing, empty, or has nothing readable in it."""


class QuestionFileError(UsageError):
    """A file of evaluation questions can't be used as it is; `problems` has a line for each thing that is wrong."""

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class DocumentError(RagError):
    """One file could not be read; ingestion lists it with this message and goes on."""


class ModelError(RagError):
    """A model's file could not be had, or is not what it should be."""


class ModelUnavailableError(ModelError):
    """None of a model's sources could give it; the message lists each with its reason."""


class ModelCorruptError(ModelError):
    """A model file's sha256 differs from the catalogue's; it is refused."""


class LLMError(RagError):
    """The model that writes the answer failed; documents and store are untouched."""

    retryable: ClassVar[bool] = False


class LLMAuthError(LLMError):
    """The endpoint refused the key."""


class LLMConnectionError(LLMError):
    """Nothing answers at the endpoint's address, or it hung up."""

    retryable: ClassVar[bool] = True


class LLMTimeoutError(LLMError):
    """The endpoint stalled for longer than the timeout."""

    retryable: ClassVar[bool] = True


class LLMRateLimitError(LLMError):
    """The endpoint said: too many requests."""

    retryable: ClassVar[bool] = True


class LLMResponseError(LLMError):
    """The endpoint answered with an error or with something that is not the protocol."""


class ServerError(RagError):
    """A Footnote server could not do what it was asked, or what answers at the address is none."""


class ServerUnreachableError(ServerError):
    """Nothing answers at the server's address, or it hung up."""


class AccessError(ServerError):
    """The server wants a key, or the key may not do this."""

    def __init__(self, sentence: str, *, known: bool = False) -> None:
        super().__init__(sentence)
        self.known = known
        """The key is a good one, but its scope is too small."""


class BusyError(ServerError):
    """The server has too much to do; `retry_after` is after how many seconds to come back."""

    def __init__(self, sentence: str, retry_after: float = 1.0) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class CancelledError(RagError):
    """A job was cancelled; what it had finished is kept."""
