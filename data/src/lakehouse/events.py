"""What the world outside is told about a run: numbers for CloudWatch, news for EventBridge."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lakehouse.errors import LakehouseError
from lakehouse.runtime import Document

SOURCE = "slipway.data"
DETAIL_TYPE = "Dataset Published"
#: As many metrics and events as one call takes.
_METRICS, _EVENTS = 1000, 10


class EventsRefused(LakehouseError):
    """EventBridge did not take every event."""


def metrics(report: Document, environment: str) -> list[Document]:
    """The numbers of a report: rows in and out and their share for delivered tables, the score of evaluated ones."""
    data = []
    for name, line in report["datasets"].items():
        if line["read"] == 0:
            continue
        bad = sum(line["quarantined"].values())
        data += [
            _metric(environment, name, "RowsAccepted", line["new"] + line["replaced"], "Count"),
            _metric(environment, name, "RowsQuarantined", bad, "Count"),
            _metric(environment, name, "QuarantineRate", bad / line["read"], "None"),
        ]
    for name, verdict in report["quality"].items():
        data.append(_metric(environment, name, "QualityScore", float(verdict["score"]), "None"))
    return data


def _metric(environment: str, dataset: str, name: str, value: float, unit: str) -> Document:
    dimensions = [{"Name": "Environment", "Value": environment}, {"Name": "Dataset", "Value": dataset}]
    return {"MetricName": name, "Dimensions": dimensions, "Value": value, "Unit": unit}


def put_metrics(cloudwatch: Any, namespace: str, data: list[Document]) -> None:
    """Sends metrics in as few calls as possible."""
    for batch in _batches(data, _METRICS):
        cloudwatch.put_metric_data(Namespace=namespace, MetricData=batch)


def published_events(snapshot: Document, environment: str, database: str, report: str, bus: str) -> list[Document]:
    """One event per table that a snapshot changed. `report`: where the whole story is."""
    entries = []
    for name in snapshot["changed"]:
        line = snapshot["report"]["datasets"][name]
        detail = {
            "environment": environment,
            "runId": snapshot["runId"],
            "version": snapshot["version"],
            "dataset": name,
            "database": database,
            "table": name,
            "rows": line["rows"],
            "partitions": line["partitions"],
            "checksum": line["checksum"],
            "report": report,
        }
        text = json.dumps(detail, sort_keys=True)
        entries.append({"Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": text, "EventBusName": bus})
    return entries


def put_events(events: Any, entries: list[Document]) -> None:
    """Sends events. Raises EventsRefused when one was not taken; all of them may be sent again then."""
    for batch in _batches(entries, _EVENTS):
        answer = events.put_events(Entries=batch)
        if answer.get("FailedEntryCount", 0):
            codes = sorted({entry["ErrorCode"] for entry in answer["Entries"] if "ErrorCode" in entry})
            raise EventsRefused(f"{answer['FailedEntryCount']} events were refused: {', '.join(codes)}")


def _batches(items: list[Document], size: int) -> Iterator[list[Document]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
