"""Writes what the API says of itself next to the code: python -m app.openapi [--check]"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from .main import app

TARGET = Path(__file__).parent.parent / "openapi.json"


def main(arguments: list[str], target: Path = TARGET) -> int:
    """Writes the file. With `--check` writes nothing and answers 7 where the file is not what the code says."""
    text = json.dumps(app.openapi(), indent=2, sort_keys=True) + "\n"
    if arguments not in ([], ["--check"]):
        print("usage: python -m app.openapi [--check]", file=sys.stderr)
        return 2
    if not arguments:
        target.write_text(text)
        return 0
    if target.is_file() and target.read_text() == text:
        return 0
    print(f"{target} is stale. Write it with: python -m app.openapi", file=sys.stderr)
    return 7


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
