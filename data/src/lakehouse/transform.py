"""What a delivery does to a table, as pure functions of frames: newest row per key, merge with what is published."""

from __future__ import annotations

from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from lakehouse.checksum import canonical_sql, row_hash_sql
from lakehouse.rows import DETAIL, KEY, RAW, REASON, TEXT, key_text
from lakehouse.schema import Dataset
from lakehouse.spark_lines import FILE, LINE

HASH, REPLACED, WAS, PARTITION, VERSION = "_hash", "_replaced", "_was", "_partition", "_version"
COUNT = "_count"


def mark_duplicates(rows: DataFrame, dataset: Dataset) -> DataFrame:
    """Gives every good row that is not the best of its key the reason duplicate_key. Takes what parse_rows gives.

    Best is the greatest version, then the greatest canonical text, then the first in order of file and line. A row with
    a reason has a key of its own, so it neither wins nor loses.
    """
    best_first = [F.col(_version(dataset)).desc(), F.col(TEXT).desc(), F.col(FILE).asc(), F.col(LINE).asc()]
    ranked = rows.withColumn("_rank", F.row_number().over(Window.partitionBy(KEY).orderBy(*best_first)))
    return _with_reason(ranked, F.col("_rank") > 1, "duplicate_key").drop("_rank")


def published_index(published: DataFrame, dataset: Dataset) -> DataFrame:
    """`_key`, `_version` and `_was` (the partition) of every published row: three narrow columns."""
    return published.select(
        key_text(dataset).alias(KEY),
        F.col(_version(dataset)).alias(VERSION),
        F.col(dataset.partition.column).alias(WAS),
    )


def mark_late(rows: DataFrame, index: DataFrame | None, dataset: Dataset) -> DataFrame:
    """Gives every good row that is not newer than the published row of its key the reason late_row.

    `index` is what published_index gives, or None when nothing is published. Adds `_replaced` (this row is newer than
    a published one) and `_was` (the partition of that older row).
    """
    if index is None:
        nowhere = F.lit(None).cast(str(dataset.partition_column.type))
        return rows.withColumns({REPLACED: F.lit(False), WAS: nowhere})
    met = rows.join(index, KEY, "left")
    candidate = F.col(REASON).isNull() & F.col(VERSION).isNotNull()
    late = candidate & (F.col(_version(dataset)) <= F.col(VERSION))
    replaced = candidate & ~late
    marked = met.withColumns({"_late": late, REPLACED: replaced, WAS: F.when(replaced, F.col(WAS))})
    return _with_reason(marked, F.col("_late"), "late_row").drop("_late", VERSION)


def classify(rows: DataFrame, index: DataFrame | None, dataset: Dataset) -> DataFrame:
    """Where every parsed row goes: into the table (no `_reason`) or into quarantine.

    Gives the table's columns, _reason, _detail, _replaced and _was; _partition and _hash of good rows; _file, _line and
    _raw of bad rows; _key of rows that replace a published one. The rest is null: it need not be kept.
    """
    marked = mark_late(mark_duplicates(rows, dataset), index, dataset)
    good = F.col(REASON).isNull()
    return marked.withColumns(
        {
            **{name: F.when(~good, F.col(name)) for name in (FILE, LINE, RAW)},
            KEY: F.when(F.col(REPLACED), F.col(KEY)),
            PARTITION: F.when(good, F.col(dataset.partition.column)),
            HASH: F.when(good, F.expr(row_hash_sql(TEXT))),
        }
    ).drop(TEXT)


def summarize(classified: DataFrame) -> DataFrame:
    """One row per reason, partition, `_replaced` and `_was`: `_count` of rows and `_hash`, the sum of their hashes.

    Partitions are texts from here on.
    """
    groups = classified.groupBy(REASON, PARTITION, REPLACED, WAS).agg(
        F.count("*").alias(COUNT), F.sum(HASH).alias(HASH)
    )
    return groups.withColumns({name: F.col(name).cast("string") for name in (PARTITION, WAS)})


def accepted_rows(classified: DataFrame, dataset: Dataset) -> DataFrame:
    """The rows for the table, with the table's columns only."""
    return classified.where(F.col(REASON).isNull()).select(*_table(dataset))


def replaced_keys(classified: DataFrame) -> DataFrame:
    """`_key` of every published row that a newer one takes the place of."""
    return classified.where(REPLACED).select(KEY)


def superseded_rows(published: DataFrame, replaced: DataFrame, dataset: Dataset) -> DataFrame:
    """What leaves the published partitions: one row per `_partition` with `_count` and `_hash`."""
    leaving = published.withColumn(KEY, key_text(dataset)).join(replaced, KEY, "left_semi")
    return partition_sums(leaving, dataset)


def partition_sums(table: DataFrame, dataset: Dataset) -> DataFrame:
    """`_count` of rows and `_hash`, the sum of their hashes, per `_partition` of rows with the table's columns."""
    hashed = table.select(
        F.col(dataset.partition.column).alias(PARTITION), F.expr(row_hash_sql(canonical_sql(dataset))).alias(HASH)
    )
    sums = hashed.groupBy(PARTITION).agg(F.count("*").alias(COUNT), F.sum(HASH).alias(HASH))
    return sums.withColumn(PARTITION, F.col(PARTITION).cast("string"))


def merge(published: DataFrame | None, replaced: DataFrame, accepted: DataFrame, dataset: Dataset) -> DataFrame:
    """The affected partitions as they will be: published rows that nothing takes the place of, and the new ones.

    `published` holds the affected partitions and no others; None when none of them is published yet.
    """
    if published is None:
        return accepted
    kept = published.withColumn(KEY, key_text(dataset)).join(replaced, KEY, "left_anti")
    return kept.select(*_table(dataset)).unionByName(accepted)


def quarantined_rows(classified: DataFrame, dataset: Dataset, keys: list[str]) -> DataFrame:
    """The rows for quarantine: dataset, key (of the file, from `keys` by position), line, reason, detail, raw."""
    names = F.array(*(F.lit(key) for key in keys))
    return classified.where(F.col(REASON).isNotNull()).select(
        F.lit(dataset.name).alias("dataset"),
        names[F.col(FILE)].alias("key"),
        F.col(LINE).alias("line"),
        F.col(REASON).alias("reason"),
        F.col(DETAIL).alias("detail"),
        F.col(RAW).alias("raw"),
    )


def _with_reason(rows: DataFrame, failed: Expression, reason: str) -> DataFrame:
    """A reason for good rows, whose detail is the key."""
    detail = F.translate(KEY, "\n", ",")
    return rows.withColumns(
        {
            REASON: F.when(failed, F.lit(reason)).otherwise(F.col(REASON)),
            DETAIL: F.when(failed, detail).otherwise(F.col(DETAIL)),
        }
    )


def _version(dataset: Dataset) -> str:
    if dataset.version is None:
        raise ValueError(f"{dataset.name}: rows without a version are neither newer nor older")
    return dataset.version


def _table(dataset: Dataset) -> list[str]:
    return [column.name for column in dataset.table_columns]
