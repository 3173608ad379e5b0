from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from small_spark import SMALL

from lakehouse.spark_session import start_session
from lakehouse.storage import ROOT_VARIABLE


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """One small local Spark for all tests; it starts with the first test that asks for it."""
    os.environ.setdefault("LAKEHOUSE_SPARK_MASTER", "local[2]")
    session = start_session("tests", SMALL)
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture
def buckets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which every bucket is a folder."""
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path))
    return tmp_path
