"""Metrics against figures worked out by hand, and against scikit-learn's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from housing.errors import DataError, UsageError
from housing.metrics import THRESHOLD_METRICS, UNITS, check_gate, measure

PRICES = st.floats(1000, 1e8)
ACTUAL = np.array([100_000.0, 200_000.0, 300_000.0, 400_000.0])


def test_figures_that_can_be_worked_out_by_hand() -> None:
    found = measure(ACTUAL, np.array([110_000.0, 190_000.0, 300_000.0, 360_000.0]))
    # Errors: 10000, -10000, 0, -40000.
    assert found["mae"] == 15_000
    assert found["rmse"] == pytest.approx(21_213.2034)
    assert found["mape"] == pytest.approx((0.1 + 0.05 + 0 + 0.1) / 4)
    assert found["r2"] == pytest.approx(1 - 18e8 / 500e8)
    assert found["explained_variance"] == pytest.approx(1 - (18e8 - 4 * 1e8) / 500e8)
    # Ten percent off is within ten percent.
    assert found["within_10_percent"] == 1.0


def test_just_beyond_ten_percent_is_not_within() -> None:
    assert measure(ACTUAL, np.array([110_001.0, 220_000.0, 300_000.0, 359_999.0]))["within_10_percent"] == 0.5


@given(st.lists(st.tuples(PRICES, PRICES), min_size=2, max_size=40))
def test_metrics_agree_with_those_of_scikit_learn(pairs: list[tuple[float, float]]) -> None:
    actual, predicted = np.array(pairs).T
    if np.ptp(actual) < 1:
        return
    found = measure(actual, predicted)
    others: dict[str, Callable[..., float]] = {
        "r2": reference.r2_score,
        "explained_variance": reference.explained_variance_score,
        "mae": reference.mean_absolute_error,
        "rmse": reference.root_mean_squared_error,
        "mape": reference.mean_absolute_percentage_error,
    }
    for name, other in others.items():
        assert found[name] == pytest.approx(other(actual, predicted), rel=1e-6, abs=1e-6), name
    assert 0 <= found["within_10_percent"] <= 1
    assert set(found) == set(UNITS)


def test_prices_that_do_not_differ_cannot_be_explained() -> None:
    with pytest.raises(DataError, match="all 3 prices are 5000: r2 is not defined"):
        measure(np.full(3, 5000.0), np.array([1.0, 2.0, 3.0]))


GATES = [
    (
        "accuracy",
        0.5,
        "--metric: got accuracy, which is unknown; expected one of r2, within_10_percent, explained_variance",
    ),
    ("rmse", 0.5, "--metric: got rmse, which cannot have a threshold; expected one of r2"),
    ("r2", -0.1, "--threshold: got -0.1, expected a number from 0 to 1"),
    ("r2", 1.01, "--threshold: got 1.01, expected a number from 0 to 1"),
    ("r2", float("nan"), "--threshold: got nan, expected a number from 0 to 1"),
    ("r2", None, "go together"),
    (None, 0.5, "go together"),
]


@pytest.mark.parametrize(("metric", "threshold", "problem"), GATES)
def test_a_gate_that_makes_no_sense(metric: str | None, threshold: float | None, problem: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_gate(metric, threshold)
    assert problem in str(refused.value)


def test_gates_that_do() -> None:
    check_gate(None, None)
    for metric in THRESHOLD_METRICS:
        check_gate(metric, 0)
        check_gate(metric, 1)
