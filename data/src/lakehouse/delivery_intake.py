"""What a run has to do: looks at every file that is not settled yet, sets bad ones aside and writes the plan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError, ReadTimeoutError, ResponseStreamingError

from lakehouse.arguments import JobArguments
from lakehouse.delivery import Inspection, inspect
from lakehouse.runtime import Document
from lakehouse.schema import Dataset, load_datasets
from lakehouse.state import SEEN, Store, error_code, ledger_path, object_id

#: Read at a time. With as many threads, this many times that is the memory that files of any size take.
CHUNK = 1 << 20
_THREADS = 8
_ATTEMPTS = 3
_GONE = ("404", "NoSuchKey", "412", "PreconditionFailed")


@dataclass(frozen=True)
class Delivered:
    """One object below the prefix: key, ETag without quotes, the moment it was written, the dataset its folder names.

    The dataset is `_` where the folder cannot be the name of one.
    """

    key: str
    etag: str
    modified: str
    dataset: str

    @property
    def object(self) -> str:
        """The identity of this write."""
        return object_id(self.key, self.etag, self.modified)

    @property
    def name(self) -> str:
        """The file's name without its folders."""
        return self.key.rsplit("/", 1)[-1]


def take_in(run: JobArguments, s3: Any, store: Store, base: Document, snapshot: str | None) -> Document:
    """Writes plan.json for everything that was delivered and is not settled, and returns it.

    Bad files are copied into quarantine, each with its reason beside it. Documents of an earlier attempt of the same
    run go first: they belong to another plan.
    """
    pending = list(list_pending(run, s3, store.names(SEEN)))
    plan: Document = {
        "schema": 1,
        "runId": run.run_id,
        "mode": run.mode,
        "prefix": run.prefix,
        "base": {"version": base["version"], "snapshot": snapshot},
        "accepted": [],
        "rejected": [],
        "skipped": [],
    }
    datasets = {name: dataset for name, dataset in load_datasets().items() if dataset.source == "csv"}
    taken: dict[tuple[str, str], str] = {}
    with ThreadPoolExecutor(_THREADS) as pool:
        inspections = list(pool.map(lambda item: read(run, s3, item, datasets), pending))
    # None: replaced or removed while it was read. What replaced it starts a run of its own.
    files = [(item, found) for item, found in zip(pending, inspections, strict=True) if found is not None]
    # Good files first: a bad one must not be what stands for their content.
    for item, found in sorted(files, key=lambda file: file[1].problem is not None):
        _sort(plan, store, item, found, taken)
    plan["rejected"] = [item for item in plan["rejected"] if set_aside(run, s3, item)]
    for name in ("candidate", "features", "quality"):
        store.delete(f"_runs/{run.run_id}/{name}.json")
    store.write(f"_runs/{run.run_id}/plan.json", plan)
    return plan


def list_pending(run: JobArguments, s3: Any, seen: set[str]) -> Iterator[Delivered]:
    """The objects below the prefix that no published run has settled, by key. Folder markers are none."""
    folder = f"{run.root}incoming/"
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=run.raw_bucket, Prefix=run.prefix)
    for entry in (entry for page in pages for entry in page.get("Contents", [])):
        dataset, slash, _ = entry["Key"][len(folder) :].partition("/")
        modified = entry["LastModified"].isoformat()
        known = dataset if slash and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", dataset) else "_"
        item = Delivered(entry["Key"], entry["ETag"].strip('"'), modified, known)
        if not item.key.endswith("/") and item.object not in seen:
            yield item


def read(run: JobArguments, s3: Any, item: Delivered, datasets: dict[str, Dataset]) -> Inspection | None:
    """Inspects the very object that was listed; None when it is no longer there. A broken connection is tried again."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            answer = s3.get_object(Bucket=run.raw_bucket, Key=item.key, IfMatch=f'"{item.etag}"')
            return inspect(answer["Body"].iter_chunks(CHUNK), item.name, datasets.get(item.dataset))
        except ClientError as error:
            if error_code(error) in _GONE:
                return None
            raise
        except (ReadTimeoutError, ResponseStreamingError):
            if attempt == _ATTEMPTS:
                raise
    raise AssertionError("the last attempt returns or raises")


def _sort(plan: Document, store: Store, item: Delivered, found: Inspection, taken: dict[tuple[str, str], str]) -> None:
    """Puts a file into the list where it belongs: `accepted`, `rejected` or `skipped`.

    `taken` has the keys of accepted files by their dataset and content.
    """
    facts: Document = {"dataset": item.dataset, "key": item.key, "sha256": found.sha256, "object": item.object}
    settled = store.find(ledger_path(item.dataset, found.sha256))
    twin = taken.get((item.dataset, found.sha256))
    # Content that was refused before and is good now, since the schema changed, is taken when it comes again.
    if settled is not None and (settled[0]["outcome"] == "published" or found.problem is not None):
        plan["skipped"].append({**facts, "because": f"the content of {settled[0]['key']}"})
        return
    if twin is not None:
        plan["skipped"].append({**facts, "because": f"the content of {twin}"})
        return
    facts |= {"bytes": found.size, "etag": item.etag}
    if found.problem is None:
        taken[(item.dataset, found.sha256)] = item.key
        plan["accepted"].append(facts)
        return
    problem = found.problem
    plan["rejected"].append({**facts, "reason": problem.reason, "detail": problem.detail, "line": problem.line})


def set_aside(run: JobArguments, s3: Any, item: Document) -> bool:
    """Copies a bad file into quarantine and writes why beside it. Doing it again changes nothing.

    False when the file was replaced or removed after it was read, so that nothing can be said of it any more.
    """
    name = item["key"].rsplit("/", 1)[-1]
    key = f"{run.root}files/{item['dataset']}/{item['sha256']}/{name}"
    try:
        # Also takes files larger than the 5 GB of one call: the client copies them in parts.
        s3.copy(
            {"Bucket": run.raw_bucket, "Key": item["key"]},
            run.quarantine_bucket,
            key,
            ExtraArgs={"CopySourceIfMatch": f'"{item["etag"]}"'},
            Config=TransferConfig(use_threads=False),
        )
    except ClientError as error:
        if error_code(error) in _GONE:
            return False
        raise
    reason = {"schema": 1, **{field: item[field] for field in ("dataset", "key", "sha256", "reason", "detail", "line")}}
    Store(s3, run.quarantine_bucket, "").write(f"{key}.reason.json", reason)
    return True
