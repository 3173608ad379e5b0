"""Artefacts as training makes them, of a model that is simple enough to work out by hand."""

import json
import tarfile
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
from fastapi import FastAPI
from onnx import TensorProto, helper, numpy_helper

from app.main import create_app
from app.settings import load_settings

NAMES = ["area", "bedrooms", "bathrooms", "age"]
WEIGHTS = [2.0, 30.0, 40.0, -1.0]
ROW = {"area": 100, "bedrooms": 2, "bathrooms": 1, "age": 10}


def price(intercept: float = 1000.0) -> float:
    """What the model says of ROW."""
    return intercept + sum(weight * ROW[name] for name, weight in zip(NAMES, WEIGHTS, strict=True))


def graph(intercept: float = 1000.0, width: int = len(NAMES), columns: int = 1) -> bytes:
    weights = np.resize(np.array(WEIGHTS, dtype=np.float32).reshape(-1, 1), (width, columns))
    made = helper.make_graph(
        [helper.make_node("MatMul", ["rows", "weights"], ["part"]), helper.make_node("Add", ["part", "b"], ["price"])],
        "houses",
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, [None, width])],
        [helper.make_tensor_value_info("price", TensorProto.FLOAT, [None, columns])],
        [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(np.float32([intercept]), "b")],
    )
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(made, opset_imports=opset, ir_version=9).SerializeToString()


def document(onnx_file: bytes, names: list[str] = NAMES, /, **changed: object) -> bytes:
    whole = {
        "schema": 1,
        "name": "housing",
        "algorithm": "ridge",
        "features": [{"name": name, "minimum": 0, "maximum": 1000} for name in names],
        "target": "price",
        "onnx": {"file": "model.onnx", "sha256": sha256(onnx_file).hexdigest()},
        "training": {"rows": 700, "data": "0" * 64},
    }
    return json.dumps(whole | changed).encode()


def files(intercept: float = 1000.0) -> dict[str, bytes]:
    onnx = graph(intercept)
    return {"model.onnx": onnx, "model.json": document(onnx)}


def archive(content: dict[str, bytes]) -> bytes:
    buffer = BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, data in content.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, BytesIO(data))
    return buffer.getvalue()


def pointer(content: bytes, version: int = 3, uri: str = "artifacts/model.tar.gz", **changed: object) -> bytes:
    artifact = {"uri": uri, "sha256": sha256(content).hexdigest(), "bytes": len(content)}
    return json.dumps(
        {"schema": 1, "group": "local-housing", "version": version, "artifact": artifact} | changed
    ).encode()


def approve(registry: Path, intercept: float = 1000.0, version: int = 3) -> bytes:
    """Puts a model into a folder registry and lets the pointer name it. Gives its bytes."""
    content = archive(files(intercept))
    uri = f"artifacts/{version}.tar.gz"
    (registry / "artifacts").mkdir(parents=True, exist_ok=True)
    (registry / uri).write_bytes(content)
    (registry / "approved.json").write_bytes(pointer(content, version, uri))
    return content


def application(path: Path, environment: str = "local") -> FastAPI:
    """The service around one model for good."""
    return create_app(load_settings({"MODEL_PATH": str(path), "ENVIRONMENT": environment}))
