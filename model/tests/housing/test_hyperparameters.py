"""Hyper-parameters as SageMaker, a person or a grid hands them in."""

from __future__ import annotations

import pytest

from housing.errors import UsageError
from housing.hyperparameters import Hyperparameters, parse_grid, parse_hyperparameters


def test_text_becomes_what_it_says() -> None:
    given = {"algorithm": "forest", "alpha": "0.5", "trees": "20", "depth": "5"}
    assert parse_hyperparameters(given) == Hyperparameters("forest", 0.5, 20, 5)
    assert parse_hyperparameters({"alpha": 1, "trees": 20.0}) == Hyperparameters("ridge", 1.0, 20, 8)
    assert parse_hyperparameters({}) == Hyperparameters()


def test_what_sagemaker_adds_is_passed_over() -> None:
    added = {"_tuning_objective_metric": "validation:r2", "sagemaker_program": "x"}
    assert parse_hyperparameters({**added, "algorithm": "linear"}).algorithm == "linear"


PROBLEMS = [
    ({"learning_rate": "1e-5"}, "learning_rate: unknown, expected one of algorithm, alpha, trees, depth"),
    ({"algorithm": "magic"}, "algorithm: got magic, expected one of linear, ridge, forest"),
    ({"algorithm": ["ridge"]}, "algorithm: got ['ridge'], expected one of linear, ridge, forest"),
    ({"alpha": "-0.1"}, "alpha: got -0.1, expected a number from 0 to 1000000"),
    ({"alpha": "1000001"}, "alpha: got 1000001, expected a number from 0 to 1000000"),
    ({"alpha": "nan"}, "alpha: got nan, expected a number from 0 to 1000000"),
    ({"alpha": ""}, "alpha: got , expected a number from 0 to 1000000"),
    ({"alpha": True}, "alpha: got True, expected a number from 0 to 1000000"),
    ({"trees": "0"}, "trees: got 0, expected a whole number from 1 to 2000"),
    ({"trees": "2001"}, "trees: got 2001, expected a whole number from 1 to 2000"),
    ({"trees": "1.5"}, "trees: got 1.5, expected a whole number from 1 to 2000"),
    ({"depth": "65"}, "depth: got 65, expected a whole number from 1 to 64"),
    ({"depth": None}, "depth: got None, expected a whole number from 1 to 64"),
]


@pytest.mark.parametrize(("given", "problem"), PROBLEMS)
def test_what_is_refused(given: dict[str, object], problem: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_hyperparameters(given)
    assert str(refused.value) == f"hyper-parameter {problem}"


def test_every_problem_is_named() -> None:
    with pytest.raises(UsageError) as refused:
        parse_hyperparameters({"depth": 0, "epochs": 1, "trees": "many"})
    assert [line.split(":")[0] for line in str(refused.value).splitlines()] == [
        "hyper-parameter epochs",
        "hyper-parameter trees",
        "hyper-parameter depth",
    ]


COUNTING = [("linear", {}), ("ridge", {"alpha": 1.0}), ("forest", {"trees": 100, "depth": 8})]


@pytest.mark.parametrize(("algorithm", "expected"), COUNTING)
def test_an_algorithm_looks_at_its_own(algorithm: str, expected: dict[str, float]) -> None:
    assert Hyperparameters(algorithm).counting() == expected


def test_a_grid_is_every_combination() -> None:
    combinations = parse_grid('{"depth": [2, 4], "trees": [10, 20, 30]}', {"algorithm": "forest", "depth": "9"})
    assert [(one.algorithm, one.depth, one.trees) for one in combinations] == [
        ("forest", depth, trees) for depth in (2, 4) for trees in (10, 20, 30)
    ]


GRIDS = [
    ("{", "--grid: got {, expected JSON"),
    ("[1]", "--grid: got [1], expected lists of values by name"),
    ('{"alpha": 1}', "expected lists of values by name"),
    ('{"alpha": []}', "expected lists of values by name"),
    ('{"alpha": [1, -1]}', "hyper-parameter alpha: got -1"),
    ('{"rate": [1]}', "hyper-parameter rate: unknown"),
    (f'{{"depth": {list(range(1, 12))}, "trees": {list(range(1, 11))}}}', "got 110 combinations, expected at most 100"),
]


@pytest.mark.parametrize(("text", "problem"), GRIDS)
def test_a_grid_that_is_refused(text: str, problem: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_grid(text, {})
    assert problem in str(refused.value)
