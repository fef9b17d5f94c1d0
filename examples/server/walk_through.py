"""Ask a running server, step by step. Start it with `rag serve`, then run the cells, or the file as it is.

python examples/server/walk_through.py [ADDRESS]
"""

# %% Connect
import sys
from pathlib import Path

from rag import Client, Sentence
from rag.types import Step

ADDRESS = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:7860"
BRIEFINGS = Path(__file__).parents[1] / "briefings"


def show(step: Step) -> None:
    """Tell how far the server is."""
    print(f"  {step.stage}: {step.done} of {step.total}", file=sys.stderr)


client = Client(ADDRESS, progress=show)

# %% Bring documents
report = client.ingest([BRIEFINGS], collection="briefings")
for file in report.files:
    print(f"{file.outcome:9} {Path(file.uri).name} {file.reason}")

# %% Ask, and look each quote up in its document
answer = client.ask("Who might visit after Blinken?", collection="briefings")
print(answer.marked())
for citation in answer.citations:
    document = client.documents.get(citation.document_id)
    assert document.text[citation.start : citation.end] == citation.quote
    print(f"[{citation.number}] {citation.quote} — {citation.title}, {citation.place}")

# %% What the documents don't say is refused
print(client.ask("What does a ticket to the opera cost?", collection="briefings").status)

# %% Sentence by sentence
for event in client.stream("When does Blinken travel to China?", collection="briefings"):
    if isinstance(event, Sentence):
        print(event.text, event.claim.marks())

# %% A conversation that is kept, with what you think of it
chat = client.chats.create("Visits to Beijing", collection="briefings")
kept = client.chats.ask(chat.id, "Who might visit after Blinken?")
print(client.chats.ask(chat.id, "and when?").answer["understood"])
print(client.chats.judge(kept.id, "up").verdict, [turn.question for turn in client.chats.turns(chat.id)])
client.chats.delete(chat.id)

# %% Done
client.close()
