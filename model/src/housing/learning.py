"""Trains a model, and turns it into ONNX: what predicts in production needs no scikit-learn and runs no pickle."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from housing.errors import ArtifactError
from housing.hyperparameters import Hyperparameters
from housing.schema import FEATURES, Floats, Houses

INPUT, OUTPUT = "features", "price"

# Of the trees alone: the same data and hyper-parameters must give the same model.
_SEED = 42
# Fixed, so that a newer converter does not change what older predictors must read.
_OPSETS = {"": 21, "ai.onnx.ml": 3}
# A graph cannot be larger than 2 GiB, and one of a tenth of that is slow to load.
_MOST_NODES = 4_000_000


def fit(houses: Houses, parameters: Hyperparameters) -> Any:
    """A trained estimator. One thread: sums of floats depend on how many work on them."""
    with threadpool_limits(limits=1):
        return _estimator(parameters).fit(houses.features, houses.prices)


def _estimator(parameters: Hyperparameters) -> Any:
    if parameters.algorithm == "forest":
        trees, depth = parameters.trees, parameters.depth
        return RandomForestRegressor(n_estimators=trees, max_depth=depth, random_state=_SEED, n_jobs=1)
    # A penalty is only fair to features of one scale.
    ridge = parameters.algorithm == "ridge"
    return make_pipeline(StandardScaler(), Ridge(alpha=parameters.alpha)) if ridge else LinearRegression()


def predict(estimator: Any, houses: Houses) -> Floats:
    """What the estimator itself says; the served model must say the same."""
    with threadpool_limits(limits=1):
        return np.asarray(estimator.predict(houses.features), dtype=np.float64)


def to_onnx(estimator: Any) -> bytes:
    """The estimator as an ONNX graph from `features` (float, a row per house) to `price` (float, one column).

    Raises ArtifactError for a forest that is too large to be served.
    """
    nodes = sum(tree.tree_.node_count for tree in getattr(estimator, "estimators_", ()))
    if nodes > _MOST_NODES:
        rule = f"expected at most {_MOST_NODES}; take fewer trees, or less depth"
        raise ArtifactError(f"the forest has {nodes} nodes, {rule}")
    graph = convert_sklearn(
        estimator,
        name="housing",
        initial_types=[(INPUT, FloatTensorType([None, len(FEATURES)]))],
        final_types=[(OUTPUT, FloatTensorType([None, 1]))],
        target_opset=_OPSETS,
    )
    # The converter collects them in a set, whose order is another one in every process.
    opsets = sorted(graph.opset_import, key=lambda opset: opset.domain)
    del graph.opset_import[:]
    graph.opset_import.extend(opsets)
    return cast("bytes", graph.SerializeToString(deterministic=True))
