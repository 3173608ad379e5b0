import json
from io import BytesIO
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from app.registry import BucketList, FileList, FolderList, RegistryError, open_list, read_registry
from app.settings import SHIPPED_MODELS

SHIPPED = FileList(SHIPPED_MODELS)


def line(version: str, status: str = "retired") -> dict[str, str]:
    return {"name": "housing", "version": version, "status": status}


def versions(models) -> list[str]:
    return [model.version for model in read_registry(models)]


def test_a_folder_lists_the_shipped_models_until_it_has_a_list(tmp_path: Path) -> None:
    models = open_list(str(tmp_path), SHIPPED_MODELS)
    assert versions(models) == ["1.0.0"]
    (tmp_path / "index.json").write_text(json.dumps([line("2", "rejected"), line("1", "serving")]))
    assert [(model.version, model.status) for model in read_registry(models)] == [("1", "serving"), ("2", "rejected")]
    (tmp_path / "index.json").write_text("{")
    with pytest.raises(RegistryError, match=r"^the model registry index\.json cannot be read$"):
        read_registry(models)


class Bucket:
    """One object, or what S3 says instead."""

    def __init__(self, answer: bytes | Exception) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str]] = []

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, object]:  # noqa: N803
        self.asked.append((Bucket, Key))
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"Body": BytesIO(self.answer)}


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "a secret of the account"}}, "GetObject")


def test_reads_the_list_in_a_bucket() -> None:
    bucket = Bucket(json.dumps([line("1")]).encode())
    assert versions(BucketList("s3://models/registry/dev-housing/", SHIPPED, bucket)) == ["1"]
    assert bucket.asked == [("models", "registry/dev-housing/index.json")]
    assert versions(BucketList("s3://models/registry", SHIPPED, Bucket(refused("NoSuchKey")))) == ["1.0.0"]


@pytest.mark.parametrize("failure", [refused("AccessDenied"), EndpointConnectionError(endpoint_url="http://nowhere")])
def test_says_no_more_than_that_a_bucket_cannot_be_read(failure: Exception) -> None:
    with pytest.raises(RegistryError, match=r"^the model registry index\.json cannot be read$"):
        read_registry(BucketList("s3://models/registry", SHIPPED, Bucket(failure)))


def test_a_folder_that_cannot_be_read_is_not_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "index.json").mkdir()
    with pytest.raises(RegistryError):
        read_registry(FolderList(tmp_path, SHIPPED))


@given(st.lists(st.integers(0, 10**6), unique=True))
def test_numbers_in_versions_count_as_numbers(tmp_path_factory, numbers: list[int]) -> None:
    path = tmp_path_factory.mktemp("registry") / "models.json"
    path.write_text(json.dumps([line(str(number)) for number in numbers]))
    assert versions(open_list(str(path), SHIPPED_MODELS)) == [str(number) for number in sorted(numbers)]


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=8), unique=True, max_size=6))
def test_any_versions_can_be_put_in_order(tmp_path_factory, names: list[str]) -> None:
    path = tmp_path_factory.mktemp("registry") / "models.json"
    path.write_text(json.dumps([line(name) for name in names]))
    assert sorted(versions(open_list(str(path), SHIPPED_MODELS))) == sorted(names)
