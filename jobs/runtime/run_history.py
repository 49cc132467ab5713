"""The runs of a lake, those that ended and those that are alive, without Spark."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from conf.settings import Settings
from jobs.runtime.live import Live, alive_runs
from jobs.runtime.records import PIPELINE_RUNS, Record, RecordLog
from jobs.runtime.small_files import small_files
from jobs.runtime.sql_text import quoted

RATED = 100  # runs that the success rate is of
COMMITS_A_RUN = 4  # a pipeline's own record and those of its jobs
RUNNING, SUCCEEDED = "running", "succeeded"


@dataclass(frozen=True)
class RunTold:
    """One run, as a list of runs tells it."""

    started_at: datetime
    job: str
    status: str
    seconds: float
    rows: int  # read, of all tables
    quality: float | None  # the lowest overall score of a table it published
    started_by: str
    triggered_by: str | None  # namespace/job/run of another system
    run_id: str
    message: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"started_at": self.started_at.isoformat()}


class RunHistory:
    """What `ops/pipeline_runs` and the live files tell."""

    def __init__(self, settings: Settings) -> None:
        self._log = RecordLog(settings.table("ops.pipeline_runs"), PIPELINE_RUNS, settings.s3)
        self._live = small_files(settings.table("ops._live"), settings.s3)

    def ended(self, limit: int, status: str | None = None, job: str | None = None) -> list[RunTold]:
        """The last runs, newest first, without the jobs inside a pipeline."""
        where = ["parent_run_id is null", "run_id is not null"]
        where += [f"status = {quoted(status)}"] if status else []
        where += [f"job = {quoted(job)}"] if job else []
        condition = " and ".join(where)
        # A rare status is looked for in all of the log, else its end is enough.
        records = (
            self._log.read(condition)
            if status or job
            else self._log.recent(COMMITS_A_RUN * limit, datetime.now(UTC), condition)
        )
        return [_told(record) for record in reversed(records[-limit:])]

    def running(self) -> list[RunTold]:
        """The runs that are alive now, newest first."""
        return [_alive(live) for live in reversed(self._alive()) if not live["parent_run_id"]]

    def live(self, run_id: str) -> Live | None:
        """The live file of a run; None if it has ended or is not known."""
        return next((live for live in self._alive() if live["run_id"] == run_id), None)

    def end_of(self, run_id: str) -> RunTold | None:
        """How a run ended; None as long as it has no record."""
        found = self._log.read(f"run_id = {quoted(run_id)}")
        return _told(found[-1]) if found else None

    def _alive(self) -> list[Live]:
        return alive_runs(self._live)


def success_rate(runs: Sequence[RunTold]) -> tuple[int, int]:
    """(succeeded, counted) of the last 100."""
    rated = runs[:RATED]
    return sum(run.status == SUCCEEDED for run in rated), len(rated)


def _told(record: Record) -> RunTold:
    tables: Mapping[str, Mapping[str, Any]] = json.loads(record["tables"] or "{}")
    scores = [t["quality"]["overall"] for t in tables.values() if "overall" in t.get("quality", {})]
    return RunTold(
        started_at=record["started_at"],
        job=record["job"],
        status=record["status"],
        seconds=(record["ended_at"] - record["started_at"]).total_seconds(),
        rows=sum(int(t.get("read", 0)) for t in tables.values()),
        quality=min(scores, default=None),
        started_by=record["started_by"],
        triggered_by=record["triggered_by"],
        run_id=record["run_id"],
        message=record["message"] or "",
    )


def _alive(live: Live) -> RunTold:
    started = datetime.fromisoformat(live["started_at"])
    return RunTold(
        started_at=started,
        job=live["job"],
        status=RUNNING,
        seconds=(datetime.now(UTC) - started).total_seconds(),
        rows=0,
        quality=None,
        started_by=live["started_by"],
        triggered_by=live.get("triggered_by"),
        run_id=live["run_id"],
        message=f"in stage {live.get('stage', 'start')}",
    )
