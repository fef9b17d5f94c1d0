"""Numbers of rows are read with their units and brought into one measure; what is no number is left out."""

from __future__ import annotations

import pytest

from rag.days import is_day_first
from rag.quantities import quantities, unit_of


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("€1,250.00 or $46k", [("money", 1250), ("money", 46000)]),
        ("rent 780 €, deposit 2.340 €", [("money", 780), ("money", 2340)]),
        ("1500 m or 11.5 km, a mile is 1.609 km", [("length", 1500), ("length", 11500), ("length", 1609)]),
        ("ten sick days", [("count", 10)]),
        ("35 minutes, 12 %", [("time", 2100), ("share", 12)]),
        ("34 years old", [("age", 34)]),
        ("7:40 am, 4 pm and 18:30", [("clock", 460), ("clock", 960), ("clock", 1110)]),
        ("17 May, June 7, 2025 and 2025-03-01", [("day", 517), ("day", 20250607), ("day", 20250301)]),
        ("free of charge", [("money", 0)]),
        ("No 2025-011, Hafenweg 12a, F28", []),
    ],
)
def test_numbers_are_read_with_their_units(text: str, found: list[tuple[str, int]]) -> None:
    assert [(one.dimension, one.low) for one in quantities(text)] == found


def test_a_date_in_figures_is_read_where_it_is_known_which_of_them_is_the_day() -> None:
    assert is_day_first("21/09/2021 03/02/2016") is True
    assert is_day_first("03/02/2016") is None
    assert quantities("03/02/2016")[:1] == []
    assert quantities("03/02/2016", day_first=True)[0].low == 20160203


@pytest.mark.parametrize(
    ("head", "dimension"),
    [("Height (cm)", "length"), ("Price in €", "money"), ("Hours per week", "time"), ("Year", None)],
)
def test_a_column_may_name_the_unit_of_its_numbers(head: str, dimension: str | None) -> None:
    unit = unit_of(head)
    assert (unit and unit[0]) == dimension
