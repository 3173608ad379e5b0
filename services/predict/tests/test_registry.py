import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from time import monotonic

import httpx
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from app.main import create_app
from app.model import ModelError
from app.registry import BucketStore, FolderStore, Registry
from app.settings import SHIPPED_MODEL, load_settings

from .models import ROW, application, approve, archive, files, pointer, price

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def serving(registry: Path, seconds: str = "0.01") -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(load_settings({"MODEL_REGISTRY": str(registry), "MODEL_REFRESH_SECONDS": seconds}))
    transport = httpx.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://p") as client:
        yield client


async def eventually(client: httpx.AsyncClient, path: str, holds) -> httpx.Response:
    end = monotonic() + 10
    while not holds(response := await client.get(path)):
        assert monotonic() < end, response.text
        await asyncio.sleep(0)
    return response


async def test_serves_the_shipped_model_until_one_is_approved_and_then_that(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        await eventually(client, "/health", lambda answer: answer.headers.get("x-model-version") == "housing/1.0.0")
        approve(tmp_path)
        await eventually(client, "/health", lambda answer: answer.headers.get("x-model-version") == "housing/3")
        answer = await client.post("/predict", json={"rows": [ROW]})
        assert (answer.json(), answer.headers["x-model-version"]) == ({"predictions": [price()]}, "housing/3")
        approve(tmp_path, 5.0, 4)
        await eventually(client, "/health", lambda answer: answer.headers.get("x-model-version") == "housing/4")
        assert (await client.post("/predict", json={"rows": [ROW]})).json() == {"predictions": [price(5.0)]}


async def test_a_corrupt_model_keeps_the_service_unhealthy_and_it_says_why(tmp_path: Path) -> None:
    approve(tmp_path)
    good = (tmp_path / "artifacts/3.tar.gz").read_bytes()
    (tmp_path / "artifacts/3.tar.gz").write_bytes(good[:-1])
    async with serving(tmp_path) as client:
        answer = await eventually(client, "/health", lambda answer: "not the file" in answer.text)
        assert (answer.status_code, answer.json()) == (
            503,
            {"detail": "artifacts/3.tar.gz: not the file that approved.json names"},
        )
        assert (await client.get("/ping")).status_code == 503
        assert (await client.post("/predict", json={"rows": [ROW]})).status_code == 503
        (tmp_path / "artifacts/3.tar.gz").write_bytes(good)
        await eventually(client, "/health", lambda answer: answer.status_code == 200)


async def test_a_corrupt_successor_does_not_take_over(tmp_path: Path) -> None:
    approve(tmp_path)
    async with serving(tmp_path) as client:
        await eventually(client, "/health", lambda answer: answer.status_code == 200)
        (tmp_path / "approved.json").write_text("{")
        await eventually(client, "/metrics", lambda answer: "model_load_failures_total 0.0" not in answer.text)
        answer = await client.post("/predict", json={"rows": [ROW]})
        assert (answer.json(), answer.headers["x-model-version"]) == ({"predictions": [price()]}, "housing/3")


async def test_looks_only_once_where_it_is_told_so(tmp_path: Path) -> None:
    async with serving(tmp_path, "0") as client:
        await eventually(client, "/health", lambda answer: answer.status_code == 200)
        approve(tmp_path)
        assert (await client.get("/health")).headers["x-model-version"] == "housing/1.0.0"


async def test_answers_as_sagemaker_asks(tmp_path: Path) -> None:
    for name, content in files().items():
        (tmp_path / name).write_bytes(content)
    app = application(tmp_path)
    transport = httpx.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://p") as client:
        await eventually(client, "/ping", lambda answer: answer.status_code == 200)
        answer = await client.post("/invocations", json={"rows": [ROW]})
    assert answer.json() == {"predictions": [price()]}
    assert answer.headers["x-amzn-sagemaker-custom-attributes"].startswith("housing/")


class Bucket:
    """Objects by bucket and key, and what S3 says where there is none."""

    def __init__(self, objects: dict[tuple[str, str], bytes], failure: Exception | None = None) -> None:
        self.objects, self.failure = objects, failure

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, object]:  # noqa: N803
        if self.failure is not None:
            raise self.failure
        if (Bucket, Key) not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": ""}}, "GetObject")
        return {"Body": BytesIO(self.objects[Bucket, Key])}


def test_reads_a_registry_in_a_bucket() -> None:
    content = archive(files())
    named = pointer(content, uri="s3://models/runs/1/model.tar.gz")
    objects = {("models", "registry/dev-housing/approved.json"): named, ("models", "runs/1/model.tar.gz"): content}
    registry = Registry(BucketStore("s3://models/registry/dev-housing/", Bucket(objects)))
    found = registry.pointer()
    assert found == named
    assert registry.load(found).predict([ROW]) == [price()]
    assert Registry(BucketStore("s3://models/registry/other", Bucket(objects))).pointer() is None


def test_never_reads_another_place_than_its_own(tmp_path: Path) -> None:
    elsewhere = pointer(b"x", uri="s3://others/model.tar.gz")
    with pytest.raises(ModelError, match=r"outside the registry's bucket"):
        Registry(BucketStore("s3://models/registry", Bucket({}))).load(elsewhere)
    for uri in ("../secret.tar.gz", "/etc/passwd", "s3://models/model.tar.gz"):
        with pytest.raises(ModelError, match="outside the registry"):
            Registry(FolderStore(tmp_path)).load(pointer(b"x", uri=uri))


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (ClientError({"Error": {"Code": "AccessDenied", "Message": "secret"}}, "GetObject"), "AccessDenied"),
        (EndpointConnectionError(endpoint_url="http://nowhere"), "EndpointConnectionError"),
    ],
)
def test_says_why_a_bucket_cannot_be_read(failure: Exception, said: str) -> None:
    with pytest.raises(ModelError) as raised:
        Registry(BucketStore("s3://models/registry", Bucket({}, failure))).pointer()
    assert str(raised.value) == f"s3://models/registry/approved.json: {said}"


@pytest.mark.parametrize(
    ("changed", "place"),
    [({"schema": 2}, "schema"), ({"version": 0}, "version"), ({"also": 1}, "also"), ({"artifact": {}}, "artifact.uri")],
)
def test_refuses_a_pointer_that_is_none(tmp_path: Path, changed: dict[str, object], place: str) -> None:
    with pytest.raises(ModelError, match=rf"approved.json: not a valid pointer \(.*{place}"):
        Registry(FolderStore(tmp_path)).load(pointer(b"x", **changed))


def test_says_that_a_model_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"artifacts/model\.tar\.gz: not there"):
        Registry(FolderStore(tmp_path)).load(pointer(b"x"))
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts/model.tar.gz").mkdir()
    with pytest.raises(ModelError, match="Is a directory"):
        Registry(FolderStore(tmp_path)).load(pointer(b"x"))


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"MODEL_REFRESH_SECONDS": "-1"}, "MODEL_REFRESH_SECONDS: got '-1', expected 0 (never) to 86400"),
        ({"MODEL_REFRESH_SECONDS": "often"}, "MODEL_REFRESH_SECONDS: got 'often', expected 0 (never) to 86400"),
        ({"MODEL_REGISTRY": "s3://x"}, "MODEL_REGISTRY: got 's3://x', expected a folder or s3://<bucket>/<prefix>"),
        (
            {"MODEL_PATH": "/m", "MODEL_VERSION": "3\n"},
            "MODEL_VERSION: got '3\\n', expected letters, digits, dots and dashes",
        ),
        ({"ENVIRONMENT": "Prod!"}, "ENVIRONMENT: got 'Prod!', expected lower-case letters, digits and hyphens"),
    ],
)
def test_refuses_settings_that_cannot_be_used(variables: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError) as raised:
        load_settings(variables)
    assert str(raised.value) == said


def test_finds_the_model_by_what_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "model.tar.gz").write_bytes(archive(files()))
    for name, content in files().items():
        (tmp_path / name).write_bytes(content)
    linear = json.loads(SHIPPED_MODEL.read_text())
    for variables, name in [
        ({}, linear["version"]),
        ({"MODEL_PATH": ""}, linear["version"]),
        ({"MODEL_PATH": str(tmp_path / "model.tar.gz"), "MODEL_REGISTRY": "s3://models/registry"}, None),
        ({"MODEL_PATH": str(tmp_path / "model.tar.gz"), "MODEL_VERSION": "7"}, "7"),
        ({"MODEL_PATH": str(tmp_path), "MODEL_VERSION": "7"}, "7"),
    ]:
        source = load_settings(variables).source
        model = source.load(source.revision())
        assert name is None or model.version == name
    with pytest.raises(ModelError, match=r"absent\.tar\.gz: No such file"):
        load_settings({"MODEL_PATH": str(tmp_path / "absent.tar.gz")}).source.load(None)
