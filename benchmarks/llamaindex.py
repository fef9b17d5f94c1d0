"""llama-index's defaults on a question set, as a run that `rag eval compare` takes.

    python benchmarks/llamaindex.py QUESTIONS --docs DOCS --out RUN [--limit N --seed S]

SentenceSplitter with 1,024 tokens, the two nearest chunks of a VectorStoreIndex, the default prompt. Embedding model,
language model, documents, questions and metrics are the product's own, so that only what is done with them differs.
llama-index has no refusal of its own: an answer that says by itself that the context doesn't tell counts as one. It
has no citations either, so there are no scores for them.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from llama_index.core import Document, StorageContext, VectorStoreIndex, load_index_from_storage
from llama_index.core import Settings as Defaults
from llama_index.core.embeddings import BaseEmbedding
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.vector_stores import FilterOperator, MetadataFilter, MetadataFilters
from pydantic import PrivateAttr

from rag import Answer, Engine, Settings, Turn
from rag.evaluate.circumstances import circumstances, without_secrets
from rag.evaluate.corpus import Corpus
from rag.evaluate.runner import Options, measure, prepare, settings_of
from rag.evaluate.subject import Finding, Place
from rag.types import Step, Timings

DOCUMENT = "document_id"
TOP = 2
RANKED = 20
REFUSES = re.compile(
    r"\b(?:(?:do|does|did|is|are|was|were|has|have|can) ?(?:not|n['’]t)|cannot) (?:\w+ ){0,2}?"
    r"(?:mention|provide|contain|specif|state|include|give|say|available|enough|possible|answer|determine|know)"
    r"|\bno (?:\w+ ){0,2}?(?:information|mention|answer|indication)\b|\bunable to\b|\bunknown\b",
    re.IGNORECASE,
)
"""How models decline in their own words. Only where the first sentence does."""


class Embedding(BaseEmbedding):
    """The product's embedder, for llama-index."""

    _embedder: Any = PrivateAttr()

    def __init__(self, embedder: Any) -> None:
        super().__init__(model_name=embedder.fingerprint, embed_batch_size=64)
        self._embedder = embedder

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._embedder.query(query).tolist()

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._embedder.documents([text])[0].tolist()

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return self._embedder.documents(texts).tolist()


class LlamaIndex:
    """A rag.evaluate Subject."""

    name = "llama-index defaults"
    counts_tokens = False

    def __init__(self, engine: Engine, corpus: Corpus, folder: Path) -> None:
        self.engine = engine
        Defaults.embed_model = Embedding(engine.retriever().embedder)
        writer = engine.writer()
        assert writer is not None, "a baseline needs a model: --llm none has nothing to compare"
        # The very model that the product asks; it has no public handle, because nobody else needs it bare.
        self.model, Defaults.llm = writer.name, writer._llm
        self.index = self._index(corpus, folder)

    def _index(self, corpus: Corpus, folder: Path) -> Any:
        if (folder / "docstore.json").exists():
            return load_index_from_storage(StorageContext.from_defaults(persist_dir=str(folder)))
        documents = [
            Document(
                text=self.text(id),
                id_=id,
                metadata={DOCUMENT: id},
                excluded_embed_metadata_keys=[DOCUMENT],
                excluded_llm_metadata_keys=[DOCUMENT],
            )
            for id in corpus.ids.values()
        ]
        index = VectorStoreIndex.from_documents(
            documents, transformations=[SentenceSplitter(chunk_size=1024)], show_progress=True
        )
        index.storage_context.persist(str(folder))
        return index

    def text(self, document_id: str) -> str:
        return self.engine.documents.get(document_id).text

    def _only(self, document_ids: Sequence[str] | None) -> dict[str, Any]:
        if document_ids is None:
            return {}
        chosen = MetadataFilter(key=DOCUMENT, value=list(document_ids), operator=FilterOperator.IN)
        return {"filters": MetadataFilters(filters=[chosen])}

    def find(self, question: str, document_ids: Sequence[str] | None, history: Sequence[Turn] = ()) -> Finding:
        began = time.perf_counter()
        found = self.index.as_retriever(similarity_top_k=RANKED, **self._only(document_ids)).retrieve(question)
        seconds = time.perf_counter() - began
        places = tuple(
            Place(item.node.metadata[DOCUMENT], item.node.start_char_idx, item.node.end_char_idx, item.node.text)
            for item in found
        )
        return Finding(passages=places, fused=places, seconds=seconds)

    def answer(self, question: str, history: Sequence[Turn], document_ids: Sequence[str] | None) -> Answer:
        began, first, text = time.perf_counter(), 0.0, ""
        asked = self.index.as_query_engine(similarity_top_k=TOP, streaming=True, **self._only(document_ids))
        response = asked.query(question)
        retrieved = time.perf_counter() - began
        for piece in response.response_gen:
            text += piece
            # The first pieces are empty: roles, not words.
            first = first or (time.perf_counter() - began if text.strip() else 0.0)
        refused = bool(REFUSES.search(re.split(r"(?<=[.!?])\s", text.strip(), maxsplit=1)[0]))
        return Answer(
            id="",
            question=question,
            understood=question,
            status="not_found" if refused or not text.strip() else "answered",
            text=text.strip(),
            model=self.model,
            timings=Timings(retrieve=retrieved, first_token=first, total=time.perf_counter() - began),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--docs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--llm")
    given = parser.parse_args()
    options = Options(limit=given.limit, seed=given.seed)
    with Engine(Settings.load(llm=given.llm)) as engine:
        prepared = prepare(engine, given.questions, docs=given.docs, options=options)
        folder = engine.settings.home / "evaluate" / f"llamaindex-{prepared.corpus.fingerprint[:12]}"
        subject = LlamaIndex(engine, prepared.corpus, folder)
        settings = settings_of(prepared, subject, options, without_secrets(engine.settings))

        def tell(step: Step) -> None:
            print(f"{step.done} of {step.total}: {step.detail}", flush=True)

        report = measure(
            subject,
            prepared,
            settings,
            circumstances(engine.settings),
            folder=given.out,
            options=options,
            progress=tell,
        )
    for name, metric in report.metrics.items():
        print(f"{name:40} {metric['value']:.3f} [{metric['low']:.3f}, {metric['high']:.3f}] n={metric['n']}")


if __name__ == "__main__":
    main()
