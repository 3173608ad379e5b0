"""The jobs one after the other on the committed sample, held against the account of the reference."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from lakehouse import features_run, quality_run, storage, transform_run
from lakehouse.arguments import JobArguments

SAMPLE = Path(__file__).parents[2] / "samples" / "1k"


def test_the_jobs_make_of_the_sample_what_the_reference_says(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(storage.ROOT_VARIABLE, str(tmp_path))
    arguments = JobArguments("sample", "raw", "processed", "quarantine")
    expected = json.loads((SAMPLE / "expected.json").read_text("utf-8"))
    accepted = []
    for key in expected["files"]:
        path = tmp_path / "raw" / key
        path.parent.mkdir(parents=True)
        shutil.copy(SAMPLE / path.name, path)
        accepted.append({"dataset": path.stem, "key": key, "bytes": path.stat().st_size})
    plan = {"schema": 1, "base": {"version": 0, "snapshot": None}, "accepted": accepted}
    storage.write_json(arguments.run_file("plan"), plan)

    transform_run.run(spark, arguments)
    features_run.run(spark, arguments)
    verdicts = quality_run.run(spark, arguments, datetime(2025, 6, 1, tzinfo=UTC))

    documents = [storage.read_json(arguments.run_file(name)) for name in ("candidate", "features")]
    tables = {name: table for document in documents for name, table in document["datasets"].items()}
    assert set(tables) == set(expected["datasets"])
    for name, table in tables.items():
        account = {**table, "partitions": len(table["partitions"])}
        assert account == {field: expected["datasets"][name][field] for field in account}, name
    assert set(verdicts) == set(expected["datasets"])
    assert [each for quality in verdicts.values() for each in quality.rules if not each.passed] == []
