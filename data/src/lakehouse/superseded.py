"""Data that no published snapshot names any more: it gets a tag, and a lifecycle rule of its bucket takes it away.

Nothing is ever tagged that the published snapshot names. The files of a run that was given up are tagged from a note,
which the run takes back before it starts over, so that nobody tags what it writes then.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor

from lakehouse.errors import StorageError
from lakehouse.runtime import Document
from lakehouse.schema import load_datasets
from lakehouse.state import Store

#: What the lifecycle rule looks for. Data that is published once more is told by another value.
TAG = "slipway:superseded"
NOTES = "_state/given-up/"
_THREADS = 8

Current = Callable[[], Document]


def named(snapshot: Document) -> set[str]:
    """The locations of all partitions that a snapshot consists of."""
    tables = snapshot["datasets"].values()
    entries = (entry for table in tables for entry in table["partitions"].values())
    return {entry["location"] for entry in entries if entry["location"] is not None}


def superseded(before: Document, after: Document) -> list[str]:
    """The locations that one snapshot names and the next one does not, in order."""
    return sorted(named(before) - named(after))


def expendable(objects: Iterable[str], kept: Collection[str]) -> list[str]:
    """The objects that lie below none of the kept locations. All are `s3://`; locations end with a slash."""
    return [item for item in objects if not any(folder in kept for folder in _folders(item))]


def _folders(location: str) -> Iterable[str]:
    """Every folder that an object lies in, from the outermost one."""
    return (location[: index + 1] for index, letter in enumerate(location) if letter == "/")


def expire(store: Store, locations: Iterable[str], current: Current) -> int:
    """Tags what lies below these locations and is not published; returns how many objects that were."""
    found = _below(store, locations)
    return _tag(store, expendable(found, named(current())), "true")


def keep(store: Store, snapshot: Document) -> int:
    """Takes the tags off what a snapshot names, which was superseded before somebody went back to it.

    Raises StorageError when some of it has expired: the older versions of those objects are there for a while.
    """
    kept = 0
    for location in sorted(named(snapshot)):
        found = _below(store, [location])
        if not found:
            raise StorageError(f"{location}: nothing there any more: bring back the older versions of its objects")
        kept += _tag(store, found, "false")
    return kept


def note(store: Store, run_id: str) -> None:
    """Notes down that a run was given up, for whoever gets to tag its files."""
    store.write(NOTES + run_id, {})


def expire_given_up(store: Store, current: Current, own: str) -> None:
    """Tags the files of all runs that were given up. The note about `own`, the run that starts over, is taken back."""
    for run_id in sorted(store.names(NOTES)):
        if run_id == own:
            store.delete(NOTES + run_id)
        else:
            expire_run(store, run_id, current)


def expire_run(store: Store, run_id: str, current: Current) -> None:
    """Tags the files of a run that was given up, as far as they are not published, unless the run has started over."""
    found = _below(store, (store.uri(f"{name}/run={run_id}/") for name in load_datasets()))
    # Only now: a run that starts over takes its note back before it writes, so what was found is older than that.
    if store.exists(NOTES + run_id):
        _tag(store, expendable(found, named(current())), "true")
        store.delete(NOTES + run_id)


def _below(store: Store, locations: Iterable[str]) -> list[str]:
    """The objects below locations of the store, as locations."""
    root = store.uri("")
    folders = [location.removeprefix(root) for location in locations if location.startswith(root)]
    with ThreadPoolExecutor(_THREADS) as pool:
        names = pool.map(store.names, folders)
        return [f"{root}{folder}{name}" for folder, found in zip(folders, names, strict=True) for name in sorted(found)]


def _tag(store: Store, objects: Collection[str], value: str) -> int:
    root = store.uri("")
    with ThreadPoolExecutor(_THREADS) as pool:
        return sum(pool.map(lambda item: store.tag(item.removeprefix(root), {TAG: value}), objects))
