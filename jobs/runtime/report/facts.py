"""What a report tells of a run, read from the `ops` tables alone, as they stood when it ended."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from jobs.runtime.anonymity import anonymity_of_runs
from jobs.runtime.batches import BatchStatus
from jobs.runtime.counts import TableCounts
from jobs.runtime.lake import Lake
from jobs.runtime.quality_log import (
    PUBLISHED,
    SCORE,
    family,
    listing,
    metrics_of,
    quality_metrics,
    quoted,
)
from jobs.runtime.quality_scores import OVERALL
from jobs.runtime.records import BATCHES, PII_DETECTIONS, PIPELINE_RUNS, Record, latest

POINTS = 30  # of a trend, for each table
TABLES = 4  # at least so many are looked back at, also by a run that measured none
_NOT_CLOSED = (BatchStatus.OPEN, BatchStatus.ABANDONED)  # of no count that readers believe


@dataclass(frozen=True)
class Facts:
    """One run: its record, and what its jobs wrote about batches, quality and personal data."""

    record: Record
    jobs: Sequence[Record]  # the records of the jobs inside it, in the order they began
    batches: Sequence[Record]  # that it closed
    reasons: Mapping[str, Mapping[str, int]]  # table: reason: quarantined rows
    metrics: Sequence[Record]
    pii: Sequence[Record]  # table, column, entity, treatment, count
    anonymity: Sequence[Record]  # of each Gold table: by all quasi-identifiers, then without each
    earlier_scores: Sequence[Record]  # its own among them, oldest first
    earlier_batches: Sequence[Record]

    @cached_property
    def counts(self) -> dict[str, TableCounts]:
        """Where the rows of each table went, over all batches that the run closed."""
        told: dict[str, TableCounts] = {}
        for batch in self.batches:
            told.setdefault(batch["table"], TableCounts()).add(TableCounts.of(batch))
        return dict(sorted(told.items()))

    @cached_property
    def total(self) -> TableCounts:
        total = TableCounts()
        for counts in self.counts.values():
            total.add(counts)
        return total

    @cached_property
    def seconds(self) -> dict[str, float]:
        """Seconds by stage, in the order the stages first began."""
        return dict(json.loads(self.record["seconds"] or "{}"))

    @cached_property
    def tables(self) -> list[str]:
        """Source tables the run had to do with."""
        recorded = json.loads(self.record["tables"] or "{}")
        return sorted({*recorded, *self.counts})

    @cached_property
    def checks(self) -> list[Record]:
        return [m for m in self.metrics if m["check"] != SCORE]

    @cached_property
    def scores(self) -> list[Record]:
        return [m for m in self.metrics if m["check"] == SCORE]

    @cached_property
    def lowest_overall(self) -> Record | None:
        """The overall score of the published table that is worst."""
        overall = [
            s for s in self.scores if (s["population"], s["dimension"]) == (PUBLISHED, OVERALL)
        ]
        return min(overall, key=lambda s: s["value"], default=None)

    @cached_property
    def pii_by_entity(self) -> dict[str, Counter[str]]:
        """Entity: table: values found and treated; the most frequent entity first."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for one in self.pii:
            found[one["entity"]][one["table"]] += one["count"]
        return dict(sorted(found.items(), key=lambda e: (-e[1].total(), e[0])))


def record_of(lake: Lake, run_id: str) -> Record | None:
    """The record of a run that ended; None if there is none."""
    found = lake.log("ops.pipeline_runs", PIPELINE_RUNS).read(f"run_id = {quoted(run_id)}")
    return found[-1] if found else None


def facts_of(lake: Lake, record: Record) -> Facts:
    """Read what a run left; `record` is its own, of `ops/pipeline_runs`."""
    run_ids, end = family(lake, record["run_id"]), record["ended_at"]
    batches = _closed(lake.log("ops.batches", BATCHES).read(f"run_id in ({listing(run_ids)})"))
    metrics = metrics_of(lake, run_ids)
    believed = [b for b in batches if b["status"] != BatchStatus.HELD]
    commits = POINTS * max(TABLES, len({m["table"] for m in metrics}))
    return Facts(
        record=record,
        jobs=_jobs(lake, record["run_id"]),
        batches=batches,
        reasons=_reasons(lake, believed),
        metrics=metrics,
        pii=_detections(lake, believed),
        anonymity=anonymity_of_runs(lake, run_ids),
        earlier_scores=quality_metrics(lake).recent(commits, end, f"\"check\" = '{SCORE}'"),
        # Two events a batch: one when it is opened, one when it is closed.
        earlier_batches=_closed(lake.log("ops.batches", BATCHES).recent(2 * commits, end)),
    )


def _jobs(lake: Lake, run_id: str) -> list[Record]:
    records = lake.log("ops.pipeline_runs", PIPELINE_RUNS).read(f"parent_run_id = {quoted(run_id)}")
    return sorted(records, key=lambda r: r["started_at"])


def _closed(events: Iterable[Record]) -> list[Record]:
    """The last event of each batch, without those whose rows count for nothing (yet)."""
    last = latest(events, "table", "batch").values()
    return [b for b in last if b["status"] not in _NOT_CLOSED and b["read"] is not None]


def _reasons(lake: Lake, batches: Sequence[Record]) -> dict[str, dict[str, int]]:
    if not batches:
        return {}
    sql = (
        'select "table", reason, rule, count(*) as "rows" from t '
        f'where {_of(batches)} group by "table", reason, rule order by "rows" desc, reason, rule'
    )
    told: dict[str, dict[str, int]] = defaultdict(dict)
    for row in lake.query("ops.quarantine", sql):
        reason = f"{row['reason']}: {row['rule']}" if row["rule"] else str(row["reason"])
        told[row["table"]][reason] = row["rows"]
    return dict(told)


def _detections(lake: Lake, batches: Sequence[Record]) -> list[Record]:
    """By table and batch, not by run: one that was killed may have written them already."""
    if not batches:
        return []
    found = lake.log("ops.pii_detections", PII_DETECTIONS).read(_of(batches))
    together: Counter[tuple[str, ...]] = Counter()
    for one in found:
        together[one["table"], one["column"], one["entity"], one["treatment"]] += one["count"]
    names = ("table", "column", "entity", "treatment")
    return [
        {**dict(zip(names, key, strict=True)), "count": count}
        for key, count in sorted(together.items())
    ]


def _of(batches: Iterable[Record]) -> str:
    """SQL for: rows of one of these batches."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for batch in batches:
        numbers[batch["table"]].append(int(batch["batch"]))
    return " or ".join(
        f'"table" = {quoted(table)} and batch in ({", ".join(map(str, sorted(of)))})'
        for table, of in sorted(numbers.items())
    )
