"""Question files of all kinds become the same questions; all that is wrong is said at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.errors import PathError, QuestionFileError
from rag.evaluate import dataset
from rag.evaluate.cases import Case, Gold, refuse, sample
from rag.evaluate.scoring import Target, answering
from rag.types import Answer, Turn

OURS = {
    "id": "a", "question": "Who?", "answers": ["Yellen"], "answerable": True, "type": "list",
    "evidence": [{"doc_id": "d", "quote": "Yellen came."}], "history": [],
}  # fmt: skip
SAME = [
    OURS,
    {"id": "a", "user_input": "Who?", "reference": "Yellen", "reference_contexts": ["Yellen came."], "type": "list"},
    {"id": "a", "input": "Who?", "expected_output": "Yellen", "context": ["Yellen came."], "tags": ["list"]},
    {"id": "a", "inputs": {"question": "Who?"}, "outputs": {"answer": "Yellen"}, "metadata": {"type": "list"},
     "quote": "Yellen came."},
    {"name": "a", "inputs": "Who?", "expected_output": "Yellen",
     "metadata": {"category": "list", "quote": "Yellen came."}},
    {"_id": "a", "query": "Who?", "answer": "Yellen", "kind": "list",
     "sources": [{"doc": "", "quote": "Yellen came."}]},
]  # fmt: skip


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("row", SAME, ids=["ours", "ragas", "deepeval", "langsmith", "pydantic_evals", "mixed"])
def test_names_of_other_tools_are_recognised(row: dict[str, object], tmp_path: Path) -> None:
    (case,) = dataset.read(write(tmp_path / "q.jsonl", row)).cases
    assert (case.id, case.question, case.answers, case.type) == ("a", "Who?", ("Yellen",), "list")
    assert [gold.quote for gold in case.evidence] == ["Yellen came."] and case.answerable


def test_all_kinds_of_files_give_the_same(tmp_path: Path) -> None:
    (lines,) = dataset.read(write(tmp_path / "q.jsonl", OURS)).cases
    (tmp_path / "q.json").write_text(json.dumps({"questions": [OURS]}))
    (tmp_path / "q.yaml").write_text(
        "cases:\n- id: a\n  question: Who?\n  answers: [Yellen]\n  type: list\n"
        "  evidence:\n  - {doc_id: d, quote: Yellen came.}\n"
    )
    (tmp_path / "q.csv").write_text("ID;question;answers;type;doc_id;quote\na;Who?;Yellen;list;d;Yellen came.\n")
    for name in ("q.json", "q.yaml", "q.csv"):
        read = dataset.read(tmp_path / name)
        (case,) = read.cases
        assert case.place.startswith(name) and not read.problems
        assert (case.id, case.question, case.answers, case.evidence, case.type) == (
            lines.id, lines.question, lines.answers, lines.evidence, lines.type,
        )  # fmt: skip


def test_several_answers_in_a_cell_and_a_text_with_a_bar(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text('question,answers,answer\nWho?,"Yellen|Kerry",\nWhat?,,a | b\nAnd?,"[""x | y""]",\n')
    assert [case.answers for case in dataset.read(path).cases] == [("Yellen", "Kerry"), ("a | b",), ("x | y",)]


def test_a_conversation_ends_with_the_question(tmp_path: Path) -> None:
    said = [{"role": "user", "content": "Hi"}, {"role": "ai", "content": "Hello"}, {"role": "human", "content": "Who?"}]
    for row in ({"user_input": said}, {"messages": said}, {"history": said[:2], "question": "Who?"}):
        (case,) = dataset.read(write(tmp_path / "q.jsonl", row)).cases
        assert case.question == "Who?" and case.history == (Turn("user", "Hi"), Turn("assistant", "Hello"))


@pytest.mark.parametrize(
    ("row", "answerable"),
    [({}, True), ({"answerable": "no"}, False), ({"is_impossible": True}, False), ({"type": "unanswerable"}, False)],
)
def test_what_is_answerable(row: dict[str, object], answerable: bool, tmp_path: Path) -> None:
    (case,) = dataset.read(write(tmp_path / "q.jsonl", {"question": "Who?", **row})).cases
    assert case.answerable is answerable and (case.grades() == {} or answerable)


def test_a_beir_folder(tmp_path: Path) -> None:
    write(tmp_path / "queries.jsonl", {"_id": "1", "text": "Who?"}, {"_id": "2", "text": "Not judged"})
    write(tmp_path / "corpus.jsonl", {"_id": "d", "title": "", "text": "Yellen."})
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n1\td\t2\n")
    read = dataset.read(tmp_path)
    assert [case.id for case in read.cases] == ["1"] and read.cases[0].grades() == {"d": 2.0}
    assert read.documents == tmp_path / "corpus.jsonl" and not read.problems


def test_everything_that_is_wrong_is_said_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(
        '{"question": "Fine?"}\nnot json\n[1]\n{"answers": ["x"]}\n{"id": "q1", "question": "Twice?"}\n'
        '{"question": "Who?", "answerable": "perhaps"}\n{"question": "Who?", "history": "Hi"}\n'
        '{"question": "Who?", "evidence": [{}]}\n'
    )
    read = dataset.read(path)
    assert [case.question for case in read.cases] == ["Fine?"]
    said = [str(problem) for problem in read.problems]
    assert [int(line.split("line ")[1].split(":")[0]) for line in said] == [2, 3, 4, 5, 6, 7, 8]
    for reason, line in zip(
        ("JSON", "object", "no question", "'q1'", "true or false", "list", "doc_id"), said, strict=True
    ):
        assert reason in line
    with pytest.raises(QuestionFileError, match=r"^7 problems .* nothing was asked.*; and 4 more\. Mend") as caught:
        refuse(read.problems)
    assert len(caught.value.problems) == 7


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("q.jsonl", "\n \n", "is empty"),
        ("q.txt", "Who?", "is no question file"),
        ("q.jsonl", b"\xff\xfe", "is not UTF-8"),
        ("folder", None, "no BEIR folder"),
        ("missing.csv", None, "There is no file"),
    ],
)
def test_a_file_that_is_none_is_one_sentence(name: str, text: str | bytes | None, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    elif name == "folder":
        path.mkdir()
    with pytest.raises(PathError, match=said):
        dataset.read(path)


def test_broken_yaml_and_json_are_named(tmp_path: Path) -> None:
    for name, text in (("q.yaml", "a: [1"), ("q.json", "{"), ("r.json", '{"a": 1}')):
        (tmp_path / name).write_text(text)
        (problem,) = dataset.read(tmp_path / name).problems
        assert str(problem).startswith(f"{name}: is no")


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    cases = [Case(str(number), "Who?") for number in range(50)]
    drawn = [sample(cases, 10, seed) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2] and len(set(c.id for c in drawn[0])) == 10
    assert sample(cases, None, 1) == sample(cases, 50, 1) == cases


def test_evidence_grades_its_documents() -> None:
    case = Case("a", "Who?", evidence=(Gold("d", "x"), Gold("e")), relevant={"e": 2.0})
    assert case.grades() == {"d": 1.0, "e": 2.0}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"question": "Who?", "anwsers": ["27"]}, "has an unknown field 'anwsers'; did you mean 'answers'?"),
        ({"question": " "}, "its question is empty"),
        ({"answers": ["27"]}, "has no question (looked for: question"),
    ],
)
def test_what_would_be_left_out_without_a_word_is_a_problem(
    row: dict[str, object], reason: str, tmp_path: Path
) -> None:
    (problem,) = dataset.read(write(tmp_path / "q.jsonl", row)).problems
    assert problem.reason.startswith(reason)


def test_an_answer_of_what_is_said_to_have_none_is_told_once_and_counts_for_nothing(tmp_path: Path) -> None:
    rows = [{"question": f"Who {n}?", "answerable": False, "answers": ["NOT_ENOUGH_INFO"]} for n in range(3)]
    read = dataset.read(write(tmp_path / "q.jsonl", *rows))
    assert not read.problems and not any(case.answerable for case in read.cases)
    assert read.notices == (
        "q.jsonl, line 1: has an answer, but answerable is false: it counts as unanswerable (and 2 more)",
    )


def test_a_name_much_like_a_known_one_is_somebodys_own_where_that_is_given(tmp_path: Path) -> None:
    row = {"question": "Who?", "history": [], "turn": 3}
    read = dataset.read(write(tmp_path / "q.jsonl", row))
    assert not read.problems and read.notices == ("q.jsonl: fields that are not known were left aside: turn",)


def test_fields_of_others_are_named_once_and_those_of_known_exports_not_at_all(tmp_path: Path) -> None:
    rows = [{"question": f"Who {n}?", "difficulty": 3, "answer_start": 7, "contexts": ["x"]} for n in range(3)]
    read = dataset.read(write(tmp_path / "q.jsonl", *rows))
    assert len(read.cases) == 3 and not read.problems
    assert read.notices == ("q.jsonl: fields that are not known were left aside: difficulty, answer_start",)


@pytest.mark.parametrize(
    ("row", "known"),
    [({}, False), ({"answerable": True}, True), ({"answers": ["x"]}, True), ({"type": "unanswerable"}, True)],
)
def test_of_a_question_alone_it_is_not_known_whether_it_can_be_answered(
    row: dict[str, object], known: bool, tmp_path: Path
) -> None:
    (case,) = dataset.read(write(tmp_path / "q.jsonl", {"question": "Who?", **row})).cases
    assert case.known is known
    refused = Answer("1", "Who?", "Who?", "not_found", "")
    assert any(name.startswith("refusal.") for name in answering(refused, Target(case, {}))) is known
