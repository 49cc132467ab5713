"""The recount can fail: each number that is not as it should be is found and told."""

from __future__ import annotations

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from conf.errors import AccountingError
from conf.settings import Settings
from jobs.runtime.accounting import verify_table
from jobs.runtime.batches import Batches, BatchStatus, Recipe
from jobs.runtime.counts import TableCounts
from jobs.runtime.deliveries import DeliveryStatus
from jobs.runtime.lake import Lake
from tests.unit.runtime.test_deliveries import arrival, deliveries

COUNTS = TableCounts(read=5, inserted=2, duplicates=1, quarantined=2)


def write(lake: Lake, name: str, rows: list[dict]) -> None:
    if rows:
        write_deltalake(lake.path(name), pa.Table.from_pylist(rows), mode="append")


def bronze(*numbers: int, delivery: int = 1) -> list[dict]:
    return [{"_bronze_delivery": delivery, "_bronze_row": n} for n in numbers]


def kept(count: int, batch: int = 1, table: str = "orders") -> list[dict]:
    return [{"table": table, "batch": batch, "_bronze_row": n} for n in range(count)]


def close_batch(lake: Lake, counts: TableCounts, status: BatchStatus) -> None:
    book = Batches(lake, "orders", "run")
    batch = book.next(deliveries(lake), Recipe("contract", "detector", "key"))
    assert batch is not None
    book.close(batch, status, counts)


def receive(lake: Lake, name: str, records: int) -> None:
    book = deliveries(lake)
    (opened,) = book.open_for([arrival(name, name)])
    book.close(opened, DeliveryStatus.RECEIVED, records=records, rows=records)


@pytest.fixture
def lake(tmp_path):
    """Five rows: two inserted, one duplicate, two in quarantine."""
    lake = Lake(Settings(lake=str(tmp_path)))
    receive(lake, "a", 5)
    write(lake, "bronze.orders", bronze(1, 2, 3, 4, 5))
    write(lake, "silver.orders", [{"id": "1"}, {"id": "2"}])
    write(lake, "ops.duplicates", kept(1))
    write(lake, "ops.quarantine", kept(2))
    close_batch(lake, COUNTS, BatchStatus.PUBLISHED)
    return lake


def test_what_adds_up_is_returned(lake):
    write(lake, "ops.quarantine", kept(7, batch=9))  # of a batch that was never published
    write(lake, "ops.quarantine", kept(7, table="customers"))
    assert verify_table(lake, "orders", "run") == COUNTS


def test_a_table_of_which_nothing_came(lake):
    assert verify_table(lake, "customers", "run") == TableCounts()


def test_a_held_batch_adds_up_too(lake):
    receive(lake, "b", 3)
    write(lake, "bronze.orders", bronze(1, 2, 3, delivery=2))
    close_batch(lake, TableCounts(read=3, held=3), BatchStatus.HELD)
    assert verify_table(lake, "orders", "run").as_dict() == (
        COUNTS.as_dict() | {"read": 8, "held": 3}
    )


def refused(lake: Lake, told: str) -> None:
    with pytest.raises(AccountingError) as error:
        verify_table(lake, "orders", "run")
    assert str(error.value) == (
        f"orders: the accounting is wrong: {told}; "
        "report this as a defect and keep the lake as it is"
    )


@pytest.mark.parametrize(
    ("name", "rows", "told"),
    [
        ("bronze.orders", bronze(6), "records of delivery 1: 5 against 6"),
        ("silver.orders", [{"id": "3"}], "rows inserted and rows in Silver: 2 against 3"),
        ("ops.quarantine", kept(1), "rows counted for and kept in ops/quarantine: 2 against 3"),
        ("ops.duplicates", kept(2), "rows counted for and kept in ops/duplicates: 1 against 3"),
    ],
)
def test_a_row_too_many(lake, name, rows, told):
    write(lake, name, rows)
    refused(lake, told)


@pytest.mark.parametrize(
    ("name", "lost", "told"),
    [
        ("bronze.orders", "_bronze_row = 3", "records of delivery 1: 5 against 4"),
        ("silver.orders", "id = '2'", "rows inserted and rows in Silver: 2 against 1"),
        (
            "ops.quarantine",
            "_bronze_row = 0",
            "rows counted for and kept in ops/quarantine: 2 against 1",
        ),
        ("ops.duplicates", "true", "rows counted for and kept in ops/duplicates: 1 against 0"),
    ],
)
def test_a_row_too_few(lake, name, lost, told):
    DeltaTable(lake.path(name)).delete(lost)
    refused(lake, told)


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        (TableCounts(read=2, inserted=2), "Bronze rows of batch 2: 1 against 2"),
        (TableCounts(read=1), "rows of batch 2 with an outcome: 1 against 0"),
        (TableCounts(read=1, updated=2), "rows of batch 2 with an outcome: 1 against 2"),
        (
            TableCounts(read=1, stale=1),
            "rows counted for and kept in ops/duplicates: 2 against 1",
        ),
    ],
)
def test_a_batch_that_miscounts(lake, counts, told):
    receive(lake, "b", 1)
    write(lake, "bronze.orders", bronze(1, delivery=2))
    close_batch(lake, counts, BatchStatus.PUBLISHED)
    refused(lake, told)
