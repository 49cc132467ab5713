"""Delivery numbers: they only grow, and bind to a name and its content."""

from datetime import UTC, datetime

import pytest

from conf.settings import Settings
from jobs.runtime.deliveries import Arrival, Deliveries, DeliveryStatus
from jobs.runtime.lake import Lake


def arrival(name: str, content: str) -> Arrival:
    return Arrival(
        table="orders",
        source_name=name,
        path=f"/sources/{name}",
        size=1,
        modified_at=datetime(2026, 1, 1, tzinfo=UTC),
        content_sha256=content,
        records=1,
        header=("order_id",),
        missing_columns=(),
        extra_columns=(),
    )


@pytest.fixture
def lake(tmp_path):
    return Lake(Settings(lake=str(tmp_path)))


def deliveries(lake: Lake) -> Deliveries:
    return Deliveries(lake, "orders", "run")


def numbers(records) -> list[tuple[int, str]]:
    return [(r["delivery"], r["source_name"]) for r in records]


def test_new_files_are_numbered_in_the_order_they_are_given(lake):
    opened = deliveries(lake).open_for([arrival("b", "1"), arrival("a", "2")])
    assert numbers(opened) == [(1, "b"), (2, "a")]
    assert numbers(deliveries(lake).all) == [(1, "b"), (2, "a")]


def test_after_a_crash_the_same_file_keeps_its_number(lake):
    deliveries(lake).open_for([arrival("a", "1"), arrival("b", "2")])
    again = deliveries(lake).open_for([arrival("b", "2"), arrival("c", "3")])
    assert numbers(again) == [(2, "b"), (3, "c")]
    assert [d["status"] for d in deliveries(lake).all] == ["abandoned", "registered", "registered"]


def test_a_file_that_changed_before_it_was_read_gets_a_new_number(lake):
    deliveries(lake).open_for([arrival("a", "old")])
    assert numbers(deliveries(lake).open_for([arrival("a", "new")])) == [(2, "a")]


def test_a_failed_number_is_never_used_again(lake):
    first = deliveries(lake)
    first.close(first.open_for([arrival("a", "1")])[0], DeliveryStatus.FAILED, reason="unreadable")
    assert numbers(deliveries(lake).open_for([arrival("a", "1")])) == [(2, "a")]


@pytest.mark.parametrize(
    ("received", "now", "known"),
    [
        ([("a", "1")], ("a", "1"), True),  # the same file again
        ([("a", "1")], ("b", "1"), True),  # the latest delivery under another name
        ([("a", "1"), ("c", "2")], ("b", "1"), False),  # an older one under another name
        ([("a", "1"), ("a", "2")], ("a", "1"), True),  # this name carried it before
        ([("a", "1")], ("a", "2"), False),  # new content
    ],
)
def test_what_was_here_before_is_known(lake, received, now, known):
    book = deliveries(lake)
    for name, content in received:
        book.close(book.open_for([arrival(name, content)])[0], DeliveryStatus.RECEIVED, rows=1)
    assert deliveries(lake).is_known(arrival(*now)) is known
