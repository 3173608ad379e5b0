from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from spark_lake import Lake


@pytest.fixture
def lake(spark: SparkSession, buckets: Path) -> Lake:
    """A lake in which nothing was delivered or published."""
    return Lake(spark, buckets)
