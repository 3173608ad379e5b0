"""One JSON object per line on stdout, which is what the log group keeps."""

from __future__ import annotations

import json
import os
from typing import Any, Literal

Level = Literal["INFO", "WARNING", "ERROR"]


def log(level: Level, message: str, **facts: Any) -> None:
    """Writes one line. Facts are names, counts and reasons, never content of a request or of data."""
    origin = {"function": os.environ.get("AWS_LAMBDA_FUNCTION_NAME"), "environment": os.environ.get("ENVIRONMENT")}
    known = {name: value for name, value in origin.items() if value}
    line = {"level": level, "message": message, **known, **facts}
    print(json.dumps(line, sort_keys=True, default=str), flush=True)
