import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.registry import FileList
from app.settings import SHIPPED_MODELS, Settings, load_settings


def test_defaults() -> None:
    assert load_settings({}) == Settings("http://predict:8001", FileList(SHIPPED_MODELS), 5.0)


def test_takes_the_name_of_its_environment() -> None:
    assert load_settings({"ENVIRONMENT": "staging"}).environment == "staging"


def test_the_shipped_registry_is_there() -> None:
    assert [model["name"] for model in json.loads(SHIPPED_MODELS.read_text())] == ["housing"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PREDICT_URL", "predict:8001"),
        ("PREDICT_TIMEOUT_SECONDS", "soon"),
        ("PREDICT_TIMEOUT_SECONDS", "0"),
        ("PREDICT_TIMEOUT_SECONDS", "nan"),
        ("PREDICT_TIMEOUT_SECONDS", "61"),
        ("ENVIRONMENT", ""),
        ("ENVIRONMENT", "Prod"),
        ("ENVIRONMENT", "a\nb"),
        ("MODEL_REGISTRY", "s3://models"),
    ],
)
def test_names_the_variable_that_cannot_be_used(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"{name}: got {value!r}")):
        load_settings({name: value})


@given(st.floats(0.001, 60))
def test_takes_every_timeout_within_bounds(seconds: float) -> None:
    assert load_settings({"PREDICT_TIMEOUT_SECONDS": repr(seconds)}).timeout_seconds == seconds
