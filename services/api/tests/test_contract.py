"""Whatever predict answers, the API answers as its description says."""

import asyncio
import json

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.main import create_app
from app.openapi import TARGET
from app.registry import FileList
from app.settings import SHIPPED_MODELS, Settings

PATHS = json.loads(TARGET.read_text())["paths"]
answers = st.one_of(
    st.builds(
        lambda status, content, model: httpx.Response(status, content=content, headers=model),
        st.sampled_from([200, 404, 422, 500, 503]),
        st.binary(max_size=32),
        st.sampled_from([{}, {"x-model-version": "housing/1.0.0"}]),
    ),
    st.sampled_from([httpx.ConnectError("refused"), httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("garbage")]),
)


# Time says nothing here: the machine may be busy.
@settings(max_examples=30, deadline=None)
@given(answers)
@pytest.mark.parametrize("path", ["/health", "/ready", "/models", "/status"])
def test_probes_and_lists_answer_as_described(path: str, answer: httpx.Response | Exception) -> None:
    def predict(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    app = create_app(Settings("http://predict:8001", FileList(SHIPPED_MODELS), 1.0), httpx.MockTransport(predict))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://api")
    response = asyncio.run(client.get(path))
    assert str(response.status_code) in PATHS[path]["get"]["responses"]
    assert response.headers["content-type"] == "application/json"
    assert response.status_code == 200 or set(response.json()) == {"detail"}


def test_every_path_that_is_described_is_tried() -> None:
    assert set(PATHS) == {"/health", "/ready", "/models", "/status", "/predict"}
