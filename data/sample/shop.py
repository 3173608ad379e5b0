"""The made-up shop: what it sells, to whom, and when. Pure functions of a stream of random numbers.

Only `Random.random()` is used: its sequence for a seed is the same in every Python, which other methods do not promise.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from math import exp
from random import Random

START = datetime(2025, 3, 3, tzinfo=UTC)
DAYS = 28
END = START + timedelta(days=DAYS)

CATEGORIES = ("books", "electronics", "fashion", "garden", "grocery", "home", "sports", "toys")
COUNTRIES = ("DE", "FR", "NL", "GB", "US", "ES", "IT", "BE", "AT", "PL", "SE", "IE")
SEGMENTS = ("consumer", "business", "wholesale")

# Per category, in the order of CATEGORIES: share of the range, usual price, share of delivered orders that come back.
_RANGE = (22, 14, 20, 7, 12, 12, 7, 6)
_PRICE = (16, 190, 48, 35, 9, 55, 60, 24)
_RETURNS = (0.02, 0.07, 0.24, 0.05, 0.005, 0.06, 0.09, 0.04)

_COUNTRY_WEIGHTS = (24, 14, 12, 11, 9, 8, 7, 5, 4, 3, 2, 1)
_SEGMENT_WEIGHTS = (86, 11, 3)
_WEEKDAY = (1.0, 0.95, 0.95, 1.0, 1.1, 1.35, 1.45)
_HOUR = (3, 2, 1, 1, 1, 2, 4, 7, 10, 12, 13, 13, 14, 13, 12, 12, 13, 15, 18, 22, 24, 20, 13, 7)
_DISCOUNTS = ("0.0500", "0.1000", "0.1", "0.1500", "0.2000", "0.2500", "0.3", "0.5")

_FIRST = (
    "Ada",
    "Ben",
    "Chloé",
    "Dario",
    "Elif",
    "Finn",
    "Greta",
    "Hana",
    "Ivo",
    "Jana",
    "Kofi",
    "Lena",
    "Marek",
    "Nora",
    "Ömer",
)
_LAST = (
    "Adler",
    "Bakker",
    "Conti",
    "Dubois",
    "Evans",
    "Fischer",
    "Garcia",
    "Hughes",
    "Ionescu",
    "Janssen",
    "Klein",
    "Lund",
)
_ADJECTIVE = (
    "Classic",
    "Compact",
    "Everyday",
    "Folding",
    "Light",
    "Organic",
    "Pocket",
    "Robust",
    "Silent",
    "Soft",
    "Solid",
    "Urban",
)
_NOUN = {
    "books": ("Atlas", "Cookbook", "Novel", "Travel Guide"),
    "electronics": ("Headphones", "Keyboard", "Speaker", "Tablet"),
    "fashion": ("Coat", "Scarf", "Sneakers", "Shirt"),
    "garden": ("Hose", "Planter", "Pruner", "Trowel"),
    "grocery": ("Café Crème", "Granola", "Honey", "Olive Oil"),
    "home": ("Blanket", "Lamp", "Shelf", "Teapot"),
    "sports": ("Backpack", "Mat", "Racket", "Water Bottle"),
    "toys": ("Blocks", "Kite", "Puzzle", "Robot"),
}


class Picker:
    """Picks an index by weight with one random number."""

    def __init__(self, weights: Sequence[float]) -> None:
        """Weights need not sum to one."""
        self._cumulative = list(accumulate(weights))

    def at(self, share: float) -> int:
        """The index at that share of the total weight, 0 <= share < 1."""
        return bisect(self._cumulative, share * self._cumulative[-1])


@dataclass(frozen=True)
class Product:
    """A product of the range; prices are in cents."""

    category: int
    cents: int


_categories = Picker(_RANGE)
_countries = Picker(_COUNTRY_WEIGHTS)
_segments = Picker(_SEGMENT_WEIGHTS)
_hours = Picker(_HOUR)
# A little growth from week to week, and busy weekends.
_days = Picker([_WEEKDAY[day % 7] * (1 + 0.01 * day) for day in range(DAYS)])


def stamp(moment: datetime) -> str:
    """A moment as the files write it, whole seconds in UTC."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def money(cents: int) -> str:
    """Cents as a decimal text, e.g. `12.90`."""
    return f"{cents // 100}.{cents % 100:02d}"


def make_product(random: Random) -> Product:
    """A product with a price around what its category usually costs, most often ending in 9."""
    category = _categories.at(random.random())
    # Three uniform numbers are close enough to a bell curve for a spread of prices.
    spread = exp((random.random() + random.random() + random.random() - 1.5) * 1.1)
    cents = max(99, int(_PRICE[category] * 100 * spread))
    return Product(category, cents - cents % 10 + 9 if random.random() < 0.8 else cents)


def product_row(index: int, product: Product, random: Random) -> list[str]:
    """The fields of a product; some names hold commas and quotes, some are not ASCII."""
    category = CATEGORIES[product.category]
    nouns = _NOUN[category]
    name = f"{_ADJECTIVE[int(random.random() * len(_ADJECTIVE))]} {nouns[int(random.random() * len(nouns))]}"
    style = random.random()
    if style < 0.1:
        name = f"{name}, set of {2 + int(random.random() * 5)}"
    elif style < 0.15:
        name = f'{name} "Nova"'
    active = "true" if random.random() < 0.94 else "false"
    updated = START - timedelta(seconds=int(random.random() * 200 * 86400))
    return [f"P{index:06d}", name, category, money(product.cents), active, stamp(updated)]


def customer_row(index: int, random: Random) -> list[str]:
    """The fields of a customer who signed up before the first order."""
    first, last = _FIRST[int(random.random() * len(_FIRST))], _LAST[int(random.random() * len(_LAST))]
    mailbox = f"{first}.{last}.{index}".lower().replace("é", "e").replace("ö", "oe")
    signed_up = START - timedelta(seconds=int(random.random() ** 1.5 * 730 * 86400) + 3600)
    updated = signed_up + timedelta(seconds=int(random.random() * (START - signed_up).total_seconds()))
    country, segment = COUNTRIES[_countries.at(random.random())], SEGMENTS[_segments.at(random.random())]
    return [f"C{index:08d}", f"{mailbox}@example.com", country, segment, stamp(signed_up), stamp(updated)]


def order_row(
    number: int, share: float, customers: int, products: Sequence[Product], random: Random, days: Picker = _days
) -> list[str]:
    """The fields of an order; `share` (0 to 1) is how far into the weeks of the sample it was placed.

    Few customers and products make most of the orders: a power of a uniform number stands for the long tail.
    """
    customer = 1 + int(customers * random.random() ** 2.2)
    product = int(len(products) * random.random() ** 1.8)
    ordered = START + timedelta(
        days=days.at(share), hours=_hours.at(random.random()), seconds=int(random.random() * 3600)
    )
    item = products[product]
    status, lag = _state(ordered, item, random)
    updated = ordered + timedelta(seconds=lag)
    moment = stamp(updated) if random.random() < 0.9 else f"{stamp(updated)[:-1]}.{int(random.random() * 1000):03d}Z"
    return [
        f"O{number:08d}",
        f"C{customer:08d}",
        f"P{product + 1:06d}",
        str(_quantity(item, random)),
        money(item.cents),
        "" if random.random() < 0.62 else _DISCOUNTS[int(random.random() * len(_DISCOUNTS))],
        status,
        stamp(ordered),
        moment,
    ]


def _quantity(item: Product, random: Random) -> int:
    """Mostly one; cheap things are bought by the handful, and businesses now and then by the hundred."""
    if random.random() < 0.004:
        return 50 + int(random.random() * 450)
    quantity, again = 1, 0.45 if item.cents < 2500 else 0.18
    while quantity < 20 and random.random() < again:
        quantity += 1
    return quantity


def _state(ordered: datetime, item: Product, random: Random) -> tuple[str, int]:
    """Status at the end of the sample and seconds from the order to its last change."""
    age = (END - ordered).total_seconds()
    if random.random() < 0.035:
        return "cancelled", int(random.random() * min(age, 86400))
    if age < 86400 * (0.3 + random.random()):
        return "placed", 0
    if age < 86400 * (2 + 3 * random.random()):
        return "shipped", int(random.random() * min(age, 172800))
    if random.random() < _RETURNS[item.category]:
        return "returned", int(86400 * 3 + random.random() * 86400 * 9)
    return "delivered", int(86400 * 2 + random.random() * 86400 * 3)
