"""Finds what splits have in common. Houses and rows are compared by digests, which a manifest can carry around."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations

from housing.errors import LeakageError
from housing.schema import Houses


@dataclass(frozen=True)
class Keys:
    """What is in a split: digests of its houses, and of its rows without their house."""

    houses: frozenset[str]
    rows: frozenset[str]


def house_digest(house: str) -> str:
    """Stands for a house where the house itself has no business."""
    return sha256(house.encode()).hexdigest()[:32]


def row_digests(houses: Houses) -> list[str]:
    """A digest for each row's features and price: equal rows, equal digests."""
    return [sha256(row.tobytes()).hexdigest()[:32] for row in houses.numbers]


def keys_of(houses: Houses) -> Keys:
    """What is in a split."""
    return Keys(frozenset(map(house_digest, houses.ids)), frozenset(row_digests(houses)))


def refuse_leaks(splits: Mapping[str, Keys]) -> None:
    """Raises LeakageError naming every pair of splits that shares a house or has an identical row."""
    leaks = []
    for (one, left), (other, right) in combinations(splits.items(), 2):
        houses, rows = len(left.houses & right.houses), len(left.rows & right.rows)
        if houses:
            leaks.append(f"{one} and {other} share {_count(houses, 'house')}")
        if rows:
            leaks.append(f"{one} and {other} have {_count(rows, 'identical row')}")
    if leaks:
        raise LeakageError("leakage between splits: " + "; ".join(leaks) + "; run preprocess again to split the data")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
