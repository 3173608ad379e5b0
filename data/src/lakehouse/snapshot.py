"""What a run makes of the published state: snapshot, report and verdict, as functions over JSON documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lakehouse.candidate import Partitions, overlay, parse_tables, totals
from lakehouse.errors import LakehouseError
from lakehouse.runtime import Document
from lakehouse.superseded import superseded

Tables = dict[str, dict[str, Any]]


class NotPublishable(LakehouseError):
    """The documents of a run do not belong together, or its data did not pass the gate."""


def empty_snapshot() -> Document:
    """What is published before the first run."""
    return {"schema": 1, "version": 0, "runId": None, "datasets": {}, "deliveries": []}


def tables_of(document: Document | None, where: str) -> dict[str, Partitions]:
    """The partitions by dataset of a snapshot, candidate or features document; none of a document that is not there."""
    return {} if document is None else dict(parse_tables(document, where))


def tables_after(base: Document, changes: Sequence[Document]) -> dict[str, Partitions]:
    """The partitions of every table as they would be if the changes were published."""
    after = tables_of(base, "snapshot")
    for change in changes:
        for name, delta in tables_of(change, "candidate").items():
            after[name] = overlay(after.get(name, {}), delta)
    return after


def check_base(documents: Sequence[Document], version: int) -> None:
    """Raises NotPublishable when one of the run's documents was made from another version than its plan."""
    found = [document.get("base", {}).get("version") for document in documents]
    if any(each != version for each in found):
        raise NotPublishable(f"made from versions {found}, planned from {version}: rerun the pipeline from its start")


def judge(changes: Sequence[Document], quality: Document) -> Document:
    """The gate: `passed` and `failedRules` ({dataset, rule, actual}). A changed table without a verdict fails."""
    verdicts = quality["datasets"]
    changed = sorted({name for change in changes for name in change["datasets"]})
    failed = [
        {"dataset": name, "rule": "every changed table is evaluated", "actual": "no result"}
        for name in changed
        if name not in verdicts
    ]
    for name, verdict in sorted(verdicts.items()):
        rules = [rule for rule in verdict["rules"] if not rule["passed"]]
        failed += [{"dataset": name, "rule": rule["rule"], "actual": rule.get("actual")} for rule in rules]
        if not verdict["passed"] and not rules:
            failed.append({"dataset": name, "rule": "passed", "actual": "false"})
    return {"passed": not failed, "failedRules": failed}


def make_report(
    outcome: str, base: Document, plan: Document, changes: Sequence[Document], quality: Document | None
) -> Document:
    """report.json. Rows, partitions and checksum are those of the whole table: after the run if it is published."""
    published = outcome == "published"
    after = tables_after(base, changes if published else [])
    counts = {name: change for document in changes for name, change in document["datasets"].items()}
    return {
        "schema": 1,
        "runId": plan["runId"],
        "mode": plan["mode"],
        "version": base["version"] + (1 if published else 0),
        "outcome": outcome,
        "datasets": {name: _line(counts.get(name, {}), after.get(name, {})) for name in sorted({*after, *counts})},
        "files": {
            "accepted": len(plan["accepted"]),
            "rejected": [{"key": item["key"], "reason": item["reason"]} for item in plan["rejected"]],
            "skipped": [item["key"] for item in plan["skipped"]],
        },
        "quality": {} if quality is None else quality["datasets"],
    }


def _line(change: Mapping[str, Any], table: Partitions) -> dict[str, Any]:
    rows, checksum = totals(table)
    return {
        "read": change.get("read", 0),
        "new": change.get("new", 0),
        "replaced": change.get("replaced", 0),
        "quarantined": change.get("quarantined", {}),
        "partitions": len(table),
        "rows": rows,
        "checksum": checksum,
    }


def make_snapshot(base: Document, plan: Document, changes: Sequence[Document], quality: Document | None) -> Document:
    """The next version. It holds whatever follows from publishing, so that another run can finish the work of this one.

    Raises NotPublishable when the documents were made from different versions or the gate is not passed.
    """
    check_base(changes, base["version"])
    if plan["accepted"]:
        verdict = judge(changes, quality or {"datasets": {}})
        if not verdict["passed"]:
            raise NotPublishable(f"{len(verdict['failedRules'])} rules are not met")
    before = tables_of(base, "snapshot")
    after = tables_after(base, changes)
    datasets = {name: {"partitions": _to_json(table)} for name, table in after.items()}
    return {
        "schema": 1,
        "version": base["version"] + 1,
        "runId": plan["runId"],
        "base": plan["base"]["snapshot"],
        "datasets": datasets,
        "superseded": superseded(base, {"datasets": datasets}),
        "changed": sorted(name for name, table in after.items() if table != before.get(name, {})),
        "deliveries": [_delivery(item, "published") for item in plan["accepted"]]
        + [_delivery(item, "rejected") for item in plan["rejected"]],
        "skipped": [{"key": item["key"], "object": item["object"]} for item in plan["skipped"]],
        "report": make_report("published", base, plan, changes, quality),
    }


def _to_json(table: Partitions) -> dict[str, Any]:
    return {value: entry.to_json() for value, entry in sorted(table.items())}


def _delivery(item: Mapping[str, Any], outcome: str) -> dict[str, Any]:
    kept = {name: item[name] for name in ("dataset", "key", "sha256", "object", "reason") if name in item}
    return {**kept, "outcome": outcome}
