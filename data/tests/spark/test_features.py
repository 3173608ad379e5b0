from __future__ import annotations

from decimal import Decimal

from pyspark.sql import SparkSession
from spark_lake import Lake, customer, order, product

from lakehouse.features import daily_features
from lakehouse.schema import load_dataset
from lakehouse.spark_tables import table_schema


def test_features_count_what_was_sold(spark: SparkSession, lake: Lake) -> None:
    sold = {"unit_price": "0.05", "quantity": "1"}
    lake.deliver("products", product(1, "books"), product(2, "toys"))
    lake.deliver("customers", customer(1), customer(2))
    lake.deliver(
        "orders",
        order(1, **sold, discount="0.5"),
        order(2, **sold, discount="0.5", customer_id="C00000002", status="returned"),
        order(3, **sold, customer_id="C00000009"),
        order(4, status="cancelled"),
        order(5, product_id="P000009", unit_price="99999999.99", quantity="1000"),
        order(6, "2026-01-02", product_id="P000002", status="cancelled"),
    )
    candidate = lake.transform("one")
    tables = {name: lake.rows(name, candidate[name]["partitions"]) for name in ("orders", "products", "customers")}
    frames = {name: spark.createDataFrame(rows, table_schema(load_dataset(name))) for name, rows in ordered(tables)}

    rows = {row.category: row.asDict() for row in daily_features(**frames).collect()}
    # Half of five cents is rounded up for each order, not for their sum.
    books = {"orders": 3, "quantity": 3, "customers": 2, "returned_orders": 1, "returns_rate": Decimal("0.333333")}
    assert set(rows) == {"books", "unknown"}
    assert {name: rows["books"][name] for name in books} == books
    assert (rows["books"]["gross_amount"], rows["books"]["net_amount"]) == (Decimal("0.15"), Decimal("0.11"))
    assert rows["unknown"]["gross_amount"] == Decimal("99999999990.00")
    assert rows["unknown"]["customers"] == 1


def ordered(tables: dict[str, list[dict[str, object]]]) -> list[tuple[str, list[tuple[object, ...]]]]:
    """Rows as tuples in the order of the table's schema."""
    return [
        (name, [tuple(row[field] for field in table_schema(load_dataset(name)).names) for row in rows])
        for name, rows in tables.items()
    ]


def test_only_days_that_a_delivery_touches_are_computed_again(lake: Lake) -> None:
    lake.deliver("products", product(1, "books"), product(2, "toys"))
    lake.deliver("customers", customer(1))
    lake.deliver(
        "orders",
        order(1, "2026-01-01"),
        order(2, "2026-01-02", product_id="P000002"),
        order(3, "2026-01-03", customer_id="C00000002"),
        order(4, "2026-01-04"),
    )
    lake.transform("one")
    first = lake.features("one")
    assert (first["read"], first["new"], first["replaced"], first["rows"]) == (4, 4, 0, 4)
    lake.check_sum("daily_features", first)
    lake.publish("one", "candidate", "features")

    # A new customer, a product in another category and a cancelled order; the fourth day has nothing to do with them.
    lake.deliver("products", product(2, "garden", "2026-02-01T00:00:00Z"), product(3, "books"))
    lake.deliver("customers", customer(2, "FR"), customer(1, "FR", "2026-02-01T00:00:00Z"))
    lake.deliver("orders", order(1, "2026-01-01", "2026-02-01T00:00:00Z", status="cancelled"))
    lake.transform("two")
    second = lake.features("two")
    assert set(second["partitions"]) == {"2026-01-01", "2026-01-02", "2026-01-03"}
    assert second["partitions"]["2026-01-01"] == {"location": None, "rows": 0, "checksum": "0" * 16}
    # The second day has a row of another category now; the third day's row counts a customer more.
    assert (second["read"], second["new"], second["replaced"], second["rows"]) == (2, 1, 1, 3)
    lake.check_sum("daily_features", second)
    lake.publish("two", "candidate", "features")
    rows = {str(row["feature_date"]): (row["category"], row["customers"]) for row in lake.rows("daily_features")}
    assert rows == {"2026-01-02": ("garden", 1), "2026-01-03": ("books", 1), "2026-01-04": ("books", 1)}


def test_without_orders_there_are_no_features(lake: Lake) -> None:
    lake.deliver("products", product(1))
    lake.transform("one")
    features = lake.features("one")
    assert (features["read"], features["rows"], features["partitions"]) == (0, 0, {})
