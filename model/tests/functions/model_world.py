"""One account of MiniStack with the buckets of lake and model, and the environment of functions that work on them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import boto3.session
import botocore.session
import pytest
from botocore.loaders import create_loader
from lakehouse.state import Store, move_pointer, read_pointer, snapshot_path

from modelkit.cloud import environment
from modelkit.cloud.bucket import Bucket

CODE = f"sha256:{'c' * 64}"


class World:
    def __init__(self, endpoint: str, account: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.endpoint = endpoint
        self.account = account
        self.lake = f"lake-{account}"
        self.models = f"models-{account}"
        self.registry = f"s3://{self.models}/registry/slipway-test-housing"
        self.monkeypatch = monkeypatch
        self.set(
            AWS_ACCESS_KEY_ID=account,
            AWS_SECRET_ACCESS_KEY="secret",
            AWS_DEFAULT_REGION="us-east-1",
            AWS_REGION="us-east-1",
            AWS_ENDPOINT_URL=endpoint,
            AWS_EC2_METADATA_DISABLED="true",
            AWS_CONFIG_FILE="/dev/null",
            AWS_SHARED_CREDENTIALS_FILE="/dev/null",
            ENVIRONMENT="test",
        )
        monkeypatch.setattr(boto3.session, "Session", make_session)
        environment.client.cache_clear()
        self.s3 = environment.client("s3")
        for bucket in (self.lake, self.models):
            self.s3.create_bucket(Bucket=bucket)
        self.store = Bucket(self.s3, self.models, "registry/slipway-test-housing/")

    def close(self) -> None:
        """Lets go of the connections."""
        self.s3.close()
        environment.client.cache_clear()

    def set(self, **variables: str) -> None:
        """Sets variables of the environment."""
        for name, value in variables.items():
            self.monkeypatch.setenv(name, value)

    def put(self, bucket: str, key: str, body: bytes) -> str:
        self.s3.put_object(Bucket=bucket, Key=key, Body=body)
        return f"s3://{bucket}/{key}"

    def body(self, bucket: str, key: str) -> bytes:
        found: bytes = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return found

    def json(self, key: str) -> Any:
        """A document of the bucket of models."""
        return json.loads(self.body(self.models, key))

    def keys(self, prefix: str = "") -> list[str]:
        """What the bucket of models holds."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.models, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def publish(self, run_id: str, tables: Mapping[str, Mapping[str, int]]) -> str:
        """Publishes a snapshot: rows by partition and table, each partition one file; returns its id."""
        store = Store(self.s3, self.lake, "")
        base = read_pointer(store)
        version = 1 if base is None else base.version + 1
        datasets = {
            name: {"partitions": {part: self._partition(name, part, rows, run_id) for part, rows in parts.items()}}
            for name, parts in tables.items()
        }
        path = snapshot_path(version, run_id)
        store.write(path, {"schema": 1, "version": version, "runId": run_id, "datasets": datasets})
        move_pointer(store, base, version, path)
        return f"{version}-{run_id}"

    def _partition(self, table: str, part: str, rows: int, run_id: str) -> dict[str, Any]:
        folder = f"{table}/run={run_id}/part={part}/"
        self.put(self.lake, f"{folder}part-0.parquet", b"PAR1")
        self.put(self.lake, f"{folder}_SUCCESS", b"")
        return {"location": f"s3://{self.lake}/{folder}", "rows": rows, "checksum": f"{rows:016x}"}


_Session = boto3.session.Session
_loader = create_loader()


def make_session() -> Any:
    """A session with credentials of its own; what the services look like is read once for all of them."""
    session = botocore.session.get_session()
    session.register_component("data_loader", _loader)
    return _Session(botocore_session=session)
