"""Files as numbered lines, at Spark's scale: big files are read in blocks by many tasks, and no row meets Python."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import unquote

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from lakehouse.errors import LawBroken, StorageError

FILE = "_file"
LINE = "_line"
VALUE = "value"
_PATH, _BLOCK, _ID = "_path", "_block", "_id"


@dataclass(frozen=True)
class Block:
    """A part of a file that one task reads: where it starts (bytes), its first row id and how many lines it has."""

    path: str
    start: int
    first: int
    lines: int


@dataclass(frozen=True)
class NumberedLines:
    """Data lines of all files: value, `_file` (position in the list of files), `_line` (from 2: line 1 is the header).

    `count` is how many there are.
    """

    frame: DataFrame
    count: int


def read_lines(spark: SparkSession, paths: Sequence[str]) -> NumberedLines:
    """Reads files as lines. Lines end at LF; a CR before it is still there.

    Raises StorageError if a file is not read, LawBroken if lines cannot be told apart by their ids.

    The ids of monotonically_increasing_id go up by one along a block, and the same frame is always cut into the same
    blocks. So one quick pass learns each block's first id and number of lines, and a line's number is its distance
    from the first id plus the lines of the blocks before it.
    """
    lines = (
        spark.read.option("lineSep", "\n")
        .text([literal_path(path) for path in paths])
        .select(
            VALUE,
            F.col("_metadata.file_path").alias(_PATH),
            F.col("_metadata.file_block_start").alias(_BLOCK),
            F.monotonically_increasing_id().alias(_ID),
        )
    )
    found = lines.groupBy(_PATH, _BLOCK).agg(F.min(_ID), F.count("*"), F.max(_ID)).collect()
    blocks = [Block(path, start, first, count) for path, start, first, count, _ in found]
    if any(last - first != count - 1 for _, _, first, count, last in found):
        raise LawBroken("row ids are not consecutive along a block: line numbers would be wrong")
    positions = resolve_paths(paths, {block.path for block in blocks})
    starts = spark.createDataFrame(
        [(block.path, block.start, *place) for block, place in line_offsets(blocks, positions)],
        f"{_PATH} string, {_BLOCK} bigint, {FILE} int, _offset bigint",
    )
    frame = (
        lines.join(F.broadcast(starts), [_PATH, _BLOCK], "left")
        .select(VALUE, FILE, (F.col(_ID) - F.col("_offset")).alias(LINE))
        .where(F.col(LINE) > 1)
    )
    return NumberedLines(frame, sum(block.lines for block in blocks) - len({block.path for block in blocks}))


def line_offsets(blocks: Sequence[Block], positions: Mapping[str, int]) -> list[tuple[Block, tuple[int, int]]]:
    """Per block the file's position and what to take off a row id to get the line number (the first line is 1)."""
    placed: list[tuple[Block, tuple[int, int]]] = []
    ordered = sorted(blocks, key=lambda block: (block.path, block.start))
    for path, parts in groupby(ordered, key=lambda block: block.path):
        before = 0
        for block in parts:
            placed.append((block, (positions[path], block.first - before - 1)))
            before += block.lines
    return placed


def literal_path(path: str) -> str:
    """A path for Spark that means this one file, even when its name looks like a pattern."""
    return re.sub(r"([\\{}\[\]*?])", r"\\\1", path)


def resolve_paths(paths: Sequence[str], found: set[str]) -> dict[str, int]:
    """Positions in `paths` of the files as Spark names them. Raises StorageError for one that gave no line."""
    positions = {_plain(path): position for position, path in enumerate(paths)}
    resolved = {}
    for name in found:
        position = positions.get(_plain(name), positions.get(_plain(unquote(name))))
        if position is None:
            raise StorageError(f"{name}: read, but not asked for")
        resolved[name] = position
    unread = sorted(set(positions.values()) - set(resolved.values()))
    if unread:
        raise StorageError("no line was read of " + ", ".join(paths[position] for position in unread))
    return resolved


def _plain(path: str) -> str:
    """A path without the forms in which local files are written: file:/x, file:///x and /x are one."""
    return "/" + path[len("file:") :].lstrip("/") if path.startswith("file:") else path
