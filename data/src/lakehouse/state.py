"""The state of the lakehouse as small JSON documents: the pointer, its snapshots, the ledger of deliveries.

Everything lies in the processed bucket below the run's root. The pointer is the only document that decides anything; it
is written by conditional puts alone. The others either are immutable or follow from the snapshot it names.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from lakehouse.errors import StaleBase, StorageError
from lakehouse.runtime import Document

POINTER = "_state/current.json"
_MISSING = ("404", "NoSuchKey", "NotFound")
_REFUSED = ("412", "PreconditionFailed", "409", "ConditionalRequestConflict", *_MISSING)


@dataclass(frozen=True)
class Pointer:
    """What is published: the version (1, 2, …), the snapshot's path below the root, and the pointer's ETag."""

    version: int
    snapshot: str
    etag: str


def error_code(error: ClientError) -> str:
    """The service's name for what went wrong, such as `NoSuchKey`."""
    return str(error.response.get("Error", {}).get("Code", ""))


class Store:
    """JSON documents below one root of one bucket."""

    def __init__(self, s3: Any, bucket: str, root: str) -> None:
        """`root` is empty or ends with a slash."""
        self._s3 = s3
        self._bucket = bucket
        self._root = root

    def uri(self, path: str) -> str:
        """The location that others can use."""
        return f"s3://{self._bucket}/{self._root}{path}"

    def find(self, path: str) -> tuple[Document, str] | None:
        """A document and its ETag, or None when it is not there. Raises StorageError for what is not JSON."""
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=self._root + path)
        except ClientError as error:
            if error_code(error) in _MISSING:
                return None
            raise
        try:
            document: Document = json.loads(answer["Body"].read())
        except ValueError as error:
            raise StorageError(f"{self.uri(path)}: not valid JSON: {error}") from error
        return document, str(answer["ETag"])

    def read(self, path: str) -> Document:
        """A document that has to be there. Raises StorageError when it is not."""
        found = self.find(path)
        if found is None:
            raise StorageError(f"{self.uri(path)}: no such object")
        return found[0]

    def exists(self, path: str) -> bool:
        """Whether there is such an object."""
        try:
            self._s3.head_object(Bucket=self._bucket, Key=self._root + path)
        except ClientError as error:
            if error_code(error) in _MISSING:
                return False
            raise
        return True

    def write(self, path: str, document: Document, **condition: str) -> None:
        """Puts a document, equal values as equal bytes. `condition`: IfMatch or IfNoneMatch, for S3 to check."""
        body = json.dumps(document, sort_keys=True, ensure_ascii=False, indent=1) + "\n"
        self._s3.put_object(
            Bucket=self._bucket,
            Key=self._root + path,
            Body=body.encode("utf-8"),
            ContentType="application/json",
            **condition,
        )

    def delete(self, path: str) -> None:
        """Removes a document if it is there."""
        self._s3.delete_object(Bucket=self._bucket, Key=self._root + path)

    def tag(self, path: str, tags: Mapping[str, str]) -> bool:
        """Gives an object these tags instead of those it has; False when it is not there."""
        wanted = {"TagSet": [{"Key": key, "Value": value} for key, value in tags.items()]}
        try:
            self._s3.put_object_tagging(Bucket=self._bucket, Key=self._root + path, Tagging=wanted)
        except ClientError as error:
            # The latter is what S3 says of an object that was deleted and has older versions.
            if error_code(error) in (*_MISSING, "MethodNotAllowed"):
                return False
            raise
        return True

    def names(self, folder: str) -> set[str]:
        """The names of all objects below a folder (which ends with a slash)."""
        prefix = self._root + folder
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        return {item["Key"][len(prefix) :] for page in pages for item in page.get("Contents", [])}


def read_pointer(store: Store) -> Pointer | None:
    """What is published now; None before anything was."""
    found = store.find(POINTER)
    if found is None:
        return None
    document, etag = found
    return Pointer(int(document["version"]), str(document["snapshot"]), etag)


def move_pointer(store: Store, base: Pointer | None, version: int, snapshot: str) -> None:
    """Publishes a snapshot if what is published still is `base`. Raises StaleBase, having changed nothing, if not."""
    condition = {"IfNoneMatch": "*"} if base is None else {"IfMatch": base.etag}
    try:
        store.write(POINTER, {"schema": 1, "version": version, "snapshot": snapshot}, **condition)
    except ClientError as error:
        if error_code(error) not in _REFUSED:
            raise
        # A put whose answer got lost is tried again by the client, and then meets its own work.
        now = read_pointer(store)
        if now is None or now.snapshot != snapshot:
            raise StaleBase(f"version {version - 1} is no longer the published one") from error


def snapshot_path(version: int, run_id: str) -> str:
    """Where the snapshot of a run lies."""
    return f"_state/snapshots/{version}-{run_id}.json"


def ledger_path(dataset: str, sha256: str) -> str:
    """The ledger's entry about content that was delivered to a dataset."""
    return f"_state/deliveries/{dataset}/{sha256}.json"


SEEN = "_state/seen/"
#: Names the snapshot that everything outside follows.
SHOWN = "_state/shown.json"


def object_id(key: str, etag: str, modified: str) -> str:
    """One write of one object. Lets a run pass over objects of earlier runs without reading them."""
    return hashlib.sha256(f"{key}\0{etag}\0{modified}".encode()).hexdigest()


def record_deliveries(store: Store, snapshot: Document) -> None:
    """Writes the ledger's entries that follow from a snapshot. Doing it again changes nothing."""
    for delivery in snapshot["deliveries"]:
        facts = {name: delivery[name] for name in ("dataset", "key", "sha256", "outcome", "reason") if name in delivery}
        entry = {"schema": 1, "version": snapshot["version"], "runId": snapshot["runId"], **facts}
        store.write(ledger_path(delivery["dataset"], delivery["sha256"]), entry)
    # Only when the ledger is complete: what has been seen is never looked at again.
    for settled in [*snapshot["deliveries"], *snapshot["skipped"]]:
        store.write(SEEN + settled["object"], {})
