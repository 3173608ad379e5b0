"""The pipeline's reading of rows against the reference's: two implementations of one set of rules."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from pyspark.sql import SparkSession
from sample.fields import BadRow, Check, checks_of, read_row
from sample.reference import load_definition

from lakehouse.rows import REASON, TEXT, parse_rows
from lakehouse.schema import load_dataset
from lakehouse.spark_lines import LINE, read_lines

SAMPLE = Path(__file__).parents[2] / "samples" / "1k"
LETTERS = "\",\r \t\x00+-.:/TZeEO0123456789\u0663abc\u00e9\u20ac\U0001f600\u2028\u0085\x1f\\$'"
WHOLE = ("", '""', '"', " ", "0", "-0", "+1", "1.", ".5", "1e3", "NaN", "null", "true", "TRUE", "0000-01-01T00:00:00Z")


def mangled(line: str, random: Random) -> str:
    """The line with a field replaced, or with one to three letters put in, taken out or changed."""
    if random.random() < 0.2:
        fields = line.split(",")
        fields[int(random.random() * len(fields))] = WHOLE[int(random.random() * len(WHOLE))]
        return ",".join(fields)
    for _ in range(1 + int(random.random() * 3)):
        place = int(random.random() * (len(line) + 1))
        letter = LETTERS[int(random.random() * len(LETTERS))] if random.random() < 0.8 else ""
        line = line[:place] + letter + line[place + int(random.random() * 2) :]
    return line


@pytest.mark.parametrize("name", ["orders", "customers", "products", "houses"])
def test_every_line_gets_the_same_reason_or_the_same_values(name: str, spark: SparkSession, tmp_path: Path) -> None:
    random = Random(f"agreement:{name}")
    header, *lines = (SAMPLE / f"{name}.csv").read_text("utf-8").removesuffix("\n").split("\n")
    many = [mangled(lines[int(random.random() * len(lines))], random) for _ in range(2000)]
    path = tmp_path / "lines.csv"
    path.write_bytes("\n".join([header, *many]).encode("utf-8"))
    derived = int(load_dataset(name).partition.derived)
    dataset, checks = load_dataset(name), checks_of(load_definition(name))
    parsed = parse_rows(read_lines(spark, [str(path)]).frame, dataset).select(LINE, REASON, TEXT).collect()
    # The reference knows the delivered columns; a derived one comes last.
    found = {row[LINE]: row[REASON] or row[TEXT].rsplit("\x1f", derived)[0] for row in parsed}
    assert len(found) == len(parsed)
    different = {}
    for number, line in enumerate(many, 2):
        expected = _read(line, checks)
        if found.get(number) != expected:
            different[line] = (found.get(number), expected)
    assert different == {}
    assert len({value for value in found.values() if "\x1f" not in value}) >= 4


def _read(line: str, checks: list[Check]) -> str:
    try:
        return "\x1f".join(read_row(line.encode("utf-8").removesuffix(b"\r"), checks))
    except BadRow as bad:
        return bad.reason
