"""Glue job: turns validated deliveries into partitioned tables and quarantined rows. See lakehouse.transform_run."""

from __future__ import annotations

import json
import sys

from lakehouse.arguments import parse_arguments
from lakehouse.spark_session import start_session
from lakehouse.transform_run import run


def main() -> None:
    """Runs the job with the arguments of the command line and prints the counts."""
    arguments = parse_arguments(sys.argv[1:])
    spark = start_session(f"raw-to-processed-{arguments.run_id}")
    try:
        candidate = run(spark, arguments)
    finally:
        spark.stop()
    for name, change in candidate.changes.items():
        counts = {"read": change.read, "new": change.new, "replaced": change.replaced}
        print(json.dumps({"dataset": name, **counts, "quarantined": dict(change.quarantined)}))


if __name__ == "__main__":
    main()
