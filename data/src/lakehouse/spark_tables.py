"""Tables as Parquet files in partition folders: reading listed partitions, writing the ones of a run."""

from __future__ import annotations

from collections.abc import Iterable

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructField, StructType, _parse_datatype_string

from lakehouse.arguments import JobArguments
from lakehouse.candidate import Partitions
from lakehouse.errors import AlreadyPublished, LawBroken
from lakehouse.schema import Column, Dataset
from lakehouse.spark_lines import literal_path
from lakehouse.storage import spark_path

# Characters that Hive, and so Spark, writes as %XX in a partition folder's name.
_ESCAPED = {*map(chr, range(0x01, 0x20)), *"\"#%'*/:=?\\\x7f{[]^"}


def partition_folder(column: str, value: str) -> str:
    """The folder of a partition, e.g. `order_date=2026-01-31`."""
    escaped = "".join(f"%{ord(letter):02X}" if letter in _ESCAPED else letter for letter in value)
    return f"{column}={escaped}"


def run_location(arguments: JobArguments, dataset: Dataset) -> str:
    """Where a run writes a table: a place of its own, so that what is published stays as it is."""
    return arguments.processed(f"{dataset.name}/run={arguments.run_id}/")


def table_schema(dataset: Dataset) -> StructType:
    """Spark's schema of a table, the partition column last."""
    columns = (*dataset.stored_columns, dataset.partition_column)
    return StructType([_field(column) for column in columns])


def read_partitions(
    spark: SparkSession, arguments: JobArguments, dataset: Dataset, partitions: Partitions, values: Iterable[str]
) -> DataFrame | None:
    """The rows of the given partitions as the snapshot has them; None when it has none of them."""
    locations = [partitions[value].location for value in sorted(set(values)) if value in partitions]
    paths = [literal_path(spark_path(location)) for location in locations if location is not None]
    if not paths:
        return None
    base = spark_path(arguments.processed(f"{dataset.name}/"))
    reader = spark.read.schema(table_schema(dataset)).option("basePath", base)
    return reader.parquet(*paths).select(*(column.name for column in dataset.table_columns))


def empty_table(spark: SparkSession, dataset: Dataset) -> DataFrame:
    """A table without rows."""
    empty = spark.createDataFrame([], table_schema(dataset))
    return empty.select(*(column.name for column in dataset.table_columns))


def write_partitions(table: DataFrame, dataset: Dataset, location: str) -> None:
    """Writes rows below the location, replacing what an earlier attempt left there.

    Rows of a partition meet before they are written: few files per partition, and more than one for a big one.
    """
    column = dataset.partition.column
    # The hint takes columns in SQL only.
    balanced = table.sparkSession.sql(f"SELECT /*+ REBALANCE(`{column}`) */ * FROM {{rows}}", rows=table)
    balanced.write.mode("overwrite").partitionBy(column).parquet(spark_path(location))


def check_written(spark: SparkSession, dataset: Dataset, location: str, expected: Partitions) -> None:
    """Counts what was written, from the files' footers. Raises LawBroken when it is not what was to be written."""
    wanted = {value: entry.rows for value, entry in expected.items() if entry.location is not None}
    found = {}
    if wanted:
        written = spark.read.schema(table_schema(dataset)).parquet(spark_path(location))
        column = dataset.partition.column
        counts = written.groupBy(F.col(column).cast("string")).count().collect()
        found = {value: count for value, count in counts}
    if found != wanted:
        different = sorted(value for value in {*found, *wanted} if found.get(value) != wanted.get(value))
        shown = ", ".join(
            f"{value} has {found.get(value, 0)} of {wanted.get(value, 0)} rows" for value in different[:5]
        )
        raise LawBroken(f"{dataset.name}: {len(different)} partitions were not written as planned: {shown}")


def refuse_published(dataset: Dataset, base: Partitions, location: str) -> None:
    """Raises AlreadyPublished when the table in use reads files of this run: writing would take them away."""
    used = sorted(value for value, entry in base.items() if entry.location and entry.location.startswith(location))
    if used:
        raise AlreadyPublished(f"{location} is in use by partition {used[0]} of {dataset.name}; start a new run")


def _field(column: Column) -> StructField:
    return StructField(column.name, _parse_datatype_string(str(column.type)), True)
