"""Equal values are equal bytes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelkit.hashing import canonical_json, digest_of, sha256_hex, sha256_of_chunks, sha256_of_file

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)


def turned_round(value: Any) -> Any:
    """The same value, with the members of objects in another order."""
    if isinstance(value, dict):
        return {key: turned_round(value[key]) for key in reversed(value)}
    return [turned_round(each) for each in value] if isinstance(value, list) else value


@given(JSON)
def test_one_value_has_one_text_and_the_text_has_the_value(value: Any) -> None:
    assert canonical_json(value) == canonical_json(turned_round(value))
    assert json.loads(canonical_json(value)) == value
    assert digest_of(value) == digest_of(turned_round(value)) == sha256_hex(canonical_json(value))


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"r2": float("nan")})


@given(st.lists(st.binary()))
def test_chunks_are_one_hash(chunks: list[bytes]) -> None:
    whole = b"".join(chunks)
    assert sha256_of_chunks(chunks) == (hashlib.sha256(whole).hexdigest(), len(whole))


def test_files_are_hashed_whole(tmp_path: Path) -> None:
    data = bytes(range(256)) * 10_000
    (tmp_path / "model").write_bytes(data)
    assert sha256_of_file(tmp_path / "model") == (hashlib.sha256(data).hexdigest(), len(data))
