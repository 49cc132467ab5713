"""Deliveries: one file, or one pull of a database, is one delivery, with a number that only grows,
bound to its content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from conf.s3 import S3
from jobs.runtime.lake import Lake
from jobs.runtime.records import DELIVERIES, Record, RecordLog, latest
from jobs.runtime.source_paths import Stamp, source_path, stamp_of
from udfs.column_names import told_names

INGEST = "atlas.ingest"


class DeliveryStatus(StrEnum):
    """What became of a delivery number."""

    REGISTERED = "registered"  # number bound to (name, content); Bronze may or may not have it
    RECEIVED = "received"  # all its rows are in Bronze
    FAILED = "failed"  # could not be read: the file gets a new number when it is tried again
    ABANDONED = "abandoned"  # the file changed or went before it was read


CLOSED = (DeliveryStatus.RECEIVED, DeliveryStatus.FAILED, DeliveryStatus.ABANDONED)


@dataclass(frozen=True)
class Arrival:
    """A file that is here now, and what one pass over its bytes told; or what a pull would bring."""

    table: str
    source_name: str
    path: str
    size: int
    modified_at: datetime
    content_sha256: str
    records: int
    header: tuple[str, ...] | None
    missing_columns: tuple[str, ...]
    extra_columns: tuple[str, ...]
    known_columns: tuple[str, ...] = ()  # source names in the contract
    e_tag: str | None = None  # of an object
    watermark: str | None = (
        None  # of a pull: column=its greatest value, from which the next goes on
    )
    again_sha256: str | None = None  # of a pull: of those rows that the next one takes again

    @property
    def told_header(self) -> tuple[str, ...] | None:
        """The header as it may be stored outside Bronze: a name can be a value."""
        return None if self.header is None else told_names(self.header, self.known_columns)

    @property
    def stamp(self) -> Stamp:
        return Stamp(self.size, self.modified_at, self.e_tag)

    @property
    def binding(self) -> tuple[str, str]:
        return self.source_name, self.content_sha256


class Deliveries:
    """The deliveries of one table, as `ops/deliveries` tells them."""

    def __init__(self, lake: Lake, table: str, run_id: str) -> None:
        self._lake, self._table, self._run_id = lake, table, run_id
        self._log: RecordLog = lake.log("ops.deliveries", DELIVERIES)
        self._events = latest(self._log.read(f"\"table\" = '{table}'"), "delivery")

    @property
    def all(self) -> list[Record]:
        """The latest event of each delivery, by number."""
        return sorted(self._events.values(), key=lambda d: int(d["delivery"]))

    def with_status(self, *statuses: DeliveryStatus) -> list[Record]:
        return [d for d in self.all if d["status"] in statuses]

    @property
    def last_received(self) -> Record | None:
        received = self.with_status(DeliveryStatus.RECEIVED)
        return received[-1] if received else None

    def close(self, delivery: Record, status: DeliveryStatus, **facts: Any) -> None:
        self._append([{**delivery, **facts, "status": str(status)}])

    def close_what_bronze_has(self) -> None:
        """After a crash: a number that is found in Bronze was received.

        Unless its file was replaced before Bronze had it all: Spark may have read either content.
        """
        for delivery in self.with_status(DeliveryStatus.REGISTERED):
            commit = self._lake.commit(f"bronze.{self._table}", INGEST, delivery["delivery"])
            rows = self.rows_in_bronze(delivery["delivery"])
            if commit is None and not rows:
                continue
            s3 = self._lake.settings.s3
            changed = commit is not None and _changed_before(commit["committed_at"], delivery, s3)
            if changed or rows != delivery["records"]:
                reason = "the run that read it died, and the file changed while it was being read"
                self.close(delivery, DeliveryStatus.FAILED, rows=rows, reason=reason)
            else:
                self.close(delivery, DeliveryStatus.RECEIVED, rows=rows)

    def rows_in_bronze(self, delivery: int) -> int:
        """Rows of one delivery, recounted from the table; the commit's statistics keep it cheap."""
        counted = self._lake.query(
            f"bronze.{self._table}",
            f"select count(*) as n from t where _bronze_delivery = {int(delivery)}",
        )
        return int(counted[0]["n"]) if counted else 0

    def new_among(self, arrivals: Sequence[Arrival]) -> list[Arrival]:
        """The arrivals to take in, in the order of their numbers to be.

        Left out is what the same source name carried before, and what the delivery before it
        holds, be that one received or just about to be: a crash between the two, or a run for each
        of them, gives the same deliveries.
        """
        carried = {_binding(d) for d in self.with_status(DeliveryStatus.RECEIVED)}
        before = self.last_received["content_sha256"] if self.last_received else None
        new = []
        for arrival in self._in_turn(arrivals):
            if arrival.binding not in carried and arrival.content_sha256 != before:
                new.append(arrival)
                carried.add(arrival.binding)
                before = arrival.content_sha256
        return new

    def _in_turn(self, arrivals: Sequence[Arrival]) -> list[Arrival]:
        """Those that have a number from a run that died, then the others as they are given."""
        numbers: dict[tuple[str, str], int] = {}
        for delivery in self.with_status(DeliveryStatus.REGISTERED):
            numbers.setdefault(_binding(delivery), int(delivery["delivery"]))
        numbered = [a for a in arrivals if a.binding in numbers]
        others = [a for a in arrivals if a.binding not in numbers]
        return [*sorted(numbered, key=lambda a: numbers[a.binding]), *others]

    def open_for(self, arrivals: Sequence[Arrival]) -> list[Record]:
        """Numbers for arrivals, in order: an open one with the same binding is used again.

        An open number whose file is gone or changed is abandoned: its content gets a new one.
        """
        bindings = {a.binding for a in arrivals}
        kept: dict[tuple[str, str], Record] = {}
        for delivery in self.with_status(DeliveryStatus.REGISTERED):
            binding = _binding(delivery)
            if binding in bindings and binding not in kept:
                kept[binding] = delivery
            else:
                self.close(
                    delivery, DeliveryStatus.ABANDONED, reason="source changed, gone or known"
                )
        number = max((int(d["delivery"]) for d in self.all), default=0)
        new = []
        for arrival in arrivals:
            if arrival.binding not in kept:
                number += 1
                kept[arrival.binding] = self._registered(arrival, number)
                new.append(kept[arrival.binding])
        self._append(new)
        return sorted(kept.values(), key=lambda d: int(d["delivery"]))

    def _registered(self, arrival: Arrival, number: int) -> Record:
        return {
            "table": self._table,
            "delivery": number,
            "status": str(DeliveryStatus.REGISTERED),
            "source_name": arrival.source_name,
            "path": arrival.path,
            "size": arrival.size,
            "modified_at": arrival.modified_at,
            "content_sha256": arrival.content_sha256,
            "header": list(arrival.told_header) if arrival.told_header is not None else None,
            "missing_columns": list(arrival.missing_columns),
            "extra_columns": list(arrival.extra_columns),
            "records": arrival.records,
            "watermark": arrival.watermark,
            "again_sha256": arrival.again_sha256,
        }

    def _append(self, events: Sequence[Mapping[str, Any]]) -> None:
        now = datetime.now(UTC)
        stamped = [{**e, "run_id": self._run_id, "recorded_at": now} for e in events]
        self._log.append(stamped)
        for event in stamped:
            self._events[(event["delivery"],)] = event


def _binding(delivery: Record) -> tuple[str, str]:
    return delivery["source_name"], delivery["content_sha256"]


def _changed_before(moment: datetime, delivery: Record, s3: S3) -> bool:
    """Whether the file is another one since before `moment`; one that is gone was whole, and so is
    what a pull read of a snapshot."""
    if delivery["again_sha256"] is not None:
        return False
    path = source_path(delivery["path"], s3)
    try:
        now = stamp_of(path)
        # Renaming a file into place leaves its modification time alone, not its change time.
        changed_at = (
            datetime.fromtimestamp(path.stat().st_ctime, UTC)
            if isinstance(path, Path)
            else now.modified_at
        )
    except OSError:
        return False
    was = delivery["size"], delivery["modified_at"]
    return (now.size, now.modified_at) != was and changed_at < moment
