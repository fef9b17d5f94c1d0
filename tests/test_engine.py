"""The engine as a Python program uses it: over real files and a real store, with stand-ins for the models."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
import threading
import time
import unicodedata
from collections.abc import AsyncGenerator, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from llama_index.core.llms import MockLLM

import rag
from rag import Engine, Settings
from rag.cli.command import run
from rag.errors import (
    EmbeddingMismatchError,
    LLMAuthError,
    LLMTimeoutError,
    ModelUnavailableError,
    PathError,
    QuestionError,
    StoreUnreadableError,
)
from rag.types import Done, Retrieved, Sentence, Step, Turn, Understood
from tests.fakes.embedder import WordEmbedder
from tests.fakes.library import QUESTION, RAIMONDO, VISITS, YELLEN, write
from tests.fakes.llm import ScriptedLLM
from tests.fakes.openai_server import Reply, ScriptedServer, Stall, Status
from vectorstore.local import open_store
from vectorstore.store import DocumentRecord

# --- asking -----------------------------------------------------------------------------------------------------------


def test_an_answer_is_checked_against_the_documents(opened: Callable[..., Engine]) -> None:
    llm = ScriptedLLM(["Treasury Secretary Janet Yellen might visit Beijing in July [9]. Elvis came, too."])
    engine = opened(llm)
    answer = engine.ask(QUESTION)
    assert answer.text.startswith("Treasury Secretary Janet Yellen might visit Beijing in July.")
    assert "Elvis" not in answer.text and answer.model == "scripted"
    for quote in answer.citations:
        assert engine.documents.get(quote.document_id).text[quote.start : quote.end] == quote.quote
    assert YELLEN in llm.prompts[0] and RAIMONDO in llm.prompts[0]


def test_without_a_model_the_best_quotes_are_the_answer(engine: Engine) -> None:
    answer = engine.ask(QUESTION)
    assert (answer.status, answer.model) == ("answered", "none")
    assert {YELLEN, RAIMONDO} <= {quote.quote for quote in answer.citations}


def test_what_the_documents_do_not_say_is_refused_without_waiting_for_the_model(opened: Callable[..., Engine]) -> None:
    llm = ScriptedLLM([])
    answer = opened(llm).ask("Qui est le premier ministre du Canada?")
    assert (answer.status, answer.citations, llm.prompts) == ("not_found", (), [])
    assert answer.evidence


def test_the_events_end_with_the_answer_they_make_up(engine: Engine) -> None:
    understood, retrieved, *sentences, done = engine.stream(QUESTION)
    assert isinstance(understood, Understood) and isinstance(retrieved, Retrieved) and isinstance(done, Done)
    assert " ".join(event.text for event in sentences if isinstance(event, Sentence)) == done.answer.text


@pytest.mark.parametrize("llm", [MockLLM(max_tokens=4), ScriptedLLM(["Janet Yellen."])], ids=["mock", "scripted"])
def test_any_llama_index_llm_writes_without_a_key_or_a_network(opened: Callable[..., Engine], llm: Any) -> None:
    answer = opened(llm, openai_api_key=None).ask(QUESTION)
    assert answer.citations and answer.model in {"MockLLM", "scripted"}


def test_a_role_is_understood_as_the_name_that_the_documents_asked_of_give_it(engine: Engine, tmp_path: Path) -> None:
    files = {"one.txt": "Commerce Secretary Gina Raimondo flew.", "two.txt": "Commerce Secretary Gina Raimondo slept."}
    engine.ingest([write(tmp_path / "more", files)])
    asked = "When might the Commerce Secretary visit Beijing?"
    assert engine.ask(asked).understood == "When might Gina Raimondo visit Beijing?"
    weather = [one.id for one in engine.documents.list("default") if one.uri.endswith("weather.txt")]
    assert engine.ask(asked, document_ids=weather).understood == asked


def test_a_follow_up_is_understood_from_what_was_said(engine: Engine) -> None:
    history = [Turn("user", QUESTION), Turn("assistant", YELLEN)]
    assert engine.ask("and she?", history=history).understood == "Might Janet Yellen visit Beijing after Blinken?"
    assert engine.ask("Which rivers rose in Paris?", history=history).understood == "Which rivers rose in Paris?"


def test_broken_characters_of_a_terminal_do_no_harm(engine: Engine) -> None:
    answer = engine.ask(f"{QUESTION} \udcff", history=[Turn("user", "What \ud800?"), Turn("assistant", "\udfff")])
    assert answer.question == f"{QUESTION} ?"


ACCENTS = "Besuch\n\nRené Lefèvre leads the office in Genève since 2019. The ofﬁce has nine desks.\n"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    "question",
    ["What does René Lefèvre lead?", "What does Rene\u0301 Lefe\u0300vre lead?", "What does Rene Lefevre lead?"],
)
def test_a_name_is_found_wherever_its_accents_stand(engine: Engine, tmp_path: Path, form: Any, question: str) -> None:
    text = unicodedata.normalize(form, ACCENTS)
    engine.ingest([write(tmp_path / "more", {"visit.txt": text, "hotel.txt": "Hotel\n\nThe hotel has a garden.\n"})])
    answer = engine.ask(question)
    assert answer.status == "answered" and "Lefèvre" in answer.citations[0].quote
    quote = answer.citations[0]
    assert engine.documents.get(quote.document_id).text[quote.start : quote.end] == quote.quote


def test_a_ligature_is_found_by_its_letters_and_quoted_as_it_stands(engine: Engine, tmp_path: Path) -> None:
    engine.ingest([write(tmp_path / "more", {"visit.txt": ACCENTS})])
    answer = engine.ask("How many desks has the office?")
    assert answer.citations[0].quote == "The ofﬁce has nine desks."


@pytest.mark.parametrize("question", ["", " \n\t ", "x" * 8001])
def test_a_question_that_is_none_is_refused_at_once(engine: Engine, question: str) -> None:
    with pytest.raises(QuestionError):
        engine.stream(question)


def test_search_asks_no_model(opened: Callable[..., Engine]) -> None:
    engine = opened(ScriptedLLM([]))
    found = engine.search(QUESTION)
    assert {found[0].text, found[1].text} == {YELLEN, RAIMONDO}
    assert [len(engine.search(QUESTION, k=k)) for k in (2, 0, -1)] == [2, 0, 0]


def test_a_second_question_embeds_only_itself(opened: Callable[..., Engine]) -> None:
    engine = opened()
    embedder = cast(WordEmbedder, engine.retriever().embedder)
    engine.ask(QUESTION)
    read = len(embedder.texts)
    engine.ask("Which river rose in Paris?")
    assert len(embedder.texts) == read


# --- what is asked about ----------------------------------------------------------------------------------------------


def test_only_the_documents_named_are_searched(engine: Engine) -> None:
    weather = next(d for d in engine.documents.list() if d.uri.endswith("weather.txt"))
    for items in (
        engine.search(QUESTION, document_ids=[weather.id]),
        engine.ask(QUESTION, document_ids=[weather.id]).evidence,
    ):
        assert {item.document_id for item in items} == {weather.id}
    assert engine.ask(QUESTION, document_ids=[]).status == "not_found"


def test_a_document_that_is_not_in_the_collection_is_refused(engine: Engine, tmp_path: Path) -> None:
    engine.ingest([write(tmp_path / "other", {"a.txt": "Another text, quite short."})], collection="other")
    elsewhere = engine.documents.list("other")[0].id
    for wanted in (elsewhere, "nonsense"):
        with pytest.raises(PathError, match=f"no document '{wanted}'"):
            engine.ask(QUESTION, document_ids=[wanted])


def test_an_unknown_collection_is_named_and_no_model_is_fetched_for_it(opened: Callable[..., Engine]) -> None:
    engine = opened(llm="gguf:/nowhere/model.gguf")
    with pytest.raises(PathError, match="no collection 'elsewhere' yet"):
        engine.ask(QUESTION, collection="elsewhere")
    assert "open-model" not in {thread.name for thread in threading.enumerate()}


def test_a_collection_whose_documents_have_no_sentences_says_so(home: Path) -> None:
    with open_store(home) as store:
        store.ensure_collection("thin", "fake", 64)
        store.put(DocumentRecord("d1", "thin", "/a.txt", "A", "", "0"), [], np.empty((0, 64), dtype=np.float32))
    with Engine(Settings.load(llm="none"), embedder=WordEmbedder()) as engine, pytest.raises(PathError) as raised:
        engine.ask(QUESTION, collection="thin")
    assert "1 documents of collection 'thin' have no sentence" in str(raised.value)


def test_a_collection_of_another_embedder_is_refused(engine: Engine) -> None:
    other = WordEmbedder("another")
    with Engine(Settings.load(llm="none"), embedder=other) as second, pytest.raises(EmbeddingMismatchError):
        second.ask(QUESTION)


def test_a_document_removed_by_another_process_is_not_quoted(engine: Engine) -> None:
    first = engine.search(QUESTION)[0]
    with Engine(Settings.load(llm="none"), embedder=WordEmbedder()) as other:
        engine.close()
        other.documents.remove(first.document_id)
        assert first.document_id not in {item.document_id for item in other.search(QUESTION)}


def test_attach_asks_one_folder_alone(engine: Engine, tmp_path: Path) -> None:
    name, report = engine.attach(write(tmp_path / "one", {"a.txt": VISITS}))
    assert (report.count("added"), len(engine.documents.list(name))) == (1, 1)
    again, report = engine.attach(tmp_path / "one")
    assert (again, report.count("unchanged"), report.embedded) == (name, 1, 0)


# --- documents --------------------------------------------------------------------------------------------------------


def test_documents_are_listed_lightly_and_give_their_text_when_asked(engine: Engine) -> None:
    listed = next(d for d in engine.documents.list() if d.uri.endswith("visits.txt"))
    assert (listed.title, listed.text, listed.pages) == ("Who is next", VISITS, ())
    assert "text" not in asdict(listed) and asdict(listed)["id"] == listed.id
    whole = engine.documents.get(listed.id)
    assert (whole.id, whole.uri, whole.title, whole.text) == (listed.id, listed.uri, listed.title, listed.text)
    assert (whole.published_at, whole.pages) == (listed.published_at, listed.pages)


def test_a_removed_document_is_gone_and_its_file_is_not(engine: Engine) -> None:
    listed = engine.documents.list()[0]
    engine.documents.remove(listed.id)
    for use in (
        lambda: listed.text,
        lambda: engine.documents.get(listed.id),
        lambda: engine.documents.remove(listed.id),
    ):
        with pytest.raises(PathError, match=listed.id):
            use()
    assert Path(listed.uri).exists() and len(engine.documents.list()) == 2


def test_several_documents_are_removed_together_or_not_at_all(engine: Engine) -> None:
    one, two, *_ = (listed.id for listed in engine.documents.list())
    with pytest.raises(PathError, match="nowhere"):
        engine.documents.remove(one, "nowhere")
    assert len(engine.documents.list()) == 3
    engine.documents.remove(one, two)
    assert len(engine.documents.list()) == 1


def test_a_rebuild_tells_how_far_it_is(engine: Engine) -> None:
    engine.close()
    steps: list[Step] = []
    with Engine(engine.settings, embedder=WordEmbedder(), progress=steps.append) as another:
        passages = another.rebuild()
    told = [step for step in steps if step.stage == "Rebuilding the index"]
    assert told[-1].done == told[-1].total == passages


def test_collections_are_listed_and_a_sound_store_has_no_findings(engine: Engine) -> None:
    assert [(info.name, info.documents) for info in engine.collections()] == [("default", 3)]
    assert engine.doctor() == []
    assert engine.rebuild() == sum(d.passages for d in engine.documents.list())


def test_a_damaged_catalogue_is_one_sentence(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (home / "catalog.sqlite3").write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreUnreadableError, match="damaged"):
        Engine()
    assert run(["doctor"]) == 1
    out, err = capfd.readouterr()
    assert out == "" and err.startswith("rag: ") and err.count("\n") == 1
    assert "catalog.sqlite3 is damaged" in err and "ingest the documents again" in err


# --- streams that are left --------------------------------------------------------------------------------------------

LONG = [f"{YELLEN} ", *[f"It is said {n} times. " for n in range(500)]]


def test_leaving_a_stream_stops_the_model(opened: Callable[..., Engine]) -> None:
    with ScriptedServer([Reply(chunks=LONG, pause=0.01)]) as server:
        engine = opened(llm=server.llm)
        with_words = engine.stream(QUESTION)
        assert any(isinstance(event, Sentence) for event in with_words)
        with_words.close()
        assert server.left.wait(10)
        engine.close()


async def test_astream_yields_what_stream_does(engine: Engine) -> None:
    events = [event async for event in engine.astream(QUESTION)]
    assert isinstance(events[-1], Done)
    assert events[-1].answer.text == engine.ask(QUESTION).text == (await engine.aask(QUESTION)).text


async def test_errors_come_through_astream(opened: Callable[..., Engine]) -> None:
    engine = opened(llm="gguf:/nowhere/model.gguf")
    with pytest.raises(ModelUnavailableError):
        async for _ in engine.astream(QUESTION):
            pass
    with pytest.raises(QuestionError):
        await engine.aask(" ")


async def test_a_cancelled_astream_stops_the_model_while_it_writes(opened: Callable[..., Engine]) -> None:
    with ScriptedServer([Reply(chunks=LONG, pause=0.01)]) as server:
        engine = opened(llm=server.llm)
        wrote = asyncio.Event()

        async def read() -> None:
            try:
                async for event in engine.astream(QUESTION):
                    if isinstance(event, Sentence):
                        wrote.set()
            finally:
                wrote.set()

        reading = asyncio.create_task(read())
        await wrote.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert await asyncio.to_thread(server.left.wait, 10)
        engine.close()


async def test_a_cancelled_astream_does_not_wait_for_a_model_that_says_nothing(opened: Callable[..., Engine]) -> None:
    asked = threading.Event()

    def stall(request: Any) -> Stall:
        asked.set()
        return Stall()

    with ScriptedServer(stall) as server:
        engine = opened(llm=server.llm, timeout=6, retries=0)
        events = cast(AsyncGenerator[Any], engine.astream(QUESTION))
        reading = asyncio.create_task(_last(events))
        assert await asyncio.to_thread(asked.wait, 30)
        began = time.monotonic()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert time.monotonic() - began < 4
        engine.close()


async def _last(events: AsyncGenerator[Any]) -> None:
    async for _ in events:
        pass


def test_a_model_that_stalls_is_an_error_and_the_next_question_goes_on(opened: Callable[..., Engine]) -> None:
    with ScriptedServer([Stall(f"{YELLEN} And "), Status(401), Reply(YELLEN)]) as server:
        engine = opened(llm=server.llm, timeout=0.5, retries=0)
        seen: list[Any] = []
        with pytest.raises(LLMTimeoutError):
            seen.extend(engine.stream(QUESTION))
        with pytest.raises(LLMAuthError):
            engine.ask(QUESTION)
        assert engine.ask(QUESTION).text.startswith(YELLEN)
        engine.close()


# --- the package ------------------------------------------------------------------------------------------------------


def test_every_exported_name_is_there_and_is_listed() -> None:
    assert list(rag.__all__) == sorted(rag.__all__)
    assert all(getattr(rag, name) is not None for name in rag.__all__)
    assert set(rag.__all__) <= set(dir(rag))
    with pytest.raises(AttributeError, match="nonsense"):
        rag.nonsense  # noqa: B018


def test_importing_the_engine_loads_no_model_library() -> None:
    heavy = ("torch", "chromadb", "llama_index", "xllamacpp", "sentence_transformers", "trafilatura", "openai")
    program = f"import sys; from rag import Engine; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=Path(__file__).parents[1]
    )
    assert done.stdout == "[]\n", done.stderr


@pytest.mark.parametrize("name", ["ask", "aask", "stream", "astream", "search"])
def test_help_says_what_can_be_given(name: str) -> None:
    method = getattr(Engine, name)
    assert {"question", "collection", "document_ids"} <= set(inspect.signature(method).parameters)
    assert (inspect.getdoc(method) or "").startswith(("Return", "Yield"))
