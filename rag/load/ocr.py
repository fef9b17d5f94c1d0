"""Text recognition by Tesseract, where it is installed; a program, not a library, so it is asked as one."""

from __future__ import annotations

import shutil
import subprocess

INSTALL = (
    "install Tesseract to read it (Debian and Ubuntu: `apt install tesseract-ocr`; macOS: `brew install tesseract`)"
)
SECONDS = 120
"""For one page; it takes 2 to 10."""


def recognised(picture: bytes) -> tuple[str, str]:
    """Return the text on a picture (any format that Tesseract knows) and "", or "" and why there is none."""
    program = shutil.which("tesseract")
    if program is None:
        return "", INSTALL
    try:
        found = subprocess.run(
            [program, "stdin", "stdout", "-l", _languages(program)],
            input=picture,
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired:
        return "", f"Tesseract took longer than {SECONDS} s for a page"
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", b"") or str(error).encode()
        last = (said.decode("utf-8", "replace").strip().splitlines() or ["no reason given"])[-1]
        return "", f"Tesseract could not read it ({last}); it may be damaged"
    text = found.stdout.decode("utf-8", "replace").replace("\f", "\n").strip()
    return text, "" if text else "Tesseract found no text on it"


def _languages(program: str) -> str:
    """Return the installed languages, English first, as Tesseract wants them: "eng+deu"."""
    try:
        listed = subprocess.run([program, "--list-langs"], capture_output=True, timeout=SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return "eng"
    names = [line.strip() for line in listed.decode("utf-8", "replace").splitlines()[1:]]
    known = [name for name in names if name and name != "osd" and "/" not in name]
    return "+".join(sorted(known, key=lambda name: (name != "eng", name))) or "eng"
