"""A Footnote server, used like an engine: the same methods, the same types, the same errors.

>>> from rag import Client
>>> with Client("http://127.0.0.1:7860") as client:  # doctest: +SKIP
...     print(client.ask("Who might visit after Blinken?").text)
"""

from rag.client.asynchronous import AsyncClient
from rag.client.synchronous import Client

__all__ = ["AsyncClient", "Client"]
