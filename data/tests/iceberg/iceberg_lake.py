"""Published snapshots in folders and live Iceberg tables beside them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pyspark.sql import SparkSession

from lakehouse import iceberg, storage
from lakehouse.arguments import JobArguments
from lakehouse.candidate import PartitionEntry, overlay
from lakehouse.iceberg import CATALOG, Commit
from lakehouse.schema import Column, Dataset, load_datasets
from lakehouse.spark_tables import partition_folder, table_schema, write_partitions

Row = dict[str, Any]

_numbers = itertools.count(1)

_SAMPLES: dict[str, Any] = {
    "string": "x",
    "int": 1,
    "bigint": 1,
    "boolean": True,
    "date": date(2026, 1, 1),
    "timestamp": datetime(2026, 1, 1, 8),
    "decimal": Decimal("1"),
}


def create_table(spark: SparkSession, table: str, dataset: Dataset) -> None:
    """The table as deployments make it: the partition column last, what is required not null."""

    def column(one: Column) -> str:
        return f"`{one.name}` {one.type}{' NOT NULL' if one.required else ''}"

    columns = ", ".join(column(one) for one in (*dataset.stored_columns, dataset.partition_column))
    spark.sql(f"CREATE TABLE {table} ({columns}) USING iceberg PARTITIONED BY (`{dataset.partition.column}`)")


@dataclass
class Lake:
    spark: SparkSession
    database: str
    version: int = 0
    tables: dict[str, dict[str, PartitionEntry]] = field(default_factory=dict)

    def create(self) -> None:
        for name, dataset in load_datasets().items():
            create_table(self.spark, self.table(name), dataset)

    def table(self, name: str) -> str:
        return f"{CATALOG}.{self.database}.{name}"

    @property
    def arguments(self) -> JobArguments:
        return JobArguments("run", "raw", "processed", "quarantine", database=self.database, table_format="iceberg")

    def publish(self, name: str, partitions: Mapping[str, Iterable[Row] | int]) -> str:
        """A version in which these partitions have these rows (or so many made-up ones); returns its path."""
        run = f"r{self.version + 1}"
        dataset = load_datasets()[name]
        location = f"s3://processed/{name}/run={run}/"
        delta, rows = {}, []
        for value, wanted in partitions.items():
            found = made_up(dataset, value, wanted, run) if isinstance(wanted, int) else list(wanted)
            folder = f"{location}{partition_folder(dataset.partition.column, value)}/" if found else None
            delta[value] = PartitionEntry(folder, len(found), "0" * 16)
            rows += found
        if rows:
            schema = table_schema(dataset)
            frame = self.spark.createDataFrame([[row[one.name] for one in schema] for row in rows], schema)
            write_partitions(frame, dataset, location)
        self.tables[name] = overlay(self.tables.get(name, {}), delta)
        return self.point(run)

    def point(self, run: str) -> str:
        """Moves the pointer to what `tables` says."""
        self.version += 1
        path = f"_state/snapshots/{self.version}-{run}.json"
        datasets = {
            name: {"partitions": {value: entry.to_json() for value, entry in table.items()}}
            for name, table in self.tables.items()
        }
        snapshot = {"schema": 1, "version": self.version, "runId": run, "datasets": datasets}
        storage.write_json(f"s3://processed/{path}", snapshot)
        pointer = {"schema": 1, "version": self.version, "snapshot": path}
        storage.write_json("s3://processed/_state/current.json", pointer)
        return path

    def commit(self) -> list[Commit]:
        return iceberg.run(self.spark, self.arguments)

    def rows(self, name: str, version: int | None = None) -> list[Row]:
        """The rows of the Iceberg table, now or as of one of its snapshots, in some fixed order."""
        reader = self.spark.read if version is None else self.spark.read.option("snapshot-id", str(version))
        return sorted((row.asDict() for row in reader.table(self.table(name)).collect()), key=str)

    def published(self, name: str) -> list[Row]:
        """The rows behind the pointer, file by file and by Spark's own inference."""
        column = load_datasets()[name].partition_column
        found: list[Row] = []
        for value, entry in self.tables[name].items():
            frame = self.spark.read.parquet(storage.spark_path(str(entry.location)))
            frame = frame.selectExpr("*", f"cast('{value}' as {column.type}) as {column.name}")
            found += [row.asDict() for row in frame.collect()]
        return sorted(found, key=str)

    def files(self, name: str) -> dict[str, set[str]]:
        """The files of the Iceberg table by partition."""
        found: dict[str, set[str]] = {}
        for row in self.spark.table(f"{self.table(name)}.files").select("partition", "file_path").collect():
            found.setdefault(str(row.partition[0]), set()).add(row.file_path)
        return found

    def snapshots(self, name: str) -> list[Any]:
        """The snapshots of the Iceberg table, the oldest first."""
        return self.spark.table(f"{self.table(name)}.snapshots").orderBy("committed_at").collect()


def made_up(dataset: Dataset, value: str, count: int, mark: str) -> list[Row]:
    """Rows of one partition that tell their run and their number in their first text column."""
    rows = []
    for number in range(count):
        row = {one.name: _SAMPLES[one.type.kind] for one in dataset.table_columns}
        texts = [one.name for one in dataset.stored_columns if one.type.kind == "string"]
        row[texts[0]] = f"{mark}-{number}"
        partition = dataset.partition_column
        row[partition.name] = date.fromisoformat(value) if partition.type.kind == "date" else value
        rows.append(row)
    return rows


def new_lake(spark: SparkSession) -> Lake:
    """A lake in which nothing was published, with the tables that deployments make."""
    lake = Lake(spark, f"lake{next(_numbers)}")
    lake.create()
    return lake


def stamps(lake: Lake, name: str) -> list[str]:
    """The versions that the snapshots of a table carry, the oldest first."""
    return [snapshot.summary["slipway.version"] for snapshot in lake.snapshots(name)]


def mark() -> Any:
    """What says how far the tables have come."""
    return storage.read_json("s3://processed/_state/iceberg.json")
