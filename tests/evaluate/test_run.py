"""Running a set: what is scored, what is kept, what bad input gets, and that no question is asked twice."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rag.config import Settings
from rag.engine import Engine
from rag.errors import LLMTimeoutError, PathError, QuestionFileError, UsageError
from rag.evaluate import Options, prepare, run
from rag.evaluate.circumstances import without_secrets
from rag.evaluate.folder import RunFolder
from rag.evaluate.judging import engine_judge, judge_by, verdict
from rag.evaluate.outcome import Outcome
from rag.evaluate.runner import measure
from rag.evaluate.subject import Finding
from rag.evaluate.testing import assert_good
from rag.types import Answer, Step, Timings, Turn
from tests.fakes.embedder import WordEmbedder
from tests.fakes.library import FILES, QUESTION, RAIMONDO, YELLEN, write
from tests.fakes.llm import ScriptedLLM

WHEN = "When might Janet Yellen visit Beijing?"
CASES: list[dict[str, Any]] = [
    {"id": "next", "question": QUESTION, "answers": ["Janet Yellen", "Gina Raimondo"], "all_answers_required": True,
     "evidence": [{"doc_id": "visits.txt", "quote": YELLEN}, {"doc_id": "visits", "quote": RAIMONDO}], "type": "list"},
    {"id": "bread", "question": "How long to knead the dough?", "answers": ["10 minutes"],
     "evidence": [{"doc_id": "bread.txt", "quote": None}], "type": "extractive"},
    {"id": "nothing", "question": "Who composed the Crucifixion oratorio?", "answerable": False},
    {"id": "follow", "question": "And when does she visit?", "answers": ["July"],
     "standalone_rewrite": "When does Yellen visit?", "evidence": [{"doc_id": "visits.txt", "quote": YELLEN}],
     "history": [{"role": "user", "content": "Might Janet Yellen visit Beijing?"}]},
]  # fmt: skip


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine(Settings.load(llm="none"), embedder=WordEmbedder()) as opened:
        yield opened


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    return write(tmp_path / "docs")


def questions(folder: Path, rows: Sequence[Any] = CASES) -> Path:
    path = folder / "questions.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_run_scores_and_keeps_everything(engine: Engine, docs: Path, tmp_path: Path) -> None:
    steps: list[Step] = []
    out = tmp_path / "run"
    report = run(engine, questions(tmp_path), docs=docs, out=out, progress=steps.append)
    summary = json.loads((out / "summary.json").read_text())
    assert summary == json.loads(json.dumps(report.summary))
    assert (summary["version"], summary["cases"], summary["errors"]) == (1, 4, 0)
    assert {"retrieval.ndcg@10", "answer.contains", "citation.precision", "refusal.refused_unanswerable",
            "refusal.wrongly_refused", "latency_ms.answer_p50", "tokens.read", "followup.understood_recall@5",
            "citation.verbatim", "retrieval.evidence_recall@500tokens", "retrieval.evidence_mrr@5",
            "followup.understood_evidence_mrr@5"} <= summary["metrics"].keys()  # fmt: skip
    for entry in summary["metrics"].values():
        assert set(entry) == {"value", "n", "low", "high"}
        assert entry["low"] <= entry["value"] <= entry["high"] and entry["n"] >= 1
    assert report["citation.verbatim"] == 1 and report["retrieval.hit@3"] == 1
    kept = {outcome.id: outcome for outcome in RunFolder(out).outcomes()}
    assert kept["next"].gold[0].quote == YELLEN and kept["next"].gold[1].doc_id == "visits.txt"
    assert "answer.contains" not in kept["nothing"].scores and "retrieval.hit@1" not in kept["nothing"].scores
    assert kept["follow"].understood != "And when does she visit?"
    assert steps[-1].done == steps[-1].total == 4 and "left" not in steps[-1].detail and "left" in steps[0].detail
    told = json.loads((out / "run.json").read_text())
    assert (
        told["settings"]["documents_sha256"] and told["effective"]["llm"] == "none" and told["documents_not_read"] == []
    )
    assert (out / "report.html").read_text().startswith("<!doctype html>")


def test_documents_of_a_jsonl_file_keep_their_ids(engine: Engine, tmp_path: Path) -> None:
    documents = tmp_path / "documents.jsonl"
    rows = [{"doc_id": f"set:{name}", "title": name, "text": text, "pool": "p"} for name, text in FILES.items()]
    rows[0]["published_at"] = "2023-06-15"
    rows.append({"doc_id": "set:other", "title": "", "text": f"Copy. {YELLEN}", "pool": "q"})
    documents.write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = [{"id": "1", "question": WHEN, "evidence": [{"doc_id": "set:visits.txt", "quote": YELLEN}], "pool": "p"}]
    prepared = prepare(engine, questions(tmp_path, asked), docs=documents)
    report = run(engine, prepared)
    (outcome,) = report.outcomes
    assert outcome.found[0] == "set:visits.txt" and "set:other" not in outcome.found, "another pool"
    assert report["retrieval.evidence_recall@1"] == 1 and report["citation.gold_cited"] == 1
    assert report["retrieval.evidence_mrr@5"] == 1
    assert engine.documents.get(prepared.corpus.ids["set:visits.txt"]).published_at == "2023-06-15"
    before = len(engine.collections())
    prepare(engine, questions(tmp_path, asked), docs=documents)
    assert len(engine.collections()) == before, "the same documents are not read twice"


def test_doc_ids_restrict_a_question(engine: Engine, docs: Path, tmp_path: Path) -> None:
    asked = [{"id": "1", "question": QUESTION, "doc_ids": ["bread.txt"], "answers": ["Janet Yellen"]}]
    (outcome,) = run(engine, questions(tmp_path, asked), docs=docs, options=Options(only_retrieval=True)).outcomes
    assert set(outcome.found) == {"bread.txt"} and outcome.refused is None and outcome.text == ""


def test_the_question_file_is_no_document(engine: Engine, docs: Path) -> None:
    (docs / "questions.md").write_text("no questions")
    prepared = prepare(engine, questions(docs), docs=docs)
    assert "questions.jsonl" not in prepared.corpus.texts and "questions.md" in prepared.corpus.texts


def test_all_that_is_wrong_is_listed_and_nothing_is_asked(engine: Engine, docs: Path, tmp_path: Path) -> None:
    wrong = [
        {"id": "doc", "question": "Who?", "evidence": [{"doc_id": "gone.txt", "quote": "x"}]},
        {"id": "quote", "question": "Who?", "evidence": [{"doc_id": "visits.txt", "quote": "Nobody said this."}]},
        {"id": "only", "question": "Who?", "doc_ids": ["nowhere"]},
        {"id": "next", "question": "Again?"},
    ]
    path = questions(tmp_path, [*CASES, *wrong])
    with pytest.raises(QuestionFileError) as caught:
        run(engine, path, docs=docs, out=tmp_path / "run")
    text = "\n".join(caught.value.problems)
    assert all(word in text for word in ("gone.txt", "Nobody said this.", "nowhere", "'next'")), text
    told = [int(problem.split("line ")[1].split(":")[0]) for problem in caught.value.problems]
    assert told == [5, 6, 7, 8], "in the order of the file, whoever found them"
    assert not (tmp_path / "run").exists()
    report = run(engine, path, docs=docs, options=Options(skip_invalid=True))
    assert [outcome.id for outcome in report.outcomes] == [case["id"] for case in CASES]
    assert len(report.run["skipped"]) == 4


def test_a_quote_is_found_however_its_lines_are_broken(engine: Engine, docs: Path, tmp_path: Path) -> None:
    asked = [{"id": "1", "question": WHEN, "evidence": [{"doc_id": "visits.txt", "quote": YELLEN.replace(" ", "\n")}]}]
    assert run(engine, questions(tmp_path, asked), docs=docs)["citation.gold_cited"] == 1


@pytest.mark.parametrize(("stands", "asks"), [("NFC", "NFD"), ("NFD", "NFC"), ("NFD", "NFD")])
def test_a_quote_is_found_wherever_its_accents_stand(engine: Engine, tmp_path: Path, stands: Any, asks: Any) -> None:
    said = "René Lefèvre leads the office."
    document = {"doc_id": "visit", "text": unicodedata.normalize(stands, f"A visit\n\n{said}\n")}
    (tmp_path / "documents.jsonl").write_text(json.dumps(document), encoding="utf-8")
    evidence = [{"doc_id": "visit", "quote": unicodedata.normalize(asks, said)}]
    asked = questions(tmp_path, [{"id": "1", "question": "Who is René Lefèvre?", "evidence": evidence}])
    assert run(engine, asked, docs=tmp_path / "documents.jsonl")["citation.gold_cited"] == 1


class Flaky(Engine):
    """Counts what it is asked; fails or is killed where the test says so."""

    asked: list[str]
    fails: dict[str, BaseException]

    def ask(self, question: str, **rest: Any) -> Answer:
        self.asked.append(question)
        if question in self.fails:
            raise self.fails[question]
        return super().ask(question, **rest)


@pytest.fixture
def flaky() -> Iterator[Flaky]:
    with Flaky(Settings.load(llm="none"), embedder=WordEmbedder()) as opened:
        opened.asked, opened.fails = [], {}
        yield opened


def test_a_case_that_fails_is_told_and_the_rest_is_asked(flaky: Flaky, docs: Path, tmp_path: Path) -> None:
    flaky.fails = {QUESTION: LLMTimeoutError("It stalled."), CASES[1]["question"]: ZeroDivisionError("a bug")}
    out = tmp_path / "run"
    report = run(flaky, questions(tmp_path), docs=docs, out=out)
    assert [outcome.error for outcome in report.failed] == ["It stalled.", "ZeroDivisionError: a bug"]
    assert report.summary["errors"] == 2 and report.metrics["answer.contains"]["n"] == 1, "no 0 for what failed"
    assert "It stalled." in (out / "report.html").read_text()
    flaky.fails, flaky.asked = {}, []
    assert run(flaky, questions(tmp_path), docs=docs, out=out).summary["errors"] == 2 and not flaky.asked
    again = run(flaky, questions(tmp_path), docs=docs, out=out, options=Options(retry=True))
    assert again.summary["errors"] == 0 and len(flaky.asked) == 2


@pytest.mark.parametrize("workers", [1, 3])
def test_a_run_that_was_killed_goes_on_where_it_was(flaky: Flaky, docs: Path, tmp_path: Path, workers: int) -> None:
    out, path = tmp_path / "run", questions(tmp_path)
    flaky.fails = {CASES[2]["question"]: KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt):
        run(flaky, path, docs=docs, out=out, options=Options(workers=workers))
    finished = {outcome.id for outcome in RunFolder(out).outcomes()}
    with (out / "cases.jsonl").open("a") as file:
        file.write('{"id": "nothing", "question": "cut o')
    with pytest.raises(PathError, match="is not finished"):
        RunFolder(out).summary()
    flaky.fails, flaky.asked = {}, []
    report = run(flaky, path, docs=docs, out=out, options=Options(workers=workers))
    assert [outcome.id for outcome in report.outcomes] == [case["id"] for case in CASES]
    assert len(flaky.asked) == len(CASES) - len(finished)
    assert [outcome.id for outcome in RunFolder(out).outcomes()] == [case["id"] for case in CASES]


def test_another_run_does_not_go_on_in_the_same_folder(engine: Engine, docs: Path, tmp_path: Path) -> None:
    out, path = tmp_path / "run", questions(tmp_path)
    run(engine, path, docs=docs, out=out)
    with pytest.raises(PathError, match=r"other settings \(limit: None, now 2\)"):
        run(engine, path, docs=docs, out=out, options=Options(limit=2))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep me")
    with pytest.raises(PathError, match="not empty and holds no run"):
        run(engine, path, docs=docs, out=tmp_path / "mine")


def test_several_workers_give_the_same_scores(engine: Engine, docs: Path, tmp_path: Path) -> None:
    path = questions(tmp_path)
    alone, together = (run(engine, path, docs=docs, options=Options(workers=n)) for n in (1, 4))
    assert [o.scores for o in alone.outcomes] == [o.scores for o in together.outcomes]


def test_an_outcome_survives_being_written(engine: Engine, docs: Path, tmp_path: Path) -> None:
    for outcome in run(engine, questions(tmp_path), docs=docs).outcomes:
        assert Outcome.of(json.loads(json.dumps(outcome.to_dict()))) == outcome
        odd = replace(outcome, text="\ud800\u2028\x00", history=({"role": "user", "content": "x"},))
        assert Outcome.of(json.loads(json.dumps(odd.to_dict()))) == odd


def test_no_secret_is_written(tmp_path: Path) -> None:
    addresses = {"llm": "http://me:sekrit@host:1/v1?key=sekrit#m", "chroma_url": "http://u:sekrit@h:1"}
    shown = json.dumps(without_secrets(Settings.load(api_key="sekrit", **addresses)))
    assert "sekrit" not in shown and "http://host:1/v1#m" in shown


def test_turns_are_handed_on_as_they_are(flaky: Flaky, docs: Path, tmp_path: Path) -> None:
    seen: list[Sequence[Turn]] = []
    ask = flaky.ask

    def spy(question: str, **rest: Any) -> Answer:
        seen.append(rest["history"])
        return ask(question, **rest)

    flaky.ask = spy  # type: ignore[method-assign]
    run(flaky, questions(tmp_path, CASES[3:]), docs=docs)
    assert seen == [(Turn("user", "Might Janet Yellen visit Beijing?"),)]


def test_a_project_gates_its_own_tests(engine: Engine, docs: Path, tmp_path: Path) -> None:
    path = questions(tmp_path)
    report = assert_good(path, docs=docs, engine=engine, least={"citation.verbatim": 1})
    assert report["citation.verbatim"] == 1
    with pytest.raises(AssertionError, match=r"citation.verbatim is 1, at least 2 is wanted"):
        assert_good(path, docs=docs, engine=engine, least={"citation.verbatim": 2})


@pytest.mark.parametrize(
    ("reply", "meant"),
    [("YES", 1), (" no.", 0), ("**Yes**", 1), ("Maybe", None), ("", None), ("Yes or no?", None), ("Yesterday", None)],
)
def test_a_judge_is_taken_at_one_word(reply: str, meant: float | None) -> None:
    assert verdict(reply) == meant


def test_what_a_judge_says_is_scored_and_what_cannot_be_read_is_counted(
    engine: Engine, docs: Path, tmp_path: Path
) -> None:
    replies = iter(["Yes.", "I think so", LLMTimeoutError("It stalled."), "NO"])
    prompts: list[str] = []

    def complete(_: str, prompt: str) -> str:
        prompts.append(prompt)
        reply = next(replies)
        if isinstance(reply, Exception):
            raise reply
        return reply

    asked = [{**CASES[0], "question": WHEN}, CASES[1]]
    report = run(engine, questions(tmp_path, asked), docs=docs, judge=judge_by(complete, "scripted"))
    assert YELLEN in prompts[0] and "Janet Yellen and Gina Raimondo" in prompts[1]
    assert (report["judge.faithfulness"], report["judge.correctness"], report["judge.unreadable"]) == (1, 0, 0.5)
    assert report.metrics["judge.faithfulness"]["n"] == 1
    assert report.outcomes[0].judged["correctness"] == "I think so" and report.outcomes[0].judged["model"] == "scripted"


def test_the_model_of_an_engine_judges(engine: Engine, docs: Path, tmp_path: Path) -> None:
    asked = [{"id": "1", "question": WHEN, "answers": ["July"]}]
    with Engine(Settings.load(llm="none"), llm=ScriptedLLM(["YES", "NO"]), embedder=WordEmbedder()) as other:
        report = run(engine, questions(tmp_path, asked), docs=docs, judge=engine_judge(other))
    assert (report["judge.faithfulness"], report["judge.correctness"]) == (1, 0)
    with pytest.raises(UsageError, match="has to be a model"):
        engine_judge(engine)


class Uncited:
    """Finds nothing and answers the same to everything: a system without quotes, refusals or a count of tokens."""

    name, counts_tokens = "uncited", False

    def find(self, question: str, document_ids: Sequence[str] | None, history: Sequence[Turn] = ()) -> Finding:
        return Finding(passages=())

    def answer(self, question: str, history: Sequence[Turn], document_ids: Sequence[str] | None) -> Answer:
        return Answer("", question, question, "answered", "It takes 10 minutes.", timings=Timings(total=2.0))

    def text(self, document_id: str) -> str:
        return ""


def test_what_a_system_does_not_do_has_no_score(engine: Engine, docs: Path, tmp_path: Path) -> None:
    prepared = prepare(engine, questions(tmp_path), docs=docs)
    report = measure(Uncited(), prepared, {}, {})
    names = report.metrics.keys()
    assert not [name for name in names if name.startswith(("citation.", "tokens.", "latency_ms.retrieval"))]
    assert report["latency_ms.answer_p50"] == 2000 and report.metrics["answer.contains"]["n"] == 3
    assert report["answer.contains"] == pytest.approx(1 / 3, abs=1e-5)
    assert report["retrieval.recall@20"] == 0 and report["refusal.refused_unanswerable"] == 0
