"""What is read as houses, and what is refused, with its file and row."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_houses import Run, make_houses

from housing.errors import DataError, UsageError
from housing.reading import find_sources, read_houses
from housing.schema import COLUMNS, NUMBERS, TARGET, Houses

LAKE = Path(__file__).parents[3] / "data" / "src" / "lakehouse" / "datasets" / "houses.json"
HEADER = "house_id,area,bedrooms,bathrooms,age,price\n"
GOOD = "H00000001,52.00,2,1,11,123100.00\n"


def read(folder: Path, text: str | bytes, name: str = "houses.csv") -> Houses:
    content = text.encode() if isinstance(text, str) else text
    (folder / name).write_bytes(content)
    return read_houses(find_sources(folder))


def test_a_file_of_the_lake_is_read_past_its_other_columns(tmp_path: Path) -> None:
    text = "sold_at,price,age,bathrooms,bedrooms,area,house_id\n2025-01-01T00:00:00Z,123100.00,11,1,2,52.00,H00000001\n"
    houses = read(tmp_path, "\ufeff" + text)
    assert houses.ids == ("H00000001",)
    assert houses.numbers.tolist() == [[52, 2, 1, 11, 123_100]]


ROWS = [
    ("house_id", "", "house_id: no value"),
    ("area", "", "area: no value"),
    ("area", "large", "area: got 'large', expected a number"),
    ("area", "nan", "area: got 'nan', expected a number"),
    ("area", "1e999", "area: got '1e999', expected a number"),
    ("area", "1_00", "area: got '1_00', expected a number"),
    ("area", " 52", "area: got ' 52', expected a number"),
    ("area", "9.99", "area: got 9.99, expected 10 to 2000"),
    ("area", "2000.01", "area: got 2000.01, expected 10 to 2000"),
    ("bedrooms", "2.5", "bedrooms: got 2.5, expected a whole number"),
    ("bedrooms", "-1", "bedrooms: got -1, expected 0 to 30"),
    ("bathrooms", "31", "bathrooms: got 31, expected 0 to 30"),
    ("age", "-3", "age: got -3, expected 0 to 500"),
    ("price", "0", "price: got 0, expected 1000 to 100000000"),
    ("price", "-123100.00", "price: got -123100.00, expected 1000 to 100000000"),
]


@pytest.mark.parametrize(("column", "value", "problem"), ROWS)
def test_a_row_with_a_wrong_value_is_named_by_its_line(tmp_path: Path, column: str, value: str, problem: str) -> None:
    good = dict(zip(COLUMNS, GOOD.strip().split(","), strict=True))
    bad = ",".join({**good, column: value}.values())
    with pytest.raises(DataError) as refused:
        read(tmp_path, HEADER + GOOD + f"{bad}\n")
    assert str(refused.value) == f"the data is not what a model may learn from:\nhouses.csv line 3: {problem}"


@pytest.mark.parametrize("column", NUMBERS, ids=lambda one: one.name)
def test_the_limits_themselves_are_allowed(column: object) -> None:
    assert column in NUMBERS
    assert isinstance(column, type(TARGET))
    assert column.problem(column.minimum) is column.problem(str(column.maximum)) is None


FILES = [
    ("", "got columns none; house_id, area, bedrooms, bathrooms, age, price is missing"),
    ("house_id,area\nH1,52\n", "got columns house_id, area; bedrooms, bathrooms, age, price is missing"),
    (HEADER.replace("\n", ",area\n") + GOOD, "column area is there twice"),
    (HEADER + GOOD + "H2,52\n", "line 3: got 2 fields, expected the 6 of its header"),
    (HEADER + GOOD + '"H2,52,2,1,11,123100.00\n', "line 3: unexpected end of data"),
    (HEADER.encode() + b"H\xff,52,2,1,11,123100\n", "not UTF-8 at byte 44"),
    (HEADER, "no row in houses.csv"),
]


@pytest.mark.parametrize(("content", "problem"), FILES)
def test_a_file_that_is_no_table_of_houses(tmp_path: Path, content: str | bytes, problem: str) -> None:
    with pytest.raises(DataError) as refused:
        read(tmp_path, content)
    assert problem in str(refused.value)
    assert "houses.csv" in str(refused.value)


def test_a_line_inside_of_quotes_counts(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"houses\.csv line 4: area: got 'x'"):
        read(tmp_path, HEADER + '"two\nlines",52,2,1,11,123100\nH2,x,2,1,11,123100\n')


def test_only_the_first_problems_are_listed(tmp_path: Path) -> None:
    with pytest.raises(DataError) as refused:
        read(tmp_path, HEADER + "H1,52,2,1,11,1\n" * 25)
    lines = str(refused.value).splitlines()
    assert len(lines) == 12
    assert lines[-1] == "and 15 more"


def test_every_problem_of_all_files_counts(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + "H1,0,99,1,11,123100\n")
    with pytest.raises(DataError) as refused:
        read(tmp_path, HEADER + "H2,52,2,1,11,1\n", "b.csv")
    assert str(refused.value).splitlines()[1:] == [
        "a.csv line 2: area: got 0, expected 10 to 2000",
        "a.csv line 2: bedrooms: got 99, expected 0 to 30",
        "b.csv line 2: price: got 1, expected 1000 to 100000000",
    ]


@pytest.mark.parametrize("names", [[], ["notes.txt", "_SUCCESS", ".houses.csv", "_old.parquet"]])
def test_a_folder_without_data(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_text("")
    with pytest.raises(UsageError, match=r"no \.parquet or \.csv file in it"):
        find_sources(tmp_path)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        find_sources(tmp_path / "missing")


def table(**columns: list[object]) -> pa.Table:
    good: dict[str, list[object]] = {
        "house_id": ["H1", "H2"],
        "area": [Decimal("52.00"), Decimal("85.30")],
        "bedrooms": [2, 3],
        "bathrooms": [1, 1],
        "age": [11, 7],
        "price": [Decimal("123100.00"), Decimal("172200.50")],
    }
    return pa.table({**good, **columns})


def test_parquet_as_the_lake_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "sold_month=2025-01-01" / "part-0.parquet"
    path.parent.mkdir()
    pq.write_table(table(sold_at=["2025-01-03", "2025-01-04"]), path)
    houses = read_houses(find_sources(tmp_path))
    assert houses.ids == ("H1", "H2")
    assert houses.numbers.tolist() == [[52, 2, 1, 11, 123_100], [85.3, 3, 1, 7, 172_200.5]]


PARQUET = [
    (table(price=[1.0, None]), "houses.parquet row 1: price: got 1.0, expected 1000"),
    (table(price=[2000.0, None]), "houses.parquet row 2: price: no value"),
    (table(house_id=["H1", None]), "houses.parquet row 2: house_id: no value"),
    (table(area=[52.0, float("inf")]), "houses.parquet row 2: area: got inf, expected a number"),
    (table(area=["52", "85"]), "column area: got string, expected a number"),
    (table(bedrooms=[True, False]), "column bedrooms: got bool, expected a number"),
    (table().drop(["age"]), "age is missing"),
]


@pytest.mark.parametrize(("content", "problem"), PARQUET)
def test_parquet_that_is_no_table_of_houses(tmp_path: Path, content: pa.Table, problem: str) -> None:
    pq.write_table(content, tmp_path / "houses.parquet")
    with pytest.raises(DataError) as refused:
        read_houses(find_sources(tmp_path))
    assert problem in str(refused.value)


def test_a_broken_parquet_file(tmp_path: Path) -> None:
    pq.write_table(table(), tmp_path / "houses.parquet")
    content = (tmp_path / "houses.parquet").read_bytes()
    (tmp_path / "houses.parquet").write_bytes(content[:-20])
    with pytest.raises(DataError, match=r"houses\.parquet: not a Parquet file that can be read"):
        read_houses(find_sources(tmp_path))


def test_parquet_and_csv_give_the_same_splits(run: Run, tmp_path: Path) -> None:
    houses = make_houses()
    other = Run(tmp_path / "other")
    other.data.mkdir(parents=True)
    columns = {"house_id": list(houses.ids)}
    numbers = {column.name: houses.numbers[:, at] for at, column in enumerate(NUMBERS)}
    pq.write_table(pa.table({**columns, **numbers}), other.data / "houses.parquet")
    assert (run.preprocess(), other.preprocess()) == (0, 0)
    for name in ("train", "validation", "test"):
        file = f"{name}/{name}.csv"
        assert (other.splits / file).read_bytes() == (run.splits / file).read_bytes()


def test_nothing_is_written_of_data_that_is_refused(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    (run.data / "more.csv").write_text(HEADER + "H1,52,2,1,11,-5\n")
    assert run.preprocess() == 2
    assert not run.splits.exists()
    expected = "preprocess: the data is not what a model may learn from:\nmore.csv line 2: price: got -5, expected "
    assert capsys.readouterr().err.startswith(expected)


def test_the_limits_are_those_of_the_lake() -> None:
    lake = {column["name"]: column for column in json.loads(LAKE.read_text())["columns"]}
    for column in NUMBERS:
        given = lake[column.name]
        assert (column.minimum, column.maximum) == (float(given["minimum"]), float(given["maximum"])), column.name
        assert column.whole == (given["type"] == "int"), column.name
    assert all(lake[name]["required"] for name in COLUMNS)
