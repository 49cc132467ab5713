"""A run's own numbers for Prometheus: a file in its text format, as node_exporter's textfile
collector reads it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from conf.settings import Settings
from jobs.runtime.anonymity import Groups, anonymity_log
from jobs.runtime.lake import Lake
from jobs.runtime.records import Record, latest
from jobs.runtime.told_errors import classes
from transformations.k_anonymity import LEFT_OUT

GOLD_TABLES = 20  # at least so many are told of
STATUSES = ("succeeded", "failed", "stopped", "killed", "cancelled")


class Metrics:
    """Told of a run's record as soon as it is written; a file that cannot be is only noted."""

    def __init__(self, settings: Settings, lake: Lake, note: Callable[[str], None]) -> None:
        self._settings, self._lake, self._note = settings, lake, note

    def on_record(self, record: Record) -> None:
        """A run ended; the jobs inside another run are part of its numbers."""
        path = self._settings.metrics_file
        if path is None or record["parent_run_id"] is not None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_to_textfile(str(path), metrics_of(record, self._lake, self._settings.namespace))
        except Exception as error:
            self._note(f"no metrics could be written to {path}: {classes(error)}")


def metrics_of(record: Record, lake: Lake, namespace: str) -> CollectorRegistry:
    """The numbers of the last run of a job; of its tables and personal data counts, never values."""
    registry = CollectorRegistry()
    common = {"namespace": namespace, "job": record["job"]}

    def gauge(name: str, text: str, value: float, **labels: str) -> None:
        names = [*common, *labels]
        known = gauges.get(name) or Gauge(f"atlas_{name}", text, names, registry=registry)
        gauges[name] = known
        known.labels(**common, **labels).set(value)

    gauges: dict[str, Any] = {}
    seconds = (record["ended_at"] - record["started_at"]).total_seconds()
    for status in STATUSES:
        is_it = float(record["status"] == status)
        gauge("run_status", "1 for how the last run ended", is_it, status=status)
    gauge("run_seconds", "Seconds of the last run", seconds)
    gauge("run_ended_timestamp_seconds", "When it ended", record["ended_at"].timestamp())
    for stage, spent in json.loads(record["seconds"] or "{}").items():
        gauge("stage_seconds", "Seconds of a stage of the last run", spent, stage=stage)
    for entity, count in json.loads(record["pii"] or "{}").items():
        gauge("pii_found", "Personal values found in texts and treated", count, entity=entity)
    for table, told in json.loads(record["tables"] or "{}").items():
        for dimension, score in told.pop("quality", {}).items():
            text = "Score of what was published, 0 to 1"
            gauge("quality_score", text, score, table=table, dimension=dimension)
        for outcome, rows in told.items():
            gauge("rows", "Rows of the last run by outcome", rows, table=table, outcome=outcome)
    for table, share in _below_k(lake).items():
        text = "Share of rows of a Gold table in groups of less than k by its quasi-identifiers"
        gauge("below_k_share", text, share, table=table)
    for table, lag in _lags(lake).items():
        gauge("lag_seconds", "Age of the newest source file that was received", lag, table=table)
    return registry


def _below_k(lake: Lake) -> dict[str, float]:
    """Of each table as it was last measured; a measurement is a commit."""
    measured = anonymity_log(lake).recent(GOLD_TABLES, datetime.now(UTC), f"{LEFT_OUT} is null")
    return {r["table"]: Groups(r).share_below_k for r in latest(measured, "table").values()}


def _lags(lake: Lake) -> dict[str, float]:
    sql = (
        'select "table", max(modified_at) as newest from t '
        "where status = 'received' group by \"table\""
    )
    now = datetime.now(UTC)
    return {
        row["table"]: (now - row["newest"]).total_seconds()
        for row in lake.query("ops.deliveries", sql)
    }
