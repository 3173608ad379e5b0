"""Documents in a folder, and who wins where two write."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from modelkit.errors import StorageError
from modelkit.storage import Folder, open_store


def test_documents_come_and_go(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "registry"))
    assert store.find("a.json") is None
    assert store.names("") == []
    store.write("a.json", b"1")
    store.write("b/c.json", b"2")
    assert store.where("b/c.json") == str(tmp_path / "registry" / "b" / "c.json")
    assert store.names("") == ["a.json", "b/c.json"]
    assert store.names("b/") == ["c.json"]
    found = store.find("a.json")
    assert found is not None
    assert found.data == b"1"
    assert store.remove("a.json", found.tag)
    assert not store.remove("a.json", found.tag)
    assert store.names("") == ["b/c.json"]


def test_whoever_comes_second_is_told(tmp_path: Path) -> None:
    store = Folder(tmp_path)
    assert store.replace("a", b"first", None)
    assert not store.replace("a", b"second", None)
    first = store.find("a")
    assert first is not None
    assert store.replace("a", b"third", first.tag)
    assert not store.replace("a", b"fourth", first.tag)
    assert not store.remove("a", first.tag)
    assert (tmp_path / "a").read_bytes() == b"third"


def test_of_many_writers_each_counts_once(tmp_path: Path) -> None:
    """Everybody adds one to a number; whoever lost a race starts over."""

    def add(_: int) -> None:
        store = Folder(tmp_path)
        while True:
            found = store.find("number")
            number = 0 if found is None else int(found.data)
            if store.replace("number", str(number + 1).encode(), None if found is None else found.tag):
                return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(40)))
    assert (tmp_path / "number").read_bytes() == b"40"


def test_files_that_are_being_written_are_not_there_yet(tmp_path: Path) -> None:
    store = Folder(tmp_path)
    store.write("a", b"1")
    (tmp_path / ".b.1.partial").write_bytes(b"half")
    assert store.names("") == ["a"]


@pytest.mark.parametrize("path", ["../a", "/a", "b/../../a"])
def test_nothing_leads_out_of_the_folder(tmp_path: Path, path: str) -> None:
    with pytest.raises(StorageError, match=f"{path}: leads out of {tmp_path}"):
        Folder(tmp_path).find(path)


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(StorageError, match=rf"{tmp_path}{os.sep}a: Is a directory"):
        Folder(tmp_path).find("a")


@pytest.mark.parametrize("location", ["", "https://example.org/x"])
def test_places_of_other_kinds_are_refused(location: str) -> None:
    with pytest.raises(StorageError, match="expected a folder or s3://bucket/prefix"):
        open_store(location)
