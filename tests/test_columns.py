"""A table's row is read with the heads of its columns; what is no row, or has no heads, is left alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.columns import in_full, is_head

WEEKS = """\
The weeks

| Week | Dates | Theme | Price per child |

| 1 | 27–31 July | Rivers and boats | £98 |

| 2 | 3–7 August | **Clay** | £110 |

Good to know | Bring a hat
"""
CASH = """\
|  | Year ended |  |
|:---|---:|---:|
|  | 2019 | 2018 |
|  | €m | €m |
| Cash | 14,182 | 13,860 |
| Other | (35) | |
"""


def row(text: str, begins: str) -> str:
    at = text.index(begins)
    return in_full(text, at, text.index("\n", at))


@pytest.mark.parametrize(
    ("text", "begins", "read"),
    [
        (WEEKS, "| 1 |", "Week: 1; Dates: 27–31 July; Theme: Rivers and boats; Price per child: £98"),
        (WEEKS, "| 2 |", "Week: 2; Dates: 3–7 August; Theme: Clay; Price per child: £110"),
        (CASH, "| Cash", "Cash; Year ended 2019 €m: 14,182; 2018 €m: 13,860"),
        (CASH, "| Other", "Other; Year ended 2019 €m: (35)"),
        ("Source | Amount\n--- | ---\nReserves | £38,000\n", "Reserves", "Source: Reserves; Amount: £38,000"),
        ("| A | B |\n|---|---|\n| 1 | 2 |\n\n| C | D |\n|---|---|\n| 3 | 4 |\n", "| 3", "C: 3; D: 4"),
        ("| A | B |\n|---|---|\n| a \\| b | 2 |\n", "| a", "A: a \\| b; B: 2"),
        (
            "Income | 2022-23 | 2023-24\n\nCafé | 9,870 | 11,040\n",
            "Café",
            "Income: Café; 2022-23: 9,870; 2023-24: 11,040",
        ),
        (
            "Name | Place | Built\n\nMill | Arlow | 1921\n\nBridge | Benby | 1955\n",
            "Bridge",
            "Name: Bridge; Place: Benby; Built: 1955",
        ),
        ("Sales | Q1 2024 | Q2 2024\n\nTea | 12 | 9\n", "Tea", "Sales: Tea; Q1 2024: 12; Q2 2024: 9"),
    ],
)
def test_a_row_is_read_with_the_heads_of_its_columns(text: str, begins: str, read: str) -> None:
    assert row(text, begins) == read


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        (WEEKS, "| Week |"),
        (WEEKS, "Good to know"),
        (WEEKS, "The weeks"),
        (CASH, "|  | Year"),
        (CASH, "|:---"),
        (CASH, "|  | 2019"),
        (CASH, "|  | €m"),
        ("Contractor | Oakshott\nLoan | £12,050\n", "Loan"),
        ("Ann | Bo | Cy\nDi | Ed | Flo\n", "Di"),
        ("2019 | 2018 | 2017\n9 | 8 | 7\n", "9"),
        ("A | B | C\n\nSome words in between.\n\n1 | 2 | 3\n", "1"),
        (f"{WEEKS[:-28]}\n| Guest | Age | Room | Bed |\n\n| Ann | 34 | 2 | A |\n", "| Ann"),
        ("| A | B |\n|---|---|\n| 1 | 2 |\n| -- | -- |\n| 3 | 4 |\n", "| 3"),
        ("| 1 | 2 |\n| 3 | 4 |\n| -- | -- |\n| 5 | 6 |\n", "| 5"),
        ("cat foo | sort | uniq\ncat b.txt | head -5 | wc -l\n", "cat b"),
        (f"| {'long head ' * 80} | B |\n|---|---|\n| 1 | 2 |\n", "| 1"),
        (f"| A | B |\n|---|---|\n| {'x' * 3000} | 2 |\n", "| x"),
    ],
)
def test_what_has_no_heads_is_left_alone(text: str, begins: str) -> None:
    assert row(text, begins) == ""


def test_a_part_of_a_row_is_no_row() -> None:
    assert in_full(WEEKS, WEEKS.index("27"), WEEKS.index("July") + 4) == ""


def test_a_padded_row_takes_no_time() -> None:
    text = f"| A | B |\n|---|---|\n| k{' ' * 60_000}z | £5 |\n| 1 | 2 |\n"
    began = time.perf_counter()
    assert row(text, "| 1") == ""
    assert time.perf_counter() - began < 1


@given(st.text(alphabet="ab1|-: \n", max_size=80), st.integers(0, 80), st.integers(0, 80))
def test_any_text_is_read_without_words_of_its_own(text: str, start: int, length: int) -> None:
    start = min(start, len(text))
    read = in_full(text, start, min(start + length, len(text)))
    assert set(read) <= set(text) | set("; :")


@pytest.mark.parametrize(
    ("text", "begins", "has_heads"),
    [
        (WEEKS, "| Week |", True),
        (WEEKS, "| 1 |", False),
        (CASH, "|  | Year", True),
        (CASH, "| Cash", False),
        ("Income | 2022-23 | 2023-24\n\nCafé | 9,870 | 11,040\n", "Income", True),
        ("Loan | £12,050 | 2019\n\nRent | £9,000 | 2020\n", "Loan", False),
        ("Chair | Ann Lee | none\n\nTreasurer | Bo Ek | 01234 555\n\nClerk | Cy Fox | none\n", "Chair", False),
        ("Role | Name | Phone\n\nChair | Ann Lee | none\n\nTreasurer | Bo Ek | 01234 555\n", "Chair", False),
        ("Room | Floor | Area\n\nHall | Ground | 90\n\nLoft | First | unknown\n\nShed | Yard | 12\n", "Loft", False),
        ("Ann | Bo | Cy\nDi | Ed | Flo\n", "Ann", False),
        ("Ann Lee | Arlow | 1950\n\nBo Ek | Benby | 12 May 1962\n", "Ann", False),
        ("No row at all.\n", "No", False),
    ],
)
def test_the_row_that_has_the_heads_is_told_from_the_others(text: str, begins: str, has_heads: bool) -> None:
    at = text.index(begins)
    assert is_head(text, at, text.index("\n", at)) is has_heads
