"""Bad rows in known shares: in every block of lines each kind of fault occurs once, at a random place.

A fault either spoils a good row (`SPOIL`, gives the raw line) or repeats an earlier one (`REPEAT`, gives fields). Which
row the pipeline keeps and the reason it gives are not decided here: `reference` finds them out from the files.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from random import Random

Row = list[str]
Spoil = Callable[[Row], str]
Repeat = Callable[[Row], Row]

ORDERS_BLOCK = 500
CUSTOMERS_BLOCK = 200
PRODUCTS_BLOCK = 60
HOUSES_BLOCK = 400

# Longer than any row may be. Only samples from LONG_ROW_FROM lines on hold one: the committed sample stays small.
LONG_ROW_BYTES = 1_200_000
LONG_ROW_FROM = 10_000


def to_line(fields: Sequence[str]) -> str:
    """Fields as one CSV line without its end; quoted only where needed."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields)
    return text.getvalue()


def replaced(column: int, value: str) -> Spoil:
    """A fault that puts another value into a column."""
    return lambda row: to_line([*row[:column], value, *row[column + 1 :]])


def changed(**columns: str) -> Repeat:
    """A repetition with other values in columns named c0, c1 and so on."""
    values = {int(name[1:]): value for name, value in columns.items()}
    return lambda row: [values.get(index, field) for index, field in enumerate(row)]


def _unclosed_quote(row: Row) -> str:
    return to_line(row).replace(",", ',"', 1)


def _text_after_quote(row: Row) -> str:
    return f'"{row[0]}"x,' + to_line(row[1:])


SPOIL_ORDERS: Mapping[str, Spoil] = {
    "unclosed_quote": _unclosed_quote,
    "too_few_fields": lambda row: to_line(row[:-2]),
    "too_many_fields": lambda row: to_line([*row, "surplus"]),
    "quantity_in_words": replaced(3, "three"),
    "quantity_negative": replaced(3, "-2"),
    "quantity_too_large": replaced(3, "5000"),
    "price_with_three_digits": replaced(4, "9.999"),
    "discount_above_one": replaced(5, "1.5"),
    "no_order": replaced(0, ""),
    "no_customer": replaced(1, ""),
    "not_an_order": replaced(0, "X0001"),
    "unknown_status": replaced(6, "lost"),
    "day_that_does_not_exist": replaced(7, "2025-02-30T10:00:00Z"),
    "time_with_offset": replaced(8, "2025-03-20T10:00:00+02:00"),
    # Accepted, but they refer to nothing: features and quality rules must bear them.
    "stranger": replaced(1, "C99999999"),
    "withdrawn_product": replaced(2, "P999999"),
}
REPEAT_ORDERS: Mapping[str, Repeat] = {
    "same_again": changed(),
    "older_version": changed(c6="placed", c8="2025-03-01T00:00:00Z"),
    "newer_version": changed(c6="returned", c8="2025-04-20T09:30:00Z"),
    "same_version_other_quantity": changed(c3="7"),
}
SPOIL_CUSTOMERS: Mapping[str, Spoil] = {
    "text_after_quote": _text_after_quote,
    "no_mailbox": replaced(1, "nobody"),
    "no_country": replaced(2, ""),
    "country_in_words": replaced(2, "Germany"),
    "unknown_segment": replaced(3, "friend"),
    "local_time": replaced(4, "2024-06-01 08:00:00"),
}
REPEAT_CUSTOMERS: Mapping[str, Repeat] = {"older_version": changed(c2="US", c5="2020-01-01T00:00:00Z")}
SPOIL_PRODUCTS: Mapping[str, Spoil] = {
    "negative_price": replaced(3, "-1.00"),
    "price_with_unit": replaced(3, "12.90 EUR"),
    "yes_for_true": replaced(4, "yes"),
}
REPEAT_PRODUCTS: Mapping[str, Repeat] = {"same_again": changed()}
SPOIL_HOUSES: Mapping[str, Spoil] = {
    "too_few_fields": lambda row: to_line(row[:-1]),
    "area_with_unit": replaced(1, "120 m2"),
    "area_with_comma": replaced(1, "120,50"),
    "no_area": replaced(1, "0.00"),
    "half_a_bathroom": replaced(3, "1.5"),
    "year_for_age": replaced(4, "1987"),
    "sold_before_it_was_built": replaced(4, "-1"),
    "no_price": replaced(5, ""),
    "price_in_thousands": replaced(5, "245.00"),
    "no_house": replaced(0, ""),
    "not_a_house": replaced(0, "14 Mill Lane"),
    "day_that_does_not_exist": replaced(6, "2025-02-29T10:00:00Z"),
}
REPEAT_HOUSES: Mapping[str, Repeat] = {
    "same_again": changed(),
    "older_version": changed(c5="1000.00", c7="2024-03-01T00:00:00Z"),
    "newer_version": changed(c6="2025-03-28T15:00:00Z", c7="2025-04-25T09:30:00Z"),
}


def long_line(row: Row) -> str:
    """A line far above the limit of a row."""
    return to_line([*row[:6], "x" * LONG_ROW_BYTES, *row[7:]])


class Plan:
    """Which fault, if any, each line gets: every kind once in each block of `size` lines, never on a block's first."""

    def __init__(self, kinds: Sequence[str], size: int, random: Random) -> None:
        """`kinds` must fit into a block."""
        if len(kinds) >= size:
            raise ValueError(f"{len(kinds)} kinds of fault do not fit into a block of {size} lines")
        self._kinds, self._size, self._random = kinds, size, random
        self._block: dict[int, str] = {}

    def at(self, line: int) -> str | None:
        """The fault of a line, counted from 0; lines must be asked for in order."""
        place = line % self._size
        if place == 0:
            self._block = self._shuffle()
        return self._block.get(place)

    def _shuffle(self) -> dict[int, str]:
        places = list(range(1, self._size))
        for index in range(len(self._kinds)):
            other = index + int(self._random.random() * (len(places) - index))
            places[index], places[other] = places[other], places[index]
        return dict(zip(places, self._kinds, strict=False))
