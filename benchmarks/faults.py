"""Kill each operation on a store at random moments, and damage its files; what is lost, doubled and how it is mended.

    python benchmarks/faults.py --kills 40                 # of each operation
    python benchmarks/faults.py --operation backup --kills 40
    python benchmarks/faults.py --damage

Unlike crash.py, which runs the command with the real model, this runs the same functions in forked processes with
vectors that are drawn from the text, so that a kill takes a second or two; TMPDIR=/dev/shm keeps a slow disk out of it.
Each starts from a home of its own:

- ingest: an empty home, and DOCUMENTS documents.
- update: a finished home, after a third of the files changed, a sixth moved and a sixth was deleted; `prune`.
- remove: half of the documents, five at a time. - rebuild: word and Chroma index.
- backup: into one file. - restore: over a home that holds other documents.

SIGKILL comes to the process and its children at a random moment of the k-th part of the time that an undisturbed run
takes. Then `doctor`, the same operation again, `doctor`. "lost" and "doubled" count documents with their text, and
passages, against the undisturbed run. The backup that was there before has to be whole after a kill. The exit code is 1
if anything was lost, doubled or not mended.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from damages import DAMAGES

from rag.backup import backup, restore
from rag.config import Settings
from rag.embed import Vectors
from rag.ingest import ingest
from rag.language import detect
from vectorstore.check import doctor, rebuild
from vectorstore.errors import StoreError
from vectorstore.local import LocalStore, open_store

COLLECTION = "faults"
LONGEST = 300.0
TRIES = 6
OPERATIONS = ("ingest", "update", "remove", "rebuild", "backup", "restore")
OLD = 1_600_000_000
State = Counter[str]


class HashEmbedder:
    """Vectors drawn from a text's hash; a token is a word."""

    fingerprint = "hash"
    max_tokens = 64
    dimensions = 64

    def count(self, text: str) -> int:
        return len(text.split())

    def documents(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        if progress:
            progress(len(texts))
        return np.stack([self.query(text) for text in texts])

    def query(self, text: str) -> Vectors:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        row = np.random.default_rng(seed).normal(size=self.dimensions).astype(np.float32)
        return np.asarray(row / np.linalg.norm(row), dtype=np.float32)


def in_child(work: Callable[[], Any], kill_after: float | None = None) -> tuple[Any, bool]:
    """Run a function in a forked process; return what it returned, and whether it was killed."""
    with tempfile.NamedTemporaryFile() as told:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                os.setsid()
                Path(told.name).write_text(json.dumps(work()))
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        end = time.monotonic() + (LONGEST if kill_after is None else kill_after)
        while (done := os.waitpid(pid, os.WNOHANG))[0] == 0:
            if time.monotonic() >= end:
                try:
                    os.killpg(pid, signal.SIGKILL)
                except ProcessLookupError:  # it has not come as far as to make a group of its own
                    os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                return None, True
            time.sleep(0.002)
        if done[1] != 0:
            raise SystemExit(f"a run failed with {done[1]}")
        return json.loads(Path(told.name).read_text()), False


def write(path: Path, text: str, modified: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (modified, modified))


def text_of(number: int, version: int) -> str:
    words = [hashlib.sha256(f"{number}.{version}.{n}".encode()).hexdigest()[:8] for n in range(12)]
    return "\n\n".join(
        f"# Part {part}\n\nThe {words[part]} of {words[part + 1]} was opened in {1800 + number} by {words[part + 2]}."
        for part in range(4)
    )


def write_documents(folder: Path, count: int) -> None:
    for number in range(count):
        write(folder / f"{number:03d}.md", text_of(number, 0), OLD)


def change_documents(folder: Path) -> None:
    for path in sorted(folder.glob("*.md")):
        number = int(path.stem)
        if number % 3 == 0:
            write(path, text_of(number, 1), OLD + 9)
        elif number % 6 == 1:
            path.rename(folder / f"moved {number:03d}.md")
        elif number % 6 == 2:
            path.unlink()


def ingested(home: Path, folder: Path, *, prune: bool = False) -> int:
    with open_store(home) as store:
        report = ingest(
            [folder],
            store=store,
            embedder=HashEmbedder(),
            collection=COLLECTION,
            settings=Settings(home=home),
            prune=prune,
        )
        assert not report.count("failed"), report.files
        return report.embedded


def state(home: Path) -> list[str]:
    """Return a line for each document with its text, and each passage with its vector."""
    with open_store(home) as store:
        lines = []
        for listed in store.documents():
            document = store.document(listed.id)
            assert document is not None
            name = Path(document.uri).name
            lines.append(f"document {document.id} {name} {hashlib.sha256(document.text.encode()).hexdigest()}")
            passages = store.passages_of([listed.id])
            vectors = store.vectors([passage.id for passage in passages])
            for passage, vector in zip(passages, vectors, strict=True):
                found = [hit.passage_id for hit in store.lexical(COLLECTION, passage.text, 3)]
                key = hashlib.sha256(vector.tobytes()).hexdigest()[:12]
                lines.append(f"passage {passage.id} {passage.start} {key} {passage.id in found}")
        return lines


def by_meaning(home: Path) -> list[int]:
    """Return how many passages are found first by their own vector, and how many there are."""
    with open_store(home) as store:
        ids = [one.id for one in store.passages_of([document.id for document in store.documents()])]
        hits = (store.dense(COLLECTION, vector, 1) for vector in store.vectors(ids))
        return [sum(found[0].passage_id == one for one, found in zip(ids, hits, strict=True) if found), len(ids)]


def said(home: Path) -> str:
    """Return what `rag doctor` finds."""
    try:
        with open_store(home) as store:
            findings = doctor(store)
    except StoreError as error:
        return f"{type(error).__name__}: {error}"
    return ", ".join(f"{finding.kind} {finding.count}" for finding in findings) or "clean"


@dataclass
class Bench:
    """Homes to start from, and the operations."""

    work: Path
    count: int
    home: Path = field(init=False)
    folder: Path = field(init=False)
    file: Path = field(init=False)

    def __post_init__(self) -> None:
        self.home, self.folder, self.file = self.work / "home", self.work / "documents", self.work / "store.backup"
        write_documents(self.work / "first", self.count)
        in_child(lambda: ingested(self.work / "finished", self._at(self.work / "first")))
        in_child(lambda: str(backup(Settings(home=self.work / "finished"), self.work / "good.backup")))
        write_documents(self.work / "others", self.count // 4)
        change_documents(self.work / "others")
        in_child(lambda: ingested(self.work / "other", self._at(self.work / "others")))

    def _at(self, source: Path) -> Path:
        """Put files where the operations find them, always under the same name."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(source, self.folder)
        return self.folder

    def start(self, operation: str) -> None:
        shutil.rmtree(self.home, ignore_errors=True)
        self._at(self.work / "first")
        if operation == "update":
            change_documents(self.folder)
        if operation != "ingest":
            shutil.copytree(self.work / ("other" if operation == "restore" else "finished"), self.home)
        if operation == "backup":
            shutil.copy(self.work / "good.backup", self.file)

    def run(self, operation: str) -> Any:
        settings = Settings(home=self.home)
        if operation in {"ingest", "update"}:
            return ingested(self.home, self.folder, prune=operation == "update")
        if operation == "backup":
            return str(backup(settings, self.file))
        if operation == "restore":
            return str(restore(settings, self.work / "good.backup", replace=True))
        with open_store(self.home) as store:
            return rebuild(store) if operation == "rebuild" else self._remove(store)

    def _remove(self, store: LocalStore) -> int:
        ids = [one.id for one in store.documents() if int(Path(one.uri).stem) % 2]
        for first in range(0, len(ids), 5):
            store.remove(ids[first : first + 5])
        return len(ids)

    def is_whole(self) -> bool:
        """Say whether the file under a backup's name restores to what the home held."""
        elsewhere = self.work / "elsewhere"
        shutil.rmtree(elsewhere, ignore_errors=True)
        restore(Settings(home=elsewhere), self.file)
        return state(elsewhere) == state(self.work / "finished")


@dataclass
class Tally:
    """What came of the kills of one operation."""

    kills: int = 0
    late: int = 0
    then: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    doubled: int = 0
    mended_by: Counter[str] = field(default_factory=Counter)
    bad: list[str] = field(default_factory=list)
    seconds: float = 0.0


def trial(bench: Bench, operation: str, part: float, seconds: float, expected: State, tally: Tally) -> None:
    for _ in range(TRIES):
        bench.start(operation)
        _, killed = in_child(lambda: bench.run(operation), kill_after=part * seconds)
        if killed:
            break
        part *= 0.7
    tally.kills += 1
    tally.late += not killed
    then, _ = in_child(lambda: said(bench.home))
    tally.then[" ".join(sorted({word.split()[0] for word in then.split(", ")}))] += 1
    if operation == "backup":
        whole, _ = in_child(bench.is_whole)
        if not whole:
            tally.bad.append(f"the backup that was there is not whole after a kill at {part:.2f}")
    in_child(lambda: bench.run(operation))
    last, _ = in_child(lambda: said(bench.home))
    after = Counter(in_child(lambda: state(bench.home))[0])
    lost, doubled = expected - after, after - expected
    tally.lost += lost.total()
    tally.doubled += doubled.total()
    tally.mended_by["the same again" if then != "clean" else "nothing to mend"] += 1
    if operation == "backup" and not in_child(bench.is_whole)[0]:
        tally.bad.append("the backup made again is not whole")
    left = [path.name for path in (*bench.home.glob(".restoring*"), *bench.work.glob(".*"))]
    if last != "clean" or lost or doubled or left:
        tally.bad.append(f"killed at {part:.2f}: then {then}, last {last}, {lost} lost, {doubled} doubled, left {left}")


def kills(bench: Bench, operation: str, count: int, draw: random.Random) -> Tally:
    bench.start(operation)
    began = time.perf_counter()
    in_child(lambda: bench.run(operation))
    tally = Tally(seconds=time.perf_counter() - began)
    expected = Counter(in_child(lambda: state(bench.home))[0])
    for number in range(count):
        trial(bench, operation, (number + draw.random()) / count, tally.seconds, expected, tally)
    return tally


def damage(bench: Bench, draw: random.Random) -> Iterator[str]:
    """Damage the files of a finished home; yield what doctor says, what mends it, and what was lost."""
    expected = Counter(in_child(lambda: state(bench.work / "finished"))[0])
    for name, change in DAMAGES.items():
        for _ in range(3):
            bench.start("rebuild")
            detail = change(bench.home, draw)
            then, _ = in_child(lambda: said(bench.home))
            read = Counter(in_child(lambda: state(bench.home))[0])
            mend = "nothing to mend"
            if then != "clean":
                mend = "rag rebuild"
                in_child(lambda: bench.run("rebuild"))
            last, _ = in_child(lambda: said(bench.home))
            after = Counter(in_child(lambda: state(bench.home))[0])
            lost, doubled = (expected - after).total(), (after - expected).total()
            readable = "yes" if read == expected else "no"
            found, of = in_child(lambda: by_meaning(bench.home))[0]
            yield f"| {name} {detail} | {then} | {readable} | {mend} | {lost} | {doubled} | {found} of {of} | {last} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operation", choices=OPERATIONS, action="append", help="default: all of them")
    parser.add_argument("--kills", type=int, default=0, help="of each operation")
    parser.add_argument("--damage", action="store_true")
    parser.add_argument("--documents", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    import chromadb  # noqa: F401 – once, before the forks, as is the model that tells languages

    detect("It takes longer to load than twelve documents take to be read.")
    draw, bad = random.Random(options.seed), 0
    with tempfile.TemporaryDirectory() as work:
        bench = Bench(Path(work), options.documents)
        for operation in (options.operation or OPERATIONS) if options.kills else ():
            tally = kills(bench, operation, options.kills, draw)
            then = ", ".join(f"{name} {number}" for name, number in tally.then.most_common())
            print(
                f"| {operation} ({tally.seconds:.1f} s) | {tally.kills} ({tally.late} late) | {then} "
                f"| {tally.lost} | {tally.doubled} | {len(tally.bad)} |",
                flush=True,
            )
            for line in tally.bad:
                print(f"  BAD: {line}", flush=True)
            bad += len(tally.bad)
        for line in damage(bench, draw) if options.damage else ():
            bad += not re.search(r"\| 0 \| 0 \| (\d+) of \1 \| clean \|$", line)
            print(line, flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
