"""Publishing: one conditional write decides, everything else follows from the snapshot and can be done by any run."""

from __future__ import annotations

from dataclasses import dataclass

from lakehouse import catalogue, events, superseded
from lakehouse.arguments import JobArguments
from lakehouse.errors import StaleBase
from lakehouse.runtime import Clients, Document, Reporting, log
from lakehouse.snapshot import empty_snapshot, make_snapshot, tables_of
from lakehouse.state import (
    SHOWN,
    Pointer,
    Store,
    move_pointer,
    read_pointer,
    record_deliveries,
    snapshot_path,
)


@dataclass(frozen=True)
class Lake:
    """A run, the documents of its root, and what it needs to make the outside follow."""

    run: JobArguments
    store: Store
    clients: Clients
    reporting: Reporting

    @staticmethod
    def of(run: JobArguments, clients: Clients, reporting: Reporting) -> Lake:
        """The lake that a run works on."""
        return Lake(run, Store(clients.s3, run.processed_bucket, run.root), clients, reporting)

    def path(self, name: str) -> str:
        """A document of the run, below the root."""
        return f"_runs/{self.run.run_id}/{name}.json"

    @property
    def report(self) -> str:
        """The location of the run's report."""
        return self.store.uri(self.path("report"))

    @property
    def database(self) -> str:
        """Where readers find what is published."""
        return self.run.database if self.run.mode == "live" else self.run.verification_database

    def current(self) -> tuple[Pointer | None, Document]:
        """The pointer and the snapshot it names."""
        pointer = read_pointer(self.store)
        return pointer, empty_snapshot() if pointer is None else self.store.read(pointer.snapshot)

    def published(self) -> Document:
        """The snapshot that the pointer names now."""
        return self.current()[1]

    @property
    def expires(self) -> bool:
        """Whether superseded data goes by its tag. What a verification leaves goes as a whole."""
        return self.run.mode == "live"


def published_by(lake: Lake, current: Document) -> bool:
    """Whether the run has published: its snapshot is the current one, or was, and then its report says so."""
    if current["runId"] == lake.run.run_id:
        return True
    report = lake.store.find(lake.path("report"))
    return report is not None and report[0]["outcome"] == "published"


def publish(lake: Lake) -> Document:
    """Makes the candidate of a run the published state; returns its report. Again after a crash: finishes the work.

    Raises StaleBase when another run published since this one was planned; nothing has changed then.
    """
    pointer, current = finish(lake)
    if published_by(lake, current):
        return lake.store.read(lake.path("report"))
    plan = lake.store.read(lake.path("plan"))
    try:
        _move(lake, plan, pointer, current)
    except StaleBase:
        if lake.expires and not published_by(lake, lake.published()):
            superseded.note(lake.store, lake.run.run_id)
            superseded.expire_run(lake.store, lake.run.run_id, lake.published)
        raise
    finish(lake)
    return lake.store.read(lake.path("report"))


def _move(lake: Lake, plan: Document, pointer: Pointer | None, current: Document) -> None:
    if plan["base"]["version"] != current["version"]:
        raise StaleBase(f"planned from version {plan['base']['version']}, published is {current['version']}")
    snapshot = make_snapshot(current, plan, read_changes(lake, plan), read_quality(lake, plan))
    path = snapshot_path(snapshot["version"], lake.run.run_id)
    lake.store.write(path, snapshot)
    move_pointer(lake.store, pointer, snapshot["version"], path)
    log("published", lake.run, version=snapshot["version"], changed=snapshot["changed"])


def read_changes(lake: Lake, plan: Document) -> list[Document]:
    """What the jobs made of the plan: the changes of candidate.json and of features.json."""
    return [lake.store.read(lake.path(name)) for name in ("candidate", "features")] if plan["accepted"] else []


def read_quality(lake: Lake, plan: Document) -> Document | None:
    """The verdict on the candidate; None when there was nothing to judge."""
    return lake.store.read(lake.path("quality")) if plan["accepted"] else None


def finish(lake: Lake) -> tuple[Pointer | None, Document]:
    """Does everything that follows from the published snapshot, unless it has been done; returns pointer and snapshot.

    Catalog, ledger, report and tags are the same however often this runs. Numbers and news may be sent twice if a run
    dies right after sending them, but never not at all. Those of verification runs are nobody's business and not sent.
    """
    pointer, snapshot = lake.current()
    shown = _shown(lake)
    if pointer is None or (shown is not None and shown["snapshot"] == pointer.snapshot):
        return pointer, snapshot
    if lake.expires and shown is not None and snapshot["version"] <= shown["latest"]:
        # Somebody moved the pointer by hand: what had been superseded counts again.
        superseded.keep(lake.store, snapshot)
    pointer, snapshot = _register(lake, pointer, snapshot)
    record_deliveries(lake.store, snapshot)
    report = f"_runs/{snapshot['runId']}/report.json"
    lake.store.write(report, snapshot["report"])
    if lake.run.mode == "live":
        environment, bus = lake.run.environment, lake.reporting.event_bus
        news = events.published_events(snapshot, environment, lake.database, lake.store.uri(report), bus)
        events.put_metrics(
            lake.clients.cloudwatch, lake.reporting.namespace, events.metrics(snapshot["report"], environment)
        )
        events.put_events(lake.clients.events, news)
    tagged = _expire(lake, snapshot)
    latest = max(snapshot["version"], 0 if shown is None else shown["latest"])
    lake.store.write(SHOWN, {"schema": 1, "latest": latest, "snapshot": pointer.snapshot})
    log("finished", lake.run, version=snapshot["version"], publisher=snapshot["runId"], superseded=tagged)
    return pointer, snapshot


def _expire(lake: Lake, snapshot: Document) -> int:
    return superseded.expire(lake.store, snapshot.get("superseded", []), lake.published) if lake.expires else 0


def _shown(lake: Lake) -> Document | None:
    """The snapshot that everything outside follows, and the latest version that ever was; None before the first one."""
    found = lake.store.find(SHOWN)
    return None if found is None else found[0]


def _register(lake: Lake, pointer: Pointer, snapshot: Document) -> tuple[Pointer, Document]:
    """Brings the catalog to what is published, also when that moves on meanwhile: the last to look is right."""
    while True:
        tables = tables_of(snapshot, pointer.snapshot)
        catalogue.register(
            lake.clients.glue,
            lake.run.database,
            lake.database,
            tables,
            lake.store.uri(""),
            snapshot["runId"],
            lake.run.table_format,
        )
        now, newer = lake.current()
        if now is None or now.snapshot == pointer.snapshot:
            return pointer, snapshot
        pointer, snapshot = now, newer
