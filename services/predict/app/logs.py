"""One JSON object per line on stdout, which is what the cluster's log collector reads."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime


class JsonFormatter(logging.Formatter):
    """Time (UTC), level, service, environment, message and the fields given as `extra={"fields": {...}}`."""

    def __init__(self, service: str, environment: str) -> None:
        super().__init__()
        self.origin = {"service": service, "environment": environment}

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": time, "level": record.levelname.lower(), **self.origin, "message": record.getMessage()}
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def configure_logs(service: str, environment: str) -> logging.Logger:
    """The service's logger. Safe to call again: the last call decides the environment."""
    logger = logging.getLogger(f"slipway.{service}")
    if not logger.handlers:
        logger.addHandler(logging.StreamHandler(sys.stdout))
        logger.setLevel(logging.INFO)
        logger.propagate = False
    for handler in logger.handlers:
        handler.setFormatter(JsonFormatter(service, environment))
    return logger
