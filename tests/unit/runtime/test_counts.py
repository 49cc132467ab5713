"""Counts of rows."""

from __future__ import annotations

from jobs.runtime.counts import TableCounts


def test_counts_add_up_field_by_field():
    counts = TableCounts(read=3, inserted=1, held=2)
    counts.add(TableCounts(read=1, stale=1))
    assert counts == TableCounts(read=4, inserted=1, stale=1, held=2)


def test_accounted_is_every_row_with_an_outcome():
    outcomes = {n: 1 for n in TableCounts().as_dict() if n != "read"}
    assert TableCounts(read=100, **outcomes).accounted == 7


def test_counts_of_a_record():
    assert TableCounts.of({"read": 2, "updated": 2, "held": None, "batch": 9}) == TableCounts(
        read=2, updated=2
    )
    assert TableCounts.of(TableCounts(read=1).as_dict()) == TableCounts(read=1)
