"""What is trained, and that its ONNX form says the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_houses import make_houses

from housing import learning
from housing.artifact import Artifact, make_artifact
from housing.errors import ArtifactError
from housing.hyperparameters import Hyperparameters
from housing.learning import fit, predict, to_onnx
from housing.schema import FEATURES, Houses

KINDS = [
    Hyperparameters("linear"),
    Hyperparameters("ridge", alpha=3.0),
    Hyperparameters("forest", trees=20, depth=6),
]
MODELS = {kind.algorithm: fit(make_houses(), kind) for kind in KINDS}
ARTIFACTS = {
    kind.algorithm: make_artifact(to_onnx(MODELS[kind.algorithm]), kind, make_houses(), "0" * 64) for kind in KINDS
}

# As people measure houses: a threshold of a tree, as a float of 32 bits, may lie on the other side of a number that
# differs from it in the last digits alone.
ANY_HOUSE = st.tuples(
    st.integers(100, 20_000).map(lambda tenths: tenths / 10),
    *(st.integers(int(column.minimum), int(column.maximum)).map(float) for column in FEATURES[1:]),
)


def houses_with(features: list[tuple[float, ...]]) -> Houses:
    return Houses(("",) * len(features), np.array([[*one, 0.0] for one in features]))


@pytest.mark.parametrize("algorithm", list(MODELS))
@given(features=st.lists(ANY_HOUSE, min_size=1, max_size=20))
@settings(max_examples=30)
def test_onnx_says_what_the_estimator_says(algorithm: str, features: list[tuple[float, ...]]) -> None:
    houses = houses_with(features)
    expected = predict(MODELS[algorithm], houses)
    np.testing.assert_allclose(ARTIFACTS[algorithm].predict(houses), expected, rtol=1e-5, atol=2.0)


@pytest.mark.parametrize("algorithm", ["linear", "ridge"])
@given(house=ANY_HOUSE, areas=st.lists(st.integers(10, 2000), min_size=2, max_size=10))
@settings(max_examples=30)
def test_a_larger_house_is_not_cheaper_to_a_linear_model(
    algorithm: str, house: tuple[float, ...], areas: list[int]
) -> None:
    prices = ARTIFACTS[algorithm].predict(houses_with([(float(area), *house[1:]) for area in sorted(areas)]))
    assert np.all(np.diff(prices) >= 0)


@given(house=ANY_HOUSE)
@settings(max_examples=30)
def test_a_forest_stays_within_the_prices_it_has_seen(house: tuple[float, ...]) -> None:
    prices = make_houses().prices
    (price,) = ARTIFACTS["forest"].predict(houses_with([house]))
    assert prices.min() * 0.999 <= price <= prices.max() * 1.001


def test_a_linear_model_finds_the_lines() -> None:
    model = fit(make_houses(noise=0.0), Hyperparameters("linear"))
    np.testing.assert_allclose(model.coef_, [1420.5, 8300, 11_200, -350], rtol=1e-4)
    assert model.intercept_ == pytest.approx(18_500, rel=1e-3)


def test_a_penalty_shrinks_what_area_adds() -> None:
    small, large = houses_with([(50, 2, 1, 20)]), houses_with([(150, 2, 1, 20)])
    gaps = []
    for alpha in (0.0, 100.0, 100_000.0):
        model = fit(make_houses(), Hyperparameters("ridge", alpha=alpha))
        gaps.append(predict(model, large)[0] - predict(model, small)[0])
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] < gaps[0] / 50


def test_depth_and_trees_are_those_asked_for() -> None:
    forest = MODELS["forest"]
    assert len(forest.estimators_) == 20
    assert max(tree.get_depth() for tree in forest.estimators_) == 6


def test_the_graph_has_one_input_and_one_output() -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(ARTIFACTS["forest"].onnx, providers=["CPUExecutionProvider"])
    (given_,), (answer,) = session.get_inputs(), session.get_outputs()
    assert (given_.name, given_.type, given_.shape) == ("features", "tensor(float)", [None, 4])
    assert (answer.name, answer.type, answer.shape) == ("price", "tensor(float)", [None, 1])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.algorithm)
def test_the_same_data_gives_the_same_bytes(kind: Hyperparameters) -> None:
    assert to_onnx(fit(make_houses(), kind)) == ARTIFACTS[kind.algorithm].onnx


def test_a_forest_that_is_too_large_to_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = sum(tree.tree_.node_count for tree in MODELS["forest"].estimators_)
    monkeypatch.setattr(learning, "_MOST_NODES", nodes)
    assert to_onnx(MODELS["forest"]) == ARTIFACTS["forest"].onnx
    monkeypatch.setattr(learning, "_MOST_NODES", nodes - 1)
    with pytest.raises(ArtifactError, match=f"the forest has {nodes} nodes, expected at most {nodes - 1}; take fewer"):
        to_onnx(MODELS["forest"])


def test_a_graph_that_cannot_be_run() -> None:
    broken = Artifact(b"not a graph", ARTIFACTS["ridge"].document)
    with pytest.raises(ArtifactError, match=r"model\.onnx: cannot be run"):
        broken.predict(make_houses(1))
