"""What every function does first: read its settings, know its run, have its clients, write its log."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from lakehouse.arguments import JobArguments, parse_arguments
from lakehouse.errors import ArgumentError

Document = dict[str, Any]

_REQUIRED = (
    "ENVIRONMENT",
    "RAW_BUCKET",
    "PROCESSED_BUCKET",
    "QUARANTINE_BUCKET",
    "DATABASE",
    "STAGING_DATABASE",
    "VERIFICATION_DATABASE",
)
_RUN = {"runId": "run_id", "mode": "mode", "prefix": "prefix"}


@dataclass(frozen=True)
class Clients:
    """The services a function talks to, made once per process. Region and endpoint come from the environment."""

    s3: Any
    glue: Any
    cloudwatch: Any
    events: Any


@dataclass(frozen=True)
class Reporting:
    """Where numbers and news of a run go."""

    namespace: str
    event_bus: str


@functools.cache
def clients() -> Clients:
    """The clients of this process. Throttled and broken calls are tried again, with growing pauses."""
    config = Config(retries={"mode": "standard", "max_attempts": 8}, connect_timeout=10, read_timeout=60)
    session = boto3.session.Session()
    return Clients(*(session.client(name, config=config) for name in ("s3", "glue", "cloudwatch", "events")))


def reporting() -> Reporting:
    """Namespace of metrics and bus of events, from the environment."""
    return Reporting(os.environ.get("METRIC_NAMESPACE", "Slipway/Data"), os.environ.get("EVENT_BUS", "default"))


def run_of(event: Mapping[str, Any]) -> JobArguments:
    """The run that an event is about, with the places the environment names.

    Raises ArgumentError that lists what is missing or wrong. A prefix outside of the run's root is wrong: a
    verification run must not take up live deliveries, nor the other way round.
    """
    missing = [name for name in _REQUIRED if not os.environ.get(name)]
    missing += ["runId in the event"] if not isinstance(event.get("runId"), str) else []
    if missing:
        raise ArgumentError("missing: " + ", ".join(missing))
    pairs = {name.lower(): os.environ[name] for name in _REQUIRED}
    pairs["table_format"] = os.environ.get("TABLE_FORMAT") or "parquet"
    pairs |= {name: str(event[key]) for key, name in _RUN.items() if event.get(key) is not None}
    run = parse_arguments([part for name, value in pairs.items() for part in (f"--{name}", value)])
    if not run.prefix.startswith(f"{run.root}incoming/"):
        raise ArgumentError(
            f"prefix: got {run.prefix!r}, expected it to start with {run.root}incoming/ in mode {run.mode}"
        )
    return run


def log(message: str, run: JobArguments, **facts: Any) -> None:
    """One line of JSON. Facts are names, counts and reasons, never content of a delivery."""
    line = {"level": "INFO", "message": message, "runId": run.run_id, "mode": run.mode, **facts}
    print(json.dumps(line, sort_keys=True, default=str), flush=True)
