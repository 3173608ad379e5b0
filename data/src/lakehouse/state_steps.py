"""The steps of a run around publishing: what Validate, Catalog, QualityGate and Quarantine do."""

from __future__ import annotations

from lakehouse import catalogue, events, superseded
from lakehouse.delivery_intake import take_in
from lakehouse.iceberg_plan import COMMITTED, is_behind
from lakehouse.runtime import Document, log
from lakehouse.snapshot import empty_snapshot, judge, make_report, tables_after
from lakehouse.state import Pointer
from lakehouse.state_publish import Lake, finish, published_by, read_changes, read_quality


def begin(lake: Lake) -> Document:
    """Finishes what earlier runs left, then plans this one; returns how many files were accepted, rejected, skipped.

    A run that has published plans nothing more: its jobs would write over what is published. Where live tables are
    Iceberg, `behind` tells whether they lack something of what is published.
    """
    pointer, current = finish(lake)
    run = lake.run
    answer = {"runId": run.run_id, "mode": run.mode, "prefix": run.prefix, "accepted": 0, "rejected": 0, "skipped": 0}
    if run.table_format == "iceberg":
        answer["behind"] = _is_behind(lake, pointer)
    if published_by(lake, current):
        log("has published already", run)
        return answer
    if lake.expires:
        superseded.expire_given_up(lake.store, lake.published, run.run_id)
    plan = take_in(run, lake.clients.s3, lake.store, current, None if pointer is None else pointer.snapshot)
    if not plan["accepted"] and not plan["rejected"]:
        lake.store.write(lake.path("report"), make_report("nothing", current, plan, [], None))
    counts = {name: len(plan[name]) for name in ("accepted", "rejected", "skipped")}
    log("planned", run, base=current["version"], **counts)
    return {**answer, **counts}


def _is_behind(lake: Lake, pointer: Pointer | None) -> bool:
    if pointer is None or lake.run.mode != "live":
        return False
    found = lake.store.find(COMMITTED)
    return is_behind(None if found is None else found[0], pointer.snapshot)


def gate(lake: Lake) -> Document:
    """Whether the candidate may be published: `passed` and `failedRules`."""
    plan = lake.store.read(lake.path("plan"))
    verdict = judge(read_changes(lake, plan), lake.store.read(lake.path("quality")))
    log("judged", lake.run, passed=verdict["passed"], failed=len(verdict["failedRules"]))
    return verdict


def stage(lake: Lake) -> Document:
    """Registers what the tables would become in the staging database; returns how many tables and partitions."""
    plan = lake.store.read(lake.path("plan"))
    base = empty_snapshot() if plan["base"]["snapshot"] is None else lake.store.read(plan["base"]["snapshot"])
    tables = tables_after(base, read_changes(lake, plan))
    run = lake.run
    place = lake.store.uri("")
    catalogue.register(
        lake.clients.glue, run.database, run.staging_database, tables, place, run.run_id, run.table_format
    )
    return {"runId": run.run_id, "tables": len(tables), "partitions": sum(len(table) for table in tables.values())}


def set_back(lake: Lake) -> Document:
    """Records that a run's data did not pass the gate. Its deliveries stay pending. Returns the report."""
    _, current = lake.current()
    if published_by(lake, current):
        return lake.store.read(lake.path("report"))
    plan = lake.store.read(lake.path("plan"))
    if lake.expires:
        superseded.note(lake.store, lake.run.run_id)
    report = make_report("quarantined", current, plan, read_changes(lake, plan), read_quality(lake, plan))
    known = lake.store.find(lake.path("report"))
    if known is None or known[0] != report:
        if lake.run.mode == "live":
            numbers = events.metrics(report, lake.run.environment)
            events.put_metrics(lake.clients.cloudwatch, lake.reporting.namespace, numbers)
        lake.store.write(lake.path("report"), report)
    if lake.expires:
        superseded.expire_run(lake.store, lake.run.run_id, lake.published)
    return report
