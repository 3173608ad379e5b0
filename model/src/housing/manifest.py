"""The manifest of a split: which files it is made of, and what is in them, so that later steps can tell."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from housing.errors import DataError, UsageError
from housing.files import csv_bytes, houses_bytes
from housing.leakage import Keys, house_digest, row_digests
from housing.schema import Houses
from housing.split import SHARES, SPLITS
from modelkit.hashing import canonical_json, sha256_hex

FILE = "manifest.json"
KEYS_FILE = "keys.csv"
_KEYS_HEADER = ("split", "house", "row")


@dataclass(frozen=True)
class Part:
    """A file of the split."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a manifest says."""

    seed: int
    input_digest: str
    input_rows: int
    parts: Mapping[str, Part]
    keys: Mapping[str, Keys]

    def check(self, name: str, found: str) -> None:
        """Raises DataError where a file is not the one that the manifest is about."""
        expected = self.parts[name].sha256
        if found != expected:
            message = f"{name}.csv: got sha256 {found}, expected {expected} as its manifest says"
            raise DataError(f"{message}; all splits must come from one run of preprocess")


def manifest_files(splits: Mapping[str, Houses], *, seed: int, inputs: Mapping[str, str]) -> dict[str, bytes]:
    """Every file that preprocess leaves, by its path. `inputs` are digests of the files read, by their names."""
    contents = {name: houses_bytes(splits[name]) for name in SPLITS}
    keys = _keys_bytes(splits)
    document = {
        "schema": 1,
        "seed": seed,
        "shares": SHARES,
        "input": {
            "files": len(inputs),
            "rows": sum(len(splits[name]) for name in SPLITS),
            "sha256": sha256_hex(canonical_json(inputs)),
        },
        "splits": {
            name: {"file": f"{name}.csv", "rows": len(splits[name]), "sha256": sha256_hex(contents[name])}
            for name in SPLITS
        },
        "keys": {"file": KEYS_FILE, "sha256": sha256_hex(keys)},
    }
    files = {f"{name}/{name}.csv": contents[name] for name in SPLITS}
    return {**files, f"manifest/{KEYS_FILE}": keys, f"manifest/{FILE}": canonical_json(document)}


def read_manifest(folder: Path) -> Manifest:
    """The manifest in a folder. Raises UsageError where it is not there and DataError where it is not one."""
    document, keys = _read(folder / FILE), _read(folder / KEYS_FILE)
    try:
        return _parse(json.loads(document), keys)
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{folder / FILE}: not a manifest of this program: {error}") from error


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise UsageError(f"{path}: no such file; preprocess writes it")
    return path.read_bytes()


def _parse(document: Mapping[str, object], keys: bytes) -> Manifest:
    if document["schema"] != 1:
        raise ValueError(f"schema: got {document['schema']}, expected 1")
    expected, found = _member(document, "keys")["sha256"], sha256_hex(keys)
    if found != expected:
        raise ValueError(f"{KEYS_FILE}: got sha256 {found}, expected {expected}")
    given = _member(document, "input")
    parts = {name: _member(_member(document, "splits"), name) for name in SPLITS}
    return Manifest(
        seed=int(str(document["seed"])),
        input_digest=str(given["sha256"]),
        input_rows=int(str(given["rows"])),
        parts={name: Part(int(str(part["rows"])), str(part["sha256"])) for name, part in parts.items()},
        keys=_parse_keys(keys),
    )


def _member(document: Mapping[str, object], name: str) -> Mapping[str, object]:
    member = document[name]
    if not isinstance(member, dict):
        raise TypeError(f"{name}: got {member!r}, expected an object")
    return member


def _keys_bytes(splits: Mapping[str, Houses]) -> bytes:
    rows = (
        (name, house_digest(house), row)
        for name in SPLITS
        for house, row in zip(splits[name].ids, row_digests(splits[name]), strict=True)
    )
    return csv_bytes(_KEYS_HEADER, rows)


def _parse_keys(content: bytes) -> dict[str, Keys]:
    houses: dict[str, set[str]] = {name: set() for name in SPLITS}
    rows: dict[str, set[str]] = {name: set() for name in SPLITS}
    for row in csv.DictReader(io.StringIO(content.decode())):
        houses[row["split"]].add(row["house"])
        rows[row["split"]].add(row["row"])
    return {name: Keys(frozenset(houses[name]), frozenset(rows[name])) for name in SPLITS}
