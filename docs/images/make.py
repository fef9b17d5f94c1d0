"""Draw docs/images/ask.svg: what `rag ask` really prints over examples/briefings, with the settings in effect.

    make picture

Nothing is made up or left out but the progress bars and the folder of this checkout in front of each path. The models
are fetched first where they are not here yet (RAG_HOME names another place for them).
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[2]
PICTURE = Path(__file__).with_name("ask.svg")
COMMAND = ("rag", "ask", "Who might visit after Blinken?", "--docs", "examples/briefings")
COLUMNS = 100


def printed() -> str:
    """Run the command of this checkout as a terminal would and return its lines, colours included.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    terminal = {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    result = subprocess.run(
        [sys.executable, "-m", *COMMAND],
        cwd=ROOT,
        env={**os.environ, **terminal},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if result.returncode:
        sys.stderr.write(result.stderr)
        result.check_returncode()
    # The last line beside the answer names the model and the seconds; the bars before it were taken off the screen.
    *_, model = result.stderr.rstrip().splitlines()
    return f"{result.stdout}{model}\n".replace(f"{ROOT}{os.sep}", "")


def drawn(output: str) -> str:
    """Return the lines under their command as an SVG."""
    console = Console(
        record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor", highlight=False
    )
    console.print(Text(f"$ {' '.join(map(_quoted, COMMAND))}\n", style="bold"))
    console.print(Text.from_ansi(output))
    svg = console.export_svg(title="Footnote", unique_id="footnote")
    # A picture fetches nothing: the fonts are those of whoever looks at it.
    svg = re.sub(r"@font-face\s*\{.*?\}\s*", "", svg, flags=re.DOTALL)
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def _quoted(argument: str) -> str:
    return f'"{argument}"' if shlex.quote(argument) != argument else argument


if __name__ == "__main__":
    PICTURE.write_text(drawn(printed()), encoding="utf-8")
    sys.stdout.write(f"{PICTURE.relative_to(ROOT)} is drawn.\n")
