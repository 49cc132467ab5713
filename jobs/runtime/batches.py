"""Batches: which rows of a table are refined together, recorded before any write.

Most cover deliveries. A `retake` covers single rows that an earlier batch put in quarantine.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from jobs.runtime.corrections import Corrections
from jobs.runtime.counts import TableCounts
from jobs.runtime.decisions import Decision, Decisions
from jobs.runtime.deliveries import CLOSED, Deliveries, DeliveryStatus
from jobs.runtime.lake import Lake
from jobs.runtime.records import BATCHES, Record, RecordLog, latest

REFINE = "atlas.refine"
RETAKEN = "ops.retaken"
Reference = tuple[int, int]
"""(`_bronze_delivery`, `_bronze_row`)."""


class BatchStatus(StrEnum):
    """What became of a batch number."""

    OPEN = "open"
    PUBLISHED = "published"
    HELD = "held"  # stopped by a gate: nothing of it was published
    ABANDONED = "abandoned"  # what it was opened with changed before it was published: ignored


_LOSABLE = (BatchStatus.OPEN, BatchStatus.PUBLISHED)
_LOST = "another writer has overwritten its commit"


class Kind(StrEnum):
    """What a batch covers."""

    DELIVERIES = "deliveries"
    RETAKE = "retake"


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
    """An open batch: what it covers and its number."""

    table: str
    number: int
    deliveries: tuple[int, ...]  # none in a retake
    record: Record
    rows: int = 0  # of what it covers
    modified_at: Mapping[int, datetime] = field(default_factory=dict)  # of each delivery's file
    retaken: tuple[Reference, ...] = ()  # the rows of a retake
    settled: tuple[int, ...] = ()  # published deliveries whose rows may be newer than its own
    rejected: frozenset[int] = frozenset()  # deliveries whose rows all go to quarantine
    released: frozenset[int] = frozenset()  # deliveries whose quality somebody accepts

    @property
    def undecided(self) -> list[int]:
        """Its deliveries that nobody has released or rejected."""
        return [n for n in self.deliveries if n not in self.rejected | self.released]

    @property
    def is_retake(self) -> bool:
        return self.record["kind"] == Kind.RETAKE


class Batches:
    """The batches of one table, as `ops/batches` tells them."""

    def __init__(self, lake: Lake, table: str, run_id: str, parents: str | None = None) -> None:
        """`parents`: what the batches that are opened tell of their parents' state."""
        self._lake, self._table, self._run_id, self.parents = lake, table, run_id, parents
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

    def kind(self, number: int) -> Kind:
        return Kind(self._events[(number,)]["kind"] or Kind.DELIVERIES)

    def next(self, deliveries: Deliveries, recipe: Recipe, *, waits: bool = False) -> Batch | None:
        """The batch to work on: the open one with its bounds, else one over what came since.

        An open or held batch of another recipe, or on which people have said more since, is
        abandoned, and a new number covers its deliveries. With `waits` nothing is opened behind a
        held batch.
        """
        for batch in self.with_status(BatchStatus.OPEN, BatchStatus.HELD):
            if not recipe.made(batch) or self._was_said_more(batch):
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
        reason = "recipe changed, or something was decided or corrected"
        abandoned = {**batch, "status": str(BatchStatus.ABANDONED), "reason": reason}
        self._append(abandoned, record)
        return record

    def lose(self, numbers: Collection[int]) -> None:
        """Silver has lost these: each is abandoned, and a new number covers its deliveries. The rows
        of a retake are in quarantine again, as they were."""
        gone = [b for b in self.all if b["batch"] in numbers and b["status"] in _LOSABLE]
        events: list[Mapping[str, Any]] = []
        number = self._last_number
        for batch in gone:
            events.append({**batch, "status": str(BatchStatus.ABANDONED), "reason": _LOST})
            if batch["kind"] != Kind.RETAKE:
                number += 1
                nothing = dict.fromkeys(TableCounts().as_dict())
                again = {"batch": number, "status": str(BatchStatus.OPEN), "reason": None}
                events.append({**batch, **nothing, **again, "retaken": 0})
        if events:
            self._append(*events)

    def retake(self, rows: Sequence[Reference], recipe: Recipe) -> Batch:
        """Open a batch over rows that are in quarantine."""
        record = self._new(Kind.RETAKE, recipe) | {"corrections": self._corrections.last}
        self._append(record)
        return Batch(
            self._table,
            record["batch"],
            (),
            record,
            rows=len(rows),
            retaken=tuple(rows),
            settled=self._published_deliveries(),
            rejected=self._decisions.those(Decision.REJECT),
        )

    def _opened(self, first: int, last: int, recipe: Recipe) -> Record:
        covered = range(first, last + 1)
        return self._new(Kind.DELIVERIES, recipe) | {
            "from_delivery": first,
            "to_delivery": last,
            "decisions": self._decisions.count(covered),
            "corrections": self._corrections.last_among(covered),
        }

    def _new(self, kind: Kind, recipe: Recipe) -> dict[str, Any]:
        return {
            "table": self._table,
            "batch": self._last_number + 1,
            "status": str(BatchStatus.OPEN),
            "kind": str(kind),
            "retaken": 0,
            "parents": self.parents,
            **vars(recipe),
        }

    @property
    def _last_number(self) -> int:
        return max((int(b["batch"]) for b in self.all), default=0)

    def _was_said_more(self, batch: Record) -> bool:
        covered = covered_by(batch)
        said = self._decisions.count(covered), self._corrections.last_among(covered)
        return said != (batch["decisions"] or 0, batch["corrections"] or 0)

    @cached_property
    def _decisions(self) -> Decisions:
        return Decisions(self._lake, self._table)

    @cached_property
    def _corrections(self) -> Corrections:
        return Corrections(self._lake, self._table)

    def close(
        self, batch: Batch, status: BatchStatus, counts: TableCounts, reason: str = ""
    ) -> None:
        self._close(batch.record, status, counts, reason)

    def close_what_silver_has(self) -> list[Record]:
        """After a crash between MERGE and close: the commit tells the counts. Returns the batches,
        each with the run that opened it.

        A retake that did not come so far is given up: its rows are where they were, and are chosen
        again.
        """
        closed: list[Record] = []
        for record in self.with_status(BatchStatus.OPEN):
            commit = self._lake.commit(f"silver.{self._table}", REFINE, int(record["batch"]))
            if commit:
                self._close(record, BatchStatus.PUBLISHED, TableCounts.of(commit["counts"]))
                closed.append({**record, **commit["counts"]})
            elif record["kind"] == Kind.RETAKE:
                self._close(
                    record, BatchStatus.ABANDONED, TableCounts(), "the run that did it died"
                )
        return closed

    def _close(
        self, record: Record, status: BatchStatus, counts: TableCounts, reason: str = ""
    ) -> None:
        is_published = status is BatchStatus.PUBLISHED
        retaken = self._retaken(int(record["batch"])) if is_published else 0
        more = {"status": str(status), "reason": reason or None, "retaken": retaken}
        self._append({**record, **more, **counts.as_dict()})

    def _retaken(self, number: int) -> int:
        sql = f"select count(*) as n from t where \"table\" = '{self._table}' and batch = {number}"
        counted = self._lake.query(RETAKEN, sql)
        return int(counted[0]["n"]) if counted else 0

    def _watermark(self) -> int:
        done = self.with_status(BatchStatus.PUBLISHED, BatchStatus.HELD)
        return max((int(b["to_delivery"] or 0) for b in done), default=0)

    def _published_deliveries(self, after: int = 0) -> tuple[int, ...]:
        """All of them, if one is later than `after`."""
        published = [d for b in self.with_status(BatchStatus.PUBLISHED) for d in covered_by(b)]
        return tuple(sorted(published)) if max(published, default=0) > after else ()

    def _batch(self, record: Record, deliveries: Deliveries) -> Batch:
        low, high = record["from_delivery"], record["to_delivery"]
        received = deliveries.with_status(DeliveryStatus.RECEIVED)
        covered = [d for d in received if low <= d["delivery"] <= high]
        numbers = tuple(int(d["delivery"]) for d in covered)
        rows = sum(int(d["records"]) for d in covered)
        return Batch(
            self._table,
            int(record["batch"]),
            numbers,
            record,
            rows=rows,
            modified_at={int(d["delivery"]): d["modified_at"] for d in covered},
            settled=self._published_deliveries(after=high),
            rejected=self._decisions.those(Decision.REJECT).intersection(numbers),
            released=self._decisions.those(Decision.RELEASE).intersection(numbers),
        )

    def _append(self, *events: Mapping[str, Any]) -> None:
        stamp = {"run_id": self._run_id, "recorded_at": datetime.now(UTC)}
        stamped = [{**event, **stamp} for event in events]
        self._log.append(stamped)
        self._events |= {(event["batch"],): event for event in stamped}


def covered_by(batch: Record) -> range:
    """The delivery numbers between a batch's bounds; a retake has none."""
    if batch["from_delivery"] is None:
        return range(0)
    return range(int(batch["from_delivery"]), int(batch["to_delivery"]) + 1)


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
