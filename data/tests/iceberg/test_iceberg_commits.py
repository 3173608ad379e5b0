"""What a commit takes over into Iceberg tables, with Spark and Iceberg as they are."""

from __future__ import annotations

import json
import runpy
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from iceberg_lake import Lake, mark, new_lake, stamps
from pyspark.sql import SparkSession

from lakehouse import iceberg
from lakehouse.iceberg import Commit
from lakehouse.schema import parse_dataset

A, B, C = "2026-01-01", "2026-01-02", "2026-01-03"


def test_the_first_commit_takes_all_that_is_published(lake: Lake) -> None:
    path = lake.publish("orders", {A: 3, B: 2})
    assert lake.commit() == [Commit("orders", 1, 2, 5, True)]
    assert lake.rows("orders") == lake.published("orders")
    assert len(lake.rows("orders")) == 5
    (snapshot,) = lake.snapshots("orders")
    assert (snapshot.summary["slipway.version"], snapshot.summary["slipway.snapshot"]) == ("1", path)
    assert mark() == {"schema": 1, "version": 1, "snapshot": path}
    # Tables of which nothing is published stay without any snapshot.
    assert lake.snapshots("customers") == []


def test_only_what_changed_is_written_again(lake: Lake) -> None:
    lake.publish("orders", {A: 3, B: 2})
    lake.commit()
    before = lake.files("orders")
    lake.publish("orders", {B: 4, C: 1})
    assert lake.commit() == [Commit("orders", 2, 2, 5, False)]
    after = lake.files("orders")
    assert after[A] == before[A]
    assert not after[B] & before[B]
    assert lake.rows("orders") == lake.published("orders")
    assert [len(lake.rows("orders")), sorted(after)] == [8, [A, B, C]]


def test_an_emptied_partition_goes_in_the_same_commit(lake: Lake) -> None:
    lake.publish("orders", {A: 3, B: 2})
    lake.commit()
    lake.publish("orders", {A: 0, B: 1})
    assert lake.commit() == [Commit("orders", 2, 2, 1, False)]
    assert sorted(lake.files("orders")) == [B]
    lake.publish("orders", {B: 0})
    assert lake.commit() == [Commit("orders", 3, 1, 0, False)]
    assert lake.rows("orders") == []
    assert stamps(lake, "orders") == ["1", "2", "3"]


def test_a_rerun_commits_nothing(lake: Lake) -> None:
    lake.publish("orders", {A: 1})
    lake.publish("customers", {"DE": 2})
    assert {commit.dataset for commit in lake.commit()} == {"orders", "customers"}
    before = [snapshot.snapshot_id for snapshot in (*lake.snapshots("orders"), *lake.snapshots("customers"))]
    assert lake.commit() == []
    after = [snapshot.snapshot_id for snapshot in (*lake.snapshots("orders"), *lake.snapshots("customers"))]
    assert before == after


def test_a_version_without_change_to_a_table_leaves_it_alone(lake: Lake) -> None:
    lake.publish("orders", {A: 1})
    lake.commit()
    lake.publish("customers", {"DE": 2})
    assert [commit.dataset for commit in lake.commit()] == ["customers"]
    assert stamps(lake, "orders") == ["1"]
    assert mark()["version"] == 2


def test_versions_that_were_left_out_are_caught_up(lake: Lake) -> None:
    lake.publish("orders", {A: 1, B: 1, C: 1})
    lake.commit()
    lake.publish("orders", {B: 2})
    lake.publish("orders", {C: 0})
    assert lake.commit() == [Commit("orders", 3, 2, 2, False)]
    assert lake.rows("orders") == lake.published("orders")
    assert stamps(lake, "orders") == ["1", "3"]


def test_going_back_to_an_older_snapshot_is_followed(lake: Lake) -> None:
    lake.publish("orders", {A: 1, B: 1})
    lake.commit()
    first = dict(lake.tables["orders"])
    lake.publish("orders", {B: 2})
    lake.commit()
    lake.tables["orders"] = first
    lake.point("back")
    assert lake.commit() == [Commit("orders", 3, 1, 1, False)]
    assert lake.rows("orders") == lake.published("orders")


def test_the_version_before_is_still_to_be_read(lake: Lake) -> None:
    lake.publish("orders", {A: 3, B: 2})
    lake.commit()
    before = lake.rows("orders")
    lake.publish("orders", {A: 1, B: 0})
    lake.commit()
    by_version = {snapshot.summary["slipway.version"]: snapshot.snapshot_id for snapshot in lake.snapshots("orders")}
    assert lake.rows("orders", by_version["1"]) == before
    assert lake.rows("orders", by_version["2"]) == lake.rows("orders") == lake.published("orders")


def test_many_partitions_at_once(lake: Lake) -> None:
    """More than Spark and Iceberg compare one by one."""
    days = [str(date(2025, 1, 1) + timedelta(number)) for number in range(230)]
    lake.publish("daily_features", {day: 1 for day in days})
    lake.commit()
    lake.publish("daily_features", {**{day: 0 for day in days[:10]}, **{day: 1 for day in days[10:220]}})
    before = lake.files("daily_features")
    assert lake.commit() == [Commit("daily_features", 2, 220, 210, False)]
    after = lake.files("daily_features")
    assert sorted(after) == days[10:]
    assert [day for day in days[10:] if after[day] == before[day]] == days[220:]


def test_every_type_keeps_its_values(spark: SparkSession, buckets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    types = ["string", "int", "bigint", "boolean", "date", "timestamp", "decimal(10,2)", "decimal(38,18)"]
    columns = [
        {"name": f"c{number}", "type": kind, "required": number == 0, "description": "d"}
        for number, kind in enumerate(types)
    ]
    partition = {"name": "p", "type": "string", "required": True, "description": "d"}
    definition = {
        "schema": 1,
        "name": "everything",
        "description": "d",
        "source": "derived",
        "key": ["c0"],
        "partition": {"column": "p", "from": "p", "transform": "identity"},
        "columns": [*columns, partition],
    }
    dataset = parse_dataset(definition)
    for module in (iceberg, sys.modules["iceberg_lake"]):
        monkeypatch.setattr(module, "load_datasets", lambda: {"everything": dataset})
    lake = new_lake(spark)
    moment = datetime(2026, 2, 28, 23, 59, 59, 999000, tzinfo=UTC).astimezone().replace(tzinfo=None)
    values = [
        ['é,"\n%', -(2**31), -(2**63), False, date(1, 1, 1), moment, Decimal("-99999999.99"), Decimal(10) ** -18],
        ["", 2**31 - 1, 2**63 - 1, True, date(9999, 12, 31), moment, Decimal("0.00"), Decimal(10) ** 19],
        ["only the key", *[None] * 7],
    ]
    odd = "a b=c/ü%20"
    rows = [{**{f"c{number}": value for number, value in enumerate(row)}, "p": odd} for row in values]
    lake.publish("everything", {odd: rows})
    assert lake.commit() == [Commit("everything", 1, 1, 3, True)]
    assert lake.rows("everything") == sorted(rows, key=str)
    table = spark.table(lake.table("everything"))
    assert [(field.name, field.dataType.simpleString()) for field in table.schema] == [
        *[(f"c{number}", kind) for number, kind in enumerate(types)],
        ("p", "string"),
    ]
    lake.publish("everything", {odd: rows[:1]})
    assert lake.commit() == [Commit("everything", 2, 1, 1, False)]
    assert lake.rows("everything") == rows[:1]


def test_the_script_tells_its_commits(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lake.publish("orders", {A: 2})
    buckets = [f"--{bucket}_bucket" for bucket in ("raw", "processed", "quarantine")]
    given = [part for name in buckets for part in (name, name[2:].removesuffix("_bucket"))]
    # As Glue passes a job's own arguments on, settings of Spark among them.
    settings = ["--datalake-formats", "iceberg", "--conf", "spark.a=1 --conf spark.b=2"]
    argv = ["commit_iceberg.py", "--run_id", "r1", *given, "--database", lake.database, *settings]
    monkeypatch.setattr(sys, "argv", argv)
    monkeypatch.setattr(SparkSession, "stop", lambda self: None)
    runpy.run_path(str(Path(__file__).parents[2] / "jobs" / "commit_iceberg.py"), run_name="__main__")
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {"dataset": "orders", "version": 1, "partitions": 1, "rows": 2, "whole": True}
