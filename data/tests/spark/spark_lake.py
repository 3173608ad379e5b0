"""A lake in folders: deliveries in, runs of the jobs, and what an outsider reads afterwards."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from lakehouse import features_run, storage, transform_run
from lakehouse.arguments import JobArguments
from lakehouse.candidate import overlay, parse_tables
from lakehouse.checksum import table_checksum
from lakehouse.schema import load_dataset

Document = dict[str, Any]

HEADERS = {
    name: ",".join(column.name for column in load_dataset(name).columns) for name in ("orders", "customers", "products")
}


def order(number: int, day: str = "2026-01-01", version: str = "T12:00:00Z", **changes: str) -> str:
    """A line of orders. `version` is a time of the day, or a whole timestamp."""
    fields = {
        "order_id": f"O{number:08d}",
        "customer_id": "C00000001",
        "product_id": "P000001",
        "quantity": "2",
        "unit_price": "10.00",
        "discount": "",
        "status": "placed",
        "ordered_at": f"{day}T08:00:00Z",
        "updated_at": day + version if version.startswith("T") else version,
        **changes,
    }
    return ",".join(fields.values())


def customer(number: int, country: str = "DE", version: str = "2026-01-01T00:00:00Z") -> str:
    return f"C{number:08d},c{number}@example.com,{country},consumer,2025-01-01T00:00:00Z,{version}"


def product(number: int, category: str = "books", version: str = "2026-01-01T00:00:00Z") -> str:
    return f"P{number:06d},Thing {number},{category},10.00,true,{version}"


@dataclass
class Lake:
    spark: SparkSession
    root: Path
    version: int = 0
    snapshot: str | None = None
    tables: dict[str, Any] = field(default_factory=dict)
    pending: list[Document] = field(default_factory=list)

    def arguments(self, run_id: str) -> JobArguments:
        return JobArguments(run_id, "raw", "processed", "quarantine")

    def deliver(self, dataset: str, *lines: str, name: str = "delivery.csv", end: str = "\n") -> str:
        """Puts a file with a header and these lines; returns its key."""
        text = "".join(line + end for line in (HEADERS[dataset], *lines))
        return self.deliver_bytes(dataset, text.encode("utf-8"), name)

    def deliver_bytes(self, dataset: str, data: bytes, name: str = "delivery.csv") -> str:
        key = f"incoming/{dataset}/{name}"
        storage.write_bytes(f"s3://raw/{key}", data)
        digest = hashlib.sha256(data).hexdigest()
        self.pending.append({"dataset": dataset, "key": key, "sha256": digest, "bytes": len(data)})
        return key

    def plan(self, run_id: str) -> None:
        """What Validate writes: everything delivered since the last plan is accepted."""
        base = {"version": self.version, "snapshot": self.snapshot}
        plan = {"schema": 1, "runId": run_id, "mode": "live", "base": base, "accepted": self.pending}
        storage.write_json(self.arguments(run_id).run_file("plan"), plan)
        self.pending = []

    def transform(self, run_id: str) -> Document:
        """Plans and runs the first job; returns its candidate's datasets."""
        self.plan(run_id)
        return self.rerun(run_id)

    def rerun(self, run_id: str) -> Document:
        transform_run.run(self.spark, self.arguments(run_id))
        return self.document(run_id, "candidate")["datasets"]

    def features(self, run_id: str) -> Document:
        features_run.run(self.spark, self.arguments(run_id))
        return self.document(run_id, "features")["datasets"]["daily_features"]

    def document(self, run_id: str, name: str) -> Document:
        return storage.read_json(self.arguments(run_id).run_file(name))

    def publish(self, run_id: str, *names: str) -> None:
        """What Publish makes of the run's documents, as far as the next run looks at it."""
        for name in names or ("candidate",):
            for dataset, delta in parse_tables(self.document(run_id, name), name).items():
                self.tables[dataset] = overlay(self.tables.get(dataset, {}), delta)
        self.version += 1
        self.snapshot = f"_state/snapshots/{self.version}-{run_id}.json"
        tables = {
            name: {"partitions": {value: entry.to_json() for value, entry in partitions.items()}}
            for name, partitions in self.tables.items()
        }
        storage.write_json(self.arguments(run_id).processed(self.snapshot), {"datasets": tables})

    def rows(self, name: str, partitions: Document | None = None) -> list[Document]:
        """The published rows (or those of a candidate's partitions), read file by file without the jobs' own reader."""
        dataset = load_dataset(name)
        if partitions is None:
            partitions = {value: entry.to_json() for value, entry in self.tables.get(name, {}).items()}
        found = []
        for value, entry in partitions.items():
            if entry["location"] is None:
                continue
            frame = self.spark.read.parquet(storage.spark_path(entry["location"]))
            column = dataset.partition_column
            frame = frame.selectExpr("*", f"cast('{value}' as {column.type}) as {column.name}")
            found += [row.asDict() for row in frame.collect()]
        return found

    def check_sum(self, name: str, change: Document) -> None:
        """Rows and checksum of a change are those of the table, counted in plain Python."""
        entries = {value: entry.to_json() for value, entry in self.tables.get(name, {}).items()}
        rows = self.rows(name, {**entries, **change["partitions"]})
        assert change["rows"] == len(rows)
        assert change["checksum"] == table_checksum(load_dataset(name), rows)

    def quarantined(self, dataset: str, run_id: str) -> list[Document]:
        """The rows in quarantine, in order of file and line."""
        folder = self.root / "quarantine" / "rows" / dataset / f"run={run_id}"
        rows = [
            json.loads(line) for part in sorted(folder.glob("part-*")) for line in part.read_text("utf-8").splitlines()
        ]
        return sorted(rows, key=lambda row: (row["key"], row["line"]))
