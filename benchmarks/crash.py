"""Kill `rag` at random moments; see what `rag doctor` says, whether the same command then ends well, and what is there.

    python benchmarks/crash.py --operation ingest --kills 20
    python benchmarks/crash.py --operation reingest --kills 20
    python benchmarks/crash.py --operation rebuild --kills 5
    python benchmarks/crash.py --operation remove --kills 5

Documents of 3 to 6 sentences are generated, each with a keeper's name that stands in no other. One undisturbed run
gives the time it takes and what the store has to hold afterwards. Each kill starts from a home of its own: empty for
`ingest`; for `reingest` a copy of the finished one without its documents, whose vectors are still known, so that most
of the time is writing; else a copy of the finished one. SIGKILL comes at a random moment of the k-th part of that time,
so that start, reading, embedding and writing all get their share. Then: `rag doctor`, the same command again (to
`remove`, what is left of it), `rag doctor`.

"lost" and "doubled" count passages (id, span, text, vector key) against the undisturbed run, and names that the word
search does not find in exactly one passage. The exit code is 1 if there was any, or if the last `rag doctor` or the
second run did not end with 0. The embedding model is taken from --models, by default those of the usual home.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag import Settings
from vectorstore.local import open_store

ROOT = Path(__file__).resolve().parent.parent
COLLECTION = "crash"
LONGEST = 600.0
"""Seconds after which a command counts as hung."""
TRIES = 6
"""Times a kill that came after the end is tried again, earlier."""
_STARTS = (
    "Bar",
    "Cor",
    "Dun",
    "Fel",
    "Gor",
    "Hal",
    "Kes",
    "Lor",
    "Mor",
    "Nor",
    "Pel",
    "Ros",
    "Sel",
    "Tor",
    "Ver",
    "Wen",
)
_ENDS = ("amis", "endo", "ilva", "oruk", "usha", "aneth", "eric", "odan", "ylle", "obar", "istan", "emyr")
_THINGS = ("lighthouse", "mill", "library", "ferry", "observatory", "cannery", "tannery", "bakery", "chapel", "bridge")
_MORE = (
    "It burned down in {year} and was rebuilt within {number} months.",
    "Visitors pay {number} crowns to see the {thing}.",
    "A storm in {year} took part of the roof away.",
    "The {thing} employs {number} people today.",
)

Rows = Counter[tuple[str, ...]]


@dataclass(frozen=True)
class Contents:
    """What a store holds: passages with their number, and in how many of them each keeper's name is found."""

    documents: int
    passages: Rows
    found: dict[str, int]


@dataclass(frozen=True)
class Trial:
    """One kill and what came of it."""

    moment: float
    killed: bool
    documents: int
    doctor: str
    seconds: float
    again: int
    after: Contents
    lost: int
    doubled: int
    last_doctor: str

    @property
    def good(self) -> bool:
        return not (self.lost or self.doubled or self.again) and self.last_doctor == "0: clean"


def write_documents(folder: Path, count: int, draw: random.Random) -> dict[str, str]:
    """Write the documents; return the keeper's name in each file."""
    folder.mkdir()
    names = [f"{first}{middle.lower()}{end}" for first in _STARTS for middle in _STARTS for end in _ENDS]
    keepers = draw.sample(names, 2 * count)
    for number in range(count):
        keeper, place, thing = keepers[number], keepers[count + number], draw.choice(_THINGS)
        fill = {"thing": thing}
        sentences = [
            f"The {thing} of {place} was opened on {draw.randint(1, 28)} May {draw.randint(1700, 2020)}.",
            f"Its keeper is {keeper}, who has lived there for {draw.randint(2, 40)} years.",
            f"It stands {draw.randint(5, 90)} metres above the harbour.",
        ]
        more = draw.sample(_MORE, draw.randint(0, 3))
        sentences += [m.format(**fill, year=draw.randint(1700, 2020), number=draw.randint(2, 99)) for m in more]
        (folder / f"{number:04d}.txt").write_text(" ".join(sentences) + "\n", encoding="utf-8")
    return {f"{number:04d}.txt": keepers[number] for number in range(count)}


def command(home: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "rag", "--home", str(home), *arguments]


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(home, *arguments), cwd=ROOT, capture_output=True, text=True, timeout=LONGEST)


def contents(home: Path, names: Sequence[str]) -> Contents:
    with open_store(home) as store:
        documents = store.documents(COLLECTION)
        passages = store.passages_of([document.id for document in documents])
        rows = Counter((p.id, p.document_id, f"{p.start}-{p.end}", p.text, p.vector_key) for p in passages)
        return Contents(len(documents), rows, {name: len(store.lexical(COLLECTION, name, 9)) for name in names})


def doctor(home: Path) -> str:
    """Return the exit code and the findings: "1: pending 3"."""
    done = run(home, "doctor", "--json")
    try:
        findings = json.loads(done.stdout)
    except ValueError:
        return f"{done.returncode}: {done.stderr.strip()[-200:]}"
    said = ", ".join(f"{finding['kind']} {finding['count']}" for finding in findings)
    return f"{done.returncode}: {said or 'clean'}"


def kill_after(seconds: float, arguments: list[str]) -> bool:
    """Start the command and kill it, with its children, after so many seconds; say whether it was still running."""
    with subprocess.Popen(
        arguments, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as child:
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
        return child.wait() == -signal.SIGKILL


class Bench:
    """The documents, the undisturbed run, and kills of one operation."""

    def __init__(self, work: Path, models: Path, operation: str, count: int, draw: random.Random) -> None:
        self.work, self.models, self.operation, self.draw = work, models, operation, draw
        self.names = write_documents(work / "documents", count, draw)
        self.finished = self._home("finished")
        self.ingest = ("ingest", str(work / "documents"), "--collection", COLLECTION)
        self.seconds = self._timed(self.finished, *self.ingest)
        self.removed: list[str] = []
        self.expected = contents(self.finished, list(self.names.values()))
        if operation != "ingest":
            self._time_the_other(count)
        if sum(self.expected.found.values()) != self.expected.documents or max(self.expected.found.values()) > 1:
            raise SystemExit("a name is not found in exactly one passage of the undisturbed run; take another --seed")

    def trial(self, part: float) -> Trial:
        """Kill the operation when `part` (0 to 1) of its time is over."""
        for _ in range(TRIES):
            home = self._start()
            moment = part * self.seconds
            killed = kill_after(moment, command(home, *self._arguments(home)))
            if killed:
                break
            part *= 0.6
        said = doctor(home)
        before = contents(home, [])
        began = time.perf_counter()
        left = self._arguments(home)
        again = run(home, *left).returncode if left else 0
        seconds = time.perf_counter() - began
        after = contents(home, list(self.names.values()))
        lost, doubled = self._compared(after)
        trial = Trial(
            moment, killed, before.documents, said, seconds, again, after, lost, doubled, last_doctor=doctor(home)
        )
        shutil.rmtree(home)
        return trial

    def _time_the_other(self, count: int) -> None:
        scratch = self.work / "scratch"
        with open_store(self.finished) as store:
            documents = {Path(one.uri).name: one.id for one in store.documents(COLLECTION)}
        if self.operation == "reingest":
            with open_store(self.finished) as store:
                store.remove(list(documents.values()))
        if self.operation == "remove":
            chosen = sorted(self.draw.sample(sorted(documents), count // 2))
            self.removed = [documents[name] for name in chosen]
        shutil.copytree(self.finished, scratch, symlinks=True)
        self.seconds = self._timed(scratch, *self._arguments(scratch))
        self.expected = contents(scratch, list(self.names.values()))
        shutil.rmtree(scratch)

    def _arguments(self, home: Path) -> list[str]:
        """Return the command, or nothing where there is nothing left to do."""
        if self.operation in {"ingest", "reingest"}:
            return list(self.ingest)
        if self.operation == "rebuild":
            return ["rebuild"]
        with open_store(home) as store:
            there = {one.id for one in store.documents(COLLECTION)}
        left = [document_id for document_id in self.removed if document_id in there]
        return ["documents", "remove", *left] if left else []

    def _start(self) -> Path:
        home = self.work / "home"
        shutil.rmtree(home, ignore_errors=True)
        if self.operation == "ingest":
            return self._home("home")
        shutil.copytree(self.finished, home, symlinks=True)
        return home

    def _home(self, name: str) -> Path:
        home = self.work / name
        home.mkdir()
        (home / "models").symlink_to(self.models)
        return home

    def _timed(self, home: Path, *arguments: str) -> float:
        began = time.perf_counter()
        done = run(home, *arguments)
        if done.returncode:
            raise SystemExit(f"the undisturbed run failed: {done.stderr}")
        return time.perf_counter() - began

    def _compared(self, after: Contents) -> tuple[int, int]:
        lost = sum((self.expected.passages - after.passages).values())
        doubled = sum((after.passages - self.expected.passages).values())
        for name, times in self.expected.found.items():
            lost += max(0, times - after.found[name])
            doubled += max(0, after.found[name] - times)
        return lost, doubled


def table(trials: Sequence[Trial]) -> Iterator[str]:
    heads = ("kill at (s)", "documents then", "`rag doctor` then", "second run (s, exit)", "documents", "passages")
    heads += ("lost", "doubled", "`rag doctor`")
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    for one in trials:
        when = f"{one.moment:.1f}" if one.killed else f"{one.moment:.1f} (had ended)"
        yield (
            f"| {when} | {one.documents} | {one.doctor} | {one.seconds:.1f}, {one.again} | {one.after.documents} "
            f"| {one.after.passages.total()} | {one.lost} | {one.doubled} | {one.last_doctor} |"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operation", choices=("ingest", "reingest", "rebuild", "remove"), default="ingest")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--models", type=Path, help="a home's folder `models` (default: that of the settings' home)")
    options = parser.parse_args()
    if not 1 <= options.documents <= 1000 or not 1 <= options.kills <= 100:
        parser.error("--documents is 1 to 1000, --kills 1 to 100")
    draw = random.Random(options.seed)
    models = (options.models or Settings.load().home / "models").resolve()
    trials = []
    with tempfile.TemporaryDirectory() as work:
        bench = Bench(Path(work), models, options.operation, options.documents, draw)
        print(
            f"{options.operation} of {options.documents} documents, undisturbed: {bench.seconds:.1f} s, then "
            f"{bench.expected.documents} documents, {bench.expected.passages.total()} passages",
            flush=True,
        )
        for number in range(options.kills):
            trials.append(bench.trial((number + draw.random()) / options.kills))
            *_, line = table(trials[-1:])
            print(line, file=sys.stderr, flush=True)
    print("\n".join(table(trials)))
    bad = sum(not trial.good for trial in trials)
    unkilled = sum(not trial.killed for trial in trials)
    print(f"{len(trials)} kills, {unkilled} of them too late; {bad} with something lost, doubled or not mended")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
