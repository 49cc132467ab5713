"""Numbers as the report writes them."""

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest

from jobs.runtime.report import words


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (1.0, "1.0000"),
        (0.99999, "0.9999"),
        (0.9747474, "0.9747"),
        (0.95, "0.9500"),
        (0.0, "0.0000"),
    ],
)
def test_only_a_perfect_score_is_one(share, told):
    assert words.score(share) == told


@pytest.mark.parametrize(
    ("number", "told"),
    [(5.050, "5.05"), (1647776.64, "1,647,776.64"), (100.0, "100"), (0.0, "0"), (None, "–"),
     (math.nan, "–"), (math.inf, "–")],
)  # fmt: skip
def test_what_a_check_measured(number, told):
    assert words.value(number) == told


@pytest.mark.parametrize(
    ("spent", "told"), [(0.04, "0.0 s"), (59.9, "59.9 s"), (61, "1 min 01 s"), (7260, "2 h 01 min")]
)
def test_seconds(spent, told):
    assert words.seconds(spent) == told


def test_times_are_of_utc():
    at = datetime(2026, 1, 5, 1, 2, 3, tzinfo=timezone(timedelta(hours=2)))
    assert words.time(at) == "4 January 2026, 23:02:03"
    assert words.time(datetime(2026, 1, 5, tzinfo=UTC)) == "5 January 2026, 00:00:00"
