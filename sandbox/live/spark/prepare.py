"""Makes the archive of Spark's classes for this Java and this Spark: `prepare.py <cache folder>`.

It runs a small job that touches what jobs of the sandbox use, notes the classes that were loaded, and lets a JVM write
them to a file. With the archive a job needs about half of the processor time; without it everything works the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from attach import Attachment
from jvm import Jvm, archive_file, class_path, java_program, machine_options


def exercise(folder: Path) -> None:
    """Read CSV and JSON, join, aggregate, write and read Parquet."""
    from pyspark.sql import SparkSession, Window
    from pyspark.sql import functions as f

    spark = SparkSession.builder.getOrCreate()
    (folder / "in").mkdir()
    (folder / "in" / "a.csv").write_text("id,day,amount\n1,2026-01-01,1.20\n2,2026-01-02,x\n")
    lines = spark.read.text(str(folder / "in")).withColumn("line", f.monotonically_increasing_id())
    table = spark.read.option("header", True).schema("id int, day date, amount string").csv(str(folder / "in"))
    amounts = table.withColumn("amount", f.col("amount").cast("decimal(10,2)"))
    newest = f.row_number().over(
        Window.partitionBy("id").orderBy(f.col("day").desc(), f.sha2(f.col("id").cast("string"), 256))
    )
    ranked = (
        amounts.withColumn("n", newest).where("n = 1").join(lines.select("line"), f.col("id") > f.col("line"), "left")
    )
    ranked.write.mode("overwrite").partitionBy("day").parquet(str(folder / "out"))
    ranked.select("id", "amount").write.mode("overwrite").json(str(folder / "json"))
    back = spark.read.parquet(str(folder / "out"))
    back.groupBy("day").agg(f.sum("amount"), f.countDistinct("id"), f.max("n")).orderBy("day").collect()
    spark.stop()


def write_archive(classes: Path, archive: Path) -> None:
    """Load the listed classes into a JVM that writes them to the archive. Raises CalledProcessError."""
    options = [
        "-Xshare:dump",
        f"-XX:SharedClassListFile={classes}",
        f"-XX:SharedArchiveFile={archive}",
        "-Xlog:disable",
    ]
    command = [java_program(), "-cp", class_path(), *machine_options(), *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main(cache: Path) -> None:
    """Write the archive unless it is there; another process that makes it too does no harm."""
    archive = archive_file(cache, java_program())
    if archive.is_file():
        return
    archive.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="slipway-spark-"))
    fresh = archive.with_suffix(f".{os.getpid()}")
    try:
        jvm = Jvm.start(folder, ["-Xshare:off", f"-XX:DumpLoadedClassList={folder / 'classes'}"])
        Attachment.open(*jvm.gateway(), settings={})
        exercise(folder)
        jvm.end(graceful=True)
        write_archive(folder / "classes", fresh)
        fresh.replace(archive)
    finally:
        fresh.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
