"""`rag backup` and `rag restore`: whole, of one moment, and nothing lost on the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from rag import backup as backups
from rag.backup import CATALOGUE, MANIFEST, backup, restore
from rag.cli.command import run
from rag.config import Settings
from rag.errors import PathError, StoreBusyError, StoreUnreadableError, StoreWriteError, UsageError
from rag.types import Step
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.ingestion import TEXT, outcomes, write
from tests.fakes.ingestion import run as ingested
from vectorstore import backup as catalogues
from vectorstore.check import doctor
from vectorstore.local import open_store

ROOT = Path(__file__).parents[1]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", lock_seconds=0.2)


@pytest.fixture
def other(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "other", lock_seconds=0.2)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "footnote.backup"


@pytest.fixture
def filled(settings: Settings, tmp_path: Path) -> Settings:
    """A home with documents, one of them uploaded, a failure, a chat, and keys."""
    for name, text in (("a.txt", TEXT), ("b.txt", TEXT.upper()), ("c.txt", "\0")):
        write(tmp_path / "docs" / name, text)
    write(settings.home / "uploads" / "notes" / "up.txt", TEXT.replace("July", "May"))
    with open_store(settings.home) as store:
        ingested(store, FakeEmbedder(), tmp_path / "docs")
        ingested(store, FakeEmbedder(), settings.home / "uploads" / "notes" / "up.txt")
        store.chats.create("", "Who is next?", "notes")
    write(settings.home / "keys.json", "[]")
    return settings


def state(home: Path) -> tuple[list[tuple[str, str, int]], list[str], int]:
    with open_store(home) as store:
        documents = [(one.id, Path(one.uri).name, one.passages) for one in store.documents()]
        return documents, [Path(one.uri).name for one in store.failures()], len(store.chats.find(""))


def sound(home: Path) -> None:
    with open_store(home) as store:
        assert doctor(store) == []
        for one in store.documents():
            document = store.document(one.id)
            assert document is not None
            for passage in store.passages_of([one.id]):
                assert document.text[passage.start : passage.end].split() == passage.text.split()
    assert [path for path in home.iterdir() if path.name.startswith(".restoring")] == []


def test_a_home_is_restored_elsewhere_without_embedding(filled: Settings, other: Settings, file: Path) -> None:
    made = backup(filled, file)
    assert (made.documents, made.passages, made.chats, made.files) == (3, 3, 1, 2)
    assert made.bytes == file.stat().st_size and file.stat().st_mode & 0o777 == 0o600
    restored = restore(other, file)
    assert (restored.documents, restored.passages, restored.chats) == (3, 3, 1)
    assert state(other.home) == state(filled.home)
    sound(other.home)
    assert (other.home / "keys.json").read_text() == "[]"
    with open_store(other.home) as store:
        uris = {one.uri for one in store.documents()}
        assert str(other.home / "uploads" / "notes" / "up.txt") in uris, "an upload is where it is now"
        embedder = FakeEmbedder()
        report = ingested(store, embedder, filled.home.parent / "docs")
        assert outcomes(report) == {"a.txt": "unchanged", "b.txt": "unchanged", "c.txt": "failed"}
        assert embedder.texts == []


def test_two_homes_from_one_backup_have_names_of_their_own(filled: Settings, other: Settings, file: Path) -> None:
    """They may use the same Chroma server, where collections are told apart by the store's name."""
    backup(filled, file)
    restore(other, file)
    with open_store(filled.home) as one, open_store(other.home) as two:
        names = {one.open_index()._store, two.open_index()._store}
    assert len(names) == 2


def test_a_home_that_holds_documents_is_replaced_only_when_asked(filled: Settings, file: Path, tmp_path: Path) -> None:
    backup(filled, file)
    before = state(filled.home)
    write(tmp_path / "docs" / "later.txt", TEXT.lower())
    write(filled.home / "uploads" / "notes" / "later.txt", "x")
    with open_store(filled.home) as store:
        ingested(store, FakeEmbedder(), tmp_path / "docs")
        revision = store.revision("notes")
    with pytest.raises(UsageError, match=r"holds 4 documents and 1 chats already; --replace"):
        restore(filled, file)
    assert len(state(filled.home)[0]) == 4
    restore(filled, file, replace=True)
    assert state(filled.home) == before
    assert not (filled.home / "uploads" / "notes" / "later.txt").exists()
    sound(filled.home)
    with open_store(filled.home) as store:
        now = store.revision("notes")
        assert now is not None and revision is not None and now > revision, "caches of running processes go by it"


WRITER = """
import sys
from pathlib import Path
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.ingestion import TEXT, run, write
from vectorstore.local import open_store

docs, number = Path(sys.argv[2]), 0
with open_store(Path(sys.argv[1])) as store:
    store.claim()
    while True:
        for _ in range(3):
            number += 1
            write(docs / f"{number}.txt", f"{TEXT} Number {number}.")
        run(store, FakeEmbedder(), docs)
        print(number, flush=True)
"""


def test_a_backup_taken_while_another_process_ingests_is_of_one_moment(
    settings: Settings, other: Settings, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", WRITER, str(settings.home), str(tmp_path / "docs")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env=environment, text=True) as writer:
        assert writer.stdout
        sizes = []
        for number in range(4):
            before = int(writer.stdout.readline())
            made = backup(settings, tmp_path / f"{number}.backup")
            sizes.append(made.documents)
            assert made.documents >= before and made.passages == made.documents, "what was reported done is in it"
        assert writer.poll() is None, "it was not disturbed"
        with pytest.raises(StoreBusyError, match=f"pid {writer.pid}"):
            restore(settings, tmp_path / "0.backup", replace=True)
        writer.kill()
    assert sizes == sorted(sizes) and sizes[0] < sizes[-1]
    for number, documents in enumerate(sizes):
        assert restore(other, tmp_path / f"{number}.backup", replace=number > 0).documents == documents
        sound(other.home)


def test_a_process_that_reads_meanwhile_goes_on_with_what_was_restored(
    filled: Settings, file: Path, tmp_path: Path
) -> None:
    backup(filled, file)
    with open_store(filled.home) as reading:
        vector = FakeEmbedder().query("x")
        known = {one.id for one in reading.documents()}
        assert len(reading.dense("notes", vector, 9)) == 3
        with open_store(filled.home) as store:
            store.remove(list(known)[:2])
        assert len(reading.dense("notes", vector, 9)) == 1
        restore(filled, file, replace=True)
        assert {one.id for one in reading.documents()} == known
        assert len(reading.dense("notes", vector, 9)) == 3
        assert len(reading.lexical("notes", "Beijing", 9)) == 3


def damaged(file: Path, name: str) -> None:
    """Change a byte of a member without the archive's own sums noticing."""
    with zipfile.ZipFile(file) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    data = bytearray(parts[name])
    data[len(data) // 2] ^= 0xFF
    parts[name] = bytes(data)
    with zipfile.ZipFile(file, "w") as archive:
        for one, content in parts.items():
            archive.writestr(one, content)


@pytest.mark.parametrize("what", ["flipped", "cut", "empty", "foreign", "upload"])
def test_a_damaged_backup_is_refused_and_changes_nothing(filled: Settings, file: Path, what: str) -> None:
    backup(filled, file)
    before = state(filled.home)
    if what in {"flipped", "upload"}:
        damaged(file, CATALOGUE if what == "flipped" else "home/uploads/notes/up.txt")
    elif what == "foreign":
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("a.txt", "x")
    else:
        file.write_bytes(file.read_bytes()[: 0 if what == "empty" else file.stat().st_size // 2])
    with pytest.raises((StoreUnreadableError, UsageError), match=r"is damaged|no backup") as refused:
        restore(filled, file, replace=True)
    assert str(file) in str(refused.value)
    assert state(filled.home) == before
    sound(filled.home)


@pytest.mark.parametrize("name", ["home/../../evil", "/etc/evil", "home/a\\..\\evil", "../evil", "evil"])
def test_names_that_lead_out_of_the_home_are_refused(filled: Settings, other: Settings, file: Path, name: str) -> None:
    backup(filled, file)
    with zipfile.ZipFile(file) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    manifest = json.loads(parts[MANIFEST])
    manifest["files"][name] = {"sha256": "0", "size": 1}
    with zipfile.ZipFile(file, "w") as archive:
        for one, content in {**parts, MANIFEST: json.dumps(manifest).encode(), name: b"x"}.items():
            archive.writestr(one, content)
    with pytest.raises(UsageError, match="no backup"):
        restore(other, file)
    assert not (other.home / CATALOGUE).exists() or state(other.home)[0] == []


def test_what_fails_after_the_catalogue_was_replaced_brings_the_old_one_back(
    filled: Settings, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(filled, file)
    write(tmp_path / "docs" / "later.txt", TEXT.lower())
    with open_store(filled.home) as store:
        ingested(store, FakeEmbedder(), tmp_path / "docs")
    write(filled.home / "uploads" / "notes" / "later.txt", "x")
    before = state(filled.home)

    def torn(*_: object) -> int:
        raise StoreWriteError("no room for the index")

    monkeypatch.setattr(catalogues, "rebuild", torn)
    with pytest.raises(StoreWriteError, match="no room"):
        restore(filled, file, replace=True)
    monkeypatch.undo()
    assert state(filled.home) == before and (filled.home / "uploads" / "notes" / "later.txt").exists()
    with open_store(filled.home) as store:
        write(tmp_path / "docs" / "more.txt", TEXT.title())
        ingested(store, FakeEmbedder(), tmp_path / "docs")  # the next write brings the index in line
    sound(filled.home)


def test_a_damaged_catalogue_is_put_aside_and_the_backup_takes_its_place(filled: Settings, file: Path) -> None:
    backup(filled, file)
    before = state(filled.home)
    (filled.home / CATALOGUE).write_bytes(b"not a database at all" * 400)
    steps: list[Step] = []
    restore(filled, file, progress=steps.append)
    assert state(filled.home) == before
    (aside,) = filled.home.glob("damaged-*")
    assert (aside / CATALOGUE).read_bytes().startswith(b"not a database")
    assert any(str(aside) in step.stage for step in steps)


def test_where_a_backup_may_not_be_is_said(filled: Settings, other: Settings, file: Path, tmp_path: Path) -> None:
    with pytest.raises(PathError, match="nothing to back up"):
        backup(other, file)
    with pytest.raises(PathError, match="within the home"):
        backup(filled, filled.home / "x.backup")
    with pytest.raises(PathError, match="is a folder"):
        backup(filled, tmp_path)
    with pytest.raises(PathError, match="folder that doesn't exist"):
        backup(filled, tmp_path / "none" / "x")
    file.write_text("my thesis")
    with pytest.raises(PathError, match="is no backup; choose another name"):
        backup(filled, file)
    assert file.read_text() == "my thesis"
    with pytest.raises(PathError, match="There is no file"):
        restore(other, tmp_path / "none")


def test_a_backup_that_fails_leaves_the_one_before(
    filled: Settings, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(filled, file)
    before = file.read_bytes()

    def full(*_: object, **__: object) -> tuple[str, int]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backups, "_copied", full)
    with pytest.raises(StoreWriteError, match=r"No space left on device.*free some space"):
        backup(filled, file)
    assert file.read_bytes() == before and list(file.parent.glob(".*")) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from rag import backup as backups
from rag.config import Settings
from vectorstore import backup as catalogues

at, home, file = sys.argv[1:]

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def before(module, name):
    setattr(module, name, die)

def after(module, name):
    real = getattr(module, name)
    setattr(module, name, lambda *given, **named: (real(*given, **named), die()))

module, name, when = at.split(":")
{"before": before, "after": after}[when](catalogues if module == "catalogues" else backups, name)
settings = Settings(home=Path(home))
if "backup" in Path(file).name:
    backups.restore(settings, Path(file), replace=True)
"""

BOUNDARIES = [
    "backups:_checked:after",
    "catalogues:contents:before",
    "catalogues:prepare:after",
    "catalogues:put_in_place:before",
    "catalogues:snapshot:after",
    "catalogues:_adapt:after",
    "catalogues:_replace:before",
    "catalogues:_replace:after",
    "catalogues:rebuild:after",
    "catalogues:doctor:after",
    "catalogues:held:before",
    "catalogues:put_in_place:after",
]


@pytest.mark.parametrize("at", BOUNDARIES)
def test_a_restore_killed_at_any_boundary_leaves_the_old_store_or_the_new_one(
    filled: Settings, file: Path, tmp_path: Path, at: str
) -> None:
    backup(filled, file)
    new = state(filled.home)
    write(tmp_path / "docs" / "later.txt", TEXT.lower())
    with open_store(filled.home) as store:
        ingested(store, FakeEmbedder(), tmp_path / "docs")
    old = state(filled.home)
    command = [sys.executable, "-c", KILLED, at, str(filled.home), str(file)]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.returncode == -9, done.stderr
    assert state(filled.home) in (old, new)
    restore(filled, file, replace=True)
    assert state(filled.home) == new
    assert (filled.home / "uploads" / "notes" / "up.txt").exists()
    sound(filled.home)


def test_the_commands_say_what_they_did(
    filled: Settings, other: Settings, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--home", str(filled.home), "backup", str(file)]) == 0
    out, err = capsys.readouterr()
    assert f"{file}: 3 documents, 3 passages, 1 chat, 2 files; " in out and "as safe" in err
    assert run(["--home", str(filled.home), "restore", str(file)]) == 2
    assert "--replace" in capsys.readouterr().err
    assert run(["--home", str(other.home), "restore", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["documents"] == 3
    assert run(["--url", "http://127.0.0.1:1", "backup", str(file)]) == 2
    assert "on this machine" in capsys.readouterr().err


def test_a_backup_made_by_a_newer_version_is_refused(filled: Settings, other: Settings, file: Path) -> None:
    backup(filled, file)
    with zipfile.ZipFile(file) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    newer = {**parts, MANIFEST: json.dumps({**json.loads(parts[MANIFEST]), "format": 99}).encode()}
    with zipfile.ZipFile(file, "w") as archive:
        for one, content in newer.items():
            archive.writestr(one, content)
    with pytest.raises(UsageError, match="newer version"):
        restore(other, file)
