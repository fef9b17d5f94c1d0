"""Errors of the store, and the root that every error of the project shares.

The root lives here because this package is the lowest layer; `rag.errors` draws the whole tree.
"""

from typing import ClassVar


class RagError(Exception):
    """Root of every error this project raises: one sentence that says what went wrong and what to do."""

    exit_code: ClassVar[int] = 1


class StoreError(RagError):
    """The store could not do what was asked; nothing was half-written."""


class StoreBusyError(StoreError):
    """Another process owns the store's folder; wait for it or stop it."""


class PassageGoneError(StoreBusyError):
    """A passage was removed or replaced by another process since it was found; search again."""


class StoreUnreadableError(StoreError):
    """A file of the store is damaged or of a newer version; the message names the command that mends it."""


class StoreWriteError(StoreError):
    """The store could not be written (full disk, read-only folder); what was there before is unchanged."""


class EmbeddingMismatchError(StoreError):
    """A collection was embedded with another model than the settings name."""


class IndexUnavailableError(StoreError):
    """The Chroma server does not answer; the catalogue is intact."""
