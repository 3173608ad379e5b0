"""How good predictions are."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from housing.errors import DataError, UsageError
from housing.schema import TARGET, Floats
from modelkit.documents import THRESHOLD_METRICS

UNITS: Mapping[str, str] = {
    "r2": "share of the variance, at most 1",
    "explained_variance": "share of the variance, at most 1",
    "within_10_percent": "share of the houses, 0 to 1",
    "mape": "share of the price",
    "mae": TARGET.unit,
    "rmse": TARGET.unit,
}
# Enough for every use, and far from the last digits in which processors differ.
_DIGITS = 10


def measure(actual: Floats, predicted: Floats) -> dict[str, float]:
    """Every metric. Raises DataError where prices do not differ: nothing can be explained then."""
    spread = float(np.mean((actual - actual.mean()) ** 2))
    if spread == 0.0:
        raise DataError(f"all {len(actual)} prices are {actual[0]:.15g}: r2 is not defined")
    error = predicted - actual
    share = np.abs(error) / actual
    values = {
        "r2": 1 - float(np.mean(error**2)) / spread,
        "explained_variance": 1 - float(np.var(error)) / spread,
        "within_10_percent": float(np.mean(share <= 0.1)),
        "mape": float(np.mean(share)),
        "mae": float(np.mean(np.abs(error))),
        "rmse": float(np.sqrt(np.mean(error**2))),
    }
    return {name: round(value, _DIGITS) for name, value in values.items()}


def check_gate(metric: str | None, threshold: float | None) -> None:
    """Raises UsageError for a metric that no threshold can be about, or a threshold that no metric can have."""
    if metric is not None and metric not in THRESHOLD_METRICS:
        known = "cannot have a threshold" if metric in UNITS else "is unknown"
        raise UsageError(f"--metric: got {metric}, which {known}; expected one of {', '.join(THRESHOLD_METRICS)}")
    if threshold is not None and not 0 <= threshold <= 1:
        raise UsageError(f"--threshold: got {threshold:.15g}, expected a number from 0 to 1")
    if (metric is None) != (threshold is None):
        raise UsageError("--metric and --threshold go together: got one of them")
