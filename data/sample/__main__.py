"""Command line of the sample: writes a delivery of every dataset and what the pipeline must make of it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from sample.generator import write_sample
from sample.reference import expect


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="sample", description=__doc__)
    parser.add_argument("--orders", type=_size, default=1000, help="data lines of orders.csv (default 1000)")
    parser.add_argument("--seed", type=int, default=42, help="same seed, same bytes (default 42)")
    parser.add_argument("--output", type=Path, required=True, help="folder for the files; made when missing")
    parser.add_argument("--no-expected", action="store_true", help="leave out expected.json")
    options = parser.parse_args(arguments)
    write_sample(options.output, orders=options.orders, seed=options.seed)
    if not options.no_expected:
        expected = expect(options.output, orders=options.orders, seed=options.seed)
        (options.output / "expected.json").write_text(json.dumps(expected, indent=2) + "\n", "utf-8")
    return 0


def _size(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 99_000_000:
        raise argparse.ArgumentTypeError(f"got {text}, expected 1 to 99000000")
    return value


if __name__ == "__main__":
    sys.exit(main())
