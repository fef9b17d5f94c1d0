"""Fuzz the readers of files: whatever the bytes are, a reader gives a text or says why not, and in time.

    python benchmarks/fuzz.py SEEDS OUT [--seconds 60] [--kinds .eml .docx …]

SEEDS is a folder of real files; those with a reader's suffix are what its inputs are bred from. atheris (an extra
download: `pip install atheris`) guides the breeding by the lines of rag.load that an input reaches. Each kind runs for
so many seconds in a process of its own. An input that raises anything but DocumentError, gives a document whose spans
don't lie within its text, or takes longer than 60 seconds is written to OUT. Prints inputs tried and failures by kind;
the exit code is 1 when there was a failure.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

KINDS = (
    ".txt .md .rst .org .html .docx .doc .odt .rtf .pptx .xlsx .xls .csv .eml .mbox .msg .epub .json .jsonl .ipynb "
    ".xml .zip .tar .gz .pdf"
).split()
LONGEST = 65_536
"""Bytes of an input: larger ones only make the fuzzing slow."""
PATIENCE = 60
"""Seconds for one input, far more than any of that size may take."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seeds", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--kinds", nargs="+", default=KINDS)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    if given.one:
        fuzz(given.kinds[0], given.seeds, given.out, given.seconds)
        return
    totals = [0, 0]
    for kind in given.kinds:
        began = time.monotonic()
        command = [sys.executable, __file__, str(given.seeds), str(given.out), "--one", "--kinds", kind]
        done = subprocess.run([*command, "--seconds", str(given.seconds)], capture_output=True, text=True, check=False)
        tried = (given.out / f"tried{kind}").read_text() if (given.out / f"tried{kind}").is_file() else "0"
        failures = [*given.out.glob(f"crash-*{kind}"), *given.out.glob(f"hang{kind}-timeout-*")]
        totals[0] += int(tried)
        totals[1] += len(failures)
        ended = f" (ended with {done.returncode}: {done.stderr.strip()[-300:]!r})" if done.returncode else ""
        taken = time.monotonic() - began
        print(f"{kind:7}{int(tried):>9,} inputs {len(failures):>3} failures {taken:>6.0f} s{ended}", flush=True)
    print(f"{'all':7}{totals[0]:>9,} inputs {totals[1]:>3} failures")
    sys.exit(1 if totals[1] else 0)


def fuzz(kind: str, seeds: Path, out: Path, seconds: int) -> None:
    """Breed inputs of one kind until the time is over; never returns."""
    import atheris

    with atheris.instrument_imports(include=["rag.load"]):
        from rag import load
        from rag.errors import DocumentError
        from rag.language import detect
        from rag.load import Unread, unfold

    detect("The model that tells languages takes longer to load than any input to read.")
    check = checker(kind, out, unfold, Unread, DocumentError, load.read_one)
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(sorted(seeds.rglob(f"*{kind}"))):
            if seed.stat().st_size <= LONGEST:
                shutil.copy(seed, Path(folder) / str(number))
        limits = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", f"-timeout={PATIENCE}", "-rss_limit_mb=4000"]
        limits.append(f"-report_slow_units={PATIENCE}")
        prefix = f"-artifact_prefix={out}/hang{kind}-"
        atheris.Setup([sys.argv[0], *limits, prefix, "-print_final_stats=1", folder], check)
        atheris.Fuzz()


def checker(
    kind: str, out: Path, unfold: Callable, unread: type, error: type[Exception], read_one: Callable
) -> Callable[[bytes], None]:
    """Return what is done with one input."""
    counted = {"tried": 0}
    known: set[str] = set()

    def check(data: bytes) -> None:
        counted["tried"] += 1
        if counted["tried"] % 50 == 0 or counted["tried"] < 50:
            (out / f"tried{kind}").write_text(str(counted["tried"]))
        try:
            # A member of a foreign kind, like a picture, is not given to a program outside.
            for part in unfold(Path(f"input{kind}"), data, uri=f"/input{kind}", read=within(read_one)):
                if not isinstance(part, unread):
                    sound(part)
        except Exception:  # whatever a reader trips over is what is looked for: its input is kept and named
            trace = traceback.extract_tb(sys.exc_info()[2])[-1]
            where = f"{Path(trace.filename).stem}{trace.lineno}"
            if where not in known:
                known.add(where)
                (out / f"crash-{where}{kind}").write_bytes(data)
                (out / f"crash-{where}{kind}.why").write_text(traceback.format_exc())

    def within(read: Callable) -> Callable:
        def guarded(given: object) -> object:
            name = given.name.lower()  # type: ignore[attr-defined]
            if name.endswith((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".gif")):
                raise error(f"{name}: is a picture.")
            return read(given)

        return guarded

    return check


def sound(document: object) -> None:
    """Raise AssertionError where a document's pages and places don't lie within its text."""
    text = document.text  # type: ignore[attr-defined]
    for span in (*document.pages, *document.places):  # type: ignore[attr-defined]
        assert 0 <= span.start <= span.end <= len(text), f"{span} in a text of {len(text)}"
    text.encode("utf-8")


if __name__ == "__main__":
    main()
