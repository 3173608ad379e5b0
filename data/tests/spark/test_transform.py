"""Properties of the transforms on small frames: many deliveries are checked at once, each with keys of its own."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F
from spark_lake import order

from lakehouse.rows import parse_rows
from lakehouse.schema import load_dataset
from lakehouse.transform import (
    accepted_rows,
    classify,
    mark_duplicates,
    merge,
    published_index,
    quarantined_rows,
    replaced_keys,
    summarize,
)
from lakehouse.transform_run import count_rows

DATASET = load_dataset("orders")
PROPERTY = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

# Few keys, days, versions and contents, so that keys meet, versions tie and rows are the same; some rows are bad.
LINES = st.lists(
    st.builds(
        order,
        st.integers(1, 30),
        day=st.sampled_from(["2026-01-01", "2026-01-02", "2026-01-03"]),
        version=st.sampled_from(["2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z", "2026-02-03T00:00:00Z"]),
        quantity=st.sampled_from(["1", "9", "10", "-1", "many"]),
    ),
    min_size=10,
    max_size=120,
)


def frame(spark: SparkSession, texts: Sequence[str]) -> DataFrame:
    rows = [(text, number % 2, number // 2) for number, text in enumerate(texts)]
    return parse_rows(spark.createDataFrame(rows, "value string, _file int, _line bigint"), DATASET)


def table(spark: SparkSession, texts: Sequence[str]) -> DataFrame:
    """What is published after a first delivery."""
    return accepted_rows(classify(frame(spark, texts), None, DATASET), DATASET)


def best(texts: Sequence[str]) -> dict[str, str]:
    """The line that wins each key, decided in plain Python. For these lines, text order is that of canonical texts."""
    winners: dict[str, str] = {}
    for text in texts:
        fields = text.split(",")
        if fields[3] in ("-1", "many"):
            continue
        winner = winners.get(fields[0])
        if winner is None or (fields[-1], text) > (winner.rpartition(",")[2], winner):
            winners[fields[0]] = text
    return winners


@PROPERTY
@given(LINES)
def test_dedupe_keeps_the_best_row_of_every_key_in_any_order(spark: SparkSession, texts: list[str]) -> None:
    shuffled = random.Random(1).sample(texts, len(texts))
    for order_of_lines in (texts, shuffled):
        kept = mark_duplicates(frame(spark, order_of_lines), DATASET).where("_reason IS NULL").collect()
        assert {row.order_id: row._raw for row in kept} == best(texts)
        assert len(kept) == len(best(texts))


@PROPERTY
@given(LINES)
def test_dedupe_again_changes_nothing(spark: SparkSession, texts: list[str]) -> None:
    once = mark_duplicates(frame(spark, texts), DATASET)
    again = mark_duplicates(once, DATASET)
    assert Counter(again.collect()) == Counter(once.collect())


def test_of_equal_rows_the_first_in_order_of_file_and_line_stays(spark: SparkSession) -> None:
    rows = mark_duplicates(frame(spark, [order(1)] * 5), DATASET).collect()
    assert {(row._file, row._line): (row._reason, row._detail) for row in rows} == {
        (0, 0): (None, None),
        **dict.fromkeys([(0, 1), (0, 2), (1, 0), (1, 1)], ("duplicate_key", "O00000001")),
    }


@PROPERTY
@given(LINES, LINES)
def test_every_row_is_in_the_table_or_in_quarantine(spark: SparkSession, first: list[str], second: list[str]) -> None:
    published = table(spark, first)
    classified = classify(frame(spark, second), published_index(published, DATASET), DATASET)
    bad = quarantined_rows(classified, DATASET, ["a", "b"]).collect()
    good = classified.where("_reason IS NULL").collect()
    texts = Counter([row.raw for row in bad] + [text_of(row) for row in good])
    assert texts == Counter(second)
    assert all(second[row.line * 2 + ("a", "b").index(row.key)] == row.raw for row in bad)

    tally = count_rows(summarize(classified).collect())
    known = set(best(first))
    assert tally.read == len(second)
    assert tally.quarantined == Counter(row.reason for row in bad)
    assert tally.replaced == sum(row.order_id in known for row in good)


@PROPERTY
@given(LINES, LINES)
def test_a_merge_holds_the_newest_rows_and_touches_no_other_partition(
    spark: SparkSession, first: list[str], second: list[str]
) -> None:
    published = table(spark, first).cache()
    classified = classify(frame(spark, second), published_index(published, DATASET), DATASET)
    tally = count_rows(summarize(classified).collect())
    affected = published.where(F.col("order_date").cast("string").isin(*tally.affected))
    merged = merge(affected, replaced_keys(classified), accepted_rows(classified, DATASET), DATASET).collect()
    before = published.collect()
    published.unpersist()

    expected = newest(best(first), best(second))
    by_day: dict[str, list[Row]] = defaultdict(list)
    for row in merged:
        by_day[str(row.order_date)].append(row)
    untouched = [row for row in before if str(row.order_date) not in tally.affected]
    assert set(by_day) <= tally.affected
    assert Counter((row.order_id, f"{row.updated_at:%Y-%m-%d}") for row in merged + untouched) == Counter(expected)


def text_of(row: Row) -> str:
    """The line of a row of the table."""
    return order(
        int(row.order_id[1:]), str(row.order_date), f"{row.updated_at:%Y-%m-%dT%H:%M:%SZ}", quantity=f"{row.quantity}"
    )


def newest(old: dict[str, str], new: dict[str, str]) -> list[tuple[str, str]]:
    """Key and version day of every row after both deliveries."""
    rows = []
    for key in {*old, *new}:
        versions = [lines[key].rpartition(",")[2][:10] for lines in (old, new) if key in lines]
        rows.append((key, max(versions)))
    return rows
