"""Starts the training pipeline on what the lake published last."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from modelkit.cloud.training import train


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Entry point of the function."""
    return train(event, str(getattr(context, "aws_request_id", uuid4())))
