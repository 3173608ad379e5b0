"""What the image does when SageMaker starts it with the word `train`: jobs of a tuning can say no other command.

Runs the training code out of the channel `code`, which holds it as one zip, by digest.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

CHANNEL = "SM_CHANNEL_CODE"
FOLDER = "/opt/ml/input/data/code"


def main() -> None:
    """Hands over to the zip. Ends with code 2 where there is not exactly one."""
    folder = Path(os.environ.get(CHANNEL, FOLDER))
    found = sorted(folder.glob("*.zip"))
    if len(found) != 1:
        sys.exit(_refusal(folder, len(found)))
    program = str(found[0])
    sys.argv = [program, "train"]
    runpy.run_path(program, run_name="__main__")


def _refusal(folder: Path, found: int) -> int:
    print(f"{folder}: got {found} zip files, expected the one of the training code", file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
