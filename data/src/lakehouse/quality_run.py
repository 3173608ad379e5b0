"""The job quality: holds the tables as they would be after the run against their rulesets, and writes quality.json."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib import resources

from pyspark.sql import DataFrame, SparkSession

from lakehouse import storage
from lakehouse.arguments import JobArguments
from lakehouse.candidate import Partitions, overlay, parse_plan, parse_tables
from lakehouse.dqdl import parse_ruleset
from lakehouse.dqdl_model import Ruleset
from lakehouse.errors import StaleBase
from lakehouse.quality import Quality, evaluate
from lakehouse.schema import load_dataset
from lakehouse.spark_tables import empty_table, read_partitions
from lakehouse.transform_run import read_base

_CHANGES = ("candidate", "features")


def load_ruleset(name: str) -> Ruleset:
    """The ruleset of a dataset, from the package. Raises DqdlError."""
    file = f"{name}.dqdl"
    return parse_ruleset(resources.files("lakehouse").joinpath("datasets", file).read_text("utf-8"), file)


def run(spark: SparkSession, arguments: JobArguments, now: datetime) -> dict[str, Quality]:
    """Evaluates the ruleset of every table that the run changes; `now` (UTC) is what now() means in rules.

    Raises StorageError when a document of the run is missing or unreadable, StaleBase when it was made from another
    version than the plan.
    """
    plan_uri = arguments.run_file("plan")
    plan = parse_plan(storage.read_json(plan_uri), plan_uri)
    # A verdict of an earlier attempt must not be taken for this one's.
    storage.delete_object(arguments.run_file("quality"))
    partitions = dict(read_base(arguments, plan))
    read: dict[str, int] = {}
    for uri in map(arguments.run_file, _CHANGES):
        document = storage.read_json(uri)
        delta = parse_tables(document, uri)
        if document["base"]["version"] != plan.version:
            raise StaleBase(f"{uri} was made from another version than {plan.version}")
        partitions |= {name: overlay(partitions.get(name, {}), change) for name, change in delta.items()}
        read |= {name: table["read"] for name, table in document["datasets"].items()}
    tables = {name: _table(spark, arguments, name, entries) for name, entries in partitions.items()}
    results = {
        # A table that is empty because nothing was delivered has nothing to be judged by.
        name: evaluate(tables[name], load_ruleset(name), _filled(tables, partitions), now)
        if partitions[name] or read[name]
        else Quality(())
        for name in sorted(read)
    }
    verdict = {
        "schema": 1,
        "runId": arguments.run_id,
        "base": {"version": plan.version},
        "passed": all(quality.passed for quality in results.values()),
        "datasets": {name: quality.to_json() for name, quality in results.items()},
    }
    storage.write_json(arguments.run_file("quality"), verdict)
    return results


def _table(spark: SparkSession, arguments: JobArguments, name: str, partitions: Partitions) -> DataFrame:
    dataset = load_dataset(name)
    table = read_partitions(spark, arguments, dataset, partitions, partitions)
    return empty_table(spark, dataset) if table is None else table


def _filled(tables: Mapping[str, DataFrame], partitions: Mapping[str, Partitions]) -> dict[str, DataFrame]:
    return {name: table for name, table in tables.items() if partitions[name]}
