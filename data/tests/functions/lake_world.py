"""A lake in one account of MiniStack: buckets, databases, tables, deliveries, and a stand-in for the Spark jobs."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from typing import Any

import boto3.session
import botocore.session
import pytest
from botocore.loaders import create_loader
from lake_faults import Faults

from lakehouse import runtime
from lakehouse.candidate import PartitionEntry, overlay, parse_tables, totals
from lakehouse.schema import load_datasets

HEADERS = {
    name: ",".join(column.name for column in dataset.columns)
    for name, dataset in load_datasets().items()
    if dataset.source == "csv"
}
ORDER = "O{0:08d},C00000001,P0001,1,9.90,,placed,2026-01-0{1}T08:00:00Z,2026-01-0{1}T08:00:00Z"
Counts = Mapping[str, int]


def orders_csv(*numbers: int, day: int = 1) -> bytes:
    rows = [ORDER.format(number, day) for number in numbers]
    return "\n".join([HEADERS["orders"], *rows, ""]).encode()


class World(Faults):
    def __init__(self, endpoint: str, account: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.account = account
        self.endpoint = endpoint
        self.names = {
            "ENVIRONMENT": "test",
            "RAW_BUCKET": f"raw-{account}",
            "PROCESSED_BUCKET": f"processed-{account}",
            "QUARANTINE_BUCKET": f"quarantine-{account}",
            "DATABASE": "lake",
            "STAGING_DATABASE": "lake_staging",
            "VERIFICATION_DATABASE": "lake_verification",
            "METRIC_NAMESPACE": "Slipway/Data",
            "EVENT_BUS": "default",
            "TABLE_FORMAT": "parquet",
        }
        access = {
            "AWS_ACCESS_KEY_ID": account,
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }
        for name, value in {**self.names, **access}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(boto3.session, "Session", _session)
        runtime.clients.cache_clear()
        self.clients = runtime.clients()
        self.raw, self.processed, self.quarantine = (
            self.names[f"{name}_BUCKET"] for name in ("RAW", "PROCESSED", "QUARANTINE")
        )
        self._make()

    def _make(self) -> None:
        for bucket in (self.raw, self.processed, self.quarantine):
            self.clients.s3.create_bucket(Bucket=bucket)
        for database in ("lake", "lake_staging", "lake_verification"):
            self.clients.glue.create_database(DatabaseInput={"Name": database})
        for name, dataset in load_datasets().items():
            columns = [{"Name": column.name, "Type": str(column.type)} for column in dataset.stored_columns]
            partition = dataset.partition_column
            self.clients.glue.create_table(
                DatabaseName="lake",
                TableInput={
                    "Name": name,
                    "Description": dataset.description,
                    "TableType": "EXTERNAL_TABLE",
                    "PartitionKeys": [{"Name": partition.name, "Type": str(partition.type)}],
                    "Parameters": {"classification": "parquet", "EXTERNAL": "TRUE"},
                    "StorageDescriptor": {
                        "Columns": columns,
                        "Location": f"s3://{self.processed}/{name}/",
                        "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
                        "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
                        "SerdeInfo": {
                            "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
                        },
                    },
                },
            )

    # Deliveries and documents.

    def deliver(self, key: str, body: bytes) -> None:
        self.clients.s3.put_object(Bucket=self.raw, Key=key, Body=body)

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        pages = self.clients.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def body(self, bucket: str, key: str) -> bytes:
        found: bytes = self.clients.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return found

    def json(self, key: str, bucket: str | None = None) -> Any:
        return json.loads(self.body(bucket or self.processed, key))

    def tags(self, prefix: str = "") -> dict[str, str]:
        """What objects of the processed bucket are tagged as, for those that are."""
        found = {}
        for key in (key for key in self.keys(self.processed, prefix) if "/run=" in key):
            tags = self.clients.s3.get_object_tagging(Bucket=self.processed, Key=key)["TagSet"]
            found.update((key, tag["Value"]) for tag in tags if tag["Key"] == "slipway:superseded")
        return found

    def write(self, key: str, document: Any) -> None:
        self.clients.s3.put_object(Bucket=self.processed, Key=key, Body=json.dumps(document).encode())

    def pointer(self) -> int:
        return int(self.json("_state/current.json")["version"])

    def snapshot(self) -> Any:
        return self.json(self.json("_state/current.json")["snapshot"])

    def partitions(self, table: str, database: str = "lake") -> dict[str, str]:
        pages = self.clients.glue.get_paginator("get_partitions").paginate(DatabaseName=database, TableName=table)
        found = [partition for page in pages for partition in page["Partitions"]]
        assert len({partition["Values"][0] for partition in found}) == len(found)
        return {partition["Values"][0]: partition["StorageDescriptor"]["Location"] for partition in found}

    # Steps of a run.

    def call(self, function: str, run_id: str, mode: str = "live") -> Any:
        handler = importlib.import_module(f"functions.{function}.handler").handler
        root = "" if mode == "live" else f"verification/{run_id}/"
        answer = handler({"runId": run_id, "mode": mode, "prefix": f"{root}incoming/", "execution": "arn"}, None)
        return json.loads(json.dumps(answer))

    def work(
        self,
        run_id: str,
        days: Counts | None = None,
        mode: str = "live",
        score: float = 1.0,
        emptied: tuple[str, ...] = (),
    ) -> None:
        """What the jobs leave when a run's orders land in these partitions (rows by day)."""
        root = "" if mode == "live" else f"verification/{run_id}/"
        plan = self.json(f"{root}_runs/{run_id}/plan.json")
        base = {} if plan["base"]["snapshot"] is None else self.json(root + plan["base"]["snapshot"])
        tables = parse_tables(base, "base") if base else {}
        counts = {"2026-01-01": 3} if days is None else days
        changes = {}
        for name, column in (("orders", "order_date"), ("daily_features", "feature_date")):
            delta = {
                day: PartitionEntry(
                    f"s3://{self.processed}/{root}{name}/run={run_id}/{column}={day}/", rows, f"{rows:016x}"
                )
                for day, rows in counts.items()
            } | {day: PartitionEntry(None, 0, f"{0:016x}") for day in emptied}
            for entry in delta.values():
                if entry.location is not None:
                    key = entry.location.removeprefix(f"s3://{self.processed}/")
                    self.clients.s3.put_object(Bucket=self.processed, Key=f"{key}part-0.parquet", Body=b"PAR1")
            rows, checksum = totals(overlay(tables.get(name, {}), delta))
            changes[name] = {
                "read": sum(counts.values()) + 1,
                "new": sum(counts.values()),
                "replaced": 0,
                "quarantined": {"out_of_range": 1},
                "partitions": {day: entry.to_json() for day, entry in delta.items()},
                "rows": rows,
                "checksum": checksum,
            }
        common = {"schema": 1, "runId": run_id, "base": {"version": plan["base"]["version"]}}
        for document, name in (("candidate", "orders"), ("features", "daily_features")):
            self.write(f"{root}_runs/{run_id}/{document}.json", {**common, "datasets": {name: changes[name]}})
        rules = [{"rule": "RowCount > 0", "passed": score == 1.0, "actual": "3"}]
        verdict = {"passed": score == 1.0, "score": score, "rules": rules}
        quality = {"schema": 1, "runId": run_id, "datasets": {name: verdict for name in changes}}
        self.write(f"{root}_runs/{run_id}/quality.json", quality)

    def run(self, run_id: str, days: Counts | None = None, mode: str = "live") -> Any:
        """A whole run, as the state machine goes through it."""
        plan = self.call("validate", run_id, mode)
        if plan["accepted"] > 0:
            self.work(run_id, days, mode)
            self.call("catalog", run_id, mode)
            assert self.call("quality_gate", run_id, mode) == {"passed": True, "failedRules": []}
        if plan["accepted"] + plan["rejected"] > 0:
            self.call("publish", run_id, mode)
        root = "" if mode == "live" else f"verification/{run_id}/"
        return self.json(f"{root}_runs/{run_id}/report.json")

    # All of it.

    def dump(self) -> dict[str, Any]:
        """All that a lake holds, without what differs between two lakes that are in the same state."""
        text = {
            f"{bucket.removesuffix(self.account)}{key}": self.body(bucket, key).decode("utf-8", "replace")
            for bucket in (self.raw, self.processed, self.quarantine)
            for key in self.keys(bucket)
        }
        seen = sorted(key for key in text if "_state/seen/" in key)
        documents = {key: _plain(value.replace(self.account, "")) for key, value in text.items() if key not in seen}
        tables = {
            f"{database}.{table}": {day: place.replace(self.account, "") for day, place in found.items()}
            for database in ("lake", "lake_staging", "lake_verification")
            for table in load_datasets()
            for found in [self.partitions(table, database)]
        }
        return {"documents": documents, "seen": len(seen), "tables": tables, "tags": self.tags()}


_Session = boto3.session.Session
_loader = create_loader()


def _session() -> Any:
    """A session with credentials of its own; what the services look like is read once for all of them."""
    session = botocore.session.get_session()
    session.register_component("data_loader", _loader)
    return _Session(botocore_session=session)


def _plain(text: str) -> Any:
    """A document without the identities of objects: the moment of their writing is in them."""
    try:
        return json.loads(text, object_hook=lambda found: {key: found[key] for key in found if key != "object"})
    except ValueError:
        return text
