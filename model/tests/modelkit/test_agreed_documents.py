"""Documents that both readers, this one and `automation/model/registry`, have to take or refuse alike."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from modelkit.documents import parse_approved, parse_version
from modelkit.errors import DocumentError

AGREED = json.loads((Path(__file__).parent / "documents.json").read_text())
READERS = {"version": parse_version, "approved": parse_approved}


def document(case: dict[str, Any]) -> bytes:
    """A sound document with one field another; without a value the field is not there."""
    made = copy.deepcopy(AGREED["sound"][case["kind"]])
    *outer, last = case["path"].split(".")
    place = made
    for name in outer:
        place = place[name]
    if "value" in case:
        place[last] = case["value"]
    else:
        del place[last]
    return json.dumps(made).encode()


@pytest.mark.parametrize("kind", READERS)
def test_sound_ones_are_taken(kind: str) -> None:
    sound = AGREED["sound"][kind]
    assert READERS[kind](json.dumps(sound).encode(), "x").to_json() == sound


@pytest.mark.parametrize("case", AGREED["taken"], ids=str)
def test_these_are_taken(case: dict[str, Any]) -> None:
    READERS[case["kind"]](document(case), "x")


@pytest.mark.parametrize("case", AGREED["refused"], ids=str)
def test_these_are_refused_for_that_field(case: dict[str, Any]) -> None:
    with pytest.raises(DocumentError) as caught:
        READERS[case["kind"]](document(case), "x")
    assert all(problem.startswith(case["path"]) for problem in caught.value.problems)
