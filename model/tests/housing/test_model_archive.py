"""`model.tar.gz`: read without trust, and refused with a reason."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pytest
from made_houses import make_houses

from housing import artifact
from housing.artifact import artifact_files, make_artifact, read_artifact
from housing.errors import ArtifactError, UsageError
from housing.hyperparameters import Hyperparameters
from housing.learning import fit, to_onnx

HOUSES = make_houses()
MODEL = make_artifact(to_onnx(fit(HOUSES, Hyperparameters())), Hyperparameters(), HOUSES, "a" * 64)
FILES = artifact_files(MODEL)


def archive(folder: Path, files: Mapping[str, bytes], kind: bytes = tarfile.REGTYPE) -> Path:
    with tarfile.open(folder / "model.tar.gz", "w:gz") as target:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.type, member.size, member.linkname = kind, len(content), "/etc/passwd"
            target.addfile(member, BytesIO(content))
    return folder


@pytest.mark.parametrize("prefix", ["", "./"])
def test_an_archive_is_read(tmp_path: Path, prefix: str) -> None:
    found = read_artifact(archive(tmp_path, {f"{prefix}{name}": content for name, content in FILES.items()}))
    assert found == MODEL
    assert found.sha256 == MODEL.sha256
    assert found.predict(HOUSES).tolist() == MODEL.predict(HOUSES).tolist()


def test_other_files_are_left_where_they_are(tmp_path: Path) -> None:
    archive(tmp_path, {**FILES, "../outside": b"x", "/etc/outside": b"x", "code/inference.py": b"x"})
    assert read_artifact(tmp_path) == MODEL
    assert [path.name for path in tmp_path.iterdir()] == ["model.tar.gz"]
    assert not (tmp_path.parent / "outside").exists()


def test_no_archive(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"model\.tar\.gz: no such file; it is what training made"):
        read_artifact(tmp_path)


@pytest.mark.parametrize("keep", [0, 10, 100, -40])
def test_a_broken_archive(tmp_path: Path, keep: int) -> None:
    path = archive(tmp_path, {**FILES, "padding": bytes(range(256)) * 40}) / "model.tar.gz"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ArtifactError, match="a broken archive"):
        read_artifact(tmp_path)


def test_a_link_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"model\.json and model\.onnx is missing in it"):
        read_artifact(archive(tmp_path, {"model.json": b"", "model.onnx": b""}, tarfile.SYMTYPE))


def test_a_file_beyond_all_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifact, "_MOST_BYTES", 100)
    with pytest.raises(ArtifactError, match=r"of \d+ bytes, expected at most 100"):
        read_artifact(archive(tmp_path, FILES))


def changed(**members: object) -> bytes:
    return json.dumps({**MODEL.document, **members}).encode()


DOCUMENTS = [
    (b"{", "model.json is not one"),
    (b"[]", "model.json is not one"),
    (b"{}", "model.json is not one: KeyError('features')"),
    (changed(schema=2), "schema: got 2, expected 1"),
    (changed(target="rent"), "target: got rent, expected price"),
    (
        changed(features=[{"name": "area"}]),
        "features: got ('area',), expected ('area', 'bedrooms', 'bathrooms', 'age')",
    ),
    (changed(onnx={"file": "model.onnx", "sha256": "0" * 64}), f"onnx.sha256: got {'0' * 64}, expected "),
    (changed(training={"data": None}), "training.data: got None, expected text"),
    (changed(algorithm=5), "algorithm: got 5, expected text"),
]


@pytest.mark.parametrize(("document", "problem"), DOCUMENTS)
def test_a_document_of_another_model(tmp_path: Path, document: bytes, problem: str) -> None:
    with pytest.raises(ArtifactError) as refused:
        read_artifact(archive(tmp_path, {**FILES, "model.json": document}))
    assert problem in str(refused.value)
