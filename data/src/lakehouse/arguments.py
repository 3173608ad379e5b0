"""The arguments of a job: `--name value` pairs as Glue passes them, and the locations they lead to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lakehouse.errors import ArgumentError

MODES = ("live", "verification")
FORMATS = ("parquet", "iceberg")
_REQUIRED = ("run_id", "raw_bucket", "processed_bucket", "quarantine_bucket")


@dataclass(frozen=True)
class JobArguments:
    """Where a run reads and writes. Every location is an `s3://` one; `root` is empty or ends with a slash."""

    run_id: str
    raw_bucket: str
    processed_bucket: str
    quarantine_bucket: str
    mode: str = "live"
    prefix: str = "incoming/"
    environment: str = "dev"
    database: str = ""
    staging_database: str = ""
    verification_database: str = ""
    table_format: str = "parquet"

    @property
    def root(self) -> str:
        """What every key of the run starts with: verification runs have a root of their own."""
        return "" if self.mode == "live" else f"verification/{self.run_id}/"

    def raw(self, key: str) -> str:
        """A delivered file by its key (which already starts with the root)."""
        return f"s3://{self.raw_bucket}/{key}"

    def processed(self, path: str) -> str:
        """A place in the processed bucket, below the root."""
        return f"s3://{self.processed_bucket}/{self.root}{path}"

    def quarantine(self, path: str) -> str:
        """A place in the quarantine bucket, below the root."""
        return f"s3://{self.quarantine_bucket}/{self.root}{path}"

    def run_file(self, name: str) -> str:
        """A document of this run: plan, candidate, features, quality, report."""
        return self.processed(f"_runs/{self.run_id}/{name}.json")


def parse_arguments(argv: Sequence[str]) -> JobArguments:
    """Reads `--name value` pairs (argv without the program). Names it does not know are Glue's own and passed over.

    Raises ArgumentError naming every problem.
    """
    values = _pairs(argv)
    known = {name: values[name] for name in JobArguments.__dataclass_fields__ if name in values}
    problems = [f"--{name} is missing" for name in _REQUIRED if not values.get(name)]
    problems += _choice(known, "mode", MODES) + _choice(known, "table_format", FORMATS)
    if known.get("run_id") and not re.fullmatch(r"[a-z0-9-]{1,64}", known["run_id"]):
        problems.append(f"--run_id: got {known['run_id']!r}, expected 1 to 64 of a-z, 0-9 and -")
    if problems:
        raise ArgumentError("; ".join(problems))
    return JobArguments(**known)


def _pairs(argv: Sequence[str]) -> dict[str, str]:
    """Takes `--name value` and `--name=value`; a name followed by another name is a switch without value."""
    found: dict[str, str] = {}
    index = 0
    while index < len(argv):
        name, equals, value = argv[index].partition("=")
        index += 1
        if not name.startswith("--"):
            raise ArgumentError(f"{argv[index - 1]!r}: expected --name value pairs")
        if not equals and index < len(argv) and not argv[index].startswith("--"):
            value = argv[index]
            index += 1
        found[name[2:].replace("-", "_")] = value
    return found


def _choice(values: dict[str, str], name: str, allowed: tuple[str, ...]) -> list[str]:
    value = values.get(name)
    return [] if value is None or value in allowed else [f"--{name}: got {value!r}, expected {' or '.join(allowed)}"]
