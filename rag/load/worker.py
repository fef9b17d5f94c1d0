"""Reading in a process of its own: a file that eats memory, hangs or crashes its parser is named, and the rest goes on.

One process reads many files; it is started at the first that needs it and again after one that killed it. Between the
two goes JSON with the bytes of files behind it, nothing that could run.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, astuple
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from rag.errors import DocumentError
from rag.load import pdf_picture, read_one, text
from rag.load.parsed import Member, Parsed, Source
from rag.load.pdf_picture import Sought
from rag.types import Box, Place, Span

_LENGTH = struct.Struct("<Q")
_START = "import sys; sys.path.insert(0, sys.argv[1]); from rag.load.worker import serve; serve(int(sys.argv[2]))"
_CHUNK = 1 << 20
_AT_ONCE = set(text.SUFFIXES)
"""Read in this process: nothing but decoding happens to them."""


class Worker:
    """Reads files like `rag.load.read_one` and draws their pages, within limits; any number of threads may use one.

    Args:
        seconds: what one file may take.
        memory: bytes of address space that the process may have beyond what it starts with (Linux only).
    """

    def __init__(self, seconds: float, memory: int) -> None:
        self._seconds = seconds
        self._memory = memory
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def read(self, source: Source) -> Parsed:
        """Read one file.

        Raises:
            DocumentError: it can't be read, or reading it took too long, too much memory, or crashed.
        """
        if Path(source.name).suffix.lower() in _AT_ONCE:
            return read_one(source)
        return _parsed(*self._asked(source, {"do": "read"}))

    def picture(self, source: Source, number: int, width: int) -> tuple[int, int, bytes]:
        """Draw a page of a PDF as `rag.load.pdf_picture.picture` does; errors as for `read`."""
        answer, blobs = self._asked(source, {"do": "picture", "number": number, "width": width})
        return answer["width"], answer["height"], blobs[0]

    def boxes(self, source: Source, sought: Sequence[Sought]) -> list[list[Box]]:
        """Find texts on the pages of a PDF as `rag.load.pdf_picture.boxes` does; errors as for `read`."""
        answer, _ = self._asked(source, {"do": "boxes", "sought": [asdict(one) for one in sought]})
        return [[Box(*sides) for sides in found] for found in answer["boxes"]]

    def _asked(self, source: Source, ask: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        with self._lock:
            process = self._running()
            try:
                assert process.stdin is not None and process.stdout is not None
                _send(process.stdin, {**ask, "name": source.name, "passwords": source.passwords}, [source.data])
                answer, blobs = _Receiver(process.stdout, time.monotonic() + self._seconds).message()
            except TimeoutError as error:
                self._end()
                raise DocumentError(
                    f"{source.name}: reading it took longer than {self._seconds:g} s and was stopped; "
                    "split it, or raise RAG_FILE_SECONDS."
                ) from error
            except (EOFError, OSError, ValueError) as error:
                self._end()
                raise DocumentError(
                    f"{source.name}: its reader crashed or took more than {self._memory:,} bytes of memory; "
                    "the file may be damaged: open it in its own program and save it anew."
                ) from error
            except BaseException:  # interrupted: what the process would still say belongs to this file
                self._end()
                raise
        if "error" in answer:
            raise DocumentError(answer["error"])
        return answer, blobs

    def close(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            # -P and an absolute path: the folder that is read must not be one that modules come from.
            root = str(Path(__file__).resolve().parents[2])
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _START, root, str(self._memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # A Ctrl-C is for the one who asked; it closes this one.
                start_new_session=True,
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was still to be written has nobody to read it
                    pipe.close()
        process.wait()


def serve(memory: int) -> None:
    """Read what is asked for on standard input until that ends; the other end of `Worker`."""
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not stand among the answers
    _limit(memory)
    receiver = _Receiver(questions, None)
    while True:
        try:
            ask, blobs = receiver.message()
        except EOFError:
            return
        try:
            _send(answers, *_done(ask, Source(blobs[0], ask["name"], tuple(ask["passwords"]))))
        except DocumentError as error:
            _send(answers, {"error": str(error)}, [])
        except Exception as error:
            # A reader that trips over a file must not take the run with it; the name says what to look for.
            said = f"{ask['name']}: could not be read ({type(error).__name__}: {str(error)[:200]}); it may be damaged."
            _send(answers, {"error": said}, [])


def _done(ask: dict[str, Any], source: Source) -> tuple[dict[str, Any], list[bytes]]:
    if ask["do"] == "picture":
        width, height, png = pdf_picture.picture(source, ask["number"], ask["width"])
        return {"width": width, "height": height}, [png]
    if ask["do"] == "boxes":
        found = pdf_picture.boxes(source, [Sought(**one) for one in ask["sought"]])
        return {"boxes": [[astuple(box) for box in one] for one in found]}, []
    parsed = read_one(source)
    members = [{"name": member.name, "problem": member.problem} for member in parsed.members]
    return {**asdict(parsed), "members": members}, [member.data for member in parsed.members]


def _limit(memory: int) -> None:
    if not sys.platform.startswith("linux"):
        return
    import resource

    with open("/proc/self/statm", encoding="ascii") as status:
        now = int(status.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (now + memory, now + memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _send(pipe: IO[bytes], head: dict[str, Any], blobs: list[bytes]) -> None:
    # Not ASCII only: half characters that came from a broken file are written as escapes.
    body = json.dumps({**head, "lengths": [len(blob) for blob in blobs]}).encode("ascii")
    pipe.write(_LENGTH.pack(len(body)) + body)
    for blob in blobs:
        pipe.write(blob)
    pipe.flush()


class _Receiver:
    """Reads messages from a pipe, until a moment of the monotonic clock where one is given."""

    def __init__(self, pipe: IO[bytes], until: float | None) -> None:
        self._descriptor = pipe.fileno()
        self._until = until

    def message(self) -> tuple[dict[str, Any], list[bytes]]:
        """Return the next message with its files.

        Raises:
            EOFError: the other end is closed.
            TimeoutError: it did not come in time.
        """
        (length,) = _LENGTH.unpack(self._bytes(_LENGTH.size))
        head = json.loads(self._bytes(length))
        return head, [self._bytes(size) for size in head.pop("lengths")]

    def _bytes(self, count: int) -> bytes:
        found = bytearray()
        while len(found) < count:
            self._wait()
            piece = os.read(self._descriptor, min(_CHUNK, count - len(found)))
            if not piece:
                raise EOFError
            found += piece
        return bytes(found)

    def _wait(self) -> None:
        if self._until is None:
            return
        with selectors.DefaultSelector() as ready:
            ready.register(self._descriptor, selectors.EVENT_READ)
            if not ready.select(max(0.0, self._until - time.monotonic())):
                raise TimeoutError


def _parsed(answer: dict[str, Any], blobs: list[bytes]) -> Parsed:
    return Parsed(
        text=answer["text"],
        title=answer["title"],
        media_type=answer["media_type"],
        published_at=answer["published_at"],
        author=answer["author"],
        pages=tuple(Span(**page) for page in answer["pages"]),
        places=tuple(Place(**place) for place in answer["places"]),
        members=tuple(Member(m["name"], blob, m["problem"]) for m, blob in zip(answer["members"], blobs, strict=True)),
        note=answer["note"],
    )
