"""The job daily_features: computes the days that a candidate touches and writes them, then features.json."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame, SparkSession

from lakehouse import storage
from lakehouse.arguments import JobArguments
from lakehouse.candidate import (
    EMPTIED,
    Candidate,
    Change,
    PartitionEntry,
    Partitions,
    overlay,
    parse_plan,
    parse_tables,
    totals,
)
from lakehouse.checksum import to_hex
from lakehouse.errors import StaleBase
from lakehouse.features import changed_products, daily_features, days_of, known_keys, new_customers
from lakehouse.schema import Dataset, load_dataset
from lakehouse.spark_tables import (
    check_written,
    empty_table,
    partition_folder,
    read_partitions,
    refuse_published,
    run_location,
    write_partitions,
)
from lakehouse.transform import partition_sums
from lakehouse.transform_run import Sums, read_base, to_sums

Tables = Mapping[str, Partitions]


def run(spark: SparkSession, arguments: JobArguments) -> Candidate:
    """Runs the job. Doing it again gives the same result.

    Raises StaleBase when the candidate was not made from the version that the plan names.
    """
    uri = arguments.run_file("plan")
    plan = parse_plan(storage.read_json(uri), uri)
    storage.delete_object(arguments.run_file("features"))
    uri = arguments.run_file("candidate")
    document = storage.read_json(uri)
    delta = parse_tables(document, uri)
    if document["base"]["version"] != plan.version:
        raise StaleBase(f"{uri} was made from another version than {plan.version}")
    change = compute(spark, arguments, read_base(arguments, plan), delta)
    result = Candidate(arguments.run_id, plan.version, {"daily_features": change})
    storage.write_json(arguments.run_file("features"), result.to_json())
    return result


def compute(spark: SparkSession, arguments: JobArguments, base: Tables, delta: Tables) -> Change:
    """Computes and writes the features of every day that the candidate changes."""
    dataset = load_dataset("daily_features")
    published = base.get(dataset.name, {})
    location = run_location(arguments, dataset)
    refuse_published(dataset, published, location)
    days = affected_days(spark, arguments, base, delta)
    view = {name: overlay(base.get(name, {}), delta.get(name, {})) for name in ("orders", "products", "customers")}
    features = daily_features(
        _read(spark, arguments, "orders", view["orders"], days),
        _read(spark, arguments, "products", view["products"], view["products"]),
        _read(spark, arguments, "customers", view["customers"], view["customers"]),
    ).persist()
    try:
        sums = to_sums(partition_sums(features, dataset).collect())
        before = read_partitions(spark, arguments, dataset, published, days)
        replaced = 0 if before is None else known_keys(features, before, dataset.key)
        changed = changed_days(dataset, location, published, days, sums)
        write_partitions(features, dataset, location)
        check_written(spark, dataset, location, changed)
    finally:
        features.unpersist()
    count = sum(rows for rows, _ in sums.values())
    rows, checksum = totals(overlay(published, changed))
    return Change(count, count - replaced, replaced, {}, changed, rows, checksum)


def affected_days(spark: SparkSession, arguments: JobArguments, base: Tables, delta: Tables) -> set[str]:
    """Days whose orders changed, and days of older orders whose product or customer changed what they count as."""
    days = set(delta.get("orders", {}))
    rest = set(base.get("orders", {})) - days
    if not rest or not (delta.get("products") or delta.get("customers")):
        return days
    before = {name: _changed(spark, arguments, name, base.get(name, {}), delta) for name in ("products", "customers")}
    after = {
        name: _changed(spark, arguments, name, overlay(base.get(name, {}), delta.get(name, {})), delta)
        for name in ("products", "customers")
    }
    found = days_of(
        _read(spark, arguments, "orders", base["orders"], rest),
        changed_products(before["products"], after["products"]),
        new_customers(before["customers"], after["customers"]),
    )
    return days | {row.day for row in found.collect()}


def changed_days(
    dataset: Dataset, location: str, published: Partitions, days: set[str], sums: Sums
) -> dict[str, PartitionEntry]:
    """The partitions of the affected days: as computed, or emptied where a published day has no rows any more."""
    changed = {day: EMPTIED for day in days if day in published}
    for day, (rows, hashed) in sums.items():
        folder = f"{location}{partition_folder(dataset.partition.column, day)}/"
        changed[day] = PartitionEntry(folder, rows, to_hex(hashed))
    return changed


def _changed(
    spark: SparkSession, arguments: JobArguments, name: str, partitions: Partitions, delta: Tables
) -> DataFrame:
    """The rows in the partitions that the candidate changes: all others are the same before and after."""
    return _read(spark, arguments, name, partitions, delta.get(name, {}))


def _read(
    spark: SparkSession,
    arguments: JobArguments,
    name: str,
    partitions: Partitions,
    values: Mapping[str, object] | set[str],
) -> DataFrame:
    dataset = load_dataset(name)
    found = read_partitions(spark, arguments, dataset, partitions, values)
    return empty_table(spark, dataset) if found is None else found
