"""Glue job: takes what is published over into the live Iceberg tables. See lakehouse.iceberg."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from lakehouse.arguments import parse_arguments
from lakehouse.iceberg import run
from lakehouse.spark_session import start_session


def main() -> None:
    """Runs the job with the arguments of the command line and prints its commits."""
    arguments = parse_arguments(sys.argv[1:])
    spark = start_session(f"commit-iceberg-{arguments.run_id}")
    try:
        commits = run(spark, arguments)
    finally:
        spark.stop()
    for commit in commits:
        print(json.dumps(asdict(commit)))


if __name__ == "__main__":
    main()
