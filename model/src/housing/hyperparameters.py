"""Hyper-parameters: what SageMaker or a person hands in as text, checked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

from housing.errors import UsageError, listed
from housing.schema import to_number

ALGORITHMS = ("linear", "ridge", "forest")
_LIMITS = {"alpha": (0, 1_000_000), "trees": (1, 2000), "depth": (1, 64)}
_COUNT = {"linear": (), "ridge": ("alpha",), "forest": ("depth", "trees")}
_MOST_COMBINATIONS = 100


@dataclass(frozen=True)
class Hyperparameters:
    """What decides a training beside its data. Which of them count depends on the algorithm."""

    algorithm: str = "ridge"
    alpha: float = 1.0
    trees: int = 100
    depth: int = 8

    def counting(self) -> dict[str, float]:
        """Those that the algorithm looks at: no other can change the model."""
        values = asdict(self)
        return {name: values[name] for name in _COUNT[self.algorithm]}


_NAMES = tuple(Hyperparameters.__dataclass_fields__)


def parse_hyperparameters(given: Mapping[str, object]) -> Hyperparameters:
    """Checks every hyper-parameter; those left out have their defaults. Raises UsageError naming every problem."""
    # SageMaker and its toolkit add some of their own, such as `_tuning_objective_metric`.
    own = {name: value for name, value in given.items() if not name.startswith(("_", "sagemaker_"))}
    problems = [
        f"hyper-parameter {name}: unknown, expected one of {', '.join(_NAMES)}" for name in own if name not in _NAMES
    ]
    values: dict[str, Any] = {}
    for name in _NAMES:
        if name in own:
            values[name], problem = _parse(name, own[name])
            problems += [problem] if problem else []
    if problems:
        raise UsageError(listed(problems))
    return Hyperparameters(**values)


def parse_grid(text: str, fixed: Mapping[str, object]) -> list[Hyperparameters]:
    """Every combination of `{"alpha": [0.1, 1], "algorithm": ["ridge"]}` with the fixed ones, in order.

    Raises UsageError where it is not such a grid.
    """
    try:
        grid = json.loads(text)
    except ValueError as error:
        raise UsageError(f"--grid: got {text}, expected JSON: {error}") from error
    if not isinstance(grid, dict) or not all(isinstance(values, list) and values for values in grid.values()):
        raise UsageError(f'--grid: got {text}, expected lists of values by name, like {{"alpha": [0.1, 1]}}')
    combinations = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
    if len(combinations) > _MOST_COMBINATIONS:
        raise UsageError(f"--grid: got {len(combinations)} combinations, expected at most {_MOST_COMBINATIONS}")
    return [parse_hyperparameters({**fixed, **combination}) for combination in combinations]


def _parse(name: str, value: object) -> tuple[object, str | None]:
    if name == "algorithm":
        return value, None if value in ALGORITHMS else _problem(name, value, f"one of {', '.join(ALGORITHMS)}")
    least, most = _LIMITS[name]
    whole = name != "alpha"
    number = to_number(value)
    rule = f"a {'whole ' if whole else ''}number from {least} to {most}"
    if number is None or not least <= number <= most or (whole and not number.is_integer()):
        return value, _problem(name, value, rule)
    return int(number) if whole else number, None


def _problem(name: str, value: object, rule: str) -> str:
    return f"hyper-parameter {name}: got {value}, expected {rule}"


def describe(names: Sequence[str] = _NAMES) -> str:
    """The hyper-parameters for a help text."""
    return ", ".join(names)
