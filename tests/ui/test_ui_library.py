"""Uploads land where they may and nowhere else, and every file is named with what became of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.config import Settings
from rag.engine import Engine
from rag.errors import UsageError
from rag.ui.library import Library, harmless, sample_folder
from tests.fakes.embedder import WordEmbedder

ROOT = Path(__file__).parents[2]
TEXT = "Note\n\nThe heron left the estuary in March.\n"


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    with Engine(Settings.load(llm="none", upload_files=4), embedder=WordEmbedder()) as engine:
        yield Library(engine)


def add(library: Library, collection: str = "notes", **texts: str | bytes) -> dict[str, dict[str, object]]:
    batch = library.batch()
    for name, text in texts.items():
        place = library.place(batch, name.replace("__", "."))
        place.write_bytes(text.encode() if isinstance(text, str) else text)
    return {event["file"]: event for event in library.add(batch, collection) if event["type"] == "file"}


@given(st.text(max_size=200))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    try:
        path = harmless(name)
    except UsageError:
        return
    assert not path.is_absolute() and path.parts
    assert all(part not in {"..", "."} and not part.startswith(".") and "\\" not in part for part in path.parts)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("C:\\a\\b.txt", "C_/a/b.txt"),
        ("/a//b/./c.txt", "a/b/c.txt"),
        (".ssh", "ssh"),
    ],
)
def test_a_name_keeps_its_folders_but_not_its_way_out(name: str, kept: str) -> None:
    assert harmless(name) == PurePosixPath(kept)


def test_each_file_is_named_with_what_became_of_it(library: Library) -> None:
    first = add(library, a__txt=TEXT, b__txt=TEXT, c__xyz="?", d__txt="")
    assert {name: event["outcome"] for name, event in first.items()} == {
        "a.txt": "added", "b.txt": "added", "c.xyz": "skipped", "d.txt": "failed",
    }  # fmt: skip
    assert {name: event["reason"] for name, event in first.items() if event["outcome"] == "added"} == {
        "a.txt": "", "b.txt": "Same as a.txt.",
    }  # fmt: skip
    assert "can't be read yet" in str(first["c.xyz"]["reason"])
    again = add(library, a__txt=TEXT, b__txt=TEXT + "More was seen in May.\n")
    assert [event["outcome"] for event in again.values()] == ["unchanged", "updated"]
    assert not any(str(library.folder) in str(event) for event in [*first.values(), *again.values()])


def test_a_removed_upload_leaves_no_copy_but_a_file_of_its_owner_stays(library: Library, tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text(TEXT)
    library._engine.ingest([mine], collection="notes")
    add(library, a__txt=TEXT)
    assert library.remove([document["id"] for document in library.documents("notes")]) == 2
    assert mine.exists() and not list(library.folder.rglob("*.txt"))


def test_there_is_a_most_of_files(library: Library) -> None:
    batch = library.batch()
    for number in range(4):
        library.place(batch, f"{number}.txt").write_text(TEXT)
    with pytest.raises(UsageError, match=r"More than 4 files.*RAG_UPLOAD_FILES"):
        library.place(batch, "5.txt")


@pytest.mark.parametrize("batch", ["", "../..", "0" * 32, "x" * 32])
def test_an_upload_that_nobody_began_is_refused(batch: str, library: Library) -> None:
    with pytest.raises(UsageError, match="drop the files again"):
        library.place(batch, "a.txt")


def test_an_upload_that_was_left_is_cleared_away_after_a_day(library: Library) -> None:
    left, fresh = library.place(library.batch(), "a.txt"), library.place(library.batch(), "b.txt")
    for place in (left, fresh):
        place.write_text(TEXT)
    os.utime(left.parent, (0, 0))
    library.batch()
    assert not left.exists() and fresh.exists()


@pytest.mark.parametrize("name", ["", "../x", ".hidden", "a b", "x" * 201])
def test_a_collection_has_a_name_that_is_no_path(name: str, library: Library) -> None:
    with pytest.raises(UsageError, match="is not allowed"):
        list(library.add(library.batch(), name))


def test_a_damaged_zip_is_named_and_the_rest_goes_in(library: Library) -> None:
    events = add(library, bad__zip="PK not really", a__txt=TEXT)
    assert events["bad.zip"]["outcome"] == "failed" and events["a.txt"]["outcome"] == "added"


def test_the_sample_of_the_page_is_the_one_of_the_examples() -> None:
    briefings = ROOT / "examples" / "briefings"
    wanted = {path.name: path.read_bytes() for path in briefings.iterdir() if path.suffix in {".txt", ".md", ".html"}}
    assert {path.name: path.read_bytes() for path in sample_folder().iterdir()} == wanted
