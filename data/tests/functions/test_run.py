"""Whole runs through the handlers."""

from __future__ import annotations

import hashlib

import pytest
from lake_world import World, orders_csv

from lakehouse.errors import StorageError
from lakehouse.snapshot import NotPublishable


def test_a_run_publishes_what_was_delivered(world: World) -> None:
    world.deliver("incoming/orders/a.csv", orders_csv(1, 2, 3))
    report = world.run("r1", {"2026-01-01": 2, "2026-01-02": 1})
    assert report["outcome"] == "published"
    assert report["version"] == 1
    assert report["files"] == {"accepted": 1, "rejected": [], "skipped": []}
    assert report["datasets"]["orders"] == {
        "read": 4,
        "new": 3,
        "replaced": 0,
        "quarantined": {"out_of_range": 1},
        "partitions": 2,
        "rows": 3,
        "checksum": "0000000000000003",
    }
    assert report["quality"]["orders"]["passed"] is True
    location = f"s3://{world.processed}/orders/run=r1/order_date="
    expected = {"2026-01-01": f"{location}2026-01-01/", "2026-01-02": f"{location}2026-01-02/"}
    assert world.partitions("orders") == expected
    assert world.partitions("orders", "lake_staging") == expected
    assert world.partitions("orders", "lake_verification") == {}


def test_state_after_a_run(world: World) -> None:
    body = orders_csv(1)
    world.deliver("incoming/orders/a.csv", body)
    world.run("r1")
    digest = hashlib.sha256(body).hexdigest()
    assert world.json("_state/current.json") == {"schema": 1, "version": 1, "snapshot": "_state/snapshots/1-r1.json"}
    snapshot = world.snapshot()
    assert (snapshot["schema"], snapshot["version"], snapshot["runId"]) == (1, 1, "r1")
    assert snapshot["datasets"]["orders"]["partitions"]["2026-01-01"] == {
        "location": f"s3://{world.processed}/orders/run=r1/order_date=2026-01-01/",
        "rows": 3,
        "checksum": "0000000000000003",
    }
    delivery = {"dataset": "orders", "key": "incoming/orders/a.csv", "sha256": digest, "outcome": "published"}
    assert [{key: item[key] for key in delivery} for item in snapshot["deliveries"]] == [delivery]
    entry = world.json(f"_state/deliveries/orders/{digest}.json")
    assert entry == {"schema": 1, "version": 1, "runId": "r1", **delivery}


def test_a_second_run_keeps_what_it_does_not_touch(world: World) -> None:
    world.deliver("incoming/orders/a.csv", orders_csv(1))
    world.run("r1", {"2026-01-01": 1, "2026-01-02": 1, "2026-01-03": 1})
    world.deliver("incoming/orders/b.csv", orders_csv(2))
    assert world.call("validate", "r2") | {"accepted": 1, "skipped": 0} == world.call("validate", "r2")
    world.work("r2", {"2026-01-02": 5}, emptied=("2026-01-03",))
    world.call("catalog", "r2")
    world.call("publish", "r2")
    root = f"s3://{world.processed}/orders/"
    expected = {
        "2026-01-01": f"{root}run=r1/order_date=2026-01-01/",
        "2026-01-02": f"{root}run=r2/order_date=2026-01-02/",
    }
    assert world.partitions("orders") == expected
    assert world.partitions("orders", "lake_staging") == expected
    assert world.pointer() == 2
    line = world.json("_runs/r2/report.json")["datasets"]["orders"]
    assert (line["rows"], line["partitions"], line["checksum"]) == (6, 2, "0000000000000006")


def test_staging_shows_the_candidate_and_live_does_not(world: World) -> None:
    world.deliver("incoming/orders/a.csv", orders_csv(1))
    world.call("validate", "r1")
    world.work("r1")
    assert world.call("catalog", "r1") == {"runId": "r1", "tables": 2, "partitions": 2}
    assert list(world.partitions("orders", "lake_staging")) == ["2026-01-01"]
    assert world.partitions("orders") == {}
    assert "_state/current.json" not in world.keys(world.processed)
    live, staged = (
        world.clients.glue.get_table(DatabaseName=name, Name="orders")["Table"] for name in ("lake", "lake_staging")
    )
    assert staged["StorageDescriptor"] == live["StorageDescriptor"]
    assert staged["PartitionKeys"] == live["PartitionKeys"]
    assert staged["Parameters"] == {**live["Parameters"], "slipway.run": "r1"}


def test_more_partitions_than_one_call_takes(world: World) -> None:
    days = {f"2026-{month:02d}-{day:02d}": 1 for month in range(1, 11) for day in range(1, 26)}
    world.deliver("incoming/orders/a.csv", orders_csv(1))
    world.run("r1", days)
    assert set(world.partitions("orders")) == set(days)
    world.deliver("incoming/orders/b.csv", orders_csv(2))
    world.run("r2", days)
    assert all("run=r2" in location for location in world.partitions("orders").values())


def test_nothing_to_do(world: World) -> None:
    answer = world.call("validate", "r1")
    assert answer == {
        "runId": "r1",
        "mode": "live",
        "prefix": "incoming/",
        "accepted": 0,
        "rejected": 0,
        "skipped": 0,
    }
    report = world.json("_runs/r1/report.json")
    assert (report["outcome"], report["version"], report["datasets"]) == ("nothing", 0, {})


def test_only_bad_files_change_no_table_but_are_settled(world: World) -> None:
    world.deliver("incoming/orders/a.csv", orders_csv(1))
    world.run("r1")
    world.deliver("incoming/orders/bad.csv", b"")
    report = world.run("r2")
    assert report["outcome"] == "published"
    assert report["files"] == {
        "accepted": 0,
        "rejected": [{"key": "incoming/orders/bad.csv", "reason": "empty_object"}],
        "skipped": [],
    }
    assert report["datasets"]["orders"]["rows"] == 3
    assert world.pointer() == 2
    assert world.call("validate", "r3")["rejected"] == 0


def test_a_gate_that_is_not_passed(world: World) -> None:
    world.deliver("incoming/orders/a.csv", orders_csv(1))
    world.call("validate", "r1")
    world.work("r1", score=0.5)
    verdict = world.call("quality_gate", "r1")
    assert verdict["passed"] is False
    assert verdict["failedRules"][0] == {"dataset": "daily_features", "rule": "RowCount > 0", "actual": "3"}
    with pytest.raises(NotPublishable):
        world.call("publish", "r1")
    answer = world.call("quarantine", "r1")
    assert answer["report"] == f"s3://{world.processed}/_runs/r1/report.json"
    report = world.json("_runs/r1/report.json")
    assert (report["outcome"], report["version"]) == ("quarantined", 0)
    assert report["datasets"]["orders"]["quarantined"] == {"out_of_range": 1}
    assert report["datasets"]["orders"]["rows"] == 0
    assert world.partitions("orders") == {}
    assert world.keys(world.processed, "_state/") == []
    # A redrive takes the same delivery again.
    assert world.run("r2")["files"]["accepted"] == 1
    assert world.pointer() == 1


def test_a_changed_table_without_a_verdict_does_not_pass(world: World) -> None:
    world.deliver("incoming/orders/a.csv", orders_csv(1))
    world.call("validate", "r1")
    world.work("r1")
    quality = world.json("_runs/r1/quality.json")
    del quality["datasets"]["orders"]
    world.write("_runs/r1/quality.json", quality)
    verdict = world.call("quality_gate", "r1")
    assert [rule["dataset"] for rule in verdict["failedRules"]] == ["orders"]


def test_documents_of_an_earlier_plan_are_not_used(world: World) -> None:
    world.deliver("incoming/orders/a.csv", orders_csv(1))
    world.call("validate", "r1")
    world.work("r1")
    world.call("validate", "r1")
    for function in ("catalog", "quality_gate", "publish", "quarantine"):
        with pytest.raises(StorageError, match="no such object"):
            world.call(function, "r1")


def test_verification_leaves_the_live_lake_alone(world: World) -> None:
    world.deliver("incoming/orders/a.csv", orders_csv(1))
    world.run("r1")
    before = {key: world.body(world.processed, key) for key in world.keys(world.processed)}
    sent: list[str] = []
    world.deliver("verification/v1/incoming/orders/a.csv", orders_csv(1))
    with world.hooked("after-call", lambda operation, _: sent.append(operation)):
        report = world.run("v1", {"2026-05-05": 7}, mode="verification")
    assert (report["mode"], report["version"], report["datasets"]["orders"]["rows"]) == ("verification", 1, 7)
    assert not {"PutMetricData", "PutEvents"} & set(sent)
    assert world.partitions("orders", "lake_verification") == {
        "2026-05-05": f"s3://{world.processed}/verification/v1/orders/run=v1/order_date=2026-05-05/"
    }
    table = world.clients.glue.get_table(DatabaseName="lake_verification", Name="orders")["Table"]
    assert table["StorageDescriptor"]["Location"] == f"s3://{world.processed}/verification/v1/orders/"
    assert list(world.partitions("orders")) == ["2026-01-01"]
    after = {key: world.body(world.processed, key) for key in world.keys(world.processed) if key in before}
    assert after == before
    assert all(key.startswith("verification/v1/") for key in set(world.keys(world.processed)) - set(before))


def test_each_verification_starts_with_nothing(world: World) -> None:
    for run_id, day in (("v1", "2026-05-05"), ("v2", "2026-05-06")):
        world.deliver(f"verification/{run_id}/incoming/orders/a.csv", orders_csv(1))
        assert world.run(run_id, {day: 1}, mode="verification")["version"] == 1
        assert list(world.partitions("orders", "lake_verification")) == [day]
