"""The job raw_to_processed: reads what the plan accepted, writes partitions, quarantine and, last, candidate.json."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pyspark import StorageLevel
from pyspark.sql import DataFrame, Row, SparkSession

from lakehouse import storage
from lakehouse.arguments import JobArguments
from lakehouse.candidate import (
    EMPTIED,
    Candidate,
    Change,
    Delivery,
    PartitionEntry,
    Partitions,
    Plan,
    overlay,
    parse_plan,
    parse_tables,
    totals,
)
from lakehouse.checksum import to_hex
from lakehouse.errors import LawBroken, SourceChanged
from lakehouse.rows import parse_rows
from lakehouse.schema import Dataset, load_datasets
from lakehouse.spark_lines import read_lines
from lakehouse.spark_tables import (
    check_written,
    partition_folder,
    read_partitions,
    refuse_published,
    run_location,
    write_partitions,
)
from lakehouse.transform import (
    accepted_rows,
    classify,
    merge,
    published_index,
    quarantined_rows,
    replaced_keys,
    summarize,
    superseded_rows,
)

Sums = dict[str, tuple[int, int]]


@dataclass
class Tally:
    """What summarize says of one delivery. Sums are rows and hash by partition."""

    quarantined: dict[str, int] = field(default_factory=dict)
    accepted: Sums = field(default_factory=dict)
    left: set[str] = field(default_factory=set)
    new: int = 0
    replaced: int = 0

    @property
    def read(self) -> int:
        """All rows: each is new, replaces another or is quarantined."""
        return self.new + self.replaced + sum(self.quarantined.values())

    @property
    def affected(self) -> set[str]:
        """Partitions that get rows or lose some."""
        return set(self.accepted) | self.left


def run(spark: SparkSession, arguments: JobArguments) -> Candidate:
    """Runs the job. Doing it again, also after it was killed, gives the same result.

    Raises SourceChanged when a file is not the one in the plan, LawBroken when rows went missing.
    """
    plan_uri = arguments.run_file("plan")
    plan = parse_plan(storage.read_json(plan_uri), plan_uri)
    # A candidate of an earlier attempt must not outlive the files that it names.
    storage.delete_object(arguments.run_file("candidate"))
    base = read_base(arguments, plan)
    check_sources(arguments, plan.accepted)
    changes = {}
    for name, dataset in load_datasets().items():
        files = plan.of(name)
        if files:
            changes[name] = load_delivery(spark, arguments, dataset, files, base.get(name, {}))
    check_sources(arguments, plan.accepted)
    candidate = Candidate(arguments.run_id, plan.version, changes)
    storage.write_json(arguments.run_file("candidate"), candidate.to_json())
    return candidate


def read_base(arguments: JobArguments, plan: Plan) -> Mapping[str, Partitions]:
    """The published partitions that the run starts from, by dataset."""
    if plan.snapshot is None:
        return {}
    uri = arguments.processed(plan.snapshot)
    return parse_tables(storage.read_json(uri), uri)


def check_sources(arguments: JobArguments, files: Iterable[Delivery]) -> None:
    """Raises SourceChanged when a file is no longer as the plan has it."""
    for item in files:
        found = storage.stat(arguments.raw(item.key))
        same = item.etag is None or found.etag is None or item.etag == found.etag
        if found.size != item.size or not same:
            raise SourceChanged(f"{arguments.raw(item.key)} was replaced after it was validated")


def load_delivery(
    spark: SparkSession, arguments: JobArguments, dataset: Dataset, files: Sequence[Delivery], base: Partitions
) -> Change:
    """Loads the files of one dataset: writes its changed partitions and its quarantined rows, returns what changed."""
    location = run_location(arguments, dataset)
    refuse_published(dataset, base, location)
    lines = read_lines(spark, [storage.spark_path(arguments.raw(item.key)) for item in files])
    published = read_partitions(spark, arguments, dataset, base, base)
    index = None if published is None else published_index(published, dataset)
    classified = classify(parse_rows(lines.frame, dataset), index, dataset).persist(StorageLevel.MEMORY_AND_DISK)
    try:
        tally = count_rows(summarize(classified).collect())
        if tally.read != lines.count:
            raise LawBroken(f"{dataset.name}: {lines.count} lines were read, {tally.read} accounted for")
        write_quarantine(quarantined_rows(classified, dataset, [item.key for item in files]), arguments, dataset)
        affected = read_partitions(spark, arguments, dataset, base, tally.affected)
        replaced = replaced_keys(classified)
        superseded = {} if affected is None else to_sums(superseded_rows(affected, replaced, dataset).collect())
        if sum(rows for rows, _ in superseded.values()) != tally.replaced:
            raise LawBroken(f"{dataset.name}: {tally.replaced} rows replace {superseded} published ones")
        delta = changed_partitions(dataset, location, base, tally, superseded)
        write_partitions(merge(affected, replaced, accepted_rows(classified, dataset), dataset), dataset, location)
        check_written(spark, dataset, location, delta)
    finally:
        classified.unpersist()
    rows, checksum = totals(overlay(base, delta))
    return Change(tally.read, tally.new, tally.replaced, tally.quarantined, delta, rows, checksum)


def write_quarantine(rows: DataFrame, arguments: JobArguments, dataset: Dataset) -> None:
    """Writes bad rows as JSON lines, replacing what an earlier attempt left there."""
    location = arguments.quarantine(f"rows/{dataset.name}/run={arguments.run_id}/")
    rows.hint("rebalance").write.mode("overwrite").json(storage.spark_path(location))


def count_rows(groups: Iterable[Row]) -> Tally:
    """Adds up the groups of summarize (reason, partition, replaced, was, count, hash)."""
    tally = Tally()
    for reason, partition, replaced, was, count, hashed in groups:
        if reason is not None:
            tally.quarantined[reason] = tally.quarantined.get(reason, 0) + count
            continue
        rows, total = tally.accepted.get(partition, (0, 0))
        tally.accepted[partition] = (rows + count, total + hashed)
        if replaced:
            tally.replaced += count
            tally.left.add(was)
        else:
            tally.new += count
    return tally


def to_sums(rows: Iterable[Row]) -> Sums:
    """Rows and hash by partition, from what partition_sums gives."""
    return {partition: (count, hashed) for partition, count, hashed in rows}


def changed_partitions(
    dataset: Dataset, location: str, base: Partitions, tally: Tally, superseded: Sums
) -> dict[str, PartitionEntry]:
    """The affected partitions as they will be: what was there, less what leaves, plus what comes."""
    changed = {}
    for value in tally.affected:
        before = base.get(value, EMPTIED)
        gone, gone_hash = superseded.get(value, (0, 0))
        come, come_hash = tally.accepted.get(value, (0, 0))
        rows = before.rows - gone + come
        checksum = to_hex(int(before.checksum, 16) - gone_hash + come_hash)
        folder = f"{location}{partition_folder(dataset.partition.column, value)}/"
        changed[value] = PartitionEntry(folder, rows, checksum) if rows else EMPTIED
    return changed
