import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.traffic import TrafficWindow

ANSWERS = st.lists(st.tuples(st.sampled_from([200, 422, 499, 500, 503]), st.sampled_from([None, "a/1", "a/2", "b/1"])))


def test_nothing_was_asked_yet() -> None:
    summary = TrafficWindow().summary()
    assert (summary.requests, summary.errors, summary.error_rate, summary.models) == (0, 0, 0.0, [])


def test_a_canary_shows_with_its_share_and_its_errors() -> None:
    window = TrafficWindow()
    for status, model in [(200, "housing/1.0.0")] * 9 + [(500, "housing/1.1.0"), (502, None)]:
        window.add(status, model)
    summary = window.summary()
    assert (summary.requests, summary.errors, summary.error_rate) == (11, 2, pytest.approx(2 / 11))
    assert [(one.model, one.requests, one.errors, one.share) for one in summary.models] == [
        ("housing/1.0.0", 9, 0, 0.9),
        ("housing/1.1.0", 1, 1, 0.1),
    ]


def test_forgets_what_is_long_ago() -> None:
    window = TrafficWindow(size=2)
    for status in [500, 200, 200]:
        window.add(status, "a/1")
    assert window.summary().errors == 0


@given(ANSWERS, st.integers(1, 50))
def test_shares_and_counts_add_up(answers: list[tuple[int, str | None]], size: int) -> None:
    window = TrafficWindow(size)
    for status, model in answers:
        window.add(status, model)
    summary, last = window.summary(), answers[-size:]
    assert summary.requests == len(last)
    assert summary.errors == sum(status >= 500 for status, _ in last)
    assert sum(one.requests for one in summary.models) == sum(model is not None for _, model in last)
    assert sum(one.share for one in summary.models) == pytest.approx(1 if summary.models else 0)
    assert [one.model for one in summary.models] == sorted({model for _, model in last if model is not None})
