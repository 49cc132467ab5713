"""Which rows in quarantine are taken again, since what kept them out may be gone."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contract import SourceContract
from jobs.runtime.batches import Batches, Kind, Reference
from jobs.runtime.corrections import Corrections, bronze_rows
from jobs.runtime.decisions import Decision, Decisions
from jobs.runtime.parents import parents_of
from jobs.runtime.quarantined import Quarantined, RowState, among, quarantined
from jobs.runtime.runs import Run
from transformations.corrections import REJECTED
from transformations.names import DELIVERY, REASONS, ROW
from transformations.parents import MISSING, waits_for_parents, with_parents
from transformations.standardize import standardized


def rows_to_retake(
    run: Run, contract: SourceContract, batches: Batches, also: Collection[Reference] = ()
) -> list[Reference] | None:
    """The rows to take again; None if there is nothing that could be.

    Those that were corrected since, those of a delivery that is not rejected any more, those whose
    parent has come, and what is asked for besides. An empty list: parents came, but none that a row
    waits for.
    """
    rows = alive(run, contract.table)
    wanted = {row.reference for row in _settled_by_somebody(run, contract, batches, rows)}
    wanted |= {row.reference for row in rows} & set(also)
    waiting = _with_news_of_parents(batches, rows)
    if not wanted and not waiting:
        return None
    return sorted(wanted | set(_with_parent(run, contract, waiting)))


def alive(run: Run, table: str) -> list[Quarantined]:
    """The table's rows in quarantine that are neither dead nor discarded."""
    limit = run.settings.reprocess_attempts
    return [row for row in quarantined(run.lake, table) if row.state(limit) is RowState.OPEN]


def _settled_by_somebody(
    run: Run, contract: SourceContract, batches: Batches, rows: Sequence[Quarantined]
) -> list[Quarantined]:
    corrections = Corrections(run.lake, contract.table)
    rejected = Decisions(run.lake, contract.table).those(Decision.REJECT)
    seen = {int(b["batch"]): b["corrections"] or 0 for b in batches.all}
    return [
        row
        for row in rows
        if corrections.of(*row.reference) > seen[row.batch]
        or (row.reason == REJECTED and row.delivery not in rejected)
    ]


def _with_news_of_parents(batches: Batches, rows: Sequence[Quarantined]) -> list[Quarantined]:
    """Rows that wait for a parent of which nobody knows yet that it has not come."""
    told = {int(b["batch"]): b["parents"] for b in batches.all}
    retakes = [n for n in batches.published if batches.kind(n) is Kind.RETAKE]
    asked = max(retakes, default=0)
    return [
        row
        for row in rows
        if row.reason == MISSING and told[max(row.batch, asked)] != batches.parents
    ]


def _with_parent(
    run: Run, contract: SourceContract, rows: Sequence[Quarantined]
) -> list[Reference]:
    """Of rows that wait for their parents those whose parents are there."""
    if not rows or not waits_for_parents(contract):
        return []
    run.lake.use(run.spark)
    found: DataFrame = (
        bronze_rows(run.lake, contract.table)
        .transform(among(run.lake, [row.reference for row in rows]))
        .transform(standardized(contract, run.keys))
        .transform(with_parents(contract, parents_of(run.lake, run.contracts, contract)))
        .where(~F.exists(REASONS, lambda reason: reason.startswith(MISSING)))
    )
    return [(row[DELIVERY], row[ROW]) for row in found.select(DELIVERY, ROW).collect()]
