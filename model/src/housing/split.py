"""Splits houses into those to learn from, to choose by and to measure with. A house is in one split only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import accumulate

from housing.errors import DataError
from housing.schema import Houses

SHARES = {"train": 0.70, "validation": 0.15, "test": 0.15}
SPLITS = tuple(SHARES)

# Fewer, and a split has no house to speak of.
_FEWEST = 20


def split(houses: Houses, seed: int) -> dict[str, Houses]:
    """The three splits, each ordered by house, whatever order the houses came in.

    Raises DataError where there are too few houses for three splits.
    """
    groups = _groups(houses)
    if len(groups) < _FEWEST:
        raise DataError(f"got {len(groups)} different houses, expected at least {_FEWEST} to split")
    rows = _assign(groups, seed)
    empty = [name for name in SPLITS if not rows[name]]
    if empty:
        raise DataError(f"nothing is left for {', '.join(empty)}: too many rows are about the same house")
    order = {name: sorted(rows[name], key=lambda row: (houses.ids[row], *houses.numbers[row])) for name in SPLITS}
    return {name: houses.take(order[name]) for name in SPLITS}


def _groups(houses: Houses) -> dict[str, list[int]]:
    """Rows that must stay together, by the first of their houses: those of a house, and those that say the same.

    Two houses with the same features and price are the same to a model.
    """
    parent = {house: house for house in houses.ids}

    def root(house: str) -> str:
        while parent[house] != house:
            parent[house] = house = parent[parent[house]]
        return house

    first: dict[bytes, str] = {}
    for house, numbers in zip(houses.ids, houses.numbers, strict=True):
        one, other = sorted((root(house), root(first.setdefault(numbers.tobytes(), house))))
        parent[other] = one
    groups: dict[str, list[int]] = {}
    for row, house in enumerate(houses.ids):
        groups.setdefault(root(house), []).append(row)
    return groups


def _assign(groups: Mapping[str, Sequence[int]], seed: int) -> dict[str, list[int]]:
    """Lines the groups up by a hash of seed and house, and cuts the line where the shares end.

    Unlike a shuffle, the order of two houses does not depend on what other houses there are.
    """
    line = sorted(groups, key=lambda house: sha256(f"{seed}:{house}".encode()).digest())
    total = sum(len(rows) for rows in groups.values())
    assigned: dict[str, list[int]] = {name: [] for name in SPLITS}
    seen = 0
    for house in line:
        middle = (seen + len(groups[house]) / 2) / total
        seen += len(groups[house])
        assigned[_split_at(middle)] += groups[house]
    return assigned


def _split_at(share: float) -> str:
    ends = zip(SPLITS, accumulate(SHARES.values()), strict=True)
    return next((name for name, end in ends if share < end), SPLITS[-1])
