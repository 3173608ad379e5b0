"""Lines of logs."""

from __future__ import annotations

import json

import pytest

from modelkit.logs import log


def test_a_line_is_json_with_where_it_is_from(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "dev")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "slipway-dev-models-api")
    log("WARNING", "two\nlines", count=1, path=object)
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {
        "level": "WARNING",
        "message": "two\nlines",
        "environment": "dev",
        "function": "slipway-dev-models-api",
        "count": 1,
        "path": "<class 'object'>",
    }


def test_what_is_not_known_is_left_out(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENVIRONMENT", raising=False)
    log("INFO", "hello")
    assert json.loads(capsys.readouterr().out) == {"level": "INFO", "message": "hello"}
