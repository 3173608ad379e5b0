from __future__ import annotations

import csv
import json
from collections import Counter
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample import faults
from sample.__main__ import main
from sample.faults import Plan
from sample.generator import order_lines, write_sample
from sample.shop import Picker, make_product

COMMITTED = Path(__file__).parents[2] / "samples" / "1k"
FILES = ("orders.csv", "customers.csv", "products.csv", "houses.csv", "expected.json")


def test_the_committed_sample_is_what_the_generator_makes(tmp_path: Path) -> None:
    assert main(["--orders", "1000", "--seed", "42", "--output", str(tmp_path)]) == 0
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (COMMITTED / name).read_bytes(), name


def test_another_seed_makes_other_rows(tmp_path: Path) -> None:
    for seed in (1, 2):
        write_sample(tmp_path / str(seed), orders=100, seed=seed)
    for name in FILES[:-1]:
        assert (tmp_path / "1" / name).read_bytes() != (tmp_path / "2" / name).read_bytes(), name


def test_no_expected_leaves_the_account_out(tmp_path: Path) -> None:
    main(["--orders", "5", "--output", str(tmp_path), "--no-expected"])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES[:-1])


@pytest.mark.parametrize("size", ["0", "-3", "ten"])
def test_a_size_that_is_none_is_refused(size: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--orders", size, "--output", str(tmp_path)])
    assert stop.value.code == 2
    assert "--orders" in capsys.readouterr().err


@pytest.mark.parametrize("orders", [1, 20, 499, 501, 1203])
def test_orders_has_exactly_as_many_lines_as_asked_for(orders: int, tmp_path: Path) -> None:
    write_sample(tmp_path, orders=orders, seed=7)
    assert (tmp_path / "orders.csv").read_bytes().count(b"\n") == orders + 1


def test_orders_flow_one_by_one() -> None:
    random = Random("flow")
    products = [make_product(random) for _ in range(10)]
    # Nobody could make this many; taking a few from the front shows that none waits for the others.
    assert len(list(islice(order_lines(10**12, 50, products, random), 600))) == 600


def test_good_orders_refer_to_customers_and_products_that_are_delivered(tmp_path: Path) -> None:
    write_sample(tmp_path, orders=3000, seed=3)
    keys = {name: {row[0] for row in _rows(tmp_path / f"{name}.csv")} for name in ("customers", "products")}
    good = [row for row in _rows(tmp_path / "orders.csv") if len(row) == 9]
    strangers = [row for row in good if row[1] and row[1] not in keys["customers"]]
    withdrawn = [row for row in good if row[2] not in keys["products"]]
    assert {row[1] for row in strangers} == {"C99999999"}
    assert {row[2] for row in withdrawn} == {"P999999"}
    assert len(strangers) + len(withdrawn) < 20


def test_a_large_sample_holds_one_row_that_is_too_long() -> None:
    random = Random("long")
    products = [make_product(random)]
    lines = order_lines(faults.LONG_ROW_FROM, 50, products, random)
    assert sum(len(line) > faults.LONG_ROW_BYTES for line in lines) == 1


def test_distributions_have_a_long_tail_and_busy_evenings(tmp_path: Path) -> None:
    write_sample(tmp_path, orders=5000, seed=11)
    rows = [row for row in _rows(tmp_path / "orders.csv") if len(row) == 9 and row[0].startswith("O")]
    buyers = Counter(row[1] for row in rows).most_common()
    assert sum(count for _, count in buyers[: len(buyers) // 10]) > 0.3 * len(rows)
    hours = Counter(row[7][11:13] for row in rows)
    assert hours["20"] > 5 * hours["03"]
    statuses = Counter(row[6] for row in rows)
    assert statuses["delivered"] > statuses["returned"] > 0
    assert 0.5 < sum(row[5] == "" for row in rows) / len(rows) < 0.75


@given(seed=st.integers(), size=st.integers(4, 60), kinds=st.integers(1, 3), blocks=st.integers(1, 4))
def test_every_block_holds_every_fault_once_and_none_on_its_first_line(
    seed: int, size: int, kinds: int, blocks: int
) -> None:
    names = [str(number) for number in range(kinds)]
    plan = Plan(names, size, Random(seed))
    for _ in range(blocks):
        found = [plan.at(line) for line in range(size)]
        assert found[0] is None
        assert sorted(fault for fault in found if fault) == names


def test_a_plan_refuses_more_faults_than_lines() -> None:
    with pytest.raises(ValueError, match="3 kinds of fault do not fit into a block of 3 lines"):
        Plan(["a", "b", "c"], 3, Random(0))


@given(st.lists(st.integers(0, 20), min_size=1, max_size=8).filter(any), st.floats(0, 1, exclude_max=True))
def test_a_picker_never_picks_what_has_no_weight(weights: list[int], share: float) -> None:
    assert weights[Picker(weights).at(share)] > 0


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**40), orders=st.integers(1, 60))
def test_any_seed_and_size_is_reproducible(seed: int, orders: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    first, second = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")
    for folder in (first, second):
        write_sample(folder, orders=orders, seed=seed)
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in FILES[:-1])


def test_the_committed_sample_shows_every_kind_of_fault_a_file_of_its_size_can_hold() -> None:
    datasets = json.loads((COMMITTED / "expected.json").read_text("utf-8"))["datasets"]
    reasons = set().union(*(dataset["quarantined"] for dataset in datasets.values()))
    assert reasons == {
        "duplicate_key",
        "malformed_row",
        "missing_value",
        "not_a_boolean",
        "not_a_decimal",
        "not_a_int",
        "not_a_timestamp",
        "not_allowed",
        "out_of_range",
        "pattern_mismatch",
    }


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(line for line in file.readlines()[1:] if line.count('"') % 2 == 0))
