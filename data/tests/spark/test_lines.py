from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from lakehouse.errors import StorageError
from lakehouse.spark_lines import Block, line_offsets, read_lines, resolve_paths


def test_lines_keep_their_numbers_across_files_and_blocks(spark: SparkSession, tmp_path: Path) -> None:
    # Blocks of 1,000 bytes: the long file is read in many parts, several of them and the short files by one task.
    files = {
        "long.csv": ["header", *(f"long {number} {'x' * (number % 90)}" for number in range(2, 302))],
        "b c%20[1]*{x,y}?\\.csv": ["header", "two", "", "four"],
        "only header.csv": ["header"],
    }
    for name, lines in files.items():
        (tmp_path / name).write_bytes("\n".join(lines).encode() + b"\n")
    unended = tmp_path / "unended.csv"
    unended.write_bytes(b"header\r\nsecond\r\r\nlast\rone\x1f")
    paths = [str(tmp_path / name) for name in files] + [str(unended)]
    old = spark.conf.get("spark.sql.files.maxPartitionBytes")
    spark.conf.set("spark.sql.files.maxPartitionBytes", "1000")
    try:
        read = read_lines(spark, paths)
        found = {(row._file, row._line): row.value for row in read.frame.collect()}
        assert read.frame.rdd.getNumPartitions() > 3
    finally:
        spark.conf.set("spark.sql.files.maxPartitionBytes", old)

    expected = {
        (position, number): line
        for position, lines in enumerate(files.values())
        for number, line in enumerate(lines, 1)
        if number > 1
    }
    expected |= {(3, 2): "second\r\r", (3, 3): "last\rone\x1f"}
    assert found == expected
    assert read.count == len(expected)


def test_a_byte_order_mark_is_no_part_of_the_header(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "bom.csv"
    path.write_bytes(b"\xef\xbb\xbfheader\nline\n")
    assert [tuple(row) for row in read_lines(spark, [str(path)]).frame.collect()] == [("line", 0, 2)]


def test_a_file_that_spark_passes_over_fails_the_job(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "seen.csv").write_text("header\n")
    (tmp_path / "_hidden.csv").write_text("header\nline\n")
    with pytest.raises(StorageError, match=r"no line was read of .*_hidden\.csv"):
        read_lines(spark, [str(tmp_path / "seen.csv"), str(tmp_path / "_hidden.csv")])


def test_offsets_count_the_lines_of_earlier_blocks() -> None:
    second, first = Block("file:/x", 100, 1 << 33, 4), Block("file:/x", 0, 7, 5)
    assert line_offsets([second, first], {"file:/x": 3}) == [(first, (3, 6)), (second, (3, (1 << 33) - 6))]


def test_files_are_known_under_the_names_that_spark_gives_them() -> None:
    paths = ["s3://raw/a b.csv", "/x/c%41.csv"]
    assert resolve_paths(paths, {"s3://raw/a%20b.csv", "file:///x/c%41.csv"}) == {
        "s3://raw/a%20b.csv": 0,
        "file:///x/c%41.csv": 1,
    }
    with pytest.raises(StorageError, match="not asked for"):
        resolve_paths(paths, {"file:/x/other.csv"})
