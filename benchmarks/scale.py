"""Many documents, and large ones: documents and passages a minute, peak memory, bytes on disk, seconds of a question.

    python benchmarks/scale.py --documents 10000
    python benchmarks/scale.py --gigabytes 5

The first makes that many short documents, no two with the same sentences, in folders of 100. The second makes a folder
of so many bytes: PDF, Word and ZIP files of 30 to 90 MB each, almost all of it pictures of random bytes, with a page of
text; it is in --work while it runs and deleted afterwards. Each is read by `rag ingest` in a process of its own, from
an empty home; then again, when nothing has changed; then `rag ask --llm none` is asked QUESTIONS times.

Memory is the largest resident set of the command, and of it with the processes that it started, from /proc (Linux).
The embedding model is taken from --models, by default those of the usual home.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from rag import Settings
from vectorstore.local import open_store

ROOT = Path(__file__).resolve().parent.parent
COLLECTION = "scale"
QUESTIONS = 3
_SYLLABLES = (
    "ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo yu za bre cla dro fle gri plo stu tra vel".split()
)
_FRAMES = (
    "The {a} of {b} was opened on {day} May {year} by {c}.",
    "{c} keeps {n} {a}s in the {d} behind {b}.",
    "In {year} the {d} of {b} lost {n} crowns to a storm from {e}.",
    "Nobody in {e} remembers why {c} sold the {a} for {n} crowns.",
    "Every {d} between {b} and {e} has been measured by {c} since {year}.",
    "A {a} from {e} weighs {n} pounds more than one from {b}.",
    "{c} wrote to {b} that the {d} would need {n} new stones before {year}.",
    "The road from {b} to {e} passes {n} {d}s and a single {a}.",
)


class Words:
    """Names drawn from syllables: enough of them that no two documents say the same."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw

    def word(self) -> str:
        return "".join(self.draw.choices(_SYLLABLES, k=self.draw.randint(2, 4)))

    def name(self) -> str:
        return self.word().capitalize()

    def sentence(self) -> str:
        return self.draw.choice(_FRAMES).format(
            a=self.word(),
            b=self.name(),
            c=f"{self.name()} {self.name()}",
            d=self.word(),
            e=self.name(),
            n=self.draw.randint(2, 9999),
            day=self.draw.randint(1, 28),
            year=self.draw.randint(1500, 2020),
        )

    def text(self, sentences: int) -> str:
        return " ".join(self.sentence() for _ in range(sentences))


def short_documents(folder: Path, count: int, draw: random.Random) -> int:
    words = Words(draw)
    for number in range(count):
        path = folder / f"{number // 100:03d}" / f"{words.name()} {number:05d}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words.text(draw.randint(2, 6)) + "\n", encoding="utf-8")
    return count


def large_documents(folder: Path, total: int, draw: random.Random) -> int:
    """Write files until there are `total` bytes; return how many."""
    folder.mkdir()
    words, noise = Words(draw), draw.randbytes(96_000_000)
    makers = (large_pdf, large_word, large_zip)
    suffixes = ("pdf", "docx", "zip")
    written = number = 0
    while written < total:
        size = min(draw.randint(30_000_000, 90_000_000), max(1_000_000, total - written))
        start = draw.randint(0, len(noise) - size)
        lines = [words.sentence() for _ in range(20)]
        data = makers[number % 3](lines, noise[start : start + size])
        (folder / f"{number:04d}.{suffixes[number % 3]}").write_bytes(data)
        written += len(data)
        number += 1
    return number


def large_pdf(lines: list[str], picture: bytes) -> bytes:
    width = 2000
    picture = picture[: len(picture) // width * width]
    shown = " ".join(f"({line}) Tj T*" for line in lines).encode("cp1252")
    page = b"BT /F1 10 Tf 40 780 Td 14 TL " + shown + b" ET q 100 0 0 100 40 40 cm /P Do Q"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 900 800] /Contents 5 0 R "
        b"/Resources << /Font << /F1 3 0 R >> /XObject << /P 6 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray "
        b"/BitsPerComponent 8 /Length %d >>\nstream\n%s\nendstream"
        % (width, len(picture) // width, len(picture), picture),
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, table))


def large_word(lines: list[str], picture: bytes) -> bytes:
    kinds = (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="png" ContentType="image/png"/><Override PartName="/word/document.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
    )
    related = (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
        ' Target="word/document.xml"/></Relationships>'
    )
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines)
    parts = {
        "[Content_Types].xml": kinds,
        "_rels/.rels": related,
        "word/document.xml": f'<?xml version="1.0"?><w:document {space}><w:body>{body}</w:body></w:document>',
        "word/media/image1.png": picture,
    }
    return packed(parts)


def large_zip(lines: list[str], picture: bytes) -> bytes:
    half = len(lines) // 2
    texts = {"notes/first.txt": "\n".join(lines[:half]), "notes/second.txt": "\n".join(lines[half:])}
    return packed({**texts, "pictures/large.png": picture})


def packed(parts: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


class Memory(threading.Thread):
    """Samples the resident set of a process and of its descendants, in bytes."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.alone, self.together = pid, 0, 0
        self.over = threading.Event()
        self.cpu = 0.0
        """The processor's seconds, of all threads and processes."""

    def run(self) -> None:
        while not self.over.wait(0.1):
            sizes = [resident(pid) for pid in family(self.pid)]
            self.alone = max(self.alone, sizes[0])
            self.together = max(self.together, sum(sizes))


def family(pid: int) -> Iterator[int]:
    yield pid
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split():
                yield from family(int(child))
    except OSError:
        return


def resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def rag(home: Path, *arguments: str) -> tuple[float, Memory, str]:
    """Run a command; return its seconds, its memory and its output."""
    command = [sys.executable, "-m", "rag", "--home", str(home), *arguments]
    began, before = time.perf_counter(), os.times()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        memory = Memory(process.pid)
        memory.start()
        out, err = process.communicate()
    seconds = time.perf_counter() - began
    memory.over.set()
    memory.join()
    after = os.times()
    memory.cpu = after.children_user + after.children_system - before.children_user - before.children_system
    if process.returncode:
        raise SystemExit(f"rag {' '.join(arguments)} ended with {process.returncode}: {err[-500:]}\n{out[-500:]}")
    return seconds, memory, out


def measure(home: Path, documents: Path, files: int) -> None:
    bytes_in = sum(path.stat().st_size for path in parts_of(documents))
    print(f"{files} files, {bytes_in / 1e6:,.1f} MB", flush=True)
    ingest = ("ingest", str(documents), "--collection", COLLECTION, "--json")
    seconds, memory, out = rag(home, *ingest)
    report = json.loads(out)
    with open_store(home) as store:
        listed = store.documents(COLLECTION)
    passages = sum(one.passages for one in listed)
    kept = sum(path.stat().st_size for name in ("catalog.sqlite3", "chroma") for path in parts_of(home / name))
    print(f"ingested in {seconds:.1f} s ({memory.cpu:.1f} s of CPU)")
    print(f"  {len(listed)} documents, {passages} passages, {report['embedded']} embedded")
    print(f"  {60 * len(listed) / seconds:,.0f} documents, {60 * passages / seconds:,.0f} passages a minute")
    print(f"  {bytes_in / 1e6 / seconds:,.1f} MB of files a second")
    print(f"  peak memory {memory.alone / 1e6:,.0f} MB, {memory.together / 1e6:,.0f} MB with its readers")
    print(f"  {kept / 1e6:,.1f} MB on disk, {kept / passages:,.0f} bytes a passage", flush=True)
    seconds, memory, _ = rag(home, *ingest)
    print(
        f"again, unchanged: {seconds:.1f} s ({memory.cpu:.1f} s of CPU), peak memory {memory.alone / 1e6:,.0f} MB",
        flush=True,
    )
    for number in range(QUESTIONS):
        words = listed[(number * 7919) % len(listed)].title
        seconds, memory, _ = rag(home, "ask", f"Who is {words}?", "--collection", COLLECTION, "--llm", "none", "--json")
        took = f"{seconds:.1f} s ({memory.cpu:.1f} s of CPU)"
        print(f"rag ask --llm none: {took}, peak memory {memory.alone / 1e6:,.0f} MB", flush=True)


def parts_of(path: Path) -> Iterator[Path]:
    yield from (one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, help="how many short documents")
    parser.add_argument("--gigabytes", type=float, help="how large a folder of large files")
    parser.add_argument("--work", type=Path, help="a folder for what is made (default: that for temporary files)")
    parser.add_argument("--models", type=Path, help="a home's folder `models` (default: that of the settings' home)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    models = (options.models or Settings.load().home / "models").resolve()
    for many in filter(None, (options.documents, options.gigabytes)):
        work = Path(tempfile.mkdtemp(dir=options.work))
        try:
            home, documents, draw = work / "home", work / "documents", random.Random(options.seed)
            home.mkdir()
            (home / "models").symlink_to(models)
            if many is options.documents:
                files = short_documents(documents, many, draw)
            else:
                files = large_documents(documents, int(many * 1e9), draw)
            measure(home, documents, files)
        finally:
            shutil.rmtree(work)


if __name__ == "__main__":
    main()
