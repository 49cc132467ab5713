"""Invariant 2, recounted from the tables at the end of every run: no row is ever lost."""

from __future__ import annotations

from conf.errors import AccountingError
from jobs.runtime.batches import Batches, BatchStatus, covered_by
from jobs.runtime.counts import TableCounts
from jobs.runtime.deliveries import Deliveries, DeliveryStatus
from jobs.runtime.lake import Lake
from jobs.runtime.runs import Run


def verify_accounting(run: Run) -> None:
    """Recount every table of the lake; a table that does not add up is a problem of the run."""
    for table in sorted(run.contracts.sources):
        try:
            verify_table(run.lake, table, run.run_id)
        except AccountingError as error:
            run.problem(error)


def verify_table(lake: Lake, table: str, run_id: str) -> TableCounts:
    """Compare records, Bronze, Silver and the kept references of one table.

    Returns: the counts of all published and held batches together; `read` is Bronze's rows, each
    once, the outcomes are those of every time a row was taken.
    Raises: AccountingError naming the table and the two numbers that differ.
    """
    deliveries = Deliveries(lake, table, run_id).with_status(DeliveryStatus.RECEIVED)
    in_bronze = _grouped(lake, f"bronze.{table}", "_bronze_delivery")
    for delivery in deliveries:
        number = delivery["delivery"]
        _same(table, f"records of delivery {number}", delivery["records"], in_bronze.get(number, 0))

    batches = Batches(lake, table, run_id).with_status(BatchStatus.PUBLISHED, BatchStatus.HELD)
    total = TableCounts()
    for batch in batches:
        counts = TableCounts.of(batch)
        covered = covered_by(batch)
        received = [d["delivery"] for d in deliveries if d["delivery"] in covered]
        bronze_rows = sum(in_bronze.get(number, 0) for number in received)
        first_read = counts.read - (batch["retaken"] or 0)
        _same(table, f"Bronze rows of batch {batch['batch']}", bronze_rows, first_read)
        _same(
            table, f"rows of batch {batch['batch']} with an outcome", counts.read, counts.accounted
        )
        total.add(counts)

    _same(table, "rows inserted and rows in Silver", total.inserted, _rows(lake, f"silver.{table}"))
    published = {b["batch"] for b in batches if b["status"] == BatchStatus.PUBLISHED}
    retaken = sum(batch["retaken"] or 0 for batch in batches)
    for name, expected in (
        ("quarantine", total.quarantined),
        ("duplicates", total.kept_by_reference),
        ("retaken", retaken),
    ):
        kept = _grouped(lake, f"ops.{name}", "batch", f"where \"table\" = '{table}'")
        believed = sum(n for batch, n in kept.items() if batch in published)
        _same(table, f"rows counted for and kept in ops/{name}", expected, believed)
    total.read -= retaken
    return total


def _grouped(lake: Lake, name: str, column: str, where: str = "") -> dict[int, int]:
    sql = f"select {column} as k, count(*) as n from t {where} group by {column}"
    return {row["k"]: row["n"] for row in lake.query(name, sql)}


def _rows(lake: Lake, name: str) -> int:
    counted = lake.query(name, "select count(*) as n from t")
    return int(counted[0]["n"]) if counted else 0


def _same(table: str, what: str, expected: int, found: int) -> None:
    if expected != found:
        raise AccountingError(
            f"{table}: the accounting is wrong: {what}: {expected} against {found}; "
            "report this as a defect and keep the lake as it is"
        )
