"""Manifests of training inputs as SageMaker's data type `ManifestFile` has them: a prefix, then keys below it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from modelkit.errors import DocumentError
from modelkit.hashing import canonical_json
from modelkit.reader import parse_json, shown


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key`. Raises DocumentError for anything else."""
    bucket, slash, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not bucket or not slash or ".." in key.split("/"):
        raise DocumentError(uri, ["not a location, expected s3://bucket/key"])
    return bucket, key


def manifest_of(files: Iterable[str], where: str) -> list[Any]:
    """The manifest of some objects of one bucket, in the order of their keys, whatever order they come in.

    Raises DocumentError when there are none, when one is there twice, or when they are in several buckets.
    """
    found = sorted(files)
    buckets = sorted({split_uri(uri)[0] for uri in found})
    keys = [split_uri(uri)[1] for uri in found]
    if len(buckets) != 1:
        names = ", ".join(buckets) or "none"
        raise DocumentError(where, [f"buckets of the inputs: got {names}, expected objects of one bucket"])
    twice = sorted({key for key in keys if not key or keys.count(key) > 1})
    if twice:
        raise DocumentError(where, [f"key {shown(key)}: expected each object once" for key in twice])
    return [{"prefix": f"s3://{buckets[0]}/"}, *keys]


def manifest_bytes(manifest: list[Any]) -> bytes:
    """The manifest as it is stored."""
    return canonical_json(manifest)


def parse_manifest(data: bytes, where: str) -> list[str]:
    """The objects of a manifest. Raises DocumentError that names the place and the broken rule."""
    value = parse_json(data, where)
    first = value[0] if isinstance(value, list) and value else None
    prefix = first.get("prefix") if isinstance(first, dict) and list(first) == ["prefix"] else None
    if not isinstance(prefix, str) or not prefix.startswith("s3://"):
        raise DocumentError(where, ['[0]: expected {"prefix": "s3://…"}'])
    wrong = [f"[{number}]: got {shown(key)}, expected a key" for number, key in _wrong_keys(value)]
    wrong += [] if len(value) > 1 else ["expected at least one key"]
    if wrong:
        raise DocumentError(where, wrong)
    return [f"{prefix}{key}" for key in value[1:]]


def _wrong_keys(value: list[Any]) -> list[tuple[int, Any]]:
    keys = enumerate(value[1:], start=1)
    return [(number, key) for number, key in keys if not isinstance(key, str) or not key or ".." in key.split("/")]
