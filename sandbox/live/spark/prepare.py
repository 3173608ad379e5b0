"""Makes what Spark's JVM starts with, for this Java and this Spark: `prepare.py <cache folder>`.

One is a file system that needs no other program. The other is an archive of classes: a small job touches what jobs
of the sandbox use, the classes that were loaded are noted, and a JVM writes them to a file. With both a job needs less
than half of the processor time; without them everything works the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

from attach import Attachment, connect
from jvm import FILE_SYSTEM_SOURCE, Jvm, archive_file, class_path, file_system_jar, java_program, machine_options


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


def write_archive(cache: Path, classes: Path, archive: Path) -> None:
    """Load the listed classes into a JVM that writes them to the archive. Raises CalledProcessError."""
    options = [
        "-Xshare:dump",
        f"-XX:SharedClassListFile={classes}",
        f"-XX:SharedArchiveFile={archive}",
        "-Xlog:disable",
    ]
    command = [java_program(), "-cp", class_path(cache), *machine_options(), *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def write_file_system(cache: Path, folder: Path, jar: Path) -> None:
    """Compile PlainFileSystem.java with the compiler that Spark brings. Raises Py4JError."""
    classes = folder / "compiled"
    classes.mkdir()
    compiling = Jvm.start(folder / "compiler", cache, options=[])
    try:
        gateway = connect(*compiling.gateway())
        file = gateway.jvm.java.io.File
        sources = gateway.new_array(file, 1)
        sources[0] = file(str(FILE_SYSTEM_SOURCE))
        compiler = gateway.jvm.org.codehaus.janino.Compiler()
        compiler.setDestinationDirectory(file(str(classes)), False)
        compiler.compile(sources)
    finally:
        compiling.end()
    with ZipFile(jar, "w") as archive:
        for path in classes.rglob("*.class"):
            archive.write(path, path.relative_to(classes).as_posix())


def make_once(target: Path, make: Callable[[Path], None]) -> None:
    """Make a file unless it is there; another process that makes it too does no harm."""
    if target.is_file():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f"{os.getpid()}-{target.name}")
    try:
        make(fresh)
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)


def dump(cache: Path, folder: Path, archive: Path) -> None:
    """Note which classes a small job needs, and write their archive."""
    jvm = Jvm.start(folder / "exercise", cache, ["-Xshare:off", f"-XX:DumpLoadedClassList={folder / 'classes'}"])
    Attachment.open(*jvm.gateway(), settings={})
    exercise(folder)
    jvm.end(graceful=True)
    write_archive(cache, folder / "classes", archive)


def main(cache: Path) -> None:
    """Make what is missing in the cache."""
    folder = Path(tempfile.mkdtemp(prefix="slipway-spark-"))
    try:
        make_once(file_system_jar(cache), lambda jar: write_file_system(cache, folder, jar))
        make_once(archive_file(cache, java_program()), lambda archive: dump(cache, folder, archive))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
