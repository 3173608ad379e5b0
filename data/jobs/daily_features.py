"""Glue job: features per day and product category of a candidate. See lakehouse.features_run."""

from __future__ import annotations

import json
import sys

from lakehouse.arguments import parse_arguments
from lakehouse.features_run import run
from lakehouse.spark_session import start_session


def main() -> None:
    """Runs the job with the arguments of the command line and prints the counts."""
    arguments = parse_arguments(sys.argv[1:])
    spark = start_session(f"daily-features-{arguments.run_id}")
    try:
        change = run(spark, arguments).changes["daily_features"]
    finally:
        spark.stop()
    print(json.dumps({"dataset": "daily_features", "new": change.new, "replaced": change.replaced}))


if __name__ == "__main__":
    main()
