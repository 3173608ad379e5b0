"""The job's own transform, timed without the start of Spark.

`transform.py SAMPLE ROOT`: SAMPLE holds {orders,customers,products}.csv, ROOT becomes the folder of the buckets. Prints seconds and
the data lines that were read. PYTHONPATH must hold data/src.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path


def deliver(sample: Path, root: Path) -> list[dict[str, object]]:
    """Puts the files where deliveries arrive and accepts them, as validation would."""
    accepted: list[dict[str, object]] = []
    for name in ("orders", "customers", "products"):
        key = f"incoming/{name}/{name}.csv"
        target = root / "raw" / key
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(sample / f"{name}.csv", target)
        accepted.append({"dataset": name, "key": key, "bytes": target.stat().st_size})
    return accepted


def main() -> None:
    sample, root = Path(sys.argv[1]), Path(sys.argv[2])
    os.environ["LAKEHOUSE_S3_ROOT"] = str(root)
    from lakehouse import storage
    from lakehouse.arguments import JobArguments
    from lakehouse.spark_session import start_session
    from lakehouse.transform_run import run

    arguments = JobArguments("bench", "raw", "processed", "quarantine")
    plan = {"base": {"version": 0, "snapshot": None}, "accepted": deliver(sample, root)}
    storage.write_json(arguments.run_file("plan"), plan)
    spark = start_session("bench")
    started = time.perf_counter()
    candidate = run(spark, arguments)
    seconds = time.perf_counter() - started
    print(f"seconds={seconds:.3f} rows={sum(change.read for change in candidate.changes.values())}")
    spark.stop()


if __name__ == "__main__":
    main()
