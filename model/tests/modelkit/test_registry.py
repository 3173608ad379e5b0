"""A registry in a folder: documents that agree with each other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_index import GROUPS, SOME

from modelkit.documents import Version
from modelkit.errors import DocumentError
from modelkit.index import approved_of, index_of
from modelkit.registry import bring_in_line, find_approved, look, read_index, read_versions
from modelkit.storage import Folder


def files(root: Path) -> dict[str, bytes]:
    return {name: (root / name).read_bytes() for name in Folder(root).names("")}


@settings(max_examples=25, deadline=None)
@given(st.lists(GROUPS, min_size=1, max_size=3))
def test_a_registry_holds_what_it_was_last_told_however_it_got_there(
    tmp_path_factory: pytest.TempPathFactory, states: list[list[Version]]
) -> None:
    root = tmp_path_factory.mktemp("registry")
    store = Folder(root)
    for versions in states:
        assert bring_in_line(store, look(store), versions)
    last = states[-1]
    assert read_versions(store) == sorted(last, key=lambda version: version.version)
    assert read_index(store) == index_of(last)
    assert find_approved(store) == approved_of(last)
    other = tmp_path_factory.mktemp("other")
    assert bring_in_line(Folder(other), look(Folder(other)), last)
    assert files(root) == files(other)


@settings(max_examples=20, deadline=None)
@given(GROUPS.filter(bool))
def test_telling_it_the_same_writes_nothing(tmp_path_factory: pytest.TempPathFactory, versions: list[Version]) -> None:
    root = tmp_path_factory.mktemp("registry")
    store = Folder(root)
    bring_in_line(store, look(store), versions)
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*.json")}
    assert bring_in_line(store, look(store), versions)
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*.json")} == before


@settings(max_examples=20, deadline=None)
@given(SOME)
def test_a_writer_that_decided_on_older_news_is_told(
    tmp_path_factory: pytest.TempPathFactory, version: Version
) -> None:
    store = Folder(tmp_path_factory.mktemp("registry"))
    first = replace(version, version=1, status="PendingManualApproval")
    assert bring_in_line(store, look(store), [first])
    late = look(store)
    assert bring_in_line(store, look(store), [replace(first, status="Approved")])
    assert not bring_in_line(store, late, [replace(first, status="Rejected")])
    pointer = find_approved(store)
    assert pointer is not None
    assert pointer.version == 1


def test_an_empty_registry_has_an_empty_list(tmp_path: Path) -> None:
    store = Folder(tmp_path)
    assert read_index(store) == []
    assert find_approved(store) is None
    assert read_versions(store) == []


@settings(max_examples=5, deadline=None)
@given(SOME)
def test_a_document_under_the_name_of_another(tmp_path_factory: pytest.TempPathFactory, version: Version) -> None:
    root = tmp_path_factory.mktemp("registry")
    store = Folder(root)
    bring_in_line(store, look(store), [replace(version, version=1)])
    (root / "versions" / "1.json").rename(root / "versions" / "2.json")
    with pytest.raises(DocumentError, match=r"versions/2\.json: version: got 1, expected the number in its name"):
        read_versions(store)
