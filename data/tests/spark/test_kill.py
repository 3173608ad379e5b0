"""The job as a process of its own: killed half-way, then run again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from spark_lake import Lake, customer, order

from lakehouse.storage import ROOT_VARIABLE

DATA = Path(__file__).parents[2]
JOB = DATA / "jobs" / "raw_to_processed.py"
PATIENCE = 300


def start_job(lake: Lake, run_id: str, *more: str) -> subprocess.Popen[str]:
    buckets = ("--raw_bucket", "raw", "--processed_bucket", "processed", "--quarantine_bucket", "quarantine")
    glue = (
        "--job-bookmark-option",
        "job-bookmark-disable",
        "--enable-metrics",
        "true",
        "--JOB_NAME",
        "raw_to_processed",
    )
    environment = {**os.environ, ROOT_VARIABLE: str(lake.root), "PYTHONPATH": str(DATA / "src")}
    command = [sys.executable, str(JOB), "--run_id", run_id, *buckets, *glue, *more]
    return subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )


def kill_when(process: subprocess.Popen[str], sign: Path) -> None:
    """Ends the process and its Spark at once, as soon as a file or folder is there."""
    deadline = time.monotonic() + PATIENCE
    while not sign.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def test_a_killed_job_run_again_gives_the_same_result(lake: Lake) -> None:
    # Two datasets: the job is killed when the first is being written and the second is not begun.
    lake.deliver("orders", *(order(number, f"2026-01-{number % 9 + 1:02d}") for number in range(400)), order(1), "bad")
    lake.deliver("customers", customer(1), customer(2, "FR"))
    lake.plan("one")
    process = start_job(lake, "one")
    written = lake.root / "processed" / "orders" / "run=one"
    kill_when(process, written)
    assert process.returncode == -signal.SIGKILL
    assert written.exists()
    assert not (lake.root / "processed" / "_runs" / "one" / "candidate.json").exists()

    process = start_job(lake, "one")
    output, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    again = lake.document("one", "candidate")["datasets"]
    counts = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    assert counts[0] == {
        "dataset": "orders",
        "read": 402,
        "new": 400,
        "replaced": 0,
        "quarantined": {"duplicate_key": 1, "malformed_row": 1},
    }
    rows = {name: sorted(map(str, lake.rows(name, change["partitions"]))) for name, change in again.items()}
    bad = lake.quarantined("orders", "one")
    for name, change in again.items():
        lake.check_sum(name, change)

    # A run that nobody disturbed finds the same.
    assert lake.rerun("one") == again
    assert {name: sorted(map(str, lake.rows(name, change["partitions"]))) for name, change in again.items()} == rows
    assert lake.quarantined("orders", "one") == bad


def test_a_job_without_its_arguments_says_which(lake: Lake) -> None:
    process = start_job(lake, "Not A Run", "--mode", "test")
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "--mode: got 'test', expected live or verification" in errors
    assert "--run_id: got 'Not A Run'" in errors
