"""Files that were moved or renamed: known by their content, so that their documents stay who they are."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rag.load import WITHIN, file_of
from rag.load.titles import readable_name, says_something
from rag.types import FileReport
from rag.walk import is_gone
from vectorstore.store import DocumentSummary


@dataclass(frozen=True, slots=True)
class Moved:
    """A document whose file has another path now; nothing else of it changes but a title that was the file's name."""

    before: DocumentSummary
    uri: str
    size: int
    modified: float

    @property
    def title(self) -> str:
        """The document's title from now on."""
        name = readable_name(Path(self.uri))
        named = self.before.title == readable_name(Path(self.before.uri))
        return name if named and says_something(name) else self.before.title

    @property
    def outcome(self) -> FileReport:
        """What is reported of it."""
        return FileReport(self.uri, "moved", f"from {self.before.uri}", self.before.id, self.before.passages)


class Moves:
    """The documents whose files are gone, each of which can be found again once. Any number of threads may ask."""

    def __init__(self, known: Mapping[str, DocumentSummary], found: Iterable[Path]) -> None:
        self._known = known
        self._found = {str(path) for path in found}
        self._lock = threading.Lock()
        self._gone: dict[str, list[DocumentSummary]] | None = None
        self.taken: set[str] = set()
        """Ids of those that were found again."""

    def take(self, uri: str, content_hash: str, pipeline: str) -> DocumentSummary | None:
        """Return the document that has this content, was made in the same way, and whose file is gone."""
        with self._lock:
            if self._gone is None:  # looked for only where there is a file that is not known
                self._gone = self._missing()
            fitting = [
                one
                for one in self._gone.get(content_hash, ())
                if one.pipeline == pipeline and one.id not in self.taken and _kind(one.uri) == _kind(uri)
            ]
            if not fitting:
                return None
            # Of several with the same content, the one that kept its name.
            best = max(fitting, key=lambda one: Path(one.uri).name == Path(uri).name)
            self.taken.add(best.id)
            return best

    def _missing(self) -> dict[str, list[DocumentSummary]]:
        missing: dict[str, list[DocumentSummary]] = {}
        for uri, summary in self._known.items():
            # A web page has no file that could be gone.
            there = uri in self._found or not Path(uri).is_absolute() or str(file_of(uri)) in self._found
            if not there and is_gone(uri):
                missing.setdefault(summary.content_hash, []).append(summary)
        return missing


def _kind(uri: str) -> tuple[str, str]:
    """Return what a move leaves as it is: how the content is read, and its name within its file."""
    return Path(uri).suffix.lower(), uri.partition(WITHIN)[2]
