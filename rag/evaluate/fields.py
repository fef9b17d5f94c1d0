"""A row of any known question file, to a Case. Names are recognised, not configured: those of this product's own
schema, and of exports of ragas, deepeval, LangSmith, pydantic_evals and BEIR."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from rag.evaluate.cases import Case, Gold
from rag.types import Turn

Row = Mapping[str, Any]

ID = ("id", "_id", "case_id", "question_id", "query_id", "query-id", "qid")
QUESTION = ("question", "query", "input", "user_input", "inputs", "prompt", "text")
ANSWERS = (
    "answers", "answer", "expected_output", "expected_outputs", "reference", "reference_answer", "reference_outputs",
    "ground_truth", "ground_truths", "expected_answer", "expected", "outputs", "output", "gold_answer",
)  # fmt: skip
EVIDENCE = ("evidence", "sources")
CONTEXTS = ("reference_contexts", "ground_truth_contexts", "gold_contexts", "context")
RELEVANT = ("gold_doc_ids", "gold_doc_id", "reference_context_ids", "relevant_doc_ids", "expected_doc_ids")
ONLY = ("doc_ids", "document_ids")
HISTORY = ("history", "chat_history", "messages", "turns")
REWRITE = ("standalone_rewrite", "standalone_question", "standalone", "rewrite")
TYPE = ("type", "category", "kind", "tags")
DOCUMENT = ("doc_id", "doc", "document", "document_id", "file", "source", "filename")
QUOTE = ("quote", "text", "passage", "content")
ANSWERABLE = ("answerable", "is_answerable")
UNANSWERABLE = ("is_impossible", "unanswerable")
_FIELDS = (
    *ID, *QUESTION, *ANSWERS, *EVIDENCE, *CONTEXTS, *RELEVANT, *ONLY, *HISTORY, *REWRITE, *TYPE, *DOCUMENT, *QUOTE,
    *ANSWERABLE, *UNANSWERABLE, "name", "pool", "wrong_answers", "all_answers_required", "metadata",
    "additional_metadata",
)  # fmt: skip
_GROUPS = (
    ID, QUESTION, ANSWERS, EVIDENCE, CONTEXTS, RELEVANT, ONLY, HISTORY, REWRITE, TYPE, DOCUMENT, QUOTE, ANSWERABLE,
    UNANSWERABLE,
)  # fmt: skip
_THEIRS = frozenset(
    "given contexts retrieved_contexts retrieved_context_ids retrieval_context actual_output response rubrics title "
    "evaluators tools_called expected_tools created_at run_id dataset_id split".split()
)
"""Names of exports, and of our own drafts, that say nothing of what is right."""
_NEAR = 0.83
_YES, _NO = {"true", "yes", "1", "y"}, {"false", "no", "0", "n"}


class RowError(ValueError):
    """A row that is no question; the message says why."""


def unknown_fields(row: Row) -> list[str]:
    """Return the names of a row that are nobody's.

    Raises:
        RowError: one is a known name misspelt, and the row has no other of its group ("turn" beside "history" is
            somebody's own): what it holds would be left out without a word.
    """
    names = [str(name) for name in row if str(name).strip() and name not in _FIELDS and name not in _THEIRS]
    for name in names:
        near = get_close_matches(name.lower(), _FIELDS, n=1, cutoff=_NEAR)
        # "answer_start" says something about an answer.
        given = near and any(near[0] in group and any(known in row for known in group) for group in _GROUPS)
        if near and not given and not any(name.lower().startswith(f"{known}_") for known in _FIELDS):
            raise RowError(f"has an unknown field {name!r}; did you mean {near[0]!r}?")
    return names


def case_of(row: Row, number: int, place: str) -> Case:
    """Return the question of a row; one without an id gets its number in the file.

    Raises:
        RowError: there is no question in it, or a field is not what it should be.
    """
    row = _flat(row)
    history, question = _spoken(row)
    if not question:
        empty = next((name for name in QUESTION if name in row), None)
        raise RowError(f"its {empty} is empty" if empty else f"has no question (looked for: {', '.join(QUESTION)})")
    answers = tuple(_texts(_first(row, ANSWERS), "answers"))
    evidence, relevant = tuple(_evidence(row)), _texts(_first(row, RELEVANT), "gold_doc_ids")
    answerable = _answerable(row)
    wrong = tuple(_texts(row.get("wrong_answers"), "wrong_answers"))
    grades = dict.fromkeys(relevant, 1.0)
    return Case(
        id=str(_first(row, (*ID, "name")) or f"q{number}"),
        question=question,
        answers=answers,
        answerable=answerable is not False,
        known=answerable is not None or bool(answers or evidence or grades or wrong),
        evidence=evidence,
        relevant=grades,
        doc_ids=tuple(_texts(_first(row, ONLY), "doc_ids")),
        pool=str(row.get("pool") or ""),
        history=history,
        rewrite=str(_first(row, REWRITE) or "").strip(),
        type=", ".join(_texts(_first(row, TYPE), "type")),
        wrong_answers=wrong,
        all_answers_required=_truth(row.get("all_answers_required"), "all_answers_required", otherwise=False),
        place=place,
    )


def _flat(row: Row) -> dict[str, Any]:
    """Bring up what exports put a level down: LangSmith's inputs and outputs, pydantic_evals' and their metadata."""
    flat: dict[str, Any] = {}
    for name in ("metadata", "additional_metadata", "outputs", "reference_outputs", "expected_output", "inputs"):
        below = row.get(name)
        if isinstance(below, Mapping):
            flat.update(below)
    flat.update({name: value for name, value in row.items() if not isinstance(value, Mapping)})
    return flat


def _first(row: Row, names: Sequence[str]) -> Any:
    return next((row[name] for name in names if row.get(name) not in (None, "")), None)


def _spoken(row: Row) -> tuple[tuple[Turn, ...], str]:
    """Return the conversation before the question, and the question; ragas has both in one list."""
    asked = _first(row, QUESTION)
    turns = list(_turns(_first(row, HISTORY)))
    if isinstance(asked, list):
        turns, asked = list(_turns(asked)), None
    if asked is None and turns and turns[-1].role == "user":
        asked = turns.pop().content
    if asked is not None and not isinstance(asked, str):
        raise RowError(f"the question is not a text but {type(asked).__name__}")
    return tuple(turns), (asked or "").strip()


def _turns(value: Any) -> Iterator[Turn]:
    if value in (None, ""):
        return
    if not isinstance(value, list):
        raise RowError("history is not a list of messages")
    for message in value:
        if not isinstance(message, Mapping) or not isinstance(message.get("content"), str):
            raise RowError('history has something that is not {"role": …, "content": …}')
        role = str(message.get("role") or message.get("type") or "user").lower()
        yield Turn("assistant" if role in {"assistant", "ai", "bot", "model", "agent"} else "user", message["content"])


def _answerable(row: Row) -> bool | None:
    """Return whether the documents answer it, None where the row doesn't say."""
    said, denied = _first(row, ANSWERABLE), _first(row, UNANSWERABLE)
    if said is None and denied is None:
        return False if str(row.get("type") or "").lower() == "unanswerable" else None
    if said is not None:
        return _truth(said, "answerable", otherwise=True)
    return not _truth(denied, "is_impossible", otherwise=False)


def _truth(value: Any, name: str, *, otherwise: bool) -> bool:
    if value in (None, ""):
        return otherwise
    if isinstance(value, bool):
        return value
    if (word := str(value).strip().lower()) in _YES | _NO:
        return word in _YES
    raise RowError(f"{name} is {value!r}, but has to be true or false")


def _evidence(row: Row) -> Iterator[Gold]:
    given = _first(row, EVIDENCE)
    if isinstance(given, str):
        given = [{"quote": given}]
    for item in given or ():
        item = {"doc_id": item} if isinstance(item, str) else item
        if not isinstance(item, Mapping) or not (_first(item, DOCUMENT) or _first(item, QUOTE)):
            raise RowError('evidence has something that is not {"doc_id": …, "quote": …}')
        yield Gold(str(_first(item, DOCUMENT) or ""), _quote(_first(item, QUOTE)))
    # In a table, one document and one quote are columns of their own.
    if not given and (_first(row, QUOTE[:1]) or _first(row, DOCUMENT[:4])):
        yield Gold(str(_first(row, DOCUMENT[:4]) or ""), _quote(_first(row, QUOTE[:1])))
    for text in _texts(_first(row, CONTEXTS), "contexts"):
        yield Gold("", text)


def _quote(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise RowError(f"a quote is not a text but {type(value).__name__}")
    return value if value and value.strip() else None


def _texts(value: Any, name: str) -> Iterator[str]:
    if value is None:
        return
    for item in value if isinstance(value, list | tuple) else [value]:
        if isinstance(item, Mapping | list):
            raise RowError(f"{name} has something that is not a text")
        if str(item).strip():
            yield str(item).strip()
