"""Time a start of the chat page as its user sees it: until it can be used, and until the first sentence of an answer.

    python benchmarks/page_start.py DOCS [--question "…"] [--llm embedded:NAME] [--times 1]

Starts `python app.py --docs DOCS` with a store of its own and the models that are there, opens it in a headless
Chromium and asks. "Cold" is the first question of the process once the model is open, "warm" the same one in
a new chat. The documents are read beforehand: what reading costs is another figure.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from rag.config import Settings, child_environment
from rag.engine import Engine

ROOT = Path(__file__).parents[1]
PATIENCE = 900_000
"""Milliseconds to wait for anything."""


def first_sentence(page: Page, question: str) -> tuple[float, float]:
    """Ask in a new chat; return the seconds to the first sentence on screen and to the end of the answer."""
    page.click("#fn-new")
    page.fill("#fn-question", question)
    began = time.perf_counter()
    page.keyboard.press("Enter")
    page.wait_for_selector(".fn-said")
    first = time.perf_counter() - began
    page.wait_for_selector('.fn-answer[data-state="done"] .fn-actions')
    return first, time.perf_counter() - began


def usable(address: str, page: Page) -> None:
    """Wait until the server answers and the page can be typed into."""
    limit = time.monotonic() + PATIENCE / 1000
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            break
        except OSError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.05)
    page.goto(address)
    page.wait_for_selector('#fn[data-state="ready"]')


def once(page: Page, home: str, given: argparse.Namespace) -> None:
    """Start the page, ask twice, print what was measured, end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "app.py", "--docs", given.docs, "--llm", given.llm, "--port", str(port)],
        cwd=ROOT,
        env=child_environment(RAG_HOME=home),
        stdout=subprocess.DEVNULL,
    )
    try:
        usable(f"http://127.0.0.1:{port}/", page)
        print(f"usable page after {time.perf_counter() - began:.1f} s,", end=" ", flush=True)
        page.wait_for_function("() => document.querySelector('#fn-models').hidden")
        print(f"model open after {time.perf_counter() - began:.1f} s", flush=True)
        for name in ("cold", "warm"):
            first, whole = first_sentence(page, given.question)
            print(f"  {name}: first sentence after {first:.1f} s, whole answer after {whole:.1f} s", flush=True)
    finally:
        process.terminate()
        process.wait(30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("docs", type=os.path.abspath)
    parser.add_argument("--question", default="Who might visit after Blinken?")
    parser.add_argument("--llm", default=Settings.load().llm)
    parser.add_argument("--times", type=int, default=1)
    given = parser.parse_args()
    models = Settings.load().home / "models"
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        (Path(home) / "models").symlink_to(models, target_is_directory=True)
        with Engine(Settings.load(home=home, llm="none")) as engine:
            engine.attach(given.docs)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for _ in range(given.times):
            context = browser.new_context(viewport={"width": 1360, "height": 860})
            context.set_default_timeout(PATIENCE)
            once(context.new_page(), home, given)
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
