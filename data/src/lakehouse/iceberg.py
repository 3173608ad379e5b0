"""The job commit_iceberg: brings the live Iceberg tables in line with the published snapshot.

A table takes one atomic commit, which replaces exactly the partitions that differ from what its last commit took over
and says in its summary which published version that is. Whatever a rerun, a crash or a version in between left out is
the difference that the next commit takes over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from lakehouse import storage
from lakehouse.arguments import JobArguments
from lakehouse.candidate import PartitionEntry, Partitions, parse_tables
from lakehouse.errors import ArgumentError, LakehouseError, LawBroken, StorageError
from lakehouse.iceberg_plan import (
    COMMITTED,
    SNAPSHOT,
    VERSION,
    Stamp,
    TableSnapshot,
    differing,
    newest_stamp,
)
from lakehouse.schema import Dataset, load_datasets
from lakehouse.spark_tables import empty_table, read_partitions
from lakehouse.state import POINTER

#: The name that the job's arguments give to the catalog with the tables.
CATALOG = "glue_catalog"


class IcebergMissing(LakehouseError):
    """Spark has no Iceberg catalog, or the catalog lacks a table that deployments make."""


@dataclass(frozen=True)
class Commit:
    """What a commit replaced in one table: so many partitions (with `whole`: everything) by so many rows."""

    dataset: str
    version: int
    partitions: int
    rows: int
    whole: bool


def run(spark: SparkSession, arguments: JobArguments) -> list[Commit]:
    """Runs the job; returns the commits it took. Doing it again takes none.

    Raises IcebergMissing without a catalog or a table, LawBroken when the published files do not hold the rows that
    the snapshot tells of. When somebody else committed to the same partitions meanwhile, Iceberg refuses this commit.
    """
    if arguments.mode != "live":
        raise ArgumentError(f"--mode: got {arguments.mode!r}, expected live: only published tables are Iceberg")
    if spark.conf.get(f"spark.sql.catalog.{CATALOG}", None) is None:
        raise IcebergMissing(
            f"this Spark has no Iceberg catalog {CATALOG}: nothing was committed. On AWS the job's arguments bring it; "
            "the sandbox has none, so there tableFormat iceberg ends after the data is published to the pointer"
        )
    pointer = storage.read_json(arguments.processed(POINTER))
    stamp = Stamp(int(pointer["version"]), str(pointer["snapshot"]))
    published = _tables(arguments, stamp)
    commits = []
    for name, dataset in load_datasets().items():
        commit = commit_table(spark, arguments, dataset, stamp, published.get(name, {}))
        commits += [] if commit is None else [commit]
    storage.write_json(arguments.processed(COMMITTED), stamp.to_json())
    return commits


def commit_table(
    spark: SparkSession, arguments: JobArguments, dataset: Dataset, stamp: Stamp, published: Partitions
) -> Commit | None:
    """Brings one table in line with the published partitions; None when it is already."""
    table = f"{CATALOG}.{arguments.database}.{dataset.name}"
    head, last = read_table(spark, table)
    values = _stale(_committed(arguments, dataset, last), published, head is None)
    if values == []:
        return None
    wanted = published if values is None else {value: published[value] for value in values if value in published}
    rows = _rows(spark, arguments, dataset, wanted)
    writer = rows.writeTo(table)
    for name, text in {VERSION: str(stamp.version), SNAPSHOT: stamp.snapshot}.items():
        writer = writer.option(f"snapshot-property.{name}", text)
    writer = writer.option("isolation-level", "serializable")
    if head is not None:
        writer = writer.option("validate-from-snapshot-id", str(head))
    writer.overwrite(_rows_of(dataset, values))
    count = sum(entry.rows for entry in wanted.values())
    return Commit(dataset.name, stamp.version, len(wanted if values is None else values), count, values is None)


def read_table(spark: SparkSession, table: str) -> tuple[int | None, Stamp | None]:
    """The current snapshot of a table and the newest published version in it. Raises IcebergMissing without a table."""
    if not spark.catalog.tableExists(table):
        raise IcebergMissing(f"there is no table {table}: deploy the data pipeline")
    rows = spark.table(f"{table}.snapshots").select("snapshot_id", "parent_id", "summary").collect()
    snapshots = {row.snapshot_id: TableSnapshot(row.parent_id, row.summary or {}) for row in rows}
    heads = [row.snapshot_id for row in spark.table(f"{table}.refs").where("name = 'main'").collect()]
    head = heads[0] if heads else None
    return head, newest_stamp(snapshots, head)


def _stale(before: Partitions | None, published: Partitions, empty: bool) -> list[str] | None:
    """The partitions to replace; None for all of a table when nobody can tell what it holds."""
    if before is not None:
        return differing(before, published)
    return [] if empty and not published else None


def _tables(arguments: JobArguments, stamp: Stamp) -> dict[str, dict[str, PartitionEntry]]:
    uri = arguments.processed(stamp.snapshot)
    return parse_tables(storage.read_json(uri), uri)


def _committed(arguments: JobArguments, dataset: Dataset, last: Stamp | None) -> Partitions | None:
    """The partitions that the table's last commit took over; None when nobody can tell: then all of it is written."""
    if last is None:
        return None
    try:
        return _tables(arguments, last).get(dataset.name, {})
    except StorageError:
        return None


def _rows(spark: SparkSession, arguments: JobArguments, dataset: Dataset, wanted: Partitions) -> DataFrame:
    """The published rows of some partitions. Raises LawBroken when their files hold others than the snapshot says."""
    rows = read_partitions(spark, arguments, dataset, wanted, wanted)
    if rows is None:
        return empty_table(spark, dataset)
    column = F.col(dataset.partition.column).cast("string")
    found = {value: count for value, count in rows.groupBy(column).count().collect()}
    different = sorted(value for value, entry in wanted.items() if found.get(value, 0) != entry.rows)
    if different or len(found) != len(wanted):
        raise LawBroken(
            f"{dataset.name}: {len(different)} published partitions do not have their rows: {different[:5]}"
        )
    return rows


def _rows_of(dataset: Dataset, values: Sequence[str] | None) -> SparkColumn:
    """The condition on rows of these partitions; of every row for None."""
    if values is None:
        return F.lit(True)
    column = dataset.partition_column
    return F.col(column.name).isin([F.lit(value).cast(str(column.type)) for value in values])
