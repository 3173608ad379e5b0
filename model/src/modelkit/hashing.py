"""One way to write JSON and one way to hash: equal values are equal bytes, and equal bytes have one name."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_CHUNK = 1024 * 1024
HEX = re.compile(r"[0-9a-f]{64}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def canonical_json(value: Any) -> bytes:
    """JSON with sorted keys and one line per value, as documents are stored.

    Raises ValueError for NaN and infinities, which are no JSON.
    """
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1, allow_nan=False)
    return f"{text}\n".encode()


def sha256_hex(data: bytes) -> str:
    """The 64 digits of the hash."""
    return hashlib.sha256(data).hexdigest()


def sha256_of_chunks(chunks: Iterable[bytes]) -> tuple[str, int]:
    """Hash and size of something that is too large to hold at once."""
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def sha256_of_file(path: Path) -> tuple[str, int]:
    """Hash and size of a file."""
    with path.open("rb") as file:
        return sha256_of_chunks(iter(lambda: file.read(_CHUNK), b""))


def digest_of(value: Any) -> str:
    """The hash of a JSON value: the same for equal values, however they were written."""
    return sha256_hex(canonical_json(value))
