"""What a person may decide on: held deliveries, and rows that were taken again too often."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from conf.contract import Contracts
from conf.errors import UsageError, listed
from jobs.runtime.batches import Batches, BatchStatus, Reference, covered_by
from jobs.runtime.cli import table_names
from jobs.runtime.correction_file import Line, check_corrections, read_corrections
from jobs.runtime.corrections import new_among
from jobs.runtime.decisions import Decision, Decisions
from jobs.runtime.deliveries import Deliveries, DeliveryStatus
from jobs.runtime.lake import Lake
from jobs.runtime.quarantined import Quarantined, RowState, quarantined
from jobs.runtime.records import Record
from jobs.runtime.retaking import alive
from jobs.runtime.runs import Run


class Dead(StrEnum):
    """What is decided of dead rows."""

    RETRY = "retry"
    DISCARD = "discard"


@dataclass(frozen=True)
class Request:
    """What somebody wants done, and why."""

    tables: list[str] | None = None
    release: tuple[int, ...] = ()
    reject: tuple[int, ...] = ()
    corrections: Path | None = None
    retry: bool = False
    dead: Dead | None = None
    why: str = ""

    @property
    def is_decision(self) -> bool:
        return bool(self.release or self.reject or self.corrections or self.dead)


def held(lake: Lake, table: str) -> Iterator[Record]:
    """The table's held deliveries: `delivery`, `rows`, `source_name`, `since` and `reason`."""
    received = Deliveries(lake, table, "").with_status(DeliveryStatus.RECEIVED)
    for batch in Batches(lake, table, "").with_status(BatchStatus.HELD):
        for delivery in received:
            if delivery["delivery"] in covered_by(batch):
                yield {
                    "table": table,
                    "delivery": delivery["delivery"],
                    "source_name": delivery["source_name"],
                    "rows": delivery["records"],
                    "since": batch["recorded_at"],
                    "reason": batch["reason"],
                }


def table_of(lake: Lake, tables: Sequence[str], delivery: int, decision: Decision) -> str:
    """The one table of which this may be decided.

    A held delivery may be released or rejected, a rejected one released; what was decided so already
    may be said again. Raises: UsageError if no table or several have such a delivery.
    """
    able = [table for table in tables if delivery in _open_to(lake, table, decision)]
    if len(able) == 1:
        return able[0]
    if able:
        raise UsageError(f"delivery {delivery}: say of which table by --table: {listed(able)}")
    there = [f"{one['table']} {one['delivery']}" for table in tables for one in held(lake, table)]
    raise UsageError(
        f"delivery {delivery} is not held in {listed(tables)}; held are: {listed(there)}"
    )


def _open_to(lake: Lake, table: str, decision: Decision) -> set[int]:
    decisions = Decisions(lake, table)
    waiting = {one["delivery"] for one in held(lake, table)}
    rejected = decisions.those(Decision.REJECT) if decision is Decision.RELEASE else frozenset()
    return waiting | decisions.those(decision) | rejected


def dead_rows(lake: Lake, table: str, attempts: int) -> list[Quarantined]:
    return [row for row in quarantined(lake, table) if row.state(attempts) is RowState.DEAD]


def decided_of(
    lake: Lake, contracts: Contracts, request: Request, attempts: int
) -> Mapping[str, list[dict[str, Any]]]:
    """The decisions by table, without those that stand already. Raises: UsageError."""
    tables = table_names(contracts, request.tables)
    decided: dict[str, list[dict[str, Any]]] = defaultdict(list)
    both = set(request.release) & set(request.reject)
    if both:
        raise UsageError(f"delivery {min(both)}: --release and --reject exclude each other")
    for decision, numbers in (
        (Decision.RELEASE, request.release),
        (Decision.REJECT, request.reject),
    ):
        for number in numbers:
            table = table_of(lake, tables, number, decision)
            if number not in Decisions(lake, table).those(decision):
                decided[table].append({"delivery": number, "decision": str(decision)})
    for table in tables if request.dead else ():
        decided[table] += [
            {
                "delivery": row.delivery,
                "row": row.row,
                "decision": str(request.dead),
                "attempts": row.retakes,
            }
            for row in dead_rows(lake, table, attempts)
        ]
    return decided


def corrections_of(
    lake: Lake, contracts: Contracts, request: Request, attempts: int
) -> list[Mapping[str, Any]]:
    """Those that say something new. Raises: UsageError."""
    if request.corrections is None:
        return []
    lines = read_corrections(request.corrections)
    news = new_among(lake, [correction for _, correction in lines])
    new: list[Line] = [line for line in lines if line[1] in news]
    check_corrections(lake, contracts, attempts, request.corrections, new)
    return news


def retried_of(
    run: Run, request: Request, decided: Mapping[str, list[dict[str, Any]]]
) -> dict[str, set[Reference]]:
    """The rows that the request wants taken again, by table."""
    rows: dict[str, set[Reference]] = {}
    for table in table_names(run.contracts, request.tables):
        revived = {(d["delivery"], d.get("row")) for d in decided.get(table, ())}
        rows[table] = {
            row.reference for row in alive(run, table) if request.retry or row.reference in revived
        }
    return rows
