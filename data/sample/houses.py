"""The made-up houses: what was sold in a year and for how much. Pure functions of a stream of random numbers.

A price follows from area, rooms and age, mostly in straight lines. Three things do not: land is dear where houses are
large, houses lose worth with age until the oldest are sought after, and new ones cost a little more. What buyers pay
beside that is noise, as nothing in the data tells it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp, sqrt
from random import Random

from sample.shop import Picker, money, stamp

FIRST_SALE = datetime(2024, 4, 1, tzinfo=UTC)
LAST_SALE = datetime(2025, 4, 1, tzinfo=UTC)

# Sales per month, from April to March: people move in summer.
_MONTHS = (10, 12, 13, 12, 10, 9, 8, 6, 4, 4, 5, 7)
_days = Picker(
    [_MONTHS[((FIRST_SALE + timedelta(days=day)).month - 4) % 12] for day in range((LAST_SALE - FIRST_SALE).days)]
)


@dataclass(frozen=True)
class House:
    """A house as a buyer sees it: its area in tenths of a square metre, its rooms, its age in years."""

    tenths: int
    bedrooms: int
    bathrooms: int
    age: int


def _bell(random: Random) -> float:
    """Between -1.5 and 1.5, mostly near 0: three uniform numbers are close enough to a bell curve."""
    return random.random() + random.random() + random.random() - 1.5


def make_house(random: Random) -> House:
    """A house; larger ones have more rooms, and few are very old."""
    area = 118 * exp(0.75 * _bell(random))
    bedrooms = max(1, int(area / 42 + 0.6 + 1.1 * _bell(random)))
    bathrooms = max(1, int(bedrooms / 2.6 + 0.7 + 0.8 * _bell(random)))
    return House(int(area * 10), bedrooms, bathrooms, int(125 * random.random() ** 1.7))


def worth(house: House) -> float:
    """What such a house is worth to most people, without noise."""
    area = house.tenths / 10
    lines = 18_500 + 1420 * area + 8300 * house.bedrooms + 11_200 * house.bathrooms - 650 * house.age
    beyond = max(0.0, area - 160)
    large = 9 * beyond * sqrt(beyond)
    period = 2400 * max(0, house.age - 70)
    new = 0.06 * lines if house.age < 4 else 0.0
    return lines + large + period + new


def make_price(house: House, random: Random) -> int:
    """What it is sold for, in cents; agreed upon in hundreds."""
    return max(20_000, round(worth(house) * exp(0.14 * _bell(random)) / 100) * 100) * 100


def house_row(index: int, share: float, random: Random) -> list[str]:
    """The fields of a house; `share` (0 to 1) is how far into the year it was sold. Some areas leave out zeros."""
    house = make_house(random)
    price = make_price(house, random)
    sold = FIRST_SALE + timedelta(days=_days.at(share), seconds=int((8 + 10 * random.random()) * 3600))
    entered = sold + timedelta(seconds=int(random.random() * 21 * 86400))
    whole, tenth = divmod(house.tenths, 10)
    area = f"{whole}.{tenth}0" if random.random() < 0.9 else f"{whole}.{tenth}".removesuffix(".0")
    rooms = [str(house.bedrooms), str(house.bathrooms), str(house.age)]
    return [f"H{index:08d}", area, *rooms, money(price), stamp(sold), stamp(entered)]
