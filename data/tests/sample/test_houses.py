"""What a model can learn from the houses: a straight line most of it, something that bends more, and no model all."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from statistics import fmean

import pytest
from sample.houses import FIRST_SALE, LAST_SALE, House, house_row, make_house, make_price, worth
from sample.shop import stamp

SAMPLE = Path(__file__).parents[2] / "samples" / "1k" / "houses.csv"
Features = Sequence[float]


def good_rows() -> list[dict[str, str]]:
    """The rows of the committed sample that nothing spoilt, in their order."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    own = [row for row in rows if row["house_id"].startswith("H0") and row["updated_at"]]
    return list({row["house_id"]: row for row in reversed(own)}.values())[::-1]


def straight(row: dict[str, str]) -> list[float]:
    return [1.0, *(float(row[name]) for name in ("area", "bedrooms", "bathrooms", "age"))]


def bent(row: dict[str, str]) -> list[float]:
    area, age = float(row["area"]), float(row["age"])
    return [*straight(row), max(0.0, area - 160) ** 1.5, max(0.0, age - 70), float(age < 4) * area]


def solve(matrix: list[list[float]]) -> list[float]:
    """Gauss's elimination of a square system with its right side as last column."""
    size = len(matrix)
    for place in range(size):
        best = max(range(place, size), key=lambda row: abs(matrix[row][place]))
        matrix[place], matrix[best] = matrix[best], matrix[place]
        for row in range(size):
            if row != place:
                factor = matrix[row][place] / matrix[place][place]
                matrix[row] = [value - factor * top for value, top in zip(matrix[row], matrix[place], strict=True)]
    return [row[-1] / row[place] for place, row in enumerate(matrix)]


def least_squares(inputs: Sequence[Features], outputs: Features) -> list[float]:
    count = len(inputs[0])
    products = [[sum(row[i] * row[j] for row in inputs) for j in range(count)] for i in range(count)]
    right = [sum(row[i] * value for row, value in zip(inputs, outputs, strict=True)) for i in range(count)]
    return solve([[*row, value] for row, value in zip(products, right, strict=True)])


def share_explained(found: Features, actual: Features) -> float:
    middle = fmean(actual)
    left = sum((a - f) ** 2 for a, f in zip(actual, found, strict=True))
    return 1 - left / sum((a - middle) ** 2 for a in actual)


def fitted(features: Callable[[dict[str, str]], list[float]]) -> float:
    """r2 on every fourth house of a fit to the others."""
    rows = good_rows()
    known, unknown = [row for at, row in enumerate(rows) if at % 4], rows[::4]
    weights = least_squares([features(row) for row in known], [float(row["price"]) for row in known])
    found = [sum(w * x for w, x in zip(weights, features(row), strict=True)) for row in unknown]
    return share_explained(found, [float(row["price"]) for row in unknown])


def test_the_yardstick_itself() -> None:
    assert least_squares([[1, 0], [1, 1], [1, 2]], [3, 5, 7]) == pytest.approx([3, 2])
    assert share_explained([3, 5, 7], [3, 5, 7]) == 1
    assert share_explained([5, 5, 5], [3, 5, 7]) == 0


def test_a_linear_model_explains_most_a_bent_one_more_and_none_everything() -> None:
    line, curve = fitted(straight), fitted(bent)
    assert 0.85 < line < 0.93
    assert line + 0.02 < curve < 0.98


def test_good_rows_are_those_of_every_house() -> None:
    assert len({row["house_id"] for row in good_rows()}) == len(good_rows()) == 950


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        (House(1000, 3, 1, 20), House(1010, 3, 1, 20)),
        (House(1000, 3, 1, 20), House(1000, 4, 1, 20)),
        (House(1000, 3, 1, 20), House(1000, 3, 2, 20)),
        (House(1000, 3, 1, 20), House(1000, 3, 1, 10)),
        (House(1000, 3, 1, 70), House(1000, 3, 1, 110)),
        (House(1000, 3, 1, 4), House(1000, 3, 1, 3)),
    ],
)
def test_every_feature_counts(worse: House, better: House) -> None:
    assert worth(worse) < worth(better)


def test_a_square_metre_is_dearer_where_there_are_many() -> None:
    more = [worth(House(tenths + 100, 3, 1, 20)) - worth(House(tenths, 3, 1, 20)) for tenths in (800, 1400, 2500)]
    assert more[0] == pytest.approx(more[1])
    assert more[2] > 1.05 * more[1]


def test_equal_houses_are_sold_for_prices_around_their_worth() -> None:
    random, house = Random("noise"), House(1200, 3, 2, 15)
    prices = [make_price(house, random) / 100 for _ in range(2000)]
    assert fmean(prices) == pytest.approx(worth(house), rel=0.01)
    off = [abs(price / worth(house) - 1) for price in prices]
    assert max(off) < 0.25
    assert 0.04 < fmean(off) < 0.08


def test_houses_are_of_all_sizes_and_ages() -> None:
    random = Random("range")
    houses = [make_house(random) for _ in range(2000)]
    areas, ages = [house.tenths / 10 for house in houses], [house.age for house in houses]
    assert min(areas) < 60
    assert max(areas) > 250
    assert {0, 100} <= set(ages)
    assert {1, 2, 3, 4, 5} <= {house.bedrooms for house in houses}
    assert fmean(house.bedrooms for house in houses if house.tenths > 1800) > 4


def test_sales_are_told_in_order_within_the_year_and_before_the_row_was_written() -> None:
    random = Random("time")
    rows = [house_row(index + 1, index / 500, random) for index in range(500)]
    days = [row[6][:10] for row in rows]
    assert days == sorted(days)
    assert len({day[:7] for day in days}) == 12
    assert all(stamp(FIRST_SALE) <= row[6] <= row[7] and row[6] < stamp(LAST_SALE) for row in rows)
