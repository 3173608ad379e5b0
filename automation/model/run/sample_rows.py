"""Writes the rows of a sample that the data pipeline would publish: python sample_rows.py <data/> <dataset> <samples/> <target.csv>

Where no lake is at hand, a model learns from these. The rules are those that the pipeline's own sample is checked with.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path


def main(data: str, dataset: str, samples: str, target: str) -> None:
    """Reads `<samples>/<dataset>.csv`, leaves out what would be quarantined, and writes the rest."""
    sys.path.insert(0, data)
    from sample.reference import account, load_definition

    definition = load_definition(dataset)
    names = [column["name"] for column in definition["columns"]]
    rows: list[list[str]] = []
    account(Path(samples), definition, lambda row: rows.append(row[: len(names)]))
    with Path(target).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        # The same rows are the same bytes, whatever order they were kept in.
        writer.writerows(sorted(rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
