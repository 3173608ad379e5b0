"""Glue tables and partitions as a snapshot has them. Registering the same state again changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import ClientError

from lakehouse.candidate import PartitionEntry, Partitions
from lakehouse.errors import LakehouseError
from lakehouse.runtime import Document
from lakehouse.schema import Dataset, load_dataset
from lakehouse.state import error_code

#: As many partitions as one call takes.
BATCH = 100
_THREADS = 8
_TABLE_FIELDS = ("Name", "Description", "Owner", "Retention", "PartitionKeys", "TableType", "Parameters")
_MISSING = "EntityNotFoundException"
_EXISTS = "AlreadyExistsException"


class CatalogueError(LakehouseError):
    """The catalog lacks a table that deployments make, or took only a part of what it was told."""


def register(
    glue: Any,
    live: str,
    target: str,
    tables: Mapping[str, Partitions],
    location: str,
    run_id: str | None,
    table_format: str = "parquet",
) -> int:
    """Makes the tables of a database show exactly these partitions; returns how many had to be touched.

    In any database but `live`, tables are Parquet with files below `location` (an `s3://` location that ends with a
    slash): copies of the live ones, or made from their datasets where the live ones are Iceberg. Live Iceberg tables
    know their partitions themselves and are left to the job commit_iceberg. Raises CatalogueError when a live table is
    missing.
    """
    touched = 0
    for name, partitions in sorted(tables.items()):
        table = _definition(glue, live, name, table_format)
        if target != live:
            table = _copy_table(glue, table, target, f"{location}{name}/", run_id)
        elif table_format == "iceberg":
            continue
        touched += sync_partitions(glue, target, table, partitions)
    return touched


def sync_partitions(glue: Any, database: str, table: Document, wanted: Partitions) -> int:
    """Adds, moves and removes partitions of a table until it has the wanted ones; returns how many that were."""
    present = _locations(glue, database, table["Name"])
    create = [value for value in sorted(wanted) if value not in present]
    update = [value for value in sorted(wanted) if value in present and present[value] != wanted[value].location]
    remove = [value for value in sorted(present) if value not in wanted]
    place = {"DatabaseName": database, "TableName": table["Name"]}
    for batch in _batches(create):
        answer = glue.batch_create_partition(
            **place, PartitionInputList=[_partition(table, value, wanted[value]) for value in batch]
        )
        # Another run that finishes the same snapshot may have been quicker; its partition is looked at like the rest.
        update += [error["PartitionValues"][0] for error in _errors(answer, table, {_EXISTS})]
    for batch in _batches(update):
        entries = [
            {"PartitionValueList": [value], "PartitionInput": _partition(table, value, wanted[value])}
            for value in batch
        ]
        _errors(glue.batch_update_partition(**place, Entries=entries), table, set())
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(lambda value: _remove(glue, place, value), remove))
    return len(create) + len(update) + len(remove)


def parquet_table(dataset: Dataset) -> Document:
    """The definition of a table of Parquet files, as Glue takes it, but for its location."""
    hadoop = "org.apache.hadoop.hive.ql.io.parquet"
    partition = dataset.partition_column
    return {
        "Name": dataset.name,
        "Description": dataset.description,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "parquet", "parquet.compression": "SNAPPY", "EXTERNAL": "TRUE"},
        "PartitionKeys": [{"Name": partition.name, "Type": str(partition.type)}],
        "StorageDescriptor": {
            "Columns": [{"Name": column.name, "Type": str(column.type)} for column in dataset.stored_columns],
            "InputFormat": f"{hadoop}.MapredParquetInputFormat",
            "OutputFormat": f"{hadoop}.MapredParquetOutputFormat",
            "SerdeInfo": {
                "SerializationLibrary": f"{hadoop}.serde.ParquetHiveSerDe",
                "Parameters": {"serialization.format": "1"},
            },
        },
    }


def _definition(glue: Any, live: str, name: str, table_format: str) -> Document:
    table = _table(glue, live, name)
    if table is None:
        raise CatalogueError(f"{live} has no table {name}: deploy the data pipeline")
    if table_format == "iceberg":
        return parquet_table(load_dataset(name))
    if len(table.get("PartitionKeys", [])) != 1:
        # Such as an Iceberg table; nothing would show what is published.
        raise CatalogueError(
            f"{live}.{name} is not partitioned by one column: deploy the data pipeline with the tableFormat that it has"
        )
    return table


def _table(glue: Any, database: str, name: str) -> Document | None:
    try:
        table: Document = glue.get_table(DatabaseName=database, Name=name)["Table"]
    except ClientError as error:
        if error_code(error) == _MISSING:
            return None
        raise
    return table


def _copy_table(glue: Any, live: Document, database: str, location: str, run_id: str | None) -> Document:
    """Makes or corrects the copy of a live table; returns its definition."""
    # What is empty is told by the catalog, but not taken by it.
    wanted = {field: live[field] for field in _TABLE_FIELDS if live.get(field)}
    wanted["StorageDescriptor"] = {**live["StorageDescriptor"], "Location": location}
    wanted["Parameters"] = {**live.get("Parameters", {}), "slipway.run": run_id or ""}
    present = _table(glue, database, live["Name"])
    if present is None:
        try:
            glue.create_table(DatabaseName=database, TableInput=wanted)
        except ClientError as error:
            if error_code(error) != _EXISTS:
                raise
            present = {}
    if present is not None and any(present.get(field) != value for field, value in wanted.items()):
        glue.update_table(DatabaseName=database, TableInput=wanted)
    return wanted


def _locations(glue: Any, database: str, table: str) -> dict[str, str]:
    """Where the table's partitions are, by value. Every table has one partition column."""
    pages = glue.get_paginator("get_partitions").paginate(
        DatabaseName=database, TableName=table, ExcludeColumnSchema=True
    )
    partitions = (partition for page in pages for partition in page["Partitions"])
    return {partition["Values"][0]: partition["StorageDescriptor"]["Location"] for partition in partitions}


def _partition(table: Document, value: str, entry: PartitionEntry) -> Document:
    return {
        "Values": [value],
        "StorageDescriptor": {**table["StorageDescriptor"], "Location": entry.location},
        "Parameters": {"recordCount": str(entry.rows)},
    }


def _remove(glue: Any, place: Mapping[str, str], value: str) -> None:
    try:
        glue.delete_partition(**place, PartitionValues=[value])
    except ClientError as error:
        if error_code(error) != _MISSING:
            raise


def _errors(answer: Document, table: Document, expected: set[str]) -> list[Document]:
    """The refused entries with an expected code. Raises CatalogueError when there is another one."""
    errors: list[Document] = answer.get("Errors", [])
    other = {error.get("ErrorDetail", {}).get("ErrorCode", "unknown") for error in errors} - expected
    if other:
        raise CatalogueError(f"{table['Name']}: {len(errors)} partitions were refused: {', '.join(sorted(other))}")
    return errors


def _batches(values: Iterable[str]) -> Iterator[list[str]]:
    values = list(values)
    return (values[start : start + BATCH] for start in range(0, len(values), BATCH))
