"""The mirror of a package group: the documents that services read, brought in line with SageMaker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from modelkit.cloud.packages import Registry, list_packages, read_package
from modelkit.documents import Version
from modelkit.errors import DocumentError, ModelkitError
from modelkit.logs import log
from modelkit.registry import bring_in_line, look
from modelkit.storage import Store

_ATTEMPTS = 5
_Broken = dict[int | None, DocumentError]


class MirrorBusy(ModelkitError):
    """Others kept changing the mirror. Trying again later is all there is to do."""


def refresh(store: Store, registry: Registry, wanted: int | None = None) -> dict[int, Version]:
    """Makes the mirror what the group is now; returns its versions by number.

    A package that makes no version is left out and logged; where it is the wanted one, DocumentError says so once all
    others are in the mirror. Another function may do the same at the same time: whoever read older news notices and
    starts over.
    """
    for _ in range(_ATTEMPTS):
        # The mirror first: what happens to it after this is noticed, and SageMaker's answer is then the newer one.
        seen = look(store)
        versions, broken = _versions(registry, seen.versions)
        if not bring_in_line(store, seen, versions):
            continue
        for number, error in broken.items():
            log("ERROR", "package left out of the mirror", version=number, reason=str(error))
        if wanted in broken:
            raise broken[wanted]
        return {version.version: version for version in versions}
    raise MirrorBusy(f"{store.where('')}: changed by others {_ATTEMPTS} times in a row")


def _versions(registry: Registry, known: Mapping[int, Version]) -> tuple[list[Version], _Broken]:
    """All but its status is settled when a package is made: only those that are new have to be read."""
    versions: list[Version] = []
    broken: _Broken = {}
    for summary in list_packages(registry):
        before = known.get(summary.version)
        try:
            found = read_package(registry, summary) if before is None else replace(before, status=summary.status)
        except DocumentError as error:
            broken[summary.version] = error
        else:
            versions.append(found)
    return versions, broken
