"""`rag backup` and `rag restore`: all of a home that can't be had again, in one file. Parts of `rag.engine`.

The file is a ZIP: `footnote-backup.json` says what it holds, with a sha256 for each file; `catalog.sqlite3` is the
catalogue at one moment; under `home/` are uploaded files, web pages and API keys (as hashes), and the file of users
where it is in the home. Models and settings are not in it, nor is the index, which is made anew from the catalogue.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from rag.config import Settings
from rag.errors import PathError, StoreUnreadableError, StoreWriteError, UsageError
from rag.types import Progress, Step
from vectorstore import backup as catalogues
from vectorstore.backup import Contents
from vectorstore.local import LocalStore, open_store

FORMAT = 1
MANIFEST = "footnote-backup.json"
CATALOGUE = "catalog.sqlite3"
_HOME = "home"
_FOLDERS = ("uploads", "web")
_KEYS = "keys.json"
_BLOCK = 1 << 20
_STAGING = ".restoring-"
_BEFORE = "before"
_DONE = "done"


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds."""

    path: str
    bytes: int
    documents: int
    passages: int
    chats: int
    files: int
    """Uploaded files, web pages, keys and users."""
    made_at: str


def backup(settings: Settings, path: Path, progress: Progress | None = None) -> Backup:
    """Write all of a home into one file; others may read and write meanwhile, and it is of one moment.

    What was at `path` stays until the new file is whole and was read back; it must have been a backup, too.

    Raises:
        PathError: there is no store yet, or the file can't be where it is to be.
        StoreError: the catalogue can't be read, or there is no room for the file.
    """
    tell = progress or (lambda step: None)
    target = path.expanduser().absolute()
    _refuse_place(settings.home, target)
    partial = target.with_name(f".{target.name}.partial")
    with _room_for(target, partial):
        made = _write(settings, partial, tell)
        with zipfile.ZipFile(partial) as archive:
            manifest = _manifest(archive, target)
            for name in manifest["files"]:
                _checked(archive, manifest, name, None, target)
        os.replace(partial, target)
    return Backup(str(target), target.stat().st_size, **made)


def restore(settings: Settings, path: Path, *, replace: bool = False, progress: Progress | None = None) -> Backup:
    """Put what a backup holds into the home; what was there stays until it is in place and was checked.

    Killed half-way, the catalogue is wholly the old or the new one; the same call again completes it.

    Raises:
        PathError: there is no such file.
        UsageError: it is no backup, or the home holds documents and `replace` is not given.
        StoreError: the backup is damaged, another process writes to the home, or there is no room; the home is what it
            was.
    """
    tell = progress or (lambda step: None)
    home = settings.home
    with _archive(path) as archive:
        manifest = _manifest(archive, path)
        with _opened(settings) as (store, aside), store.owning():
            _recover(home)
            if not replace:
                _refuse_full(store, home)
            staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=home))
            try:
                with _room_for(home, None):
                    made = _put(store, archive, manifest, staging, path, tell)
            finally:
                _clear(staging)
    if aside:
        tell(Step(f"The damaged catalogue is kept in {aside}", 1, 1))
    return Backup(
        str(path), path.stat().st_size, made.documents, made.passages, made.chats, len(manifest["files"]) - 1,
        str(manifest["made_at"]),
    )  # fmt: skip


def _write(settings: Settings, partial: Path, tell: Progress) -> dict[str, Any]:
    home = settings.home
    copy = partial.with_name(f"{partial.name}.catalogue")
    size = (home / CATALOGUE).stat().st_size

    def copied(done: int, total: int) -> None:
        tell(Step("Copying the catalogue", size * done // max(1, total), size, "bytes"))

    try:
        held = catalogues.snapshot(home / CATALOGUE, copy, copied)
        files = {f"{_HOME}/{name}": path for name, path in _files(settings)}
        # Exclusive and for its owner only: it holds what the documents say.
        with open(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                listed = dict(_packed(archive, {CATALOGUE: copy, **files}, tell))
                made_at = datetime.now(UTC).isoformat(timespec="seconds")
                manifest = {"format": FORMAT, "made_at": made_at, "home": str(home), **asdict(held), "files": listed}
                archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
            out.flush()
            os.fsync(out.fileno())
    finally:
        copy.unlink(missing_ok=True)
    return {
        "documents": held.documents,
        "passages": held.passages,
        "chats": held.chats,
        "files": len(listed) - 1,
        "made_at": made_at,
    }


def _packed(archive: zipfile.ZipFile, files: dict[str, Path], tell: Progress) -> Iterator[tuple[str, dict[str, Any]]]:
    total = sum(path.stat().st_size for path in files.values())
    done = 0
    for name, path in files.items():
        try:
            source = path.open("rb")
        except FileNotFoundError:  # an uploaded file that was removed meanwhile
            continue
        with source, archive.open(name, "w", force_zip64=True) as target:
            digest, size = _copied(source, target)
        done += size
        tell(Step("Packing", done, total, "bytes"))
        yield name, {"sha256": digest, "size": size}


def _files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Yield what of a home is in a backup besides the catalogue, by its path from there."""
    home = settings.home
    for folder in _FOLDERS:
        for path in sorted((home / folder).rglob("*")):
            inner = path.relative_to(home)
            # Hidden ones are just arriving.
            if path.is_file() and not path.is_symlink() and not any(part.startswith(".") for part in inner.parts):
                yield inner.as_posix(), path
    if (home / _KEYS).is_file():
        yield _KEYS, home / _KEYS
    users = settings.auth.absolute() if settings.auth else None
    if users is not None and users.is_relative_to(home) and users.is_file():
        yield users.relative_to(home).as_posix(), users


def _put(
    store: LocalStore, archive: zipfile.ZipFile, manifest: dict[str, Any], staging: Path, path: Path, tell: Progress
) -> Contents:
    """Unpack and check everything, and only then put it in place."""
    total = sum(int(file["size"]) for file in manifest["files"].values())
    done = 0
    for name in manifest["files"]:
        target = staging / "new" / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            done += _checked(archive, manifest, name, out, path)
        tell(Step("Unpacking", done, total, "bytes"))
    copy = staging / "new" / CATALOGUE
    held = catalogues.contents(copy)
    if {key: manifest[key] for key in asdict(held)} != asdict(held):
        raise StoreUnreadableError(f"{path} is damaged: its catalogue holds something else than it says.")
    catalogues.prepare(copy, {f"{manifest['home']}/uploads/": f"{store.home}/uploads/"})

    def indexed(count: int, of: int) -> None:
        tell(Step("Making the index", count, of, "passages"))

    with _swapped(store.home, staging):
        made = catalogues.put_in_place(store, copy, staging / "before.sqlite3", indexed)
        (staging / _DONE).touch()
    return made


@contextmanager
def _swapped(home: Path, staging: Path) -> Iterator[None]:
    """Put the unpacked files in place of those of the home; the old ones come back if the block fails."""
    before, new = staging / _BEFORE, staging / "new" / _HOME
    before.mkdir()
    try:
        names = {entry.name for entry in new.iterdir()} if new.is_dir() else set()
        for name in sorted(names | set(_FOLDERS)):
            if (home / name).exists():
                (home / name).rename(before / name)
            if name in names:
                (new / name).rename(home / name)
        yield
    except BaseException:
        _take_back(home, before)
        raise


def _take_back(home: Path, before: Path) -> None:
    for entry in before.iterdir():
        there = home / entry.name
        if there.is_dir():
            shutil.rmtree(there)
        else:
            there.unlink(missing_ok=True)
        entry.rename(there)


def _clear(staging: Path) -> None:
    """Remove a staging folder, unless what was there before is still in it: then the next restore brings it back."""
    before = staging / _BEFORE
    if (staging / _DONE).exists() or not before.is_dir() or not any(before.iterdir()):
        shutil.rmtree(staging, ignore_errors=True)


def _recover(home: Path) -> None:
    """Bring back files that a restore was just replacing when it was killed."""
    for staging in home.glob(f"{_STAGING}*"):
        if not (staging / _DONE).exists() and (staging / _BEFORE).is_dir():
            _take_back(home, staging / _BEFORE)
        shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[LocalStore, Path | None]]:
    """Open the store of the home; a damaged catalogue is put aside first, and where to is said."""
    given = {"chroma_url": settings.chroma_url, "lock_seconds": settings.lock_seconds}
    aside: Path | None = None
    try:
        store = open_store(settings.home, **given)  # type: ignore[arg-type]
    except StoreUnreadableError:
        aside = settings.home / f"damaged-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        aside.mkdir(mode=0o700)
        for name in (CATALOGUE, f"{CATALOGUE}-wal", f"{CATALOGUE}-shm"):
            with suppress(FileNotFoundError):
                (settings.home / name).rename(aside / name)
        store = open_store(settings.home, **given)  # type: ignore[arg-type]
    with store:
        yield store, aside


def _refuse_full(store: LocalStore, home: Path) -> None:
    held = catalogues.held(store)
    if held.documents or held.chats:
        raise UsageError(
            f"{home} holds {held.documents} documents and {held.chats} chats already; --replace puts the backup in "
            "their place, --home restores it elsewhere."
        )


def _refuse_place(home: Path, target: Path) -> None:
    if not (home / CATALOGUE).is_file():
        raise PathError(f"There is nothing to back up in {home} yet; `rag ingest` makes a store, --home names another.")
    if target.is_relative_to(home):
        raise PathError(f"{target} is within the home that is backed up; choose a place outside of {home}.")
    if target.is_dir() or not target.parent.is_dir():
        what = "is a folder" if target.is_dir() else "is in a folder that doesn't exist"
        raise PathError(f"{target} {what}; name a file, such as footnote.backup.")
    if target.exists():
        try:
            with zipfile.ZipFile(target) as archive:
                _manifest(archive, target)
        except (zipfile.BadZipFile, UsageError, OSError) as error:
            raise PathError(f"{target} is there already and is no backup; choose another name.") from error


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise PathError(f"There is no file {path}; check the path.") from error
    except (zipfile.BadZipFile, OSError) as error:
        raise UsageError(f"{path} is no backup made by `rag backup`, or it is cut off ({error}).") from error
    with archive:
        yield archive


def _manifest(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    """Return what the backup says of itself.

    Raises:
        UsageError: it is none, or of a newer version.
    """
    try:
        manifest = json.loads(archive.read(MANIFEST))
        version, files = int(manifest["format"]), dict(manifest["files"])
        sound = CATALOGUE in files and all(map(_is_harmless, files))
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise UsageError(f"{path} is no backup made by `rag backup`.") from error
    if version > FORMAT:
        raise UsageError(f"{path} was made by a newer version; upgrade with `pip install --upgrade footnote-rag`.")
    if not sound:
        raise UsageError(f"{path} is no backup made by `rag backup`: it names files that none has.")
    return dict(manifest)


def _is_harmless(name: str) -> bool:
    """Say whether a name leads to where a backup's files may be, and nowhere else."""
    parts = PurePosixPath(name).parts
    if name == CATALOGUE:
        return True
    return (
        len(parts) > 1 and parts[0] == _HOME and not ({"..", "."} & set(parts)) and "\\" not in name and name[0] != "/"
    )


def _checked(archive: zipfile.ZipFile, manifest: dict[str, Any], name: str, out: IO[bytes] | None, path: Path) -> int:
    """Read a file of a backup to its end, into `out` where that is given; return its bytes.

    Raises:
        StoreUnreadableError: it is not what was packed.
    """
    wanted = manifest["files"][name]
    try:
        with archive.open(name) as source:
            digest, size = _copied(source, out, most=int(wanted["size"]))
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise StoreUnreadableError(f"{path} is damaged ({name}: {error}); use another backup.") from error
    if digest != wanted["sha256"]:
        raise StoreUnreadableError(f"{path} is damaged ({name} is not what was packed); use another backup.")
    return size


def _copied(source: IO[bytes], target: IO[bytes] | None, most: int | None = None) -> tuple[str, int]:
    """Copy to the end, or to the first byte that is too many; return the sha256 (hex) and the number of bytes."""
    digest, size = hashlib.sha256(), 0
    while (block := source.read(_BLOCK)) and (most is None or size <= most):
        digest.update(block)
        size += len(block)
        if target is not None:
            target.write(block)
    return digest.hexdigest(), size


@contextmanager
def _room_for(target: Path, partial: Path | None) -> Iterator[None]:
    """Turn what the file system says into a sentence; nothing of a partial file stays behind."""
    try:
        yield
    except OSError as error:
        raise StoreWriteError(
            f"{target} could not be written ({error.strerror or error}); free some space or choose another place."
        ) from error
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)
