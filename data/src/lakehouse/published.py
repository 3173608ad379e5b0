"""Where the files of a published table are, for readers that are not part of the pipeline, such as a training run.

Such a reader follows the pointer and not the catalog: it then sees one moment of the table, and can say which one.
Files that a later snapshot no longer names stay for days, so a reader has that long to take them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePosixPath

from lakehouse.candidate import Partitions, totals
from lakehouse.errors import StorageError
from lakehouse.runtime import Document
from lakehouse.schema import load_dataset
from lakehouse.snapshot import tables_of
from lakehouse.state import Store, read_pointer
from lakehouse.storage import split_uri


@dataclass(frozen=True)
class PublishedTable:
    """A table at one moment: its files as keys of the bucket, in order, and what they hold together.

    `snapshot` names the moment, of all tables: `7-<run>`. `checksum` is that of the rows; it stays the same when only
    other tables change.
    """

    version: int
    snapshot: str
    bucket: str
    files: tuple[str, ...]
    rows: int
    checksum: str


def read_published(store: Store, dataset: str) -> PublishedTable | None:
    """The table as the pointer has it now; None before anything was published. A table nobody delivered has no files.

    Raises SchemaError for a dataset that there is not, StorageError when a file of the table is no longer there.
    """
    load_dataset(dataset)
    pointer = read_pointer(store)
    if pointer is None:
        return None
    partitions = partitions_of(store.read(pointer.snapshot), dataset, store.uri(pointer.snapshot))
    files: list[str] = []
    for folder in folders_of(partitions, store.uri("")):
        found = data_files(store.names(folder))
        if not found:
            raise StorageError(f"{store.uri(folder)}: published, and nothing is there any more: read the pointer again")
        files += [split_uri(store.uri(folder + name))[1] for name in found]
    rows, checksum = totals(partitions)
    bucket = split_uri(store.uri(pointer.snapshot))[0]
    name = PurePosixPath(pointer.snapshot).stem
    return PublishedTable(pointer.version, name, bucket, tuple(sorted(files)), rows, checksum)


def partitions_of(snapshot: Document, dataset: str, where: str) -> Partitions:
    """The partitions of one table in a snapshot that was read at `where`; none when nobody has delivered it yet."""
    return tables_of(snapshot, where).get(dataset, {})


def folders_of(partitions: Partitions, root: str) -> list[str]:
    """The folders of partitions below the root (`s3://…/`), in order. Raises StorageError for one that is elsewhere."""
    locations = sorted(entry.location for entry in partitions.values() if entry.location is not None)
    elsewhere = [location for location in locations if not (location.startswith(root) and location.endswith("/"))]
    if elsewhere:
        raise StorageError(f"{elsewhere[0]}: expected a folder below {root}")
    return [location[len(root) :] for location in locations]


def data_files(names: Collection[str]) -> list[str]:
    """The files with rows among the names below a partition's folder. Spark hides its own behind `_` and `.`."""
    hidden = {name for name in names for part in name.split("/") if part.startswith(("_", "."))}
    return sorted(name for name in names if name.endswith(".parquet") and name not in hidden)
