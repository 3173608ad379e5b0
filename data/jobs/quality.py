"""Glue job: evaluates the data quality rules on what the run would publish. See lakehouse.quality_run."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

from lakehouse.arguments import parse_arguments
from lakehouse.quality_run import run
from lakehouse.spark_session import start_session


def main() -> None:
    """Runs the job with the arguments of the command line and prints the rules that are not met."""
    arguments = parse_arguments(sys.argv[1:])
    spark = start_session(f"quality-{arguments.run_id}")
    try:
        results = run(spark, arguments, datetime.now(UTC))
    finally:
        spark.stop()
    for name, quality in results.items():
        unmet = [{"rule": each.rule, "actual": each.actual} for each in quality.rules if not each.passed]
        print(json.dumps({"dataset": name, "passed": quality.passed, "score": quality.score, "unmet": unmet}))


if __name__ == "__main__":
    main()
