"""Make the pictures of docs/evaluation.md: the report of a run and a comparison, in a headless Chromium.

    python docs/images/reports.py [RUN_A RUN_B]

Needs Debian's `chromium` and the test extra. Without folders the sample folder's questions are asked, first without a
model, then with that of the settings; the runs stay in a folder that is named at the end.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from rag.evaluate.compare import compare_runs
from rag.evaluate.folder import REPORT
from rag.evaluate.report import comparison

HERE = Path(__file__).parent
BRIEFINGS = HERE.parents[1] / "examples" / "briefings"
SIZE = {"width": 1000, "height": 2300}


def run(folder: Path, *model: str) -> None:
    """Ask the sample folder's questions as a user would; a run that was broken off there goes on."""
    questions = BRIEFINGS / "questions.jsonl"
    command = [sys.executable, "-m", "rag", "eval", "run", questions, "--docs", BRIEFINGS, "--out", folder, *model]
    subprocess.run(list(map(str, command)), check=True)


def picture(browser: Any, page: Path, name: str, *, opens: str, **look: Any) -> None:
    """Save what is to be seen of a page once its first case is open."""
    context = browser.new_context(viewport=look.pop("viewport", SIZE), **look)
    tab = context.new_page()
    tab.goto(page.absolute().as_uri())
    tab.locator(opens).first.click()
    tab.evaluate("scrollTo(0, 0)")  # the click may have moved it
    tab.screenshot(path=HERE / name)
    context.close()


def main() -> None:
    """Make both pictures."""
    work = Path(tempfile.mkdtemp(prefix="reports-"))
    one, other = map(Path, sys.argv[1:3]) if len(sys.argv) == 3 else (work / "without-model", work / "with-model")
    if len(sys.argv) != 3:
        run(one, "--llm", "none")
        run(other)
    page = work / "comparison.html"
    page.write_text(comparison(compare_runs(one, other)), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        picture(browser, other / REPORT, "report.png", opens="details.case > summary")
        picture(browser, page, "comparison.png", opens="details.case > summary")
        browser.close()
    sys.stdout.write(f"Made of the runs {one} and {other}.\n")


if __name__ == "__main__":
    main()
