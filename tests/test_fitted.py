"""The fitted values: complete, in the order that the code computes features in, and with their provenance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.fitted import Logistic, all_values, fitted
from rag.judge import ENOUGH


@pytest.mark.parametrize("name", all_values())
def test_each_model_has_a_weight_a_feature_and_thresholds_between_0_and_1(name: str) -> None:
    model = fitted(name)
    assert len(model.features) == len(model.weights) == len(set(model.features))
    # Passages are only ranked, and sentences that were read beside the question: nothing is decided by these alone.
    assert model.thresholds or name in {"passages", "read_pool", "read_whole"}
    assert all(0 < value < 1 for key, value in model.thresholds.items() if key != ENOUGH), "but for log-odds"


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2))
def test_a_probability_is_one_whatever_the_features(values: list[float]) -> None:
    assert 0 <= Logistic(("a", "b"), (3.0, -2.0), 0.5, {})(values) <= 1


def test_a_probability_is_that_of_the_logistic_function() -> None:
    assert Logistic(("a",), (2.0,), -1.0, {})([0.5]) == 0.5
    assert Logistic(("a",), (2.0,), -1.0, {})([1.0]) == pytest.approx(0.7310586)


def test_a_wrong_number_of_features_is_refused() -> None:
    with pytest.raises(ValueError, match="1 features are expected, 2"):
        Logistic(("a",), (1.0,), 0.0, {})([1.0, 2.0])
