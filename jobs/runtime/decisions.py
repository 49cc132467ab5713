"""What people decided: a held delivery is released or rejected, a dead row retried or discarded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum

from jobs.runtime.lake import Lake
from jobs.runtime.records import DECISIONS, Record, RecordLog, latest


class Decision(StrEnum):
    """On a delivery the first two, on a row the others."""

    RELEASE = "release"  # its quality is accepted: published though a check of severity error fails
    REJECT = "reject"  # all its rows go to quarantine
    RETRY = "retry"  # its attempts are counted anew
    DISCARD = "discard"  # it stays in quarantine for good


class Decisions:
    """The decisions on one table, as `ops/decisions` tells them: the last one on each thing counts."""

    def __init__(self, lake: Lake, table: str) -> None:
        self._table = table
        self._log: RecordLog = lake.log("ops.decisions", DECISIONS)
        self._events = self._log.read(f'"table" = \'{table}\' and "row" is null')

    def those(self, decision: Decision) -> frozenset[int]:
        """The deliveries of which this was decided last."""
        return frozenset(
            delivery
            for (delivery,), event in latest(self._events, "delivery").items()
            if event["decision"] == decision
        )

    def count(self, deliveries: Iterable[int]) -> int:
        """How often something was decided on these deliveries: more than before is news."""
        among = set(deliveries)
        return sum(event["delivery"] in among for event in self._events)

    def keep(self, decided: Sequence[Record], why: str, who: str, run_id: str) -> None:
        """Append decisions, each with `delivery`, `decision` and perhaps `row` and `attempts`."""
        stamp = {"table": self._table, "why": why, "decided_by": who, "run_id": run_id}
        now = datetime.now(UTC)
        self._log.append([{**one, **stamp, "recorded_at": now} for one in decided])
        self._events += [dict(one) for one in decided if one.get("row") is None]
