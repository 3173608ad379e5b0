from __future__ import annotations

import json
import runpy
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from lakehouse import quality_run, spark_session, storage
from lakehouse.arguments import JobArguments
from lakehouse.errors import StaleBase, StorageError
from lakehouse.schema import load_dataset
from lakehouse.spark_tables import partition_folder, run_location, table_schema, write_partitions

NOW = datetime(2025, 6, 1, tzinfo=UTC)
DAY = datetime(2025, 5, 5, 10)
ARGUMENTS = JobArguments("now", "raw", "processed", "quarantine")
JOB = Path(__file__).parents[2] / "jobs" / "quality.py"


@pytest.fixture(autouse=True)
def buckets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(storage.ROOT_VARIABLE, str(tmp_path))
    return tmp_path


class Lake:
    """Writes tables and the documents that name their partitions, as the jobs before this one do."""

    def __init__(self, spark: SparkSession) -> None:
        self._spark = spark

    def write(self, arguments: JobArguments, name: str, rows: list[tuple[Any, ...]]) -> dict[str, Any]:
        """Writes rows in the order of the stored columns, then the partition; returns the partitions by value."""
        dataset = load_dataset(name)
        location = run_location(arguments, dataset)
        if rows:
            write_partitions(self._spark.createDataFrame(rows, table_schema(dataset)), dataset, location)
        values = [str(row[-1]) for row in rows]
        return {
            value: {
                "location": f"{location}{partition_folder(dataset.partition.column, value)}/",
                "rows": values.count(value),
                "checksum": "0" * 16,
            }
            for value in values
        }


@pytest.fixture
def lake(spark: SparkSession) -> Lake:
    return Lake(spark)


def plan(snapshot: Mapping[str, Any] | None = None) -> None:
    path = None
    if snapshot is not None:
        path = "_state/snapshots/1-before.json"
        tables = {name: {"partitions": partitions} for name, partitions in snapshot.items()}
        storage.write_json(ARGUMENTS.processed(path), {"schema": 1, "version": 1, "datasets": tables})
    base = {"version": 0 if snapshot is None else 1, "snapshot": path}
    storage.write_json(ARGUMENTS.run_file("plan"), {"schema": 1, "base": base, "accepted": []})


def changes(document: str, version: int = 0, **tables: tuple[int, Mapping[str, Any]]) -> None:
    datasets = {name: {"read": read, "partitions": partitions} for name, (read, partitions) in tables.items()}
    storage.write_json(ARGUMENTS.run_file(document), {"schema": 1, "base": {"version": version}, "datasets": datasets})


def orders(*customers: str) -> list[tuple[Any, ...]]:
    return [
        (f"O{n:08d}", customer, "P000001", 1, Decimal(5), None, "placed", DAY, DAY, DAY.date())
        for n, customer in enumerate(customers)
    ]


def products() -> list[tuple[Any, ...]]:
    return [("P000001", "Atlas", Decimal(5), True, DAY, "books")]


def customers(*keys: str) -> list[tuple[Any, ...]]:
    return [(key, f"{key}@example.com", "consumer", DAY, DAY, "DE") for key in keys]


def features() -> list[tuple[Any, ...]]:
    return [("books", 1, 1, Decimal(5), Decimal(5), 1, 0, Decimal(0), DAY.date())]


def test_a_first_delivery_is_judged_by_its_own_tables(spark: SparkSession, lake: Lake) -> None:
    plan()
    changes(
        "candidate",
        orders=(1, lake.write(ARGUMENTS, "orders", orders("C00000001"))),
        customers=(1, lake.write(ARGUMENTS, "customers", customers("C00000001"))),
        products=(1, lake.write(ARGUMENTS, "products", products())),
    )
    changes("features", daily_features=(1, lake.write(ARGUMENTS, "daily_features", features())))
    results = quality_run.run(spark, ARGUMENTS, NOW)
    written = storage.read_json(ARGUMENTS.run_file("quality"))
    assert (written["schema"], written["runId"], written["base"], written["passed"]) == (1, "now", {"version": 0}, True)
    assert written["datasets"] == {name: quality.to_json() for name, quality in results.items()}
    assert set(written["datasets"]) == {"orders", "customers", "products", "daily_features"}
    assert all(verdict["score"] == 1.0 and verdict["rules"] for verdict in written["datasets"].values())


def test_published_and_delivered_partitions_are_judged_together(spark: SparkSession, lake: Lake) -> None:
    before = JobArguments("before", "raw", "processed", "quarantine")
    known = lake.write(before, "customers", customers("C00000001", "C00000002"))
    plan(snapshot={"customers": known, "products": lake.write(before, "products", products())})
    delivered = lake.write(ARGUMENTS, "orders", orders("C00000001", "C00000002", "C00000003"))
    changes("candidate", version=1, orders=(3, delivered))
    changes("features", version=1)
    results = quality_run.run(spark, ARGUMENTS, NOW)
    assert set(results) == {"orders"}
    unmet = [(each.rule, each.actual) for each in results["orders"].rules if not each.passed]
    assert unmet == [('ReferentialIntegrity "customer_id" "customers.customer_id" >= 0.95', 2 / 3)]
    assert storage.read_json(ARGUMENTS.run_file("quality"))["passed"] is False


def test_an_emptied_partition_is_gone_and_a_replaced_one_counts_once(spark: SparkSession, lake: Lake) -> None:
    before = JobArguments("before", "raw", "processed", "quarantine")
    known = lake.write(before, "customers", customers("C00000001", "C00000002"))
    plan(snapshot={"customers": {**known, "FR": {**known["DE"], "location": "s3://processed/nowhere/"}}})
    now = lake.write(ARGUMENTS, "customers", customers("C00000002"))
    changes("candidate", version=1, customers=(1, {**now, "FR": {"location": None, "rows": 0, "checksum": "0" * 16}}))
    changes("features", version=1)
    results = quality_run.run(spark, ARGUMENTS, NOW)
    assert results["customers"].passed
    assert results["customers"].rules[0].actual == 1


def test_orders_without_any_customers_do_not_pass(spark: SparkSession, lake: Lake) -> None:
    plan()
    changes("candidate", orders=(1, lake.write(ARGUMENTS, "orders", orders("C00000001"))))
    changes("features")
    unmet = [each for each in quality_run.run(spark, ARGUMENTS, NOW)["orders"].rules if not each.passed]
    assert [each.actual for each in unmet] == [None, None]
    assert all(each.rule.startswith("ReferentialIntegrity") for each in unmet)


def test_a_table_of_which_every_row_was_bad_fails_and_one_of_an_empty_file_does_not(
    spark: SparkSession, lake: Lake
) -> None:
    plan()
    changes("candidate", customers=(7, {}), products=(0, {}))
    changes("features", daily_features=(0, {}))
    results = quality_run.run(spark, ARGUMENTS, NOW)
    assert not results["customers"].passed
    assert results["products"].to_json() == {"passed": True, "score": 1.0, "rules": []}
    assert results["daily_features"].passed


@pytest.mark.parametrize("missing", ["plan", "candidate", "features"])
def test_a_missing_document_is_an_error_and_leaves_no_verdict(spark: SparkSession, missing: str, buckets: Path) -> None:
    plan()
    changes("candidate")
    changes("features")
    storage.delete_object(ARGUMENTS.run_file(missing))
    with pytest.raises(StorageError, match=f"{missing}.json: no such object"):
        quality_run.run(spark, ARGUMENTS, NOW)
    assert not (buckets / "processed" / "_runs" / "now" / "quality.json").exists()


@pytest.mark.parametrize("other", ["candidate", "features"])
def test_a_document_made_from_another_version_is_stale(spark: SparkSession, other: str) -> None:
    plan()
    for name in ("candidate", "features"):
        changes(name, version=int(name == other))
    with pytest.raises(StaleBase, match=f"{other}.json was made from another version than 0"):
        quality_run.run(spark, ARGUMENTS, NOW)


def test_the_job_prints_what_is_not_met(
    spark: SparkSession, lake: Lake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan()
    changes("candidate", products=(1, lake.write(ARGUMENTS, "products", products())), customers=(2, {}))
    changes("features")
    argv = ["quality.py", "--run_id", "now", "--raw_bucket", "raw", "--processed_bucket", "processed"]
    monkeypatch.setattr(sys, "argv", [*argv, "--quarantine_bucket", "quarantine", "--mode", "live"])
    # The job ends its session, which other tests still need.
    monkeypatch.setattr(SparkSession, "stop", lambda session: None)
    monkeypatch.setattr(spark_session, "start_session", lambda name: spark)
    runpy.run_path(str(JOB), run_name="__main__")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[1] == {"dataset": "products", "passed": True, "score": 1.0, "unmet": []}
    assert (lines[0]["dataset"], lines[0]["passed"], lines[0]["unmet"][0]) == (
        "customers",
        False,
        {"rule": "RowCount > 0", "actual": 0},
    )
