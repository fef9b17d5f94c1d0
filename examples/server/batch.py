"""Ask a file of questions, one a line, and write the answers with their quotes as CSV.

python examples/server/batch.py questions.txt answers.csv [ADDRESS]
"""

from __future__ import annotations

import asyncio
import csv
import sys
from pathlib import Path

from rag import Answer, AsyncClient, RagError

AT_ONCE = 4
COLUMNS = ("question", "status", "answer", "quotes", "documents", "seconds", "error")


def row(answer: Answer) -> tuple[str, ...]:
    """Return what of an answer stands in a line."""
    quotes = "\n".join(f"[{c.number}] {c.quote}" for c in answer.citations)
    documents = "\n".join(f"[{c.number}] {c.uri} {c.place}" for c in answer.citations)
    return answer.question, answer.status, answer.marked(), quotes, documents, f"{answer.timings.total:.1f}", ""


async def main(questions: Path, target: Path, address: str) -> None:
    """Ask them all, a few at once; one that fails is in its line."""
    asked = [line.strip() for line in questions.read_text(encoding="utf-8").splitlines() if line.strip()]
    turn = asyncio.Semaphore(AT_ONCE)
    async with AsyncClient(address) as client:

        async def one(question: str) -> tuple[str, ...]:
            async with turn:
                try:
                    return row(await client.ask(question))
                except RagError as error:
                    return question, "failed", "", "", "", "", str(error)

        rows = await asyncio.gather(*map(one, asked))
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *(tuple(map(harmless, line)) for line in rows)])


def harmless(cell: str) -> str:
    """Return a cell that a spreadsheet doesn't take for a formula: text of documents may begin like one."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


if __name__ == "__main__":
    address = sys.argv[3] if len(sys.argv) > 3 else "http://127.0.0.1:7860"
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), address))
