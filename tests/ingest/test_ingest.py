from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rag.config import Settings
from rag.errors import EmbeddingMismatchError, PathError, StoreBusyError
from rag.ingest import collection_of
from rag.types import IngestReport, Step
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.files import zipped
from tests.fakes.ingestion import OLD, TEXT, interrupted, outcomes, run, write
from vectorstore.local import LocalStore, open_store

ROOT = Path(__file__).parents[2]


def test_a_folder_goes_in_with_exact_spans_and_vectors(folder: Path, store: LocalStore, embedder: FakeEmbedder) -> None:
    write(folder / "sub" / "a b 😀.txt")
    report = run(store, embedder, folder)
    assert outcomes(report) == {"a b 😀.txt": "added"}
    document = store.document(report.files[0].document_id)
    assert document is not None and document.text == TEXT and document.added_at
    (passage,) = store.passages_of([document.id])
    assert [document.text[start:end] for start, end in passage.sentences] == [
        "Visits to Beijing",
        "The Secretary of State will visit Beijing on June 18-19.",
        "Treasury Secretary Janet Yellen and Gina M. Raimondo might follow in July.",
    ]
    assert np.allclose(store.vectors([passage.id])[0], embedder.query(embedder.texts[0]), atol=1e-6)


def test_what_is_unchanged_is_neither_read_nor_embedded(
    folder: Path, store: LocalStore, embedder: FakeEmbedder
) -> None:
    path = write(folder / "a.txt")
    run(store, embedder, folder)
    fresh = FakeEmbedder()
    path.write_bytes(TEXT.upper().encode())  # same size and time stamp: who reads it would see it
    os.utime(path, (OLD, OLD))
    report = run(store, fresh, folder)
    assert (outcomes(report), report.embedded, fresh.counted) == ({"a.txt": "unchanged"}, 0, 0)


def test_a_touched_file_is_told_unchanged_by_its_hash(folder: Path, store: LocalStore, embedder: FakeEmbedder) -> None:
    path = write(folder / "a.txt")
    run(store, embedder, folder)
    os.utime(path, (OLD + 50, OLD + 50))
    assert outcomes(run(store, FakeEmbedder(), folder)) == {"a.txt": "unchanged"}


def test_a_file_changed_within_the_grain_of_its_time_stamp_is_seen(
    folder: Path, store: LocalStore, embedder: FakeEmbedder
) -> None:
    path = folder / "a.txt"
    path.write_text(TEXT)
    now = path.stat().st_mtime
    run(store, embedder, folder)
    path.write_text(TEXT.replace("July", "June"))
    os.utime(path, (now, now))
    assert outcomes(run(store, embedder, folder)) == {"a.txt": "updated"}


def test_a_changed_file_keeps_its_id_and_embeds_only_what_is_new(
    folder: Path, store: LocalStore, embedder: FakeEmbedder
) -> None:
    long = "\n\n".join(f"# Part {n}\n\n" + f"Sentence {n} stands in a part of its own. " * 2 for n in range(4))
    path = write(folder / "a.md", long)
    before = run(store, embedder, folder)
    write(path, long + "\n\n# New\n\nSomething else was added at the end.", modified=OLD + 9)
    after = run(store, embedder, folder)
    assert outcomes(after) == {"a.md": "updated"}
    assert after.files[0].document_id == before.files[0].document_id
    assert (before.embedded, after.embedded) == (4, 1)
    assert len(store.documents("notes")) == 1


def test_the_same_content_under_two_names_is_two_documents_embedded_once(
    folder: Path, store: LocalStore, embedder: FakeEmbedder
) -> None:
    write(folder / "a.txt")
    write(folder / "b.txt")
    report = run(store, embedder, folder)
    assert report.embedded == 1
    assert len(store.documents("notes")) == 2


def test_every_file_is_named_with_what_became_of_it(folder: Path, store: LocalStore, embedder: FakeEmbedder) -> None:
    write(folder / "a.txt")
    write(folder / "b.xyz", b"%PDF-1.7")
    write(folder / "c.txt", b"%PDF-1.7 renamed")
    write(folder / "d.txt", " \n ")
    write(folder / "e.txt", "Too long. " * 2000)
    (folder / "f.txt").symlink_to(folder / "gone.txt")
    (folder / "loop").symlink_to(folder)
    (folder / "self.txt").symlink_to(folder / "self.txt")
    write(folder / "noext", "x")
    write(folder / ".hidden.txt")
    write(folder / ".git" / "a.txt")
    report = run(store, embedder, folder, file_bytes=10_000)
    assert outcomes(report) == {
        "a.txt": "added",
        "b.xyz": "skipped",
        "c.txt": "failed",
        "d.txt": "failed",
        "e.txt": "failed",
        "f.txt": "failed",
        "noext": "skipped",
        "self.txt": "failed",
    }
    reasons = {Path(file.uri).name: file.reason for file in report.files}
    assert reasons["b.xyz"] == "not yet readable (.xyz)"
    assert "binary" in reasons["c.txt"] and "no text" in reasons["d.txt"]
    assert "20,000 bytes, more than the 10,000" in reasons["e.txt"]


def test_a_name_that_is_no_utf8_is_reported(folder: Path, store: LocalStore, embedder: FakeEmbedder) -> None:
    write(folder / "a.txt")
    write(folder / os.fsdecode(b"b\xff.txt"))
    report = run(store, embedder, folder)
    assert outcomes(report) == {"a.txt": "added", "b\ufffd.txt": "failed"}


def test_a_file_that_breaks_keeps_the_version_that_was_read(
    folder: Path, store: LocalStore, embedder: FakeEmbedder
) -> None:
    path = write(folder / "a.txt")
    run(store, embedder, folder)
    write(path, b"\x00\x01\x02", modified=OLD + 9)
    report = run(store, embedder, folder)
    assert outcomes(report) == {"a.txt": "failed"}
    assert "read before is kept" in report.files[0].reason
    document = store.document(report.files[0].document_id)
    assert document is not None and document.text == TEXT


def test_the_home_of_the_store_is_not_a_document(store: LocalStore, embedder: FakeEmbedder) -> None:
    write(store.home.parent / "a.txt")
    write(store.home / "inside.txt")
    assert outcomes(run(store, embedder, store.home.parent)) == {"a.txt": "added"}


def test_vanished_files_go_only_with_prune_and_only_under_the_path(
    folder: Path, store: LocalStore, embedder: FakeEmbedder
) -> None:
    kept, gone = write(folder / "in" / "kept.txt"), write(folder / "in" / "gone.txt", TEXT + "More text.")
    other = write(folder / "other.txt", TEXT + "Other text.")
    run(store, embedder, folder)
    gone.unlink()
    other.unlink()
    assert outcomes(run(store, embedder, kept.parent)) == {"kept.txt": "unchanged"}
    report = run(store, embedder, kept.parent, prune=True)
    assert outcomes(report) == {"gone.txt": "removed", "kept.txt": "unchanged"}
    assert [Path(one.uri).name for one in store.documents("notes")] == ["kept.txt", "other.txt"]
    assert outcomes(run(store, embedder, other, prune=True)) == {"other.txt": "removed"}


def test_a_file_that_is_left_out_from_now_on_goes_with_prune(
    folder: Path, store: LocalStore, embedder: FakeEmbedder
) -> None:
    write(folder / "kept.txt")
    write(folder / "private.txt", TEXT + "More text.")
    run(store, embedder, folder)
    (folder / ".ragignore").write_text("private.txt\n")
    assert outcomes(run(store, embedder, folder)) == {"kept.txt": "unchanged"}
    assert outcomes(run(store, embedder, folder, prune=True)) == {"kept.txt": "unchanged", "private.txt": "removed"}
    assert [Path(one.uri).name for one in store.documents("notes")] == ["kept.txt"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_cannot_be_listed_loses_nothing(folder: Path, store: LocalStore, embedder: FakeEmbedder) -> None:
    write(folder / "a.txt")
    write(folder / "closed" / "b.txt", TEXT + "More text.")
    run(store, embedder, folder)
    (folder / "closed").chmod(0)
    try:
        assert outcomes(run(store, embedder, folder, prune=True)) == {"a.txt": "unchanged", "closed": "failed"}
    finally:
        (folder / "closed").chmod(0o700)


def test_nothing_to_read_is_an_error_that_says_what_there_is(
    folder: Path, store: LocalStore, embedder: FakeEmbedder
) -> None:
    with pytest.raises(PathError, match=r"no file or folder .*none"):
        run(store, embedder, folder / "none")
    with pytest.raises(PathError, match="empty"):
        run(store, embedder, folder)
    for name in ("a.xyz", "b.xyz", "c.exe"):
        write(folder / name)
    with pytest.raises(PathError, match=r"found: 2 \.xyz, 1 \.exe; readable: \.txt"):
        run(store, embedder, folder)
    assert store.collections() == []


def test_an_interrupted_run_leaves_whole_documents_and_is_completed_by_the_next(
    folder: Path, store: LocalStore, embedder: FakeEmbedder
) -> None:
    for n in range(3):
        write(folder / f"{n}.txt", "\n\n".join(f"# Part {p}\n\nText {n} of part {p} is short." for p in range(70)))

    interrupted(store, embedder, folder, after=2)
    assert [one.passages for one in store.documents("notes")] == [70, 70]
    assert outcomes(run(store, embedder, folder)) == {"0.txt": "unchanged", "1.txt": "unchanged", "2.txt": "added"}


def test_an_embedder_that_fails_leaves_the_old_version(folder: Path, store: LocalStore, embedder: FakeEmbedder) -> None:
    path = write(folder / "a.txt")
    run(store, embedder, folder)
    write(path, "Another text altogether.", modified=OLD + 9)
    embedder.fail = MemoryError("no room")
    with pytest.raises(MemoryError):
        run(store, embedder, folder)
    assert [one.characters for one in store.documents("notes")] == [len(TEXT)]


def test_another_embedder_is_refused_before_anything_is_read(
    folder: Path, store: LocalStore, embedder: FakeEmbedder
) -> None:
    write(folder / "a.txt")
    run(store, embedder, folder)
    with pytest.raises(EmbeddingMismatchError):
        run(store, FakeEmbedder("other"), folder)


def test_what_is_embedded_says_where_it_stands_and_fits_the_embedder(
    folder: Path, store: LocalStore, embedder: FakeEmbedder
) -> None:
    body = " ".join(f"Sentence number {n} of this long section." for n in range(60))
    write(folder / "a.md", f"---\ntitle: The visit\ndate: 2023-06-15\n---\n## Who comes next\n\n{body}\n")
    run(store, embedder, folder)
    assert embedder.texts[0].startswith("The visit (2023-06-15)\nWho comes next Sentence number 0")
    assert embedder.texts[1].startswith("The visit (2023-06-15) – Who comes next\nSentence number")
    assert all(embedder.count(text) <= embedder.max_tokens for text in embedder.texts)


def test_a_title_longer_than_the_room_is_cut_and_the_passage_is_not(folder: Path, store: LocalStore) -> None:
    small = FakeEmbedder(max_tokens=60)
    title = " ".join(f"word{n}" for n in range(80))
    write(folder / "a.md", f"---\ntitle: {title}\n---\nA short text follows here.\n")
    run(store, small, folder)
    assert small.texts[0].startswith("word0 word1")
    assert small.texts[0].endswith("\nA short text follows here.")
    assert small.count(small.texts[0]) <= 58


def test_a_name_without_a_word_is_no_context(folder: Path, store: LocalStore, embedder: FakeEmbedder) -> None:
    write(folder / "000_d8ea8e826b47bdfd.txt", "This is the only sentence of the file.")
    run(store, embedder, folder)
    assert embedder.texts == ["This is the only sentence of the file."]


def test_progress_counts_files_and_passages(folder: Path, store: LocalStore, embedder: FakeEmbedder) -> None:
    write(folder / "a.txt")
    write(folder / "b.txt", TEXT + "More text.")
    steps: list[Step] = []
    run(store, embedder, folder, progress=steps.append)
    reading = [(step.done, step.total) for step in steps if step.stage == "Reading documents" and step.unit == "files"]
    embedding = [(step.done, step.total) for step in steps if step.stage == "Embedding passages"]
    assert reading[0] == (0, 2) and reading[-1] == (2, 2)
    assert embedding[-1] == (2, 2)


def test_a_path_has_a_collection_of_its_own_by_a_readable_name(folder: Path) -> None:
    path = folder / "My briefs (2023) 😀"
    path.mkdir()
    name = collection_of(path)
    assert name.startswith("My-briefs-2023-")
    (folder / "link").symlink_to(path)
    assert name == collection_of(path / ".." / path.name) == collection_of(Path(f"{path}/"))
    assert name != collection_of(folder)
    assert collection_of(folder / "😀").startswith("documents-")
    assert Settings(collection=name).collection == name


def test_a_link_to_a_folder_has_a_collection_of_its_own_so_that_no_document_is_in_one_twice(folder: Path) -> None:
    """Documents are named by the path that was given; in a collection shared with the target each would stand twice."""
    (folder / "link").symlink_to(folder)
    assert collection_of(folder / "link") != collection_of(folder)


def test_where_nothing_could_be_read_no_collection_is_left(
    folder: Path, store: LocalStore, embedder: FakeEmbedder
) -> None:
    write(folder / "a.txt", b"\x7fELF\x00\x01")
    assert outcomes(run(store, embedder, folder)) == {"a.txt": "failed"}
    assert store.collections() == []


def test_while_another_process_writes_nothing_is_embedded_in_vain(
    folder: Path, tmp_path: Path, embedder: FakeEmbedder
) -> None:
    write(folder / "a.txt")
    code = "import sys; from pathlib import Path; from vectorstore.local import open_store\n"
    code += "store = open_store(Path(sys.argv[1])); store.claim(); print('mine', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code, str(tmp_path / "home")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as other:
        assert other.stdout and other.stdout.readline() == b"mine\n"
        with open_store(tmp_path / "home", lock_seconds=0) as store:
            with pytest.raises(StoreBusyError, match=f"pid {other.pid}"):
                run(store, embedder, folder)
            assert embedder.texts == [] and store.documents() == []
            other.communicate()
            assert outcomes(run(store, embedder, folder)) == {"a.txt": "added"}


def test_a_copy_is_named_with_what_it_is_a_copy_of(folder: Path, store: LocalStore, embedder: FakeEmbedder) -> None:
    for name in ("Handbook (copy).txt", "Handbook.txt"):
        write(folder / name)
    write(folder / "other.txt", f"{TEXT} Another.")
    assert said(run(store, embedder, folder)) == {
        "Handbook (copy).txt": "Same as Handbook.txt.", "Handbook.txt": "", "other.txt": "",
    }  # fmt: skip
    write(folder / "other (1).txt", f"{TEXT} Another.")
    write(folder / "A letter.txt")
    assert said(run(store, embedder, folder)) == {
        "A letter.txt": "Same as Handbook.txt.", "Handbook (copy).txt": "", "Handbook.txt": "",
        "other (1).txt": "Same as other.txt.", "other.txt": "",
    }  # fmt: skip


def test_an_original_that_comes_after_its_copy_is_named_too(
    folder: Path, store: LocalStore, embedder: FakeEmbedder
) -> None:
    write(folder / "Copy of a.txt")
    run(store, embedder, folder)
    write(folder / "a.txt")
    assert said(run(store, embedder, folder)) == {"Copy of a.txt": "", "a.txt": "Same as Copy of a.txt."}


def said(report: IngestReport) -> dict[str, str]:
    return {Path(file.uri).name: file.reason for file in report.files}


def test_when_an_ingestion_is_over_others_may_write(
    folder: Path, tmp_path: Path, store: LocalStore, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "home" / "owner.json"
    write(folder / "a.txt")
    seen: list[bool] = []
    run(store, embedder, folder, progress=lambda step: seen.append(note.exists()))
    assert any(seen) and not note.exists()

    def break_off(step: Step) -> None:
        if note.exists():
            raise KeyboardInterrupt

    write(folder / "b.txt", f"{TEXT} Another.")
    with pytest.raises(KeyboardInterrupt):
        run(store, embedder, folder, progress=break_off)
    assert not note.exists()


def test_files_within_a_file_are_documents_that_follow_it(
    folder: Path, store: LocalStore, embedder: FakeEmbedder
) -> None:
    other = TEXT.replace("July", "August")
    path = write(folder / "a.zip", zipped({"x.txt": TEXT, "y.txt": other, "z.exe": "MZ"}))
    assert outcomes(run(store, embedder, folder)) == {"x.txt": "added", "y.txt": "added", "z.exe": "skipped"}
    again = run(store, FakeEmbedder(), folder)
    assert (outcomes(again), again.embedded) == ({"x.txt": "unchanged", "y.txt": "unchanged"}, 0)
    write(path, zipped({"x.txt": TEXT, "w.txt": "Kerry may come in May."}), modified=OLD + 9)
    changed = run(store, embedder, folder)
    assert outcomes(changed) == {"x.txt": "unchanged", "y.txt": "removed", "w.txt": "added"}
    assert [document.uri for document in store.documents("notes")] == [f"{path}!/w.txt", f"{path}!/x.txt"]
    path.unlink()
    write(folder / "b.txt")
    assert run(store, embedder, folder).count("removed") == 0
    assert outcomes(run(store, embedder, folder, prune=True)) == {
        "x.txt": "removed",
        "w.txt": "removed",
        "b.txt": "unchanged",
    }


def test_a_part_that_failed_is_named_again_each_time(folder: Path, store: LocalStore, embedder: FakeEmbedder) -> None:
    write(folder / "a.zip", zipped({"x.txt": TEXT, "y.pdf": "no"}))
    for first in ("added", "unchanged"):
        assert outcomes(run(store, embedder, folder)) == {"x.txt": first, "y.pdf": "failed"}


def test_places_are_kept_and_checked(folder: Path, store: LocalStore, embedder: FakeEmbedder) -> None:
    write(folder / "a.csv", "Name,Month\nYellen,July\n")
    report = run(store, embedder, folder)
    document = store.document(report.files[0].document_id)
    assert document is not None
    assert [(document.text[start:end], label) for start, end, label in document.places] == [
        ("| Name: Yellen | Month: July |", "row 2")
    ]
