import tarfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.artifact import load_archive, load_files, load_folder
from app.model import ModelError, UnpredictableError, label

from .models import NAMES, ROW, archive, document, files, graph, price

MODEL = load_archive(archive(files()), "here")


def refusal(content: dict[str, bytes]) -> str:
    with pytest.raises(ModelError) as raised:
        load_files(content, "here")
    return str(raised.value)


def test_predicts_what_the_graph_says_whatever_the_order_of_a_row() -> None:
    model = load_archive(archive(files()), "here", "3")
    assert model.predict([ROW, dict(reversed(ROW.items()))]) == [price(), price()]
    assert label(model) == "housing/3"


def test_a_folder_and_its_archive_are_the_same_model(tmp_path: Path) -> None:
    for name, content in files().items():
        (tmp_path / name).write_bytes(content)
    model, packed = load_folder(tmp_path), load_archive(archive(files()), "here")
    assert model.predict([ROW]) == packed.predict([ROW])
    assert model.version == packed.version != load_archive(archive(files(1.0)), "here").version


@given(st.lists(st.fixed_dictionaries({name: st.floats(-1e6, 1e6) for name in NAMES}), min_size=1, max_size=5))
def test_a_batch_is_its_rows(rows: list[dict[str, float]]) -> None:
    assert MODEL.predict(rows) == [MODEL.predict([row])[0] for row in rows]


@pytest.mark.parametrize("value", [1e39, -1e39, 3e38])
def test_names_the_row_that_it_cannot_predict(value: float) -> None:
    model = load_archive(archive(files()), "here")
    with pytest.raises(UnpredictableError) as raised:
        model.predict([ROW, {**ROW, "area": value, "age": -abs(value)}])
    assert raised.value.row == 1


def test_refuses_what_is_not_whole() -> None:
    whole = files()
    assert refusal({}) == "here: model.json and model.onnx is missing"
    assert refusal({"model.json": whole["model.json"]}) == "here: model.onnx is missing"
    assert "model.onnx is not the file that model.json names" in refusal({**whole, "model.onnx": graph(1.0)})
    junk = b"not a graph"
    assert refusal({"model.onnx": junk, "model.json": document(junk)}) == "here: model.onnx cannot be run"


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"schema": 2}, "schema"),
        ({"target": "rent"}, "target"),
        ({"name": "Housing!"}, "name"),
        ({"features": []}, "features"),
        ({"onnx": {"file": "../model.onnx", "sha256": "0" * 64}}, "onnx.file"),
    ],
)
def test_refuses_another_schema_and_says_where(changed: dict[str, object], place: str) -> None:
    onnx = graph()
    said = refusal({"model.onnx": onnx, "model.json": document(onnx, **changed)})
    assert said == f"here: model.json is not one of schema 1 ({place})"


def test_refuses_a_model_that_is_asked_otherwise_than_this_service() -> None:
    onnx = graph(width=3)
    said = refusal({"model.onnx": onnx, "model.json": document(onnx, ["area", "rooms", "age\n"])})
    assert said == (
        r"here: made for the features age\n, area, rooms, and this service is asked with age, area, bathrooms, bedrooms"
    )


def test_refuses_a_graph_that_does_not_fit_its_document() -> None:
    narrow, wide = graph(width=3), graph(columns=2)
    assert refusal({"model.onnx": narrow, "model.json": document(narrow)}) == "here: model.onnx cannot be run"
    assert "one number per row" in refusal({"model.onnx": wide, "model.json": document(wide)})


def test_says_which_file_of_a_folder_is_missing(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_bytes(files()["model.json"])
    with pytest.raises(ModelError, match=r"model.onnx: No such file or directory"):
        load_folder(tmp_path)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_loader(content: bytes) -> None:
    with pytest.raises(ModelError, match=r"^here: "):
        load_archive(content, "here")


def test_refuses_an_archive_that_was_cut_off() -> None:
    whole = archive(files())
    for length in (10, len(whole) // 2):
        with pytest.raises(ModelError, match=r"^here: "):
            load_archive(whole[:length], "here")


def test_takes_no_links_out_of_an_archive() -> None:
    buffer = BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member = tarfile.TarInfo("model.json")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(member)
    with pytest.raises(ModelError, match=r"here: model.json and model.onnx is missing"):
        load_archive(buffer.getvalue(), "here")
