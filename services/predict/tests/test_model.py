from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model import LinearModel, ModelError, load_linear, problems
from app.settings import SHIPPED_MODEL

MODEL = load_linear(SHIPPED_MODEL)
ROWS = st.fixed_dictionaries({name: st.floats(0, 1e6) for name in MODEL.coefficients})


def test_reads_the_shipped_model() -> None:
    assert (MODEL.name, MODEL.version, sorted(MODEL.coefficients)) == (
        "housing",
        "1.0.0",
        ["age", "area", "bathrooms", "bedrooms"],
    )
    assert MODEL.predict([{"area": 100, "bathrooms": 1, "bedrooms": 2, "age": 10}])[0] == 184847.5


@given(ROWS, st.floats(1, 1e6))
def test_more_area_never_makes_a_house_cheaper(row: dict[str, float], more: float) -> None:
    assert MODEL.predict([{**row, "area": row["area"] + more}])[0] >= MODEL.predict([row])[0]


@given(ROWS, st.randoms())
def test_order_of_features_does_not_matter(row: dict[str, float], random) -> None:
    names = list(row)
    random.shuffle(names)
    assert MODEL.predict([{name: row[name] for name in names}])[0] == MODEL.predict([row])[0]


@given(st.dictionaries(st.text(max_size=12), st.floats(allow_nan=False)))
def test_every_row_is_either_predicted_or_explained(row: dict[str, float]) -> None:
    assert bool(problems(MODEL, row)) == (row.keys() != MODEL.coefficients.keys())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not a valid model (document)"),
        ("[]", "not a valid model (document)"),
        ('{"name": "a", "version": "1", "intercept": 0, "coefficients": {"x": 1}}', "not a valid model (version)"),
        ('{"name": "a", "version": "1.0.0", "intercept": 0, "coefficients": {}}', "not a valid model (coefficients)"),
        (
            '{"name": "a", "version": "1.0.0", "intercept": 0, "coefficients": {"x": 1}, "code": "y"}',
            "not a valid model (code)",
        ),
    ],
)
def test_refuses_a_broken_artefact(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "model.json"
    path.write_text(content)
    with pytest.raises(ModelError) as raised:
        load_linear(path)
    assert str(raised.value) == f"{path}: {message}"


def test_names_a_missing_artefact(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="No such file or directory"):
        load_linear(tmp_path / "absent.json")


@given(st.binary(max_size=200))
def test_no_content_breaks_the_loader(tmp_path_factory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("models") / "model.json"
    path.write_bytes(content)
    try:
        assert isinstance(load_linear(path), LinearModel)
    except ModelError as error:
        assert str(path) in str(error)
