"""The rows that are in quarantine now: `ops/quarantine` without what was taken again since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.runtime.batches import RETAKEN, Batches, BatchStatus, Reference
from jobs.runtime.decisions import Decision
from jobs.runtime.lake import Lake
from transformations.names import DELIVERY, ROW

Transform = Callable[[DataFrame], DataFrame]
_REFERENCE = f"{DELIVERY} bigint, {ROW} bigint"


class RowState(StrEnum):
    """What may become of a row in quarantine."""

    OPEN = "open"
    DEAD = "dead"  # taken again too often: somebody must decide
    DISCARDED = "discarded"


@dataclass(frozen=True)
class Quarantined:
    """A row that waits for somebody, or for its parent."""

    delivery: int
    row: int
    reason: str
    rule: str | None  # the column or rule that the reason is about
    batch: int  # that put it there last
    since: datetime  # when it came there first
    retakes: int  # how often it was taken again and came back
    forgiven: int  # of these: before somebody wanted it retried
    is_discarded: bool

    @property
    def reference(self) -> Reference:
        return self.delivery, self.row

    def state(self, attempts: int) -> RowState:
        """`attempts`: after so many only a decision brings it on."""
        if self.is_discarded:
            return RowState.DISCARDED
        return RowState.DEAD if self.retakes - self.forgiven >= attempts else RowState.OPEN


def quarantined(lake: Lake, table: str) -> list[Quarantined]:
    """The table's rows in quarantine, by delivery and row."""
    unpublished = [
        int(b["batch"])
        for b in Batches(lake, table, "").all
        if b["status"] != BatchStatus.PUBLISHED
    ]
    names = {"q": "ops.quarantine", "r": RETAKEN, "d": "ops.decisions"}
    there = {alias: name for alias, name in names.items() if lake.exists(name)}
    if "q" not in there:
        return []
    believed = f"\"table\" = '{table}' and batch not in ({', '.join(map(str, [0, *unpublished]))})"
    sql = _sql(table, believed, has_retaken="r" in there, has_decisions="d" in there)
    return [Quarantined(**row) for row in lake.query_tables(sql, **there)]


def _sql(table: str, believed: str, *, has_retaken: bool, has_decisions: bool) -> str:
    """Of each reference its last row, unless a later batch took it and let it through."""
    none = "where false"
    retaken = f"from r where {believed}" if has_retaken else f"from q {none}"
    decided = f'from d where "table" = \'{table}\' and "row" is not null' if has_decisions else ""
    decisions = (
        f'select delivery, "row", decision, attempts, row_number() over '
        f'(partition by delivery, "row" order by recorded_at desc) as nth {decided}'
        if decided
        else f"select 0 as delivery, 0 as \"row\", '' as decision, 0 as attempts, 1 as nth {none}"
    )
    return f"""
    with kept as (
        select {DELIVERY} as delivery, {ROW} as "row", reason, rule, batch, recorded_at,
            count(*) over (partition by {DELIVERY}, {ROW}) - 1 as retakes,
            min(recorded_at) over (partition by {DELIVERY}, {ROW}) as since,
            max(batch) over (partition by {DELIVERY}, {ROW}) as last
        from q where {believed}),
    taken as (
        select {DELIVERY} as delivery, {ROW} as "row", max(batch) as batch
        {retaken} group by {DELIVERY}, {ROW}),
    decided as (select * from ({decisions}) where nth = 1)
    select kept.delivery, kept."row", reason, rule, kept.batch, since,
        retakes, coalesce(decided.attempts, 0) as forgiven,
        coalesce(decided.decision, '') = '{Decision.DISCARD}' as is_discarded
    from kept
        left join taken on taken.delivery = kept.delivery and taken."row" = kept."row"
        left join decided on decided.delivery = kept.delivery and decided."row" = kept."row"
    where kept.batch = kept.last and coalesce(taken.batch, 0) <= kept.batch
    order by kept.delivery, kept."row"
    """


def references(lake: Lake, rows: Iterable[Reference]) -> DataFrame:
    """`_bronze_delivery`, `_bronze_row`."""
    return lake.spark.createDataFrame(list(rows), _REFERENCE)


def among(lake: Lake, rows: Sequence[Reference]) -> Transform:
    """Only the rows with one of these references; other deliveries' files are not read."""
    wanted = references(lake, rows)
    deliveries = sorted({delivery for delivery, _ in rows})
    return lambda df: df.where(F.col(DELIVERY).isin(*deliveries)).join(
        F.broadcast(wanted), [DELIVERY, ROW], "left_semi"
    )
