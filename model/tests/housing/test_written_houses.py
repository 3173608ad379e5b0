"""Numbers and houses that are written come back as they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from made_houses import make_houses, write_csv

from housing.errors import DataError, HousingError, UsageError
from housing.files import houses_bytes, number_text
from housing.reading import Source, find_sources, read_houses
from housing.schema import FEATURES, TARGET, Houses, to_number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_written_so_that_it_reads_back(value: float) -> None:
    assert to_number(number_text(value)) == value


@given(st.one_of(st.text("0123456789.+-eE_naif ", max_size=8), st.booleans(), st.none(), st.floats(), st.integers()))
def test_a_number_is_finite_or_none(value: object) -> None:
    number = to_number(value)
    assert number is None or np.isfinite(number)


def test_a_number_beyond_all_floats_is_none() -> None:
    assert to_number(10**400) is to_number("9" * 400) is None


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), min_size=1, max_size=12),
            *(
                st.integers(int(column.minimum), int(column.maximum))
                if column.whole
                else st.floats(column.minimum, column.maximum)
                for column in (*FEATURES, TARGET)
            ),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_houses_come_back_as_they_were_written(rows: list[tuple[object, ...]]) -> None:
    houses = Houses(tuple(str(row[0]) for row in rows), np.array([row[1:] for row in rows], dtype=np.float64))
    path = MemoryPath(houses_bytes(houses))
    found = read_houses([Source(path, "houses.csv")])  # type: ignore[arg-type]  # read like a path, and none
    assert found.ids == houses.ids
    assert found.numbers.tolist() == houses.numbers.tolist()


class MemoryPath:
    """As much of a path as the reader of CSV asks for."""

    suffix = ".csv"

    def __init__(self, content: bytes) -> None:
        self._content = content

    def open(self, *, encoding: str, newline: str) -> object:
        from io import StringIO

        assert newline == ""
        return StringIO(self._content.decode(encoding), newline="")


def test_every_error_of_the_program_is_one_for_people() -> None:
    assert issubclass(DataError, HousingError)
    assert issubclass(UsageError, HousingError)


def test_written_csv_is_read(tmp_path: Path) -> None:
    houses = make_houses(5)
    write_csv(tmp_path / "houses.csv", houses)
    assert read_houses(find_sources(tmp_path)).numbers.tolist() == houses.numbers.tolist()
