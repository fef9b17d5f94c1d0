"""Spreadsheets and separated values: each row a unit with the names of its columns, its cells the place."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from rag.errors import DocumentError
from rag.load.draft import Draft
from rag.load.encoding import decode
from rag.load.package import Package
from rag.load.parsed import Parsed, Source
from rag.load.tables import Numbered, sheet

EXCEL = (".xlsx", ".xlsm", ".xltx")
OLD_EXCEL = (".xls",)
SEPARATED = (".csv", ".tsv")
COLUMNS = 1000
"""Cells of one row that are read."""
ROWS = 500_000
"""Rows of one file that are read."""
_PLAIN_NAMES = {"sheet1", "tabelle1", "feuil1", "hoja1", "sheet 1"}


def read_excel(source: Source) -> Parsed:
    """Read the sheets of an Excel file (since 2007), with the values that formulas had when it was saved.

    Raises:
        DocumentError: it is no Excel file, damaged, encrypted or empty.
    """
    package = Package(source, "Excel")
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts it doesn't know; the cells are read all the same
            book = load_workbook(io.BytesIO(package.data), read_only=True, data_only=True)
            sheets = [(found.title, list(_excel_rows(found))) for found in book.worksheets]
            book.close()
    except Exception as error:
        # openpyxl lets through whatever its parser trips over.
        raise DocumentError(f"{source.name}: is no Excel file or is damaged; open it and save it anew.") from error
    facts = package.properties()
    return _parsed(
        source,
        sheets,
        facts.get("title", ""),
        facts.get("creator") or None,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )


def _excel_rows(found: Any) -> Iterator[Numbered]:
    for number, row in enumerate(found.iter_rows(max_col=COLUMNS, max_row=ROWS), start=1):
        yield number, [_shown(cell.value, getattr(cell, "number_format", "") or "") for cell in row]


def read_old_excel(source: Source) -> Parsed:
    """Read the sheets of an Excel file of before 2007.

    Raises:
        DocumentError: it is no Excel file, damaged, encrypted or empty.
    """
    import xlrd

    if not source.data.startswith(b"\xd0\xcf\x11\xe0"):
        if source.data.startswith(b"PK"):
            return read_excel(source)
        raise DocumentError(f"{source.name}: is no Excel file (.xls); save it anew in its own program.")
    try:
        book = xlrd.open_workbook(file_contents=source.data, logfile=io.StringIO(), on_demand=True)
        sheets = [(found.name, list(_old_rows(book, found))) for found in book.sheets()]
    except Exception as error:
        # xlrd lets through whatever its parser trips over.
        locked = "encrypted" in str(error).lower()
        why = (
            "is encrypted with a password; save a copy without one"
            if locked
            else "is damaged; open it and save it anew"
        )
        raise DocumentError(f"{source.name}: {why}.") from error
    return _parsed(source, sheets, "", book.user_name.strip() or None, "application/vnd.ms-excel")


def _old_rows(book: Any, found: Any) -> Iterator[Numbered]:
    import xlrd

    for number in range(min(found.nrows, ROWS)):
        cells = []
        for cell in found.row(number)[:COLUMNS]:
            value: Any = cell.value
            if cell.ctype == xlrd.XL_CELL_DATE:
                try:
                    value = xlrd.xldate_as_datetime(value, book.datemode)
                except (xlrd.XLDateError, OverflowError, ValueError):
                    value = cell.value
            elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
                value = bool(value)
            elif cell.ctype == xlrd.XL_CELL_ERROR:
                value = xlrd.error_text_from_code.get(value, "#ERROR")
            cells.append(_shown(value))
        yield number + 1, cells


def _parsed(
    source: Source, sheets: list[tuple[str, list[Numbered]]], title: str, author: str | None, media_type: str
) -> Parsed:
    draft = Draft()
    filled = [(name, rows) for name, rows in sheets if any(any(cells) for _, cells in rows)]
    for name, rows in filled:
        sheet(draft, name, rows, named=len(filled) > 1 or name.lower() not in _PLAIN_NAMES)
    if not draft.length:
        raise DocumentError(f"{source.name}: has no filled cells.")
    return Parsed(draft.text(), title, media_type, author=author, places=draft.places())


def _shown(value: Any, number_format: str = "") -> str:
    """Return a cell's value as its owner would read it: dates as ISO, no ".0" behind whole numbers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        whole_day = value.time() == time(0, 0)
        return value.date().isoformat() if whole_day else value.isoformat(" ", timespec="minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | float):
        return _number(value, number_format)
    return str(value)


def _number(value: float, number_format: str) -> str:
    if "%" in number_format:
        return f"{round(value * 100, 4):g}%"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def read_separated(source: Source) -> Parsed:
    """Read comma, semicolon or tab separated values in any common encoding; the first row names the columns.

    Raises:
        DocumentError: the bytes are no text, or there are no values.
    """
    text = decode(source.data, source.name)
    tabs = source.name.lower().endswith(".tsv")
    limit = csv.field_size_limit(10_000_000)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if tabs else _delimiter(text))
        rows: list[Numbered] = [
            (number, row[:COLUMNS]) for number, row in zip(range(1, ROWS + 1), reader, strict=False)
        ]
    except csv.Error as error:
        raise DocumentError(f"{source.name}: its rows can't be told apart ({error}); save it anew as CSV.") from error
    finally:
        csv.field_size_limit(limit)
    draft = Draft()
    sheet(draft, "", rows, named=False, certain=True)
    if not draft.length:
        raise DocumentError(f"{source.name}: has no values.")
    media_type = "text/tab-separated-values" if tabs else "text/csv"
    return Parsed(draft.text(), media_type=media_type, places=draft.places())


def _delimiter(text: str) -> str:
    """Return the sign that stands equally often in the first lines; of several the one that stands most often."""
    lines = [line for line in text[:20_000].splitlines() if line.strip()][:20]
    if text.startswith("sep=") and len(lines[0]) == 5:
        return lines[0][4]

    def worth(sign: str) -> tuple[int, int]:
        counts = [line.count(sign) for line in lines]
        return sum(count == counts[0] and count > 0 for count in counts), sum(counts)

    return max(",;\t|", key=worth) if lines else ","
