from __future__ import annotations

from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

from lakehouse.spark_session import start_session


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    session = start_session("tests", {"spark.sql.shuffle.partitions": "1", "spark.default.parallelism": "1"})
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
