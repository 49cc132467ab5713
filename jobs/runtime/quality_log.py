"""What `ops/quality_metrics` tells of runs: checks, scores, and what is outside its threshold."""

from __future__ import annotations

from collections.abc import Iterable

from jobs.runtime.lake import Lake
from jobs.runtime.records import PIPELINE_RUNS, QUALITY_METRICS, Record, RecordLog, latest
from jobs.runtime.soda_scan import Outcome
from jobs.runtime.sql_text import listing, quoted

SCORE = "score"  # the `check` of a row that is a dimension's score
DELIVERED, PUBLISHED = "delivered", "published"  # populations
MEASURED = ("layer", "table", "population", "batch", "check", "dimension")


def quality_metrics(lake: Lake) -> RecordLog:
    return lake.log("ops.quality_metrics", QUALITY_METRICS)


def family(lake: Lake, run_id: str) -> list[str]:
    """The ids of a run and of the jobs that ran as its children."""
    runs = lake.log("ops.pipeline_runs", PIPELINE_RUNS)
    told = runs.read(f"run_id = {quoted(run_id)} or parent_run_id = {quoted(run_id)}")
    return list(dict.fromkeys([run_id, *(str(r["run_id"]) for r in told)]))


def metrics_of(lake: Lake, run_ids: Iterable[str]) -> list[Record]:
    """What these runs measured; of a measurement that was done again the last."""
    log = quality_metrics(lake)
    return list(latest(log.read(f"run_id in ({listing(run_ids)})"), *MEASURED).values())


def outside(metrics: Iterable[Record]) -> list[Record]:
    """What is not within its threshold, what stops a table first."""
    wrong = [m for m in metrics if m["outcome"] in (Outcome.WARN, Outcome.FAIL)]
    return sorted(
        wrong, key=lambda m: (m["outcome"] != Outcome.FAIL, m["table"], m["check"] == SCORE)
    )
