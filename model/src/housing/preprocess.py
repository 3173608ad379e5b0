"""Step 1: houses as they are become three splits and a manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from housing.files import write
from housing.leakage import keys_of, refuse_leaks
from housing.manifest import manifest_files
from housing.reading import find_sources, read_houses
from housing.split import split
from modelkit.hashing import sha256_hex


@dataclass(frozen=True)
class Prepared:
    """What a run of the step made: rows of each split."""

    rows: Mapping[str, int]


def preprocess(source: Path, target: Path, seed: int) -> Prepared:
    """Reads the data below a folder and writes the splits below another one.

    Raises DataError for data that is not houses; nothing is written then.
    """
    sources = find_sources(source)
    splits = split(read_houses(sources), seed)
    refuse_leaks({name: keys_of(houses) for name, houses in splits.items()})
    inputs = {one.name: sha256_hex(one.path.read_bytes()) for one in sources}
    for path, content in manifest_files(splits, seed=seed, inputs=inputs).items():
        write(target / path, content)
    return Prepared({name: len(houses) for name, houses in splits.items()})
