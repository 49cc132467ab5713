"""The `ops` tables of a lake as runs leave them, written by hand: what a report is made from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import write_deltalake

from conf.settings import load_settings
from jobs.runtime.counts import TableCounts
from jobs.runtime.lake import Lake
from jobs.runtime.records import (
    BATCHES,
    PII_DETECTIONS,
    PIPELINE_RUNS,
    QUALITY_METRICS,
    Record,
)

START = datetime(2026, 1, 31, 2, 0, tzinfo=UTC)
DIMENSIONS = ("completeness", "uniqueness", "validity")


class Records:
    """A lake's records. Times are seconds after `START`."""

    def __init__(self, folder: Path) -> None:
        self.lake = Lake(load_settings(lake=str(folder / "lake")))

    def run(
        self,
        run_id: str,
        begin: float,
        end: float,
        *,
        parent: str | None = None,
        job: str = "pipeline",
        status: str = "succeeded",
        message: str = "",
        seconds: Mapping[str, float] | None = None,
        tables: Iterable[str] = (),
    ) -> Record:
        record = {
            "run_id": run_id, "parent_run_id": parent, "job": job, "status": status,
            "started_at": at(begin), "ended_at": at(end), "started_by": "somebody",
            "host": "a-host", "message": message, "tables": json.dumps({t: {} for t in tables}),
            "pii": "{}", "seconds": json.dumps(seconds or {}),
        }  # fmt: skip
        self.lake.log("ops.pipeline_runs", PIPELINE_RUNS).append([record])
        return record

    def batch(
        self,
        run_id: str,
        when: float,
        table: str,
        number: int,
        status: str = "published",
        reason: str | None = None,
        **counts: int,
    ) -> None:
        opened = {"table": table, "batch": number, "status": "open", "run_id": run_id}
        log = self.lake.log("ops.batches", BATCHES)
        log.append([opened | {"recorded_at": at(when - 1)}])
        told = TableCounts(read=sum(counts.values()), **counts).as_dict()
        if status != "open":
            closed = opened | told | {"status": status, "reason": reason}
            log.append([closed | {"recorded_at": at(when)}])

    def quarantine(self, table: str, batch: int, reasons: Mapping[tuple[str, str], int]) -> None:
        rows = [
            {"table": table, "batch": batch, "reason": reason, "rule": rule or None}
            for (reason, rule), count in reasons.items()
            for _ in range(count)
        ]
        write_deltalake(self.lake.path("ops.quarantine"), pa.Table.from_pylist(rows), mode="append")

    def detections(
        self, run_id: str, table: str, batch: int, found: Mapping[tuple[str, str, str], int]
    ) -> None:
        stamp = {"table": table, "batch": batch, "run_id": run_id, "recorded_at": START}
        self.lake.log("ops.pii_detections", PII_DETECTIONS).append(
            [
                {"column": c, "entity": e, "treatment": t, "count": n, **stamp}
                for (c, e, t), n in found.items()
            ]
        )

    def metrics(self, run_id: str, when: float, table: str, *measured: Mapping[str, Any]) -> None:
        stamp = {"run_id": run_id, "table": table, "layer": "silver", "measured_at": at(when)}
        self.lake.log("ops.quality_metrics", QUALITY_METRICS).append(
            [{**stamp, **one} for one in measured]
        )


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def score(population: str, dimension: str, value: float, **more: Any) -> dict[str, Any]:
    told = {"population": population, "check": "score", "dimension": dimension, "value": value,
            "severity": "warning", "outcome": "pass", "threshold": ">= 0.95", "batch": 1,
            "rows_checked": 1000, "rows_failing": round(1000 * (1 - value))}  # fmt: skip
    return told | more


def check(population: str, name: str, **more: Any) -> dict[str, Any]:
    told = {"population": population, "check": name, "dimension": "validity", "value": 0.0,
            "severity": "warning", "outcome": "pass", "threshold": "= 0", "batch": 1,
            "rows_checked": 1000, "rows_failing": 0}  # fmt: skip
    return told | more


def three_runs(folder: Path) -> Lake:
    """Two good runs, and a third that publishes customers and holds orders."""
    records = Records(folder)
    for number, (run, hours) in enumerate((("one", 0), ("two", 24), ("three", 48)), start=1):
        begin = hours * 3600
        is_last = run == "three"
        held = "orders: held: amount_plausible is 12, allowed = 0; deliver better rows"
        records.batch(run, begin + 5, "customers", number, inserted=900, updated=40, unchanged=30,
                      stale=5, duplicates=20, quarantined=5)  # fmt: skip
        records.quarantine(
            "customers", number, {("required", "customer_id"): 3, ("null_key", ""): 2}
        )
        records.metrics(
            run,
            begin + 4,
            "customers",
            score("delivered", "completeness", 0.96 + number / 1000, batch=number),
            score("delivered", "overall", 0.97 + number / 1000, batch=number),
            score("published", "completeness", 0.99, batch=number),
            score("published", "overall", 0.98 + number / 1000, batch=number),
            check("published", "email_format", batch=number),
        )
        records.detections(
            run,
            "customers",
            number,
            {("notes", "DK_CPR", "detect"): 7, ("email", "EMAIL_ADDRESS", "hash"): 1234},
        )
        if is_last:
            records.batch(run, begin + 9, "orders", number, "held", held, held=5000)
            records.metrics(
                run, begin + 8, "orders",
                score("published", "validity", 0.9, outcome="fail", severity="error", batch=3),
                score("published", "overall", 0.94, outcome="warn", batch=3),
                check("published", "amount_plausible", outcome="fail", severity="error", value=12.0,
                      rows_failing=12, rows_checked=5000, batch=3),
            )  # fmt: skip
        else:
            records.batch(run, begin + 9, "orders", number, inserted=4950, duplicates=50)
            records.detections(run, "orders", number, {("note", "PERSON", "detect"): 11})
        records.run(f"{run}-refine", begin + 3, begin + 10, parent=run, job="refine",
                    status="stopped" if is_last else "succeeded", message=held if is_last else "")  # fmt: skip
        records.run(
            run,
            begin,
            begin + 12,
            status="stopped" if is_last else "succeeded",
            message=held if is_last else "",
            seconds={"start Spark": 3.5, "merge customers": 1.25, "merge orders": 2.0},
            tables=["customers", "orders"],
        )
    return records.lake
