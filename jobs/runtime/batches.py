"""Batches: which deliveries of a table are refined together, recorded before any write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from jobs.runtime.counts import TableCounts
from jobs.runtime.deliveries import CLOSED, Deliveries, DeliveryStatus
from jobs.runtime.lake import Lake
from jobs.runtime.records import BATCHES, Record, RecordLog, latest

REFINE = "atlas.refine"


class BatchStatus(StrEnum):
    """What became of a batch number."""

    OPEN = "open"
    PUBLISHED = "published"
    HELD = "held"  # stopped by a gate: nothing of it was published
    ABANDONED = "abandoned"  # contract, detector or key changed before it was published: ignored


@dataclass(frozen=True)
class Recipe:
    """What a batch was opened with; done again with anything else it would not be the same."""

    contract_sha256: str
    pii_version: str
    key_fingerprint: str

    def made(self, batch: Record) -> bool:
        return all(batch[name] == value for name, value in vars(self).items())


@dataclass(frozen=True)
class Batch:
    """An open batch: the deliveries it covers and its number."""

    table: str
    number: int
    deliveries: tuple[int, ...]
    record: Record
    rows: int = 0  # of its deliveries
    modified_at: Mapping[int, datetime] = field(default_factory=dict)  # of each delivery's file

    @property
    def bounds(self) -> tuple[int, int]:
        return int(self.record["from_delivery"]), int(self.record["to_delivery"])


class Batches:
    """The batches of one table, as `ops/batches` tells them."""

    def __init__(self, lake: Lake, table: str, run_id: str) -> None:
        self._lake, self._table, self._run_id = lake, table, run_id
        self._log: RecordLog = lake.log("ops.batches", BATCHES)
        self._events = latest(self._log.read(f"\"table\" = '{table}'"), "batch")

    @property
    def all(self) -> list[Record]:
        return sorted(self._events.values(), key=lambda b: int(b["batch"]))

    def with_status(self, *statuses: BatchStatus) -> list[Record]:
        return [b for b in self.all if b["status"] in statuses]

    @property
    def published(self) -> list[int]:
        """Numbers that readers of `ops/quarantine`, `duplicates` and `pii_detections` believe."""
        return [int(b["batch"]) for b in self.with_status(BatchStatus.PUBLISHED)]

    def next(self, deliveries: Deliveries, recipe: Recipe, *, waits: bool = False) -> Batch | None:
        """The batch to work on: the open one with its bounds, else one over what came since.

        An open or held batch of another recipe is abandoned, and a new number covers its
        deliveries. With `waits` nothing is opened behind a held batch.
        """
        for batch in self.with_status(BatchStatus.OPEN, BatchStatus.HELD):
            if not recipe.made(batch):
                return self._batch(self._done_again(batch, recipe), deliveries)
            if batch["status"] == BatchStatus.OPEN:
                return self._batch(batch, deliveries)
        if waits and self.with_status(BatchStatus.HELD):
            return None
        since = self._watermark()
        waiting = _settled_since(since, deliveries)
        if not waiting:
            return None
        record = self._opened(waiting[0], waiting[-1], recipe)
        self._append(record)
        return self._batch(record, deliveries)

    def _done_again(self, batch: Record, recipe: Recipe) -> Record:
        """Both events in one commit: between two, a crash would lose the deliveries or double them,
        since later ones may have been published already."""
        record = self._opened(batch["from_delivery"], batch["to_delivery"], recipe)
        abandoned = {**batch, "status": str(BatchStatus.ABANDONED), "reason": "recipe changed"}
        self._append(abandoned, record)
        return record

    def _opened(self, first: int, last: int, recipe: Recipe) -> Record:
        return {
            "table": self._table,
            "batch": max((int(b["batch"]) for b in self.all), default=0) + 1,
            "status": str(BatchStatus.OPEN),
            "from_delivery": first,
            "to_delivery": last,
            **vars(recipe),
        }

    def close(
        self, batch: Batch, status: BatchStatus, counts: TableCounts, reason: str = ""
    ) -> None:
        self._append(
            {**batch.record, "status": str(status), "reason": reason or None, **counts.as_dict()}
        )

    def close_what_silver_has(self) -> None:
        """After a crash between MERGE and close: the commit tells the counts."""
        for record in self.with_status(BatchStatus.OPEN):
            commit = self._lake.commit(f"silver.{self._table}", REFINE, int(record["batch"]))
            if commit:
                counts = TableCounts.of(commit["counts"])
                self._append({**record, "status": str(BatchStatus.PUBLISHED), **counts.as_dict()})

    def _watermark(self) -> int:
        done = self.with_status(BatchStatus.PUBLISHED, BatchStatus.HELD)
        return max((int(b["to_delivery"]) for b in done), default=0)

    def _batch(self, record: Record, deliveries: Deliveries) -> Batch:
        low, high = record["from_delivery"], record["to_delivery"]
        received = deliveries.with_status(DeliveryStatus.RECEIVED)
        covered = [d for d in received if low <= d["delivery"] <= high]
        numbers = tuple(int(d["delivery"]) for d in covered)
        rows = sum(int(d["records"]) for d in covered)
        modified_at = {int(d["delivery"]): d["modified_at"] for d in covered}
        return Batch(self._table, int(record["batch"]), numbers, record, rows, modified_at)

    def _append(self, *events: Mapping[str, Any]) -> None:
        stamp = {"run_id": self._run_id, "recorded_at": datetime.now(UTC)}
        stamped = [{**event, **stamp} for event in events]
        self._log.append(stamped)
        self._events |= {(event["batch"],): event for event in stamped}


def _settled_since(number: int, deliveries: Deliveries) -> Sequence[int]:
    """Received deliveries above `number`, up to the first one whose fate is not known yet."""
    settled: list[int] = []
    for delivery in deliveries.all:
        if delivery["delivery"] <= number:
            continue
        if delivery["status"] not in CLOSED:
            break
        if delivery["status"] == DeliveryStatus.RECEIVED:
            settled.append(int(delivery["delivery"]))
    return settled
