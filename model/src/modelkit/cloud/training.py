"""Starts the pipeline on what the lake published last."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakehouse.published import PublishedTable, read_published
from lakehouse.state import Store as LakeStore

from modelkit.cloud.bucket import Bucket
from modelkit.cloud.environment import client, optional, required
from modelkit.cloud.training_request import (
    INPUT_MANIFEST,
    Parameter,
    Request,
    declared,
    parameters_of,
    request_of,
    request_token,
)
from modelkit.documents import THRESHOLD_METRICS
from modelkit.errors import SettingsError, StorageError
from modelkit.hashing import DIGEST, canonical_json, digest_of
from modelkit.logs import log
from modelkit.manifest import manifest_bytes, manifest_of
from modelkit.reader import Reader, parse_json
from modelkit.storage import Store

_ANY = re.compile(r".+")


@dataclass(frozen=True)
class Settings:
    """What the function is told about its surroundings."""

    environment: str
    pipeline: str
    declarations: Mapping[str, Parameter]
    metric: str
    code: str
    model_bucket: str
    processed_bucket: str
    dataset: str


def settings() -> Settings:
    """From the environment. Raises SettingsError for what is missing or makes no sense."""
    found = required(
        "ENVIRONMENT",
        "PIPELINE",
        "PIPELINE_PARAMETERS",
        "THRESHOLD_METRIC",
        "CODE_DIGEST",
        "MODEL_BUCKET",
        "PROCESSED_BUCKET",
    )
    if not DIGEST.fullmatch(found["CODE_DIGEST"]):
        raise SettingsError(f"CODE_DIGEST: got {found['CODE_DIGEST']!r}, expected sha256:<64 hexadecimal digits>")
    if found["THRESHOLD_METRIC"] not in THRESHOLD_METRICS:
        known = ", ".join(THRESHOLD_METRICS)
        raise SettingsError(f"THRESHOLD_METRIC: got {found['THRESHOLD_METRIC']!r}, expected one of {known}")
    return Settings(
        environment=found["ENVIRONMENT"],
        pipeline=found["PIPELINE"],
        declarations=declared(found["PIPELINE_PARAMETERS"]),
        metric=found["THRESHOLD_METRIC"],
        code=found["CODE_DIGEST"],
        model_bucket=found["MODEL_BUCKET"],
        processed_bucket=found["PROCESSED_BUCKET"],
        dataset=optional("DATASET", "houses"),
    )


def train(event: Any, invocation: str) -> dict[str, Any]:
    """What the function answers to an event: `executionArn`, `snapshot`, `started`, and `reason` where both are null.

    `invocation` tells this invocation from others; a repeated one keeps it.
    """
    known = settings()
    request = request_of(event, known.dataset, known.environment, known.metric)
    if isinstance(request, str):
        return _nothing(request)
    # Before anything is read: a request that makes no sense is wrong whatever the lake holds.
    parameters = parameters_of(known.declarations, request.parameters)
    s3 = client("s3")
    table = read_published(LakeStore(s3, known.processed_bucket, ""), known.dataset)
    if table is None or not table.files:
        return _nothing(f"nothing of {known.dataset} has been published yet")
    training = _Training(known, Bucket(s3, known.model_bucket), client("sagemaker"), invocation)
    return training.start(request, parameters, table)


def _nothing(reason: str) -> dict[str, Any]:
    log("INFO", "nothing to train", reason=reason)
    return {"executionArn": None, "snapshot": None, "started": False, "reason": reason}


@dataclass(frozen=True)
class _Training:
    settings: Settings
    store: Store
    sagemaker: Any
    invocation: str

    def start(self, request: Request, parameters: dict[str, str], table: PublishedTable) -> dict[str, Any]:
        """Starts an execution, unless these rows, this code and these parameters have had theirs."""
        record = self._record_path(request, parameters, table)
        known = self.store.find(record)
        if known is not None:
            return self._answer(_read_record(known.data, self.store.where(record)), started=False)
        manifest = self._write_manifest(table)
        token = request_token(table.snapshot, self.settings.code, parameters, request.attempt)
        answer = self.sagemaker.start_pipeline_execution(
            PipelineName=self.settings.pipeline,
            PipelineExecutionDisplayName=f"snapshot-{table.snapshot[:64]}-{token[:8]}",
            PipelineParameters=[
                {"Name": name, "Value": value}
                for name, value in sorted({**parameters, INPUT_MANIFEST: manifest}.items())
            ],
            ClientRequestToken=token,
        )
        execution = {"executionArn": answer["PipelineExecutionArn"], "snapshot": table.snapshot}
        document = {"schema": 1, **execution, "code": self.settings.code, "parameters": parameters}
        document["invocation"] = self.invocation
        # Whoever asked for the same at the same moment got the same execution, and one of the two has noted it down.
        return self._answer(execution, started=self.store.replace(record, canonical_json(document), None))

    def _record_path(self, request: Request, parameters: dict[str, str], table: PublishedTable) -> str:
        """By the rows and not by the snapshot: a snapshot that changed other tables alone is nothing new to learn."""
        key = {
            "data": {"dataset": self.settings.dataset, "rows": table.rows, "checksum": table.checksum},
            "code": self.settings.code,
            "parameters": parameters,
            "attempt": request.attempt,
        }
        return f"inputs/executions/{digest_of(key)}.json"

    def _write_manifest(self, table: PublishedTable) -> str:
        """Lists the snapshot's files for the jobs; returns where. A snapshot has one list for good."""
        path = f"inputs/{table.snapshot}/manifest.json"
        where = self.store.where(path)
        data = manifest_bytes(manifest_of((f"s3://{table.bucket}/{key}" for key in table.files), where))
        if not self.store.replace(path, data, None):
            found = self.store.find(path)
            if found is None or found.data != data:
                raise StorageError(f"{where}: lists other files than snapshot {table.snapshot} has")
        return where

    def _answer(self, execution: dict[str, str], started: bool) -> dict[str, Any]:
        answer = {"executionArn": execution["executionArn"], "snapshot": execution["snapshot"], "started": started}
        log("INFO", "training started" if started else "training was started before", **answer)
        return answer


def _read_record(data: bytes, where: str) -> dict[str, str]:
    reader = Reader(parse_json(data, where))
    execution = {name: reader.text(name, _ANY, "a text") for name in ("executionArn", "snapshot")}
    reader.finish(where)
    return execution
