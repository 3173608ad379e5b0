from __future__ import annotations

import pytest

from lakehouse.arguments import JobArguments, parse_arguments
from lakehouse.errors import ArgumentError

NEEDED = ["--run_id", "r-1", "--raw_bucket", "raw", "--processed_bucket", "done", "--quarantine_bucket", "bad"]


def test_locations_of_a_live_run() -> None:
    arguments = parse_arguments(NEEDED)
    assert arguments == JobArguments("r-1", "raw", "done", "bad")
    assert arguments.raw("incoming/orders/a.csv") == "s3://raw/incoming/orders/a.csv"
    assert arguments.processed("orders/") == "s3://done/orders/"
    assert arguments.quarantine("rows/") == "s3://bad/rows/"
    assert arguments.run_file("plan") == "s3://done/_runs/r-1/plan.json"


def test_a_verification_run_has_a_root_of_its_own() -> None:
    arguments = parse_arguments([*NEEDED, "--mode", "verification", "--prefix", "verification/r-1/incoming/"])
    assert arguments.processed("orders/") == "s3://done/verification/r-1/orders/"
    assert arguments.run_file("plan") == "s3://done/verification/r-1/_runs/r-1/plan.json"


def test_what_glue_adds_is_passed_over() -> None:
    extra = [
        "--extra-py-files",
        "s3://code/lib.zip",
        "--enable-metrics",
        "--JOB_NAME",
        "x",
        "--enable-glue-datacatalog=true",
    ]
    assert parse_arguments([*extra, *NEEDED, "--job-bookmark-option", "job-bookmark-disable"]) == parse_arguments(
        NEEDED
    )


def test_both_forms_of_a_pair_are_taken() -> None:
    assert parse_arguments([*NEEDED, "--table_format=iceberg"]).table_format == "iceberg"
    assert parse_arguments([*NEEDED, "--table-format", "iceberg"]).table_format == "iceberg"


@pytest.mark.parametrize(
    ("argv", "problem"),
    [
        (NEEDED[2:], "--run_id is missing"),
        (NEEDED[:2], "--raw_bucket is missing; --processed_bucket is missing; --quarantine_bucket is missing"),
        ([*NEEDED, "--mode", "test"], "--mode: got 'test', expected live or verification"),
        ([*NEEDED, "--table_format", "csv"], "--table_format: got 'csv', expected parquet or iceberg"),
        (["--run_id", "../x", *NEEDED[2:]], "--run_id: got '../x', expected 1 to 64 of a-z, 0-9 and -"),
        (["--run_id", "a\n", *NEEDED[2:]], "--run_id: got"),
        (["run_id", "x"], "'run_id': expected --name value pairs"),
    ],
)
def test_a_problem_is_named(argv: list[str], problem: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        parse_arguments(argv)
    assert str(caught.value).startswith(problem)
