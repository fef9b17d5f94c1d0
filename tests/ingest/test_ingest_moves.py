"""A file that is moved or renamed keeps its document: nothing is embedded, and citations lead to where it is now."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.embedder import FakeEmbedder
from tests.fakes.files import zipped
from tests.fakes.ingestion import OLD, TEXT, outcomes, run, write
from vectorstore.check import doctor
from vectorstore.local import LocalStore

OTHER = TEXT.replace("July", "August")


def test_a_moved_file_keeps_its_document_and_nothing_is_embedded(
    folder: Path, store: LocalStore, embedder: FakeEmbedder
) -> None:
    old = write(folder / "old name.txt", "No line of this file stands for a title, for it is one long sentence.")
    first = run(store, embedder, folder)
    (folder / "sub").mkdir()
    new = old.rename(folder / "sub" / "new name.txt")
    fresh = FakeEmbedder()
    report = run(store, fresh, folder)
    assert (outcomes(report), report.embedded, fresh.texts) == ({"new name.txt": "moved"}, 0, [])
    assert report.files[0].reason == f"from {old}"
    (document,) = store.documents("notes")
    assert (document.id, document.uri, document.title) == (first.files[0].document_id, str(new), "new name")
    assert outcomes(run(store, fresh, folder)) == {"new name.txt": "unchanged"}
    assert doctor(store) == []


def test_a_title_of_the_documents_own_survives_a_move(folder: Path, store: LocalStore, embedder: FakeEmbedder) -> None:
    path = write(folder / "a.md", f"---\ntitle: The visit\n---\n{TEXT}")
    run(store, embedder, folder)
    path.rename(folder / "b.md")
    run(store, embedder, folder)
    assert [one.title for one in store.documents("notes")] == ["The visit"]


def test_a_move_is_no_reason_to_prune(folder: Path, store: LocalStore, embedder: FakeEmbedder) -> None:
    path = write(folder / "a.txt")
    write(folder / "b.txt", OTHER)
    run(store, embedder, folder)
    path.rename(folder / "c.txt")
    (folder / "b.txt").unlink()
    assert outcomes(run(store, embedder, folder, prune=True)) == {"c.txt": "moved", "b.txt": "removed"}
    assert [Path(one.uri).name for one in store.documents("notes")] == ["c.txt"]


def test_a_copy_is_a_document_of_its_own(folder: Path, store: LocalStore, embedder: FakeEmbedder) -> None:
    write(folder / "a.txt")
    run(store, embedder, folder)
    write(folder / "copy.txt")
    assert outcomes(run(store, embedder, folder)) == {"a.txt": "unchanged", "copy.txt": "added"}


def test_of_one_lost_file_only_one_copy_is_the_moved_one(
    folder: Path, store: LocalStore, embedder: FakeEmbedder
) -> None:
    path = write(folder / "a.txt")
    run(store, embedder, folder)
    path.unlink()
    write(folder / "b.txt")
    write(folder / "c.txt")
    assert sorted(outcomes(run(store, embedder, folder)).values()) == ["added", "moved"]
    assert len({one.id for one in store.documents("notes")}) == 2


def test_a_new_file_at_the_old_path_is_another_document(
    folder: Path, store: LocalStore, embedder: FakeEmbedder
) -> None:
    path = write(folder / "a.txt")
    first = run(store, embedder, folder).files[0].document_id
    path.rename(folder / "b.txt")
    run(store, embedder, folder)
    write(path, OTHER)
    assert outcomes(run(store, embedder, folder)) == {"a.txt": "added", "b.txt": "unchanged"}
    by_name = {Path(one.uri).name: one.id for one in store.documents("notes")}
    assert by_name["b.txt"] == first != by_name["a.txt"]
    write(path, OTHER + "More.", modified=OLD + 9)
    assert outcomes(run(store, embedder, folder)) == {"a.txt": "updated", "b.txt": "unchanged"}
    assert {Path(one.uri).name: one.id for one in store.documents("notes")} == by_name
    assert doctor(store) == []


def test_two_files_that_change_names_are_two_updates(folder: Path, store: LocalStore, embedder: FakeEmbedder) -> None:
    write(folder / "a.txt"), write(folder / "b.txt", OTHER)
    run(store, embedder, folder)
    write(folder / "a.txt", OTHER, modified=OLD + 9), write(folder / "b.txt", modified=OLD + 9)
    report = run(store, embedder, folder)
    assert outcomes(report) == {"a.txt": "updated", "b.txt": "updated"}
    assert len(store.documents("notes")) == 2


def test_the_members_of_a_moved_archive_keep_their_documents(
    folder: Path, store: LocalStore, embedder: FakeEmbedder
) -> None:
    path = write(folder / "a.zip", zipped({"x.txt": TEXT, "y.txt": OTHER}))
    first = {file.document_id for file in run(store, embedder, folder).files}
    path.rename(folder / "b.zip")
    report = run(store, FakeEmbedder(), folder)
    assert (outcomes(report), report.embedded) == ({"x.txt": "moved", "y.txt": "moved"}, 0)
    assert {one.id for one in store.documents("notes")} == first
    assert [one.uri for one in store.documents("notes")] == [f"{folder}/b.zip!/x.txt", f"{folder}/b.zip!/y.txt"]


def test_another_kind_of_file_with_the_same_bytes_is_read_anew(
    folder: Path, store: LocalStore, embedder: FakeEmbedder
) -> None:
    path = write(folder / "a.txt", f"# Visits\n\n{TEXT}")
    run(store, embedder, folder)
    path.rename(folder / "a.md")
    assert outcomes(run(store, embedder, folder)) == {"a.md": "added"}
