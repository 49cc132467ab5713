"""What was decided about one Bronze row, or about one key: read from the tables, without a value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import pyarrow as pa
from deltalake import QueryBuilder

from conf.contract import SourceContract
from conf.errors import UsageError
from jobs.runtime.batches import REFINE, RETAKEN, Batches, BatchStatus, Kind, Reference, covered_by
from jobs.runtime.corrections import BRONZE_CORRECTIONS
from jobs.runtime.deliveries import Deliveries
from jobs.runtime.lake import Lake
from jobs.runtime.records import Record
from jobs.runtime.sql_text import quoted
from transformations.names import DELIVERY, ROW, SILVER_DELIVERY, SILVER_ROW

VERSIONS = 50  # of Silver that are looked back at for a key
Key = tuple[str, ...]


@dataclass(frozen=True)
class Event:
    """Something that was decided, and when."""

    at: datetime
    what: str  # delivered, held, quarantined, duplicate, unchanged, stale, inserted, updated, ...
    told: str


@dataclass(frozen=True)
class Story:
    """Of a row or a key: what happened, oldest first, and what is now."""

    events: list[Event] = field(default_factory=list)
    now: str = ""


class Stories:
    """The rows and keys of one table."""

    def __init__(self, lake: Lake, contract: SourceContract) -> None:
        self._lake, self._contract = lake, contract
        self._silver = f"silver.{contract.table}"

    def of_row(self, reference: Reference) -> Story:
        """Raises: UsageError for a row that Bronze does not have."""
        events = [self._delivered(reference), *self._said(reference)]
        key: Key | None = None
        for batch in self._batches.all:
            if not self._covers(batch, reference):
                continue
            event, found = self._in_batch(batch, reference)
            events.append(event)
            key = found or key
        events.sort(key=lambda event: event.at)
        return Story(events, self._now(reference, key, events))

    def of_key(self, key: Key) -> Story:
        """Raises: UsageError for a key that Silver never had, as far as is looked back."""
        events: list[Event] = []
        before: Reference | None = None
        for version, batch, at in reversed(self._published[:VERSIONS]):
            found = self._reference_of(key, version)
            if found is not None and found != before:
                what = "updated" if before else "inserted"
                events.append(Event(at, what, f"from row {_ref(found)} by batch {batch}"))
                before = found
        if before is None:
            raise UsageError(
                f"{self._silver} has no such key, nor had it in its last {VERSIONS} versions; a "
                "clear key is read from standard input (--clear)"
            )
        for row in self._others(key, before):
            events.append(row)
        current = self._reference_of(key)
        now = f"stands in {self._silver}, from row {_ref(current)}" if current else "is not there"
        return Story(sorted(events, key=lambda event: event.at), now)

    # Of a row.

    def _delivered(self, reference: Reference) -> Event:
        delivery, row = reference
        record = next((d for d in self._deliveries if d["delivery"] == delivery), None)
        sql = f"select min({ROW}) as low, max({ROW}) as high from t where {DELIVERY} = {delivery}"
        found = self._lake.query(f"bronze.{self._contract.table}", sql)
        low, high = (found[0]["low"], found[0]["high"]) if found else (None, None)
        there = self._count(f"bronze.{self._contract.table}", reference)
        if record is None or not there:
            known = f"has rows {low} to {high}" if low is not None else "is not there"
            raise UsageError(f"bronze.{self._contract.table}: no row {row} in delivery {delivery}, "
                             f"which {known}; a reference is DELIVERY:ROW, such as 7:12")  # fmt: skip
        told = f"row {row} of {record['source_name']}, delivery {delivery} ({record['status']})"
        return Event(record["recorded_at"], "delivered", told)

    def _said(self, reference: Reference) -> Iterator[Event]:
        """Decisions on it or its delivery, and corrections, without their values."""
        delivery, row = reference
        where = f"\"table\" = '{self._contract.table}' and delivery = {delivery}"
        sql = f'select * from t where {where} and ("row" is null or "row" = {row})'
        for one in self._lake.query("ops.decisions", sql):
            told = f"{one['decision']}: {one['why']} ({one['decided_by']})"
            yield Event(one["recorded_at"], "decided", told)
        place = f"{DELIVERY} = {delivery} and {ROW} = {row}"
        sql = (
            'select "column", why, corrected_by, recorded_at from t '
            f"where \"table\" = '{self._contract.table}' and {place}"
        )
        for one in self._lake.query(BRONZE_CORRECTIONS, sql):
            told = f"{one['column']}: {one['why']} ({one['corrected_by']})"
            yield Event(one["recorded_at"], "corrected", told)

    def _covers(self, batch: Record, reference: Reference) -> bool:
        if batch["status"] == BatchStatus.ABANDONED:
            return False
        if batch["kind"] == Kind.RETAKE:
            return bool(self._kept(RETAKEN, batch, reference))
        return reference[0] in covered_by(batch)

    def _in_batch(self, batch: Record, reference: Reference) -> tuple[Event, Key | None]:
        """What the batch did with the row; the key it brought to Silver."""
        at, number = batch["recorded_at"], batch["batch"]
        if batch["status"] != BatchStatus.PUBLISHED:
            reason = f": {batch['reason']}" if batch["reason"] else ""
            return Event(at, batch["status"], f"batch {number}{reason}"), None
        for row in self._kept("ops.quarantine", batch, reference):
            rule = f" ({row['rule']})" if row["rule"] else ""
            return Event(at, "quarantined", f"{row['reason']}{rule}, batch {number}"), None
        for row in self._kept("ops.duplicates", batch, reference):
            winner = _ref((row["_winner_delivery"], row["_winner_row"]))
            return Event(at, row["outcome"], f"row {winner} counts, batch {number}"), None
        version = self._version_of(number)
        key = self._key_of(reference, version) if version is not None else None
        had_it = key and version and self._reference_of(key, version - 1)
        what = "updated" if had_it else "inserted"
        told = f"row {_ref(had_it)} of its key, " if had_it else ""
        return Event(at, what, f"{told}batch {number}"), key

    def _now(self, reference: Reference, key: Key | None, events: Sequence[Event]) -> str:
        if key is None:
            return f"is not in {self._silver}: {events[-1].what}"
        current = self._reference_of(key)
        shown = f"{', '.join(key)}"
        if current == reference:
            return f"stands in {self._silver} as {shown}"
        return f"was replaced by row {_ref(current)} of {shown}" if current else "is not there"

    # Of a key.

    def _others(self, key: Key, newest: Reference) -> Iterator[Event]:
        """Rows that lost to one of the key's."""
        del key
        delivery, row = newest
        sql = (
            f"select {DELIVERY} as d, {ROW} as r, outcome, batch, recorded_at from t "
            f"where \"table\" = '{self._contract.table}' "
            f"and _winner_delivery = {delivery} and _winner_row = {row}"
        )
        believed = set(self._batches.published)
        for one in self._lake.query("ops.duplicates", sql):
            if one["batch"] in believed:
                told = f"row {one['d']}:{one['r']}, since {_ref(newest)} counts"
                yield Event(one["recorded_at"], one["outcome"], told)

    # What both ask.

    @cached_property
    def _deliveries(self) -> list[Record]:
        return Deliveries(self._lake, self._contract.table, "").all

    @cached_property
    def _batches(self) -> Batches:
        return Batches(self._lake, self._contract.table, "")

    @cached_property
    def _published(self) -> list[tuple[int, int, datetime]]:
        """(version of Silver, batch, when), newest first."""
        told = []
        for number in sorted(self._batches.published, reverse=True):
            if commit := self._lake.commit(self._silver, REFINE, number):
                told.append((int(commit["version"]), number, commit["committed_at"]))
        return sorted(told, reverse=True)

    def _version_of(self, batch: int) -> int | None:
        return next((version for version, number, _ in self._published if number == batch), None)

    def _kept(self, name: str, batch: Record, reference: Reference) -> list[dict[str, Any]]:
        where = f"\"table\" = '{self._contract.table}' and batch = {batch['batch']}"
        delivery, row = reference
        sql = f"select * from t where {where} and {DELIVERY} = {delivery} and {ROW} = {row}"
        return self._lake.query(name, sql)

    def _count(self, name: str, reference: Reference) -> int:
        delivery, row = reference
        sql = f"select count(*) as n from t where {DELIVERY} = {delivery} and {ROW} = {row}"
        found = self._lake.query(name, sql)
        return int(found[0]["n"]) if found else 0

    def _key_of(self, reference: Reference, version: int) -> Key | None:
        columns = ", ".join(f'"{name}"' for name in self._contract.silver_key)
        delivery, row = reference
        where = f"{SILVER_DELIVERY} = {delivery} and {SILVER_ROW} = {row}"
        found = self._at(version, f"select {columns} from t where {where}")
        return tuple(str(value) for value in found[0].values()) if found else None

    def _reference_of(self, key: Key, version: int | None = None) -> Reference | None:
        """Raises: UsageError for a key with other parts than the table's."""
        names = self._contract.silver_key
        if len(key) != len(names):
            raise UsageError(f"{self._silver}: a key has {len(names)} parts: {', '.join(names)}")
        parts = (
            f'cast("{name}" as varchar) = {quoted(value)}'
            for name, value in zip(names, key, strict=True)
        )
        sql = f"select {SILVER_DELIVERY} as d, {SILVER_ROW} as r from t where {' and '.join(parts)}"
        found = self._at(version, sql)
        return (int(found[0]["d"]), int(found[0]["r"])) if found else None

    def _at(self, version: int | None, sql: str) -> list[dict[str, Any]]:
        table = self._lake.rust_table(self._silver)
        if table is None:
            return []
        if version is not None:
            table.load_as_version(version)
        told = QueryBuilder().register("t", table).execute(sql).read_all()
        return list(pa.table(told).to_pylist())


def _ref(reference: Reference | None) -> str:
    return f"{reference[0]}:{reference[1]}" if reference else "nobody"
