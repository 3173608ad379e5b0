"""Whatever is sent, the service answers as its description says: never with a 500, never in another form."""

import asyncio
import json
from collections.abc import Callable, Iterator

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.openapi import TARGET
from app.settings import SHIPPED_MODEL

from .models import application

FEATURES = ["age", "area", "bathrooms", "bedrooms"]
DOCUMENTED = {int(status) for status in json.loads(TARGET.read_text())["paths"]["/predict"]["post"]["responses"]}

# Time says nothing here: the machine may be busy.
few = settings(max_examples=50, deadline=None)

# Half of a character that needs two can be written in JSON, and not be encoded in an answer.
words = st.text(max_size=8) | st.just("\ud800")
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers()
rows = st.fixed_dictionaries(dict.fromkeys(FEATURES, numbers))
nearly_rows = st.dictionaries(st.sampled_from([*FEATURES, "colour"]) | words, numbers | any_json, max_size=5)


Ask = Callable[[bytes], httpx.Response]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Sends a body to the service once its model is loaded."""
    app = application(SHIPPED_MODEL)
    with asyncio.Runner() as runner:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://predict")
        lifespan = app.router.lifespan_context(app)
        runner.run(lifespan.__aenter__())
        while runner.run(client.get("/health")).status_code != 200:
            pass
        headers = {"content-type": "application/json"}
        yield lambda body: runner.run(client.post("/predict", content=body, headers=headers))
        runner.run(lifespan.__aexit__(None, None, None))
        runner.run(client.aclose())


def check(response: httpx.Response) -> None:
    assert response.status_code in DOCUMENTED, response.text
    assert response.headers["content-type"] == "application/json"
    assert set(response.json()) == ({"predictions"} if response.status_code == 200 else {"detail"})


@few
@given(st.lists(rows, min_size=1, max_size=4))
def test_rows_are_predicted_or_refused(ask: Ask, batch: list[dict]) -> None:
    response = ask(json.dumps({"rows": batch}).encode())
    check(response)
    if response.status_code == 200:
        predictions = response.json()["predictions"]
        assert len(predictions) == len(batch)
        assert all(isinstance(one, float) for one in predictions)


@few
@given(any_json | st.fixed_dictionaries({"rows": st.lists(nearly_rows, max_size=3) | any_json}))
def test_any_document_gets_a_documented_answer(ask: Ask, body: object) -> None:
    check(ask(json.dumps(body).encode()))


@few
@given(st.binary(max_size=64))
def test_any_bytes_get_a_documented_answer(ask: Ask, body: bytes) -> None:
    check(ask(body))
