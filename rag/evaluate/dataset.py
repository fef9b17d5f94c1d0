"""Question files: JSONL, JSON, CSV, YAML, or a BEIR folder. Everything that is wrong is found, not only the first."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rag.errors import PathError
from rag.evaluate.cases import Case, Problem, refuse
from rag.evaluate.fields import RowError, case_of, unknown_fields

SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".yaml", ".yml")
_PLURAL = {"answers", "wrong_answers", "doc_ids", "document_ids", "gold_doc_ids", "ground_truths", "tags"}
_SHOWN = 8
_LISTS = ("cases", "examples", "questions", "data", "tests")


@dataclass(frozen=True)
class QuestionFile:
    """What was read: the questions that can be asked, and what is wrong with the rest."""

    path: Path
    cases: tuple[Case, ...]
    problems: tuple[Problem, ...] = ()
    notices: tuple[str, ...] = ()
    """What was left aside without a question being left out: fields that nobody knows."""
    documents: Path | None = None
    """The documents that come with the questions (BEIR's corpus.jsonl)."""


@dataclass
class _Rows:
    """Rows as they stand in a file, each with its place; what could not be read is noted."""

    name: str
    problems: list[Problem] = field(default_factory=list)
    unknown: dict[str, None] = field(default_factory=dict)
    """Fields that nobody knows, in the order they were met."""
    contradicting: list[str] = field(default_factory=list)
    """Places of questions that have an answer and are said to have none."""

    @property
    def notices(self) -> tuple[str, ...]:
        """What is to be said once of the whole file."""
        listed = ", ".join(list(self.unknown)[:_SHOWN]) + ("…" if len(self.unknown) > _SHOWN else "")
        unknown = (f"{self.name}: fields that are not known were left aside: {listed}",) if listed else ()
        places = self.contradicting
        told = f"{places[0]}: has an answer, but answerable is false: it counts as unanswerable" if places else ""
        more = f" (and {len(places) - 1} more)" if len(places) > 1 else ""
        return (*unknown, *((told + more,) if told else ()))

    def of(self, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
        text = _text(path)
        suffix = path.suffix.lower()
        if suffix in {".jsonl", ".ndjson"}:
            yield from self._lines(text)
        elif suffix in {".csv", ".tsv"}:
            yield from self._table(text, "\t" if suffix == ".tsv" else None)
        else:
            yield from self._tree(text, suffix)

    def _lines(self, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
        # Not splitlines: JSON strings may hold U+2028 and the like as they are.
        for number, line in enumerate(text.split("\n"), start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                self._note(f"line {number}", f"is not JSON ({error})")
                continue
            yield from self._mapping(f"line {number}", row)

    def _table(self, text: str, delimiter: str | None) -> Iterator[tuple[str, dict[str, Any]]]:
        head = text.split("\n", 1)[0]
        reader = csv.reader(io.StringIO(text), delimiter=delimiter or max(",;\t", key=head.count))
        try:
            header = [name.strip().lower() for name in next(reader, [])]
            for row in reader:
                place = f"line {reader.line_num}"
                if len(row) > len(header):
                    self._note(place, f"has {len(row)} columns, its header has {len(header)}")
                elif any(cell.strip() for cell in row):
                    named = zip(header, row, strict=False)
                    yield f"{self.name}, {place}", {name: _cell(name, cell) for name, cell in named}
        except csv.Error as error:
            self._note(f"line {reader.line_num}", f"is not CSV ({error})")

    def _tree(self, text: str, suffix: str) -> Iterator[tuple[str, dict[str, Any]]]:
        try:
            tree = json.loads(text) if suffix == ".json" else _yaml(text)
        except (ValueError, RecursionError) as error:
            self._note("", f"is not {suffix[1:].upper()} ({' '.join(str(error).split())})")
            return
        if isinstance(tree, dict):
            tree = next((tree[name] for name in _LISTS if isinstance(tree.get(name), list)), tree)
        if not isinstance(tree, list):
            if tree is not None:
                self._note("", f"is no list of questions, nor has it one under {', '.join(_LISTS)}")
            return
        for number, row in enumerate(tree, start=1):
            yield from self._mapping(f"question {number}", row)

    def _mapping(self, place: str, row: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        if isinstance(row, dict):
            yield f"{self.name}, {place}", row
        else:
            self._note(place, f"is no object with fields ({type(row).__name__})")

    def _note(self, place: str, reason: str) -> None:
        self.problems.append(Problem(f"{self.name}, {place}" if place else self.name, reason))


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a question file as they stand there, for whoever reads them elsewhere.

    Raises:
        QuestionFileError: a line can't be read at all.
        PathError: the file is of no known kind.
    """
    found = _Rows(path.name)
    rows = [row for _, row in found.of(path)]
    refuse(found.problems)
    return rows


def read(path: Path) -> QuestionFile:
    """Return the questions of a file or of a BEIR folder.

    Raises:
        PathError: there is no such file, it is of no known kind, can't be read, or holds nothing.
    """
    if path.is_dir():
        return _beir(path)
    if path.suffix.lower() not in SUFFIXES:
        raise PathError(f"{path} is no question file; it has to end in {' '.join(SUFFIXES)}, or be a BEIR folder.")
    rows = _Rows(path.name)
    cases, wrong = _cases(rows.of(path), rows)
    problems = rows.problems + wrong
    if not cases and not problems:
        raise PathError(f'{path} is empty; put one question on each line, such as {{"question": "Who …?"}}.')
    return QuestionFile(path, *_graded(cases, problems, path.parent / "qrels.tsv"), rows.notices)


def _cases(rows: Iterator[tuple[str, dict[str, Any]]], notes: _Rows) -> tuple[list[Case], list[Problem]]:
    cases: list[Case] = []
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for number, (place, row) in enumerate(rows, start=1):
        try:
            notes.unknown |= dict.fromkeys(unknown_fields(row))
            case = case_of(row, number, place)
        except RowError as error:
            problems.append(Problem(place, str(error)))
            continue
        if case.id in seen:
            problems.append(Problem(place, f"its id {case.id!r} stands already in {seen[case.id]}"))
            continue
        seen[case.id] = place
        cases.append(case)
        notes.contradicting += [place] if case.answers and not case.answerable else []
    return cases, problems


def _graded(cases: list[Case], problems: list[Problem], qrels: Path) -> tuple[tuple[Case, ...], tuple[Problem, ...]]:
    """Give the questions the grades of a qrels file (BEIR: query-id, corpus-id, score), if there is one."""
    if not qrels.is_file():
        return tuple(cases), tuple(problems)
    grades: dict[str, dict[str, float]] = {}
    known = {case.id for case in cases}
    for number, line in enumerate(_text(qrels).split("\n"), start=1):
        cells = line.split()
        if not cells or cells[0] in {"query-id", "query_id"}:
            continue
        try:
            # TREC's own layout has a column "0" after the query.
            query, document, score = cells if len(cells) == 3 else (cells[0], *cells[2:4])
            grades.setdefault(query, {})[document] = float(score)
        except ValueError:
            problems.append(Problem(f"{qrels.name}, line {number}", "is not: query-id, corpus-id, score"))
            continue
        if query not in known:
            problems.append(Problem(f"{qrels.name}, line {number}", f"there is no question {query!r}"))
    return tuple(
        replace(case, relevant=grades.get(case.id) or case.relevant, known=case.known or case.id in grades)
        for case in cases
    ), tuple(problems)


def _beir(folder: Path) -> QuestionFile:
    """Read queries.jsonl, corpus.jsonl and qrels (test, else the only one); queries without judgement are left out."""
    queries = folder / "queries.jsonl"
    if not queries.is_file():
        raise PathError(f"{folder} is no BEIR folder: it has no queries.jsonl (with corpus.jsonl and qrels/test.tsv).")
    there = sorted((folder / "qrels").glob("*.tsv")) or sorted(folder.glob("qrels*.tsv"))
    qrels = next((path for path in there if path.stem == "test"), there[0] if there else None)
    if qrels is None:
        raise PathError(f"{folder} has no qrels: put them into {folder / 'qrels' / 'test.tsv'}.")
    rows = _Rows(queries.name)
    cases, wrong = _cases(rows.of(queries), rows)
    found, problems = _graded(cases, rows.problems + wrong, qrels)
    corpus = folder / "corpus.jsonl"
    cases_with = tuple(case for case in found if case.relevant)
    return QuestionFile(queries, cases_with, problems, rows.notices, corpus if corpus.is_file() else None)


def _cell(name: str, cell: str) -> Any:
    """Return what a cell of a table holds: JSON where it is a list or an object, several texts with bars between."""
    if cell.lstrip()[:1] in {"[", "{"}:
        try:
            return json.loads(cell)
        except ValueError:
            return cell
    return [part.strip() for part in cell.split("|")] if name in _PLURAL and "|" in cell else cell


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise PathError(f"There is no file {path}; check the path.") from error
    except UnicodeDecodeError as error:
        raise PathError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8.") from error
    except OSError as error:
        raise PathError(f"{path} can't be read ({error.strerror or error}).") from error


def _yaml(text: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
