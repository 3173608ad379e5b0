import json
from pathlib import Path

import pytest

from app.openapi import TARGET, main


def test_the_description_in_the_repository_is_what_the_code_says() -> None:
    assert main(["--check"]) == 0, "write it with: python -m app.openapi"


def test_writes_what_it_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "openapi.json"
    assert main(["--check"], target) == 7
    assert "is stale" in capsys.readouterr().err
    assert main([], target) == 0
    assert main(["--check"], target) == 0
    assert target.read_bytes() == TARGET.read_bytes()
    target.write_text("{}")
    assert main(["--check"], target) == 7


def test_refuses_other_words(tmp_path: Path) -> None:
    target = tmp_path / "openapi.json"
    assert main(["--chek"], target) == 2
    assert not target.exists()


def test_every_answer_that_is_a_problem_says_so_in_the_same_form() -> None:
    paths = json.loads(TARGET.read_text())["paths"]
    answers = [
        (path, status, answer)
        for path, operations in paths.items()
        for operation in operations.values()
        for status, answer in operation["responses"].items()
        if status != "200"
    ]
    assert answers
    for path, status, answer in answers:
        schema = answer["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/Problem"}, (path, status)
