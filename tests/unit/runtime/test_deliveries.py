"""Delivery numbers: they only grow, and bind to a name and its content."""

import dataclasses
import json
import time
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from deltalake import CommitProperties, write_deltalake

from conf.settings import Settings
from jobs.runtime.deliveries import INGEST, Arrival, Deliveries, DeliveryStatus
from jobs.runtime.lake import Lake, Transaction


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
    assert deliveries(lake).new_among([arrival(*now)]) == ([] if known else [arrival(*now)])


@pytest.mark.parametrize("received_first", [False, True])
def test_the_same_content_under_a_second_name_is_left_out_wherever_the_run_was_killed(
    lake, received_first
):
    here = [arrival("a", "1"), arrival("b", "1"), arrival("c", "2"), arrival("d", "1")]
    book = deliveries(lake)
    opened = book.open_for(book.new_among(here))
    if received_first:
        book.close(opened[0], DeliveryStatus.RECEIVED, rows=1)
    again = deliveries(lake)
    expected = [(1, "a"), (2, "c"), (3, "d")][received_first:]
    assert numbers(again.open_for(again.new_among(here))) == expected


def test_a_number_that_repeats_the_delivery_now_before_it_is_abandoned(lake):
    """Its neighbour was replaced, so that two deliveries of one content would follow each other."""
    book = deliveries(lake)
    first, _, _ = book.open_for([arrival("a", "1"), arrival("b", "2"), arrival("c", "1")])
    book.close(first, DeliveryStatus.RECEIVED, rows=1)
    again = deliveries(lake)
    new = again.new_among([arrival("a", "1"), arrival("c", "1"), arrival("b", "3")])
    assert numbers(again.open_for(new)) == [(4, "b")]
    assert [d["status"] for d in again.all] == [
        "received", "abandoned", "abandoned", "registered",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("replaced", "rows", "status"),
    [
        ("never", 2, "received"),
        ("after", 2, "received"),
        ("before", 2, "failed"),
        ("removed", 2, "received"),
        ("never", 1, "failed"),
    ],
)
def test_after_a_crash_a_number_in_bronze_is_closed_by_what_became_of_its_file(
    lake, tmp_path, replaced, rows, status
):
    path = tmp_path / "a.csv"
    path.write_text("old")
    stat = path.stat()
    told = dataclasses.replace(
        arrival("a.csv", "1"), path=str(path), size=stat.st_size, records=2,
        modified_at=datetime.fromtimestamp(stat.st_mtime, UTC),
    )  # fmt: skip
    deliveries(lake).open_for([told])
    if replaced == "before":
        path.write_text("another")
        time.sleep(0.02)
    write_deltalake(
        lake.path("bronze.orders"),
        pa.table({"_bronze_delivery": pa.array([1] * rows, pa.int64())}),
        commit_properties=CommitProperties(
            custom_metadata={"userMetadata": json.dumps(Transaction(INGEST, 1).metadata)}
        ),
    )
    if replaced == "after":
        time.sleep(0.02)
        path.write_text("another")
    if replaced == "removed":
        path.unlink()
    book = deliveries(lake)
    book.close_what_bronze_has()
    assert [d["status"] for d in book.all] == [status]
