"""What a fresh lakehouse must hold after it took the files of a sample: counts, reasons and checksums.

Written from the rules, without Spark and without the pipeline's code, so that both are not likely to be wrong in the
same way. Of the pipeline only the dataset definitions are read. Memory holds the keys of the orders, not the orders.

Kept of a key: the greatest version, then the greatest canonical row, then the smallest line. The rest: `duplicate_key`.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from sample.fields import BadRow, Definition, checks_of, read_row

DEFINITIONS = Path(__file__).parents[1] / "src" / "lakehouse" / "datasets"

_CENT = Decimal("0.01")
_MILLIONTH = Decimal("0.000001")

Row = list[str]
Expected = dict[str, Any]


@dataclass
class Table:
    """Counts and checksum of a table while its rows come in."""

    definition: Definition
    read: int = 0
    rows: int = 0
    sum: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    partitions: set[str] = field(default_factory=set)

    def add(self, row: Row, partition: str) -> None:
        """Takes one row of the table: canonical fields with the derived partition column, if any, at the end."""
        self.rows += 1
        self.partitions.add(partition)
        digest = hashlib.sha256("\x1f".join(row).encode("utf-8")).digest()
        self.sum = (self.sum + int.from_bytes(digest[:8], "big")) % 2**64

    def expected(self) -> Expected:
        """The account of this table as expected.json holds it."""
        return {
            "read": self.read,
            "new": self.rows,
            "replaced": 0,
            "quarantined": dict(sorted(self.reasons.items())),
            "rows": self.rows,
            "partitions": len(self.partitions),
            "columns": columns_of(self.definition),
            "checksum": f"{self.sum:016x}",
        }


def expect(folder: Path, *, orders: int, seed: int) -> Expected:
    """Reads `<dataset>.csv` of the folder, returns the content of expected.json; `orders` and `seed` are only noted."""
    names = ("orders", "customers", "products", "houses")
    definitions = {name: load_definition(name) for name in (*names, "daily_features")}
    customers: set[str] = set()
    categories: dict[str, str] = {}
    features = Features(customers, categories)
    tables = {
        "customers": account(folder, definitions["customers"], lambda row: customers.add(row[0])),
        "products": account(folder, definitions["products"], lambda row: categories.update({row[0]: row[2]})),
        "orders": account(folder, definitions["orders"], features.add),
        "houses": account(folder, definitions["houses"], lambda row: None),
        "daily_features": features.table(definitions["daily_features"]),
    }
    return {
        "schema": 1,
        "seed": seed,
        "orders": orders,
        "files": {f"incoming/{name}/{name}.csv": sha256_of(folder / f"{name}.csv") for name in names},
        "datasets": {name: tables[name].expected() for name in definitions},
    }


def load_definition(name: str) -> Definition:
    """The definition of a dataset as parsed JSON."""
    definition: Definition = json.loads((DEFINITIONS / f"{name}.json").read_text("utf-8"))
    return definition


def columns_of(definition: Definition) -> list[dict[str, str]]:
    """Names and types in the order of the checksum: as defined, then the derived partition column."""
    columns = [{"name": column["name"], "type": column["type"]} for column in definition["columns"]]
    if definition["partition"]["transform"] != "identity":
        columns.append({"name": definition["partition"]["column"], "type": "date"})
    return columns


def account(folder: Path, definition: Definition, visit: Callable[[Row], object]) -> Table:
    """Reads the dataset's file, keeps one row per key, and hands every kept row to `visit`."""
    path = folder / f"{definition['name']}.csv"
    names = [column["name"] for column in definition["columns"]]
    if definition["key"] != names[:1]:
        raise ValueError(f"{definition['name']}: the key must be the first column alone, got {definition['key']}")
    table, version = Table(definition), names.index(definition["version"])
    complete = _completer(definition, names)
    repeated = _repeated_keys(path)
    rivals: dict[str, list[tuple[str, str, int, Row]]] = defaultdict(list)

    def keep(row: Row) -> None:
        full, partition = complete(row)
        table.add(full, partition)
        visit(full)

    checks = checks_of(definition)
    for number, line in data_lines(path):
        table.read += 1
        try:
            row = read_row(line, checks)
        except BadRow as bad:
            table.reasons[bad.reason] += 1
            continue
        if row[0] in repeated:
            # The smallest line wins a draw, so its number counts as negative.
            rivals[row[0]].append((row[version], "\x1f".join(complete(row)[0]), -number, row))
        else:
            keep(row)
    for group in rivals.values():
        keep(max(group)[3])
        if len(group) > 1:
            table.reasons["duplicate_key"] += len(group) - 1
    return table


def data_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines below the header with their numbers in the file, without LF or CRLF."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if number > 1:
                yield number, line.removesuffix(b"\n").removesuffix(b"\r")


def sha256_of(path: Path) -> str:
    """Digest of a file's bytes in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _repeated_keys(path: Path) -> set[str]:
    """Keys that may occur more than once. Quotes are ignored, so some that do not may be among them."""
    seen: set[bytes] = set()
    repeated: set[str] = set()
    for _, line in data_lines(path):
        key = line.partition(b",")[0].strip(b'"')
        if key in seen:
            repeated.add(key.decode("utf-8"))
        seen.add(key)
    return repeated


def _completer(definition: Definition, names: list[str]) -> Callable[[Row], tuple[Row, str]]:
    """A function from canonical fields to all fields of the table and the value of the partition."""
    partition = definition["partition"]
    place = names.index(partition["from"])
    if partition["transform"] == "date":
        return lambda row: ([*row, row[place][:10]], row[place][:10])
    if partition["transform"] == "month":
        return lambda row: ([*row, f"{row[place][:7]}-01"], f"{row[place][:7]}-01")
    return lambda row: (row, row[place])


@dataclass
class Day:
    """Sums of the orders of one day and category that were not cancelled."""

    orders: int = 0
    quantity: int = 0
    gross: Decimal = Decimal(0)
    net: Decimal = Decimal(0)
    returned: int = 0
    customers: set[str] = field(default_factory=set)


class Features:
    """Daily features, made from every kept order; customers and products must be complete before the first one."""

    def __init__(self, customers: set[str], categories: Mapping[str, str]) -> None:
        """Known customers, and the category of each known product."""
        self._customers, self._categories = customers, categories
        self._days: defaultdict[tuple[str, str], Day] = defaultdict(Day)

    def add(self, row: Row) -> None:
        """Takes an order: its canonical fields, then its day."""
        _, customer, product, quantity, price, discount, status, _, _, day = row
        if status == "cancelled":
            return
        entry = self._days[day, self._categories.get(product, "unknown")]
        gross = int(quantity) * Decimal(price)
        share = Decimal(0) if discount == "\\N" else Decimal(discount)
        entry.orders += 1
        entry.quantity += int(quantity)
        entry.gross += gross
        entry.net += (gross * (1 - share)).quantize(_CENT, ROUND_HALF_UP)
        entry.returned += status == "returned"
        if customer in self._customers:
            entry.customers.add(customer)

    def table(self, definition: Definition) -> Table:
        """The finished table: one row per day and category."""
        table = Table(definition)
        for (day, category), entry in self._days.items():
            table.read += 1
            table.add([day, category, *_feature_fields(entry)], day)
        return table


def _feature_fields(day: Day) -> Row:
    rate = (Decimal(day.returned) / day.orders).quantize(_MILLIONTH, ROUND_HALF_UP)
    numbers = (day.orders, day.quantity, day.gross.quantize(_CENT), day.net, len(day.customers), day.returned, rate)
    return [str(number) for number in numbers]
