"""A registry in a place: its documents, and how they are brought in line with each other."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from modelkit.documents import Approved, Version, approved_bytes, parse_approved, parse_version, version_bytes
from modelkit.errors import DocumentError
from modelkit.index import Registered, approved_of, index_bytes, index_of, parse_index
from modelkit.storage import Store, Stored

INDEX = "index.json"
APPROVED = "approved.json"
VERSIONS = "versions/"
_THREADS = 16


def version_path(version: int) -> str:
    """Where a version's document lies."""
    return f"{VERSIONS}{version}.json"


@dataclass(frozen=True)
class Seen:
    """What a writer has read before it decides: the versions, and every document by its path."""

    versions: dict[int, Version]
    documents: dict[str, Stored]


def read_index(store: Store) -> list[Registered]:
    """The list of all versions; empty where there is no registry yet. Raises DocumentError for a broken one."""
    found = store.find(INDEX)
    return [] if found is None else parse_index(found.data, store.where(INDEX))


def find_approved(store: Store) -> Approved | None:
    """What is to be served. Raises DocumentError for a broken pointer."""
    found = store.find(APPROVED)
    return None if found is None else parse_approved(found.data, store.where(APPROVED))


def read_versions(store: Store) -> list[Version]:
    """Every version, the oldest first. Raises DocumentError for a broken one, and for one under another's name."""
    return [version for _, version in sorted(look(store).versions.items())]


def look(store: Store) -> Seen:
    """All that a writer must know. What follows from the versions is read first, so that later changes are noticed."""
    found = {path: store.find(path) for path in (INDEX, APPROVED)}
    paths = [VERSIONS + name for name in store.names(VERSIONS) if name.endswith(".json")]
    with ThreadPoolExecutor(_THREADS) as pool:
        found |= zip(paths, pool.map(store.find, paths), strict=True)
    documents = {path: item for path, item in found.items() if item is not None}
    versions = [_version(store, path, documents[path]) for path in paths if path in documents]
    return Seen({version.version: version for version in versions}, documents)


def _version(store: Store, path: str, item: Stored) -> Version:
    version = parse_version(item.data, store.where(path))
    if path != version_path(version.version):
        raise DocumentError(store.where(path), [f"version: got {version.version}, expected the number in its name"])
    return version


def bring_in_line(store: Store, seen: Seen, versions: Sequence[Version]) -> bool:
    """Makes the registry hold just these versions and what follows from them. False when another writer came between.

    The documents of versions come first and the pointer last: whoever follows the pointer finds what it names.
    """
    approved = approved_of(versions)
    wanted: dict[str, bytes | None] = {version_path(each.version): version_bytes(each) for each in versions}
    wanted |= {INDEX: index_bytes(index_of(versions)), APPROVED: None if approved is None else approved_bytes(approved)}
    gone = [path for path in seen.documents if path not in wanted]
    return all(_settle(store, path, data, seen) for path, data in (wanted | dict.fromkeys(gone)).items())


def _settle(store: Store, path: str, data: bytes | None, seen: Seen) -> bool:
    found = seen.documents.get(path)
    if data is None:
        return found is None or store.remove(path, found.tag)
    if found is None:
        return store.replace(path, data, None)
    return found.data == data or store.replace(path, data, found.tag)
