"""Spark with Iceberg: the runtime that Glue 5.1 brings, from Maven Central, in a catalog of folders.

A JVM takes up a jar only when it starts, and all tests share one. So the jar is looked for before any test runs, and
only when there are tests that need it.
"""

from __future__ import annotations

import hashlib
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from iceberg_lake import Lake, new_lake
from pyspark.sql import SparkSession
from small_spark import SMALL

from lakehouse.iceberg import CATALOG
from lakehouse.spark_session import start_session

FOLDER = Path(__file__).parent
JAR = "iceberg-spark-runtime-3.5_2.12-1.10.0.jar"
SOURCE = f"https://repo1.maven.org/maven2/org/apache/iceberg/iceberg-spark-runtime-3.5_2.12/1.10.0/{JAR}"
SHA256 = "70f9471870b2d456167d703c829f098a446b86bb1379eee338c0efa03a341026"
ARGUMENTS = "PYSPARK_SUBMIT_ARGS"

_unreachable: list[str] = []


def find_jar() -> Path:
    """The jar in the user's cache, downloaded once. Raises OSError without it, ValueError for another file."""
    jar = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "slipway" / "jars" / JAR
    if not jar.is_file():
        with urllib.request.urlopen(SOURCE, timeout=120) as answer:
            content = answer.read()
        jar.parent.mkdir(parents=True, exist_ok=True)
        partial = jar.with_name(f"{JAR}.{os.getpid()}")
        partial.write_bytes(content)
        partial.replace(jar)
    if hashlib.sha256(jar.read_bytes()).hexdigest() != SHA256:
        raise ValueError(f"{jar} is not the jar that {SOURCE} had: delete it")
    return jar


def pytest_collection_finish(session: pytest.Session) -> None:
    if not any(FOLDER in item.path.parents for item in session.items) or session.config.option.collectonly:
        return
    try:
        os.environ[ARGUMENTS] = f"--jars {find_jar()} pyspark-shell"
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        _unreachable.append(f"{SOURCE} cannot be reached: {error}")


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    if _unreachable:
        pytest.skip(_unreachable[0])
    os.environ.setdefault("LAKEHOUSE_SPARK_MASTER", "local[2]")
    session = start_session("tests", SMALL)
    session.sparkContext.setLogLevel("ERROR")
    settings = {
        "": "org.apache.iceberg.spark.SparkCatalog",
        ".type": "hadoop",
        ".warehouse": str(tmp_path_factory.mktemp("warehouse")),
        # Sessions here work on bare files, which Iceberg does not.
        ".hadoop.fs.file.impl": "org.apache.hadoop.fs.LocalFileSystem",
        ".hadoop.fs.file.impl.disable.cache": "true",
    }
    for name, value in settings.items():
        session.conf.set(f"spark.sql.catalog.{CATALOG}{name}", value)
    yield session
    session.stop()


@pytest.fixture
def lake(spark: SparkSession, buckets: Path) -> Lake:
    return new_lake(spark)
