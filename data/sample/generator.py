"""Writes the files of a delivery line by line: beyond 20,000 products, more orders take no more memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

from sample import faults
from sample.faults import Plan, Repeat, Row, Spoil, to_line
from sample.houses import house_row
from sample.shop import Product, customer_row, make_product, order_row, product_row

ORDERS_HEADER = "order_id,customer_id,product_id,quantity,unit_price,discount,status,ordered_at,updated_at"
CUSTOMERS_HEADER = "customer_id,email,country,segment,signed_up_at,updated_at"
PRODUCTS_HEADER = "product_id,name,category,price,active,updated_at"
HOUSES_HEADER = "house_id,area,bedrooms,bathrooms,age,price,sold_at,updated_at"

# Rows that a repetition may take: recent ones, as a source that sends a row twice does it within minutes or days.
_MEMORY = 200
# Spoilt customers, products and houses are extra rows with numbers of their own: nobody orders from them.
_SPOILT_FROM = 900_000


def write_sample(folder: Path, *, orders: int, seed: int) -> None:
    """Writes orders.csv (exactly `orders` data lines) and the other datasets' files to the folder, UTF-8 with LF.

    Each file has random numbers of its own, so that none changes when another one does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    random = Random(f"{seed}:products")
    range_of_products = [make_product(random) for _ in range(min(20_000, 40 + orders // 50))]
    customers = max(20, orders // 5)
    _write(folder / "products.csv", PRODUCTS_HEADER, product_lines(range_of_products, random))
    _write(folder / "customers.csv", CUSTOMERS_HEADER, customer_lines(customers, Random(f"{seed}:customers")))
    lines = order_lines(orders, customers, range_of_products, Random(f"{seed}:orders"))
    _write(folder / "orders.csv", ORDERS_HEADER, lines)
    # A few less than orders, which stay the largest table; no model needs more than so many.
    houses = min(50_000, max(20, orders * 19 // 20))
    _write(folder / "houses.csv", HOUSES_HEADER, house_lines(houses, Random(f"{seed}:houses")))


def order_lines(orders: int, customers: int, products: Sequence[Product], random: Random) -> Iterator[str]:
    """Exactly `orders` lines, bad ones and repetitions included, in the order in which they were placed."""
    plan = Plan([*faults.SPOIL_ORDERS, *faults.REPEAT_ORDERS], faults.ORDERS_BLOCK, random)
    long_row_at = orders // 2 if orders >= faults.LONG_ROW_FROM else -1
    recent: deque[Row] = deque(maxlen=_MEMORY)
    for index in range(orders):
        fault = plan.at(index)
        if fault and fault in faults.REPEAT_ORDERS:
            row = faults.REPEAT_ORDERS[fault](recent[int(random.random() * len(recent))])
            yield to_line(row)
            continue
        row = order_row(index + 1, index / orders, customers, products, random)
        if index == long_row_at:
            yield faults.long_line(row)
        elif fault:
            yield faults.SPOIL_ORDERS[fault](row)
        else:
            recent.append(row)
            # None of these fields can hold a comma or a quote; the writer of the csv module takes four times as long.
            yield ",".join(row)


def customer_lines(customers: int, random: Random) -> Iterator[str]:
    """Every customer from 1 on, and the faults beside them."""
    plan = Plan([*faults.SPOIL_CUSTOMERS, *faults.REPEAT_CUSTOMERS], faults.CUSTOMERS_BLOCK, random)
    make = (customer_row(index, random) for index in range(1, customers + 1))

    def spare(number: int) -> Row:
        return customer_row(_SPOILT_FROM * 100 + number, random)

    yield from _beside(make, plan, faults.SPOIL_CUSTOMERS, faults.REPEAT_CUSTOMERS, spare, random)


def product_lines(products: Sequence[Product], random: Random) -> Iterator[str]:
    """Every product from 1 on, and the faults beside them."""
    plan = Plan([*faults.SPOIL_PRODUCTS, *faults.REPEAT_PRODUCTS], faults.PRODUCTS_BLOCK, random)
    make = (product_row(index, product, random) for index, product in enumerate(products, 1))

    def spare(number: int) -> Row:
        return product_row(_SPOILT_FROM + number, products[0], random)

    yield from _beside(make, plan, faults.SPOIL_PRODUCTS, faults.REPEAT_PRODUCTS, spare, random)


def house_lines(houses: int, random: Random) -> Iterator[str]:
    """Every house from 1 on in the order of their sales, and the faults beside them."""
    plan = Plan([*faults.SPOIL_HOUSES, *faults.REPEAT_HOUSES], faults.HOUSES_BLOCK, random)
    make = (house_row(index + 1, index / houses, random) for index in range(houses))

    def spare(number: int) -> Row:
        return house_row(_SPOILT_FROM * 100 + number, random.random(), random)

    yield from _beside(make, plan, faults.SPOIL_HOUSES, faults.REPEAT_HOUSES, spare, random)


def _beside(
    rows: Iterator[Row],
    plan: Plan,
    spoil: Mapping[str, Spoil],
    repeat: Mapping[str, Repeat],
    spare: Callable[[int], Row],
    random: Random,
) -> Iterator[str]:
    """All rows, and before a row at which the plan has a fault, one more line with it."""
    recent: deque[Row] = deque(maxlen=_MEMORY)
    spoilt = 0
    for index, row in enumerate(rows):
        fault = plan.at(index)
        if fault and fault in repeat:
            yield to_line(repeat[fault](recent[int(random.random() * len(recent))]))
        elif fault:
            spoilt += 1
            yield spoil[fault](spare(spoilt))
        recent.append(row)
        yield to_line(row)


def _write(path: Path, header: str, lines: Iterator[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(header + "\n")
        for line in lines:
            file.write(line)
            file.write("\n")
