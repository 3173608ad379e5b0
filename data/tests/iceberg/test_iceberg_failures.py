"""Commits that die, meet those of others, or have nothing to work on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from iceberg_lake import Lake, create_table, mark, stamps
from pyspark.sql import SparkSession

from lakehouse import iceberg, storage
from lakehouse.arguments import JobArguments
from lakehouse.errors import ArgumentError, LawBroken
from lakehouse.iceberg import Commit, IcebergMissing
from lakehouse.schema import load_datasets

A, B, C = "2026-01-01", "2026-01-02", "2026-01-03"


def test_a_crash_between_two_tables(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.publish("orders", {A: 2})
    lake.publish("customers", {"DE": 2})
    lake.commit()
    lake.publish("orders", {A: 3})
    lake.publish("customers", {"DE": 0, "FR": 1})
    real: Callable[..., Any] = iceberg.commit_table

    def dying(spark: SparkSession, arguments: JobArguments, dataset: Any, *rest: Any) -> Any:
        if dataset.name == "customers":
            raise KeyboardInterrupt
        return real(spark, arguments, dataset, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(iceberg, "commit_table", dying)
        with pytest.raises(KeyboardInterrupt):
            lake.commit()
    assert (stamps(lake, "orders"), stamps(lake, "customers")) == (["2", "4"], ["2"])
    assert mark()["version"] == 2
    assert lake.commit() == [Commit("customers", 4, 2, 1, False)]
    for name in ("orders", "customers"):
        assert lake.rows(name) == lake.published(name)
    assert mark()["version"] == 4


def test_a_crash_after_the_last_table(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.publish("orders", {A: 2})

    def broken(uri: str, value: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(storage, "write_json", broken)
        with pytest.raises(KeyboardInterrupt):
            lake.commit()
    assert lake.commit() == []
    assert (stamps(lake, "orders"), mark()["version"]) == (["1"], 1)


def test_commits_of_others_change_nothing_for_the_next(lake: Lake) -> None:
    """Compaction and the like make snapshots without a stamp."""
    lake.publish("orders", {A: 2, B: 1})
    lake.commit()
    lake.spark.table(lake.table("orders")).where("false").writeTo(lake.table("orders")).append()
    assert lake.commit() == []
    lake.publish("orders", {B: 2})
    assert lake.commit() == [Commit("orders", 2, 1, 2, False)]


def test_a_table_that_nobody_knows_anything_of_is_written_anew(lake: Lake) -> None:
    first = lake.publish("orders", {A: 2})
    rows = lake.spark.read.parquet(storage.spark_path(str(lake.tables["orders"][A].location)))
    rows.selectExpr("*", f"date'{C}' as order_date").writeTo(lake.table("orders")).append()
    assert lake.commit() == [Commit("orders", 1, 1, 2, True)]
    storage.delete_object(f"s3://processed/{first}")
    lake.publish("orders", {B: 1})
    assert lake.commit() == [Commit("orders", 2, 2, 3, True)]
    assert lake.rows("orders") == lake.published("orders")


def test_a_commit_that_another_one_overtook_is_refused(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.publish("orders", {A: 2})
    lake.commit()
    head, stamp = iceberg.read_table(lake.spark, lake.table("orders"))
    lake.publish("orders", {A: 3})
    lake.commit()
    newest = lake.rows("orders")
    lake.publish("orders", {A: 1})
    with monkeypatch.context() as patch:
        patch.setattr(iceberg, "read_table", lambda *_: (head, stamp))
        with pytest.raises(Exception, match="conflicting files"):
            lake.commit()
    assert lake.rows("orders") == newest
    lake.commit()
    assert len(lake.rows("orders")) == 1


def test_files_without_their_rows_are_not_committed(lake: Lake) -> None:
    lake.publish("orders", {A: 2, B: 1})
    lake.commit()
    before = lake.rows("orders")
    lake.publish("orders", {B: 3})
    folder = storage.local_path(str(lake.tables["orders"][B].location))
    assert folder is not None
    for file in folder.glob("*.parquet"):
        file.unlink()
    with pytest.raises(LawBroken, match=f"orders: 1 published partitions do not have their rows: \\['{B}'\\]"):
        lake.commit()
    assert (lake.rows("orders"), mark()["version"]) == (before, 1)


def test_a_table_that_is_missing_says_what_to_do(lake: Lake) -> None:
    lake.publish("orders", {A: 1})
    lake.spark.sql(f"DROP TABLE {lake.table('orders')}")
    with pytest.raises(IcebergMissing, match=r"there is no table glue_catalog\.lake\d+\.orders: deploy"):
        lake.commit()
    create_table(lake.spark, lake.table("orders"), load_datasets()["orders"])
    assert lake.commit() == [Commit("orders", 1, 1, 1, True)]


def test_without_a_catalog_nothing_is_pretended(lake: Lake) -> None:
    lake.publish("orders", {A: 1})
    name = f"spark.sql.catalog.{iceberg.CATALOG}"
    value = lake.spark.conf.get(name)
    lake.spark.conf.unset(name)
    try:
        with pytest.raises(IcebergMissing, match=r"no Iceberg catalog glue_catalog: nothing was committed.*sandbox"):
            lake.commit()
    finally:
        lake.spark.conf.set(name, value)
    assert lake.commit() != []


def test_verification_runs_have_no_iceberg_tables(lake: Lake) -> None:
    arguments = JobArguments("run", "raw", "processed", "quarantine", mode="verification")
    with pytest.raises(ArgumentError, match="expected live"):
        iceberg.run(lake.spark, arguments)
