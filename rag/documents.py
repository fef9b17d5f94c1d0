"""What is in the store, for users of the engine: list, get, remove."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

from rag.config import Settings
from rag.errors import PathError
from rag.pages import WIDTH, Pages
from rag.types import Document, PageBoxes, PagePicture, Place, Span
from vectorstore.store import CollectionInfo, DocumentSummary, Store


@dataclass(frozen=True)
class ListedDocument(DocumentSummary):
    """A document in a list: light, because its text is read from the store only when `text` or `pages` is used.

    `dataclasses.asdict` gives what the list itself has, without the text.
    """

    @classmethod
    def of(cls, summary: DocumentSummary, get: Callable[[str], Document]) -> ListedDocument:
        """Return a summary that can get its text."""
        listed = cls(**asdict(summary))
        # Not a field: it is no part of what the document is.
        object.__setattr__(listed, "_get", get)
        return listed

    @property
    def text(self) -> str:
        """The text that quotes are copied from.

        Raises:
            PathError: the document was removed since it was listed.
        """
        return self._whole.text

    @property
    def pages(self) -> tuple[Span, ...]:
        """One span of the text a page, where the format has pages; errors as for `text`."""
        return self._whole.pages

    @cached_property
    def _whole(self) -> Document:
        get: Callable[[str], Document] = self.__dict__["_get"]
        return get(self.id)


class Documents:
    """The documents of the store."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._pages = Pages(settings)

    def list(self, collection: str | None = None) -> list[ListedDocument]:
        """Return the documents of a collection, or of all, by uri; each reads its text only when asked for it."""
        return [ListedDocument.of(summary, self.get) for summary in self._store.documents(collection)]

    def get(self, document_id: str) -> Document:
        """Return a document with its text.

        Raises:
            PathError: there is no such document.
        """
        found = self._store.document(document_id)
        if found is None:
            raise _unknown(document_id)
        return Document(
            uri=found.uri,
            title=found.title,
            text=found.text,
            content_hash=found.content_hash,
            media_type=found.media_type,
            published_at=found.published_at,
            author=found.author,
            pages=tuple(Span(start, end) for start, end in found.pages),
            id=found.id,
            added_at=found.added_at,
            places=tuple(Place(start, end, label) for start, end, label in found.places),
        )

    def page(self, document_id: str, number: int, *, width: int = WIDTH) -> PagePicture:
        """Return a page of a PDF (counted from 1) as a picture `width` pixels wide.

        Raises:
            PathError: there is no such document, or it has no such page.
            DocumentError: it is no PDF, or its file is gone, has changed since it was read, or can't be drawn.
        """
        return self._pages.picture(self.get(document_id), number, width)

    def boxes(self, document_id: str, start: int, end: int) -> tuple[PageBoxes, ...]:
        """Return where characters `start` to `end` of a PDF's text stand on its pages, to be drawn over `page`.

        What can't be found there to the letter, such as recognised text, has no boxes. Errors as for `page`.
        """
        return self._pages.boxes(self.get(document_id), Span(start, end))

    def original(self, document_id: str) -> bytes:
        """Return the file a document was read from, as it is now; one within another (an attachment) is taken out.

        Raises:
            PathError: there is no such document.
            DocumentError: the file is gone, or can't be had.
        """
        return self._pages.original(self.get(document_id))

    def close(self) -> None:
        """End the process that draws pages; another `page` starts it again."""
        self._pages.close()

    def remove(self, *document_ids: str) -> None:
        """Remove documents from the store, not their files: all of them, or none where one is not there.

        Raises:
            PathError: there is no such document.
        """
        for document_id in document_ids:
            if self._store.document(document_id) is None:
                raise _unknown(document_id)
        self._store.remove(document_ids)

    def searchable(self, collection: str, document_ids: Sequence[str] | None = None) -> str:
        """Return the name of a collection once it is clear that it, or these documents of it, can be searched.

        Raises:
            PathError: there is no such collection or document in it, or nothing to search.
        """
        known = next((info for info in self._store.collections() if info.name == collection), None)
        if known is None or not known.passages:
            raise PathError(_nothing_to_search(collection, known))
        if document_ids is not None:
            there = {document.id for document in self._store.documents(collection)}
            if absent := [wanted for wanted in document_ids if wanted not in there]:
                raise PathError(
                    f"Collection {collection!r} has no document {absent[0]!r}; "
                    f"`rag documents list --collection {collection}` shows the ones there are."
                )
        return collection


def _nothing_to_search(name: str, known: CollectionInfo | None) -> str:
    if known is not None and known.documents:
        return (
            f"The {known.documents} documents of collection {name!r} have no sentence that could be searched; "
            f"add others with `rag ingest PATH --collection {name}`."
        )
    what = f"Collection {name!r} has no documents yet" if known else f"There is no collection {name!r} yet"
    return f"{what}; add some with `rag ingest PATH --collection {name}`, or ask with `--docs PATH`."


def _unknown(document_id: str) -> PathError:
    return PathError(f"There is no document {document_id!r}; `rag documents list` shows the ones there are.")
