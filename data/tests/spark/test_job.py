"""Deliveries of every bad kind through the whole job, and what an outsider finds afterwards."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession
from spark_lake import HEADERS, Lake, customer, order, product

from lakehouse import storage, transform_run
from lakehouse.errors import AlreadyPublished, LawBroken, SourceChanged, StorageError
from lakehouse.rows import MAX_ROW_BYTES

LATER = "2026-02-01T00:00:00Z"


def test_bad_rows_are_quarantined_with_reason_and_line(lake: Lake) -> None:
    huge = order(9, status="x" * MAX_ROW_BYTES)
    key = lake.deliver(
        "orders",
        order(1),
        "only,three,fields",
        order(2, order_id=""),
        order(3, quantity="-5"),
        order(4, status='"placed"x'),
        huge,
        order(1, version="T13:00:00Z"),
        order(5, quantity="many"),
        order(6, status="lost"),
        order(7, ordered_at="yesterday"),
        order(8, product_id="chair"),
        end="\r\n",
    )
    change = lake.transform("one")["orders"]
    found = [(row["line"], row["reason"], row["detail"]) for row in lake.quarantined("orders", "one")]
    assert found == [
        (2, "duplicate_key", "O00000001"),
        (3, "malformed_row", "fields: got 3, expected 9"),
        (4, "missing_value", "order_id"),
        (5, "out_of_range", "quantity"),
        (6, "malformed_row", "quotes"),
        (7, "row_too_long", f"{len(huge)} bytes"),
        (9, "not_a_int", "quantity"),
        (10, "not_allowed", "status"),
        (11, "not_a_timestamp", "ordered_at"),
        (12, "pattern_mismatch", "product_id"),
    ]
    rows = lake.quarantined("orders", "one")
    assert {(row["dataset"], row["key"]) for row in rows} == {("orders", key)}
    assert rows[0]["raw"] == order(1)
    assert rows[5]["raw"] == huge[:1024]
    assert (change["read"], change["new"], change["replaced"]) == (11, 1, 0)
    assert sum(change["quarantined"].values()) == 10
    lake.check_sum("orders", change)
    assert [row["updated_at"].hour for row in lake.rows("orders", change["partitions"])] == [13]


def test_a_second_delivery_changes_only_what_it_concerns(lake: Lake) -> None:
    lake.deliver(
        "orders", order(1, "2026-01-01"), order(2, "2026-01-01"), order(3, "2026-01-02"), order(4, "2026-01-03")
    )
    first = lake.transform("one")["orders"]
    lake.publish("one")
    base = {value: entry.to_json() for value, entry in lake.tables["orders"].items()}

    # Order 3 moves to another day and leaves its own empty; order 1 comes late; order 2 comes again unchanged.
    lake.deliver(
        "orders",
        order(3, "2026-01-05", LATER),
        order(1, "2026-01-01", "2025-12-31T00:00:00Z", quantity="5"),
        order(2, "2026-01-01"),
        order(5, "2026-01-05"),
        name="b.csv",
    )
    lake.deliver("orders", order(3, "2026-01-06", "2026-01-31T00:00:00Z"), name="a.csv")
    second = lake.transform("two")["orders"]
    assert first["rows"] == 4
    assert (second["read"], second["new"], second["replaced"]) == (5, 1, 1)
    assert second["quarantined"] == {"duplicate_key": 1, "late_row": 2}
    assert set(second["partitions"]) == {"2026-01-02", "2026-01-05"}
    assert second["partitions"]["2026-01-02"] == {"location": None, "rows": 0, "checksum": "0" * 16}
    assert second["partitions"]["2026-01-05"]["location"] == "s3://processed/orders/run=two/order_date=2026-01-05/"
    assert second["rows"] == 5
    lake.check_sum("orders", second)
    late = [
        (row["key"].rpartition("/")[2], row["line"], row["reason"], row["detail"])
        for row in lake.quarantined("orders", "two")
    ]
    assert late == [
        ("a.csv", 2, "duplicate_key", "O00000003"),
        ("b.csv", 3, "late_row", "O00000001"),
        ("b.csv", 4, "late_row", "O00000002"),
    ]

    lake.publish("two")
    after = {value: entry.to_json() for value, entry in lake.tables["orders"].items()}
    assert {value: after[value] for value in ("2026-01-01", "2026-01-03")} == {
        value: base[value] for value in ("2026-01-01", "2026-01-03")
    }
    assert sorted((row["order_id"][-1], str(row["order_date"])[-2:]) for row in lake.rows("orders")) == [
        ("1", "01"),
        ("2", "01"),
        ("3", "05"),
        ("4", "03"),
        ("5", "05"),
    ]


def test_all_datasets_of_a_plan_are_loaded_and_no_others(lake: Lake) -> None:
    lake.deliver("customers", customer(1, "NO"), customer(2, "DE"), customer(2, "FR", LATER))
    lake.deliver("products", product(1).replace("Thing 1", '"Thing, ""one"""'))
    candidate = lake.transform("one")
    assert set(candidate) == {"customers", "products"}
    # NO is a country, whatever YAML thinks; the older row of customer 2 leaves no trace of its own partition.
    assert set(candidate["customers"]["partitions"]) == {"NO", "FR"}
    assert lake.rows("products", candidate["products"]["partitions"])[0]["name"] == 'Thing, "one"'
    lake.check_sum("customers", candidate["customers"])
    lake.check_sum("products", candidate["products"])


def test_a_file_without_rows_is_a_delivery_of_nothing(lake: Lake) -> None:
    lake.deliver("orders")
    lake.deliver_bytes("products", HEADERS["products"].encode(), "unended header.csv")
    candidate = lake.transform("one")
    for name in ("orders", "products"):
        assert candidate[name] == {
            "read": 0,
            "new": 0,
            "replaced": 0,
            "quarantined": {},
            "partitions": {},
            "rows": 0,
            "checksum": "0" * 16,
        }


def test_a_rerun_replaces_what_an_earlier_attempt_left(lake: Lake) -> None:
    lake.deliver("orders", order(1), order(2, quantity="0"), order(1))
    first = lake.transform("one")
    rows = lake.rows("orders", first["orders"]["partitions"])
    folder = lake.root / "processed" / "orders" / "run=one"
    (folder / "order_date=2026-01-01" / "part-left-behind.snappy.parquet").write_bytes(b"half a file")
    (folder / "_temporary" / "0").mkdir(parents=True)
    (lake.root / "quarantine" / "rows" / "orders" / "run=one" / "part-left-behind.json").write_text("half a li")
    assert lake.rerun("one") == first
    assert lake.rows("orders", first["orders"]["partitions"]) == rows
    assert [row["reason"] for row in lake.quarantined("orders", "one")] == ["out_of_range", "duplicate_key"]
    assert not (folder / "_temporary").exists()


def test_files_that_the_published_table_reads_are_never_replaced(lake: Lake) -> None:
    lake.deliver("orders", order(1))
    change = lake.transform("one")["orders"]
    lake.publish("one")
    lake.deliver("orders", order(2))
    with pytest.raises(AlreadyPublished, match="run=one/ is in use by partition 2026-01-01 of orders"):
        lake.transform("one")
    assert len(lake.rows("orders", change["partitions"])) == 1


@pytest.mark.parametrize("moment", ["before", "meanwhile"])
def test_a_file_that_changes_after_its_validation_fails_the_run(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    key = lake.deliver("products")
    lake.plan("one")

    def overwrite() -> None:
        storage.write_bytes(f"s3://raw/{key}", f"{HEADERS['products']}\n{product(1)}\n".encode())

    def load(*_: object) -> None:
        overwrite()

    if moment == "before":
        overwrite()
    else:
        monkeypatch.setattr(transform_run, "load_delivery", load)
    with pytest.raises(SourceChanged, match=r"incoming/products/delivery\.csv was replaced"):
        lake.rerun("one")
    with pytest.raises(StorageError, match="no such object"):
        lake.document("one", "candidate")


def test_rows_that_go_missing_fail_the_run(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = transform_run.parse_rows
    monkeypatch.setattr(transform_run, "parse_rows", lambda frame, dataset: whole(frame.where("_line <> 3"), dataset))
    lake.deliver("products", product(1), product(2))
    with pytest.raises(LawBroken, match="products: 2 lines were read, 1 accounted for"):
        lake.transform("one")


def test_rows_that_are_not_written_fail_the_run(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    write = transform_run.write_partitions
    monkeypatch.setattr(
        transform_run, "write_partitions", lambda table, *rest: write(table.where("product_id <> 'P000001'"), *rest)
    )
    lake.deliver("products", product(1), product(2))
    with pytest.raises(LawBroken, match="1 partitions were not written as planned: books has 1 of 2 rows"):
        lake.transform("one")


def test_a_published_table_with_a_key_twice_fails_the_run(lake: Lake) -> None:
    lake.deliver("products", product(1))
    lake.transform("one")
    lake.publish("one")
    folder = lake.root / "processed" / "products" / "run=one" / "category=books"
    [part] = folder.glob("*.parquet")
    (folder / f"copy-{part.name}").write_bytes(part.read_bytes())
    lake.deliver("products", product(1, version=LATER), name="second.csv")
    with pytest.raises(LawBroken, match="products"):
        lake.transform("two")


def test_the_settings_that_results_depend_on(spark: SparkSession) -> None:
    assert spark.conf.get("spark.sql.session.timeZone") == "UTC"
    assert spark.conf.get("spark.sql.ansi.enabled") == "false"
