"""Attacks on a real `rag serve` with keys: what each was answered, and the memory of the server after it.

python benchmarks/attacks.py

Everything is on loopback. The server is the command itself, in a home that is thrown away; a scripted model writes
what the planted document orders. The open internet is played: in the server's process, names that end in `.example`
are looked up in a table here, and 8.8.4.4 is connected to a web server of this script. A row that ends in "!" is a
hole; the exit code is their number.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))

from attack.keys import others, strangers
from attack.lines import headers
from attack.network import SECRET, inward, orders
from attack.paths import traversal
from attack.server import Table, bearer, finished, served
from attack.sizes import bombs, endless

from tests.fakes.library import VISITS
from tests.fakes.openai_server import Reply, ScriptedServer


def afterwards(table: Table, http: httpx.Client, keys: dict[str, str], log: Path) -> None:
    """Look whether the server is well, and at what it wrote down."""
    alive, lines = http.get("/v1/ready"), log.read_text().splitlines()
    told = [line for line in lines if any(key in line for key in keys.values()) or "swordfish" in line]
    what = "the server afterwards; keys and texts in its log"
    table.add(what, f"{alive.status_code}; {len(told)} lines", alive.is_success and not told)
    bugs = [line for line in lines if line.startswith(("Traceback", "ERROR"))]
    table.add("bugs in its log", str(len(bugs)), not bugs)
    if table.holes:
        print("\n".join(lines)[-6000:], file=sys.stderr)


def main() -> int:
    """Try everything, print the table, return the number of holes."""
    print("| Attack | Answered | Memory, MB |\n| --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder, ScriptedServer(lambda _: Reply(SECRET)) as model:
        home = Path(folder)
        with served(home, model.llm) as (note, keys):
            port, table = int(note.url.rpartition(":")[2]), Table(note.pid)
            with httpx.Client(base_url=note.url, timeout=120, trust_env=False) as http:
                files, root = {"files": ("visits.txt", VISITS.encode())}, bearer(keys["root"])
                finished(http, http.post("/v1/documents", files=files, headers=root), keys["root"])
                strangers(table, http, keys)
                others(table, http, keys)
                traversal(table, http, keys, home)
                headers(table, port, keys)
                inward(table, http, keys)
                orders(table, http, keys, model)
                endless(table, port, keys)
                bombs(table, http, keys)
                afterwards(table, http, keys, home / "log")
    print(f"\n{len(table.rows)} attacks, {table.holes} holes")
    return table.holes


if __name__ == "__main__":
    sys.exit(main())
