"""What goes in and out beside the data: events, settings, logs, metrics, news."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lake_world import HEADERS, World, orders_csv

from lakehouse.errors import ArgumentError


def test_metrics_and_events(world: World) -> None:
    calls: dict[str, list[Any]] = {"PutMetricData": [], "PutEvents": []}

    def note(operation: str, facts: Any) -> None:
        if operation in calls:
            calls[operation].append(facts["params"])

    world.deliver("incoming/orders/a.csv", orders_csv(1))
    with world.hooked("provide-client-params", note):
        world.run("r1")
    (metrics,) = calls["PutMetricData"]
    assert metrics["Namespace"] == "Slipway/Data"
    values = {
        (metric["MetricName"], metric["Dimensions"][1]["Value"]): metric["Value"] for metric in metrics["MetricData"]
    }
    assert values[("RowsAccepted", "orders")] == 3
    assert values[("RowsQuarantined", "orders")] == 1
    assert values[("QuarantineRate", "orders")] == 0.25
    assert values[("QualityScore", "daily_features")] == 1.0
    assert all(metric["Dimensions"][0] == {"Name": "Environment", "Value": "test"} for metric in metrics["MetricData"])
    (events,) = calls["PutEvents"]
    details = [json.loads(entry["Detail"]) for entry in events["Entries"]]
    assert {entry["Source"] for entry in events["Entries"]} == {"slipway.data"}
    assert {entry["DetailType"] for entry in events["Entries"]} == {"Dataset Published"}
    assert [detail["dataset"] for detail in details] == ["daily_features", "orders"]
    assert details[1] == {
        "environment": "test",
        "runId": "r1",
        "version": 1,
        "dataset": "orders",
        "database": "lake",
        "table": "orders",
        "rows": 3,
        "partitions": 1,
        "checksum": "0000000000000003",
        "report": f"s3://{world.processed}/_runs/r1/report.json",
    }


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"runId": "R_1"}, "--run_id"),
        ({}, "runId in the event"),
        ({"runId": "r", "mode": "wild"}, "--mode"),
        ({"runId": "r", "prefix": "verification/r/incoming/"}, "prefix"),
        ({"runId": "r", "mode": "verification", "prefix": "incoming/"}, "prefix"),
    ],
)
def test_events_that_make_no_sense(world: World, event: dict[str, str], message: str) -> None:
    from functions.validate.handler import handler

    with pytest.raises(ArgumentError, match=message):
        handler(event, None)


def test_missing_settings_are_all_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE")
    monkeypatch.setenv("RAW_BUCKET", "")
    with pytest.raises(ArgumentError, match="RAW_BUCKET, DATABASE"):
        world.call("validate", "r1")


def test_logs_are_json_and_hold_no_data(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.deliver("incoming/orders/a.csv", orders_csv(77))
    world.deliver("incoming/orders/b.csv", b"secret,header\n")
    world.run("r1")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["message"] for line in lines] == ["planned", "judged", "published", "finished"]
    text = json.dumps(lines)
    assert "O00000077" not in text
    assert "secret" not in text
    assert HEADERS["orders"] not in text
