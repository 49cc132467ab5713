"""A run: one record whether it succeeds, fails, is stopped by a gate, cancelled or killed."""

from __future__ import annotations

import getpass
import json
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import structlog

from conf.contract import Contracts
from conf.errors import AtlasError, DataQualityError, UsageError
from conf.secrets import KeySource
from conf.settings import Settings
from jobs.runtime.counts import TableCounts
from jobs.runtime.lake import Lake, lease_of
from jobs.runtime.lineage.capture import Capture
from jobs.runtime.live import LiveFile, is_over, live_runs
from jobs.runtime.processes import process_identity
from jobs.runtime.records import PIPELINE_RUNS, Record, RecordLog
from jobs.runtime.session import open_session
from jobs.runtime.small_files import SmallFiles
from jobs.runtime.told_errors import describe, where

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = structlog.get_logger()
Listener = Callable[[str, "Run", str], None]
Watcher = Callable[[Record], None]


class Status(StrEnum):
    """How a run ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STOPPED = "stopped"
    KILLED = "killed"
    CANCELLED = "cancelled"


EXIT_CODES = {Status.SUCCEEDED: 0, Status.FAILED: 1, Status.STOPPED: 3, Status.CANCELLED: 1}


class Run:
    """What a job works with: settings, contracts, lake, key, session; and what it leaves behind."""

    def __init__(
        self,
        job: str,
        settings: Settings,
        contracts: Contracts,
        keys: KeySource,
        *,
        parent: Run | None = None,
        listener: Listener | None = None,
        small: bool = False,
        writes: Sequence[str] | None = None,
    ) -> None:
        """`writes`: the tables of the lake that it works on; default: all of them."""
        self.run_id = str(uuid.uuid4())
        self.job = job
        self.settings = settings
        self.contracts = contracts
        self.keys = keys
        self.parent = parent
        self.lake: Lake = parent.lake if parent else Lake(settings)
        self.lake.run_id = self.root.run_id
        self.capture: Capture = (
            parent.capture if parent else Capture(self.lake, contracts, self.run_id, job)
        )
        self.writes = all_tables(contracts) if writes is None else tuple(writes)
        self.tables: dict[str, TableCounts] = {}
        self.quality: dict[str, dict[str, float]] = {}  # table: the scores of what it published
        self.pii: Counter[str] = Counter()
        self.seconds: dict[str, float] = {}
        self.problems: list[AtlasError] = []
        self.started_at = datetime.now(UTC)
        self.failure: BaseException | None = None
        self.status: Status | None = None
        self.message = ""
        self.watchers: list[Watcher] = []  # told of its own record and of dead runs'
        self._listener: Listener | None = listener or (parent._listener if parent else None)
        self._small = small
        self._live: LiveFile | None = None
        self._has_record = False

    # What jobs call.

    @property
    def spark(self) -> SparkSession:
        """The session, opened when it is first needed: a run with nothing to do has none."""
        root = self.root  # a child opens it for the whole pipeline
        if self.lake._spark is None:
            with self.stage("start Spark"):
                spark = open_session(
                    self.settings,
                    f"atlas {root.job}",
                    small=root._small,
                    jdbc=bool(self.contracts.databases),
                    lineage=self.capture.spark_settings(),
                )
                self.lake.use(spark)
                jvm = spark._jvm.java.lang.ProcessHandle.current().pid()  # type: ignore[union-attr]
                identity = process_identity(int(jvm))
                root._live_update(jvm=identity)
                self.lake.leases.tell(jvm=identity)
        return self.lake.spark

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a named stage; the time of an inner stage belongs to it alone."""
        root = self.root
        started, before = time.monotonic(), sum(root.seconds.values())
        self._tell("stage", name)
        root._live_update(stage=name)
        self.lake.describe_jobs(name)
        try:
            yield
        finally:
            inner = sum(root.seconds.values()) - before
            root.seconds[name] = root.seconds.get(name, 0.0) + time.monotonic() - started - inner

    def count(self, table: str, counts: TableCounts) -> None:
        for run in (self, self.parent):
            if run:
                run.tables.setdefault(table, TableCounts()).add(counts)

    def count_pii(self, entities: Counter[str]) -> None:
        for run in (self, self.parent):
            if run:
                run.pii.update(entities)

    def score(self, table: str, scores: Mapping[str, float]) -> None:
        for run in (self, self.parent):
            if run:
                run.quality[table] = {name: round(value, 6) for name, value in scores.items()}

    def problem(self, error: AtlasError) -> None:
        """One source or table cannot go on; the others do. The run ends as failed or stopped."""
        for run in (self, self.parent):
            if run:
                run.problems.append(error)
        self._tell("problem", str(error), "error", kind=type(error).__name__)

    def note(self, text: str) -> None:
        """Something the user should know that stops nothing."""
        self._tell("note", text, "warning")

    def child(self, job: str) -> Run:
        return Run(job, self.settings, self.contracts, self.keys, parent=self)

    @property
    def exit_code(self) -> int:
        """0 done, 1 failed, 2 wrong usage, 3 stopped by a gate; of several 1 before 3."""
        wrong = [*self.problems, *([self.failure] if self.failure else [])]
        if wrong and all(isinstance(error, UsageError) for error in wrong):
            return UsageError.exit_code
        return EXIT_CODES[self.status] if self.status else 1

    def as_dict(self) -> dict[str, Any]:
        """The object of the --json line."""
        return {
            "run_id": self.run_id,
            "status": str(self.status),
            "tables": {
                name: {**counts.as_dict(), "quality": self.quality.get(name, {})}
                for name, counts in sorted(self.tables.items())
            },
            "pii": dict(sorted(self.pii.items())),
            "seconds": {name: round(s, 3) for name, s in self.seconds.items()},
        }

    # The record.

    @contextmanager
    def recorded(self) -> Iterator[Run]:
        """Hold its tables, keep the live file, and append one row to `ops/pipeline_runs`.

        Errors do not leave: they become the run's status and message. Except of what could not even
        begin, such as on tables that another run holds.
        """
        has_begun = False
        with ExitStack() as stack:
            try:
                if self.parent is None:
                    self.lake.create_layers()
                    stack.enter_context(self._holding_its_tables())
                    self._close_dead_runs()
                self._start_live()
                has_begun = True
                if self.parent is None:
                    self.capture.begun()
                yield self
                self._end(_status_of(self.problems), "; ".join(map(str, self.problems)))
            except BaseException as error:
                self._end(*self._outcome(error))
                is_told = isinstance(error, Exception | KeyboardInterrupt)
                if self.parent is not None or not is_told or not has_begun:
                    raise
            finally:
                if self._live:  # what the next run has to close keeps its file
                    self._live.stop(keep=not self._has_record or self._jvm_goes_on())
                if self._jvm_goes_on():
                    self.lake.leases.keep_owner()

    def _holding_its_tables(self) -> AbstractContextManager[None]:
        leases = self.lake.leases
        leases.tell(run_id=self.run_id, job=self.job)
        return leases.holding(*map(lease_of, self.writes))

    def _jvm_goes_on(self) -> bool:
        """Whether Python was interrupted while its JVM may be in the middle of a commit."""
        has_jvm = self.parent is None and self.lake._spark is not None
        return has_jvm and self.status is Status.CANCELLED

    def _outcome(self, error: BaseException) -> tuple[Status, str]:
        self.failure = error
        if isinstance(error, KeyboardInterrupt | SystemExit):
            return Status.CANCELLED, "cancelled; run again to go on where it was left"
        message = describe(error)
        log.error("failed", job=self.job, run_id=self.run_id, text=message, at=where(error))
        return (Status.STOPPED if isinstance(error, DataQualityError) else Status.FAILED), message

    def _end(self, status: Status, message: str) -> None:
        if self._has_record:  # cancelled after its end: what was recorded stands
            return
        self.status, self.message = status, message
        record = self._record(self._live_content(), status, message)
        if self._live is not None:  # else it never got the lake
            self.lake.log("ops.pipeline_runs", PIPELINE_RUNS).append([record])
            self._has_record = True
            if self.parent is None:
                self.capture.ended(status is Status.SUCCEEDED, message)
        self._tell_watchers(record)

    def _start_live(self) -> None:
        self._live = LiveFile(self._live_files, self._live_content())
        self._live.start()

    def _live_content(self) -> dict[str, Any]:
        return {
            "run_id": self.run_id,
            "parent_run_id": self.parent.run_id if self.parent else None,
            "job": self.job,
            "started_at": self.started_at.isoformat(),
            "started_by": getpass.getuser(),
            "triggered_by": None if self.parent else self.capture.triggered_by,
        }

    def _record(self, live: dict[str, Any], status: Status, message: str) -> dict[str, Any]:
        import socket

        told = self.as_dict()
        return {
            "run_id": live["run_id"],
            "parent_run_id": live["parent_run_id"],
            "job": live["job"],
            "status": str(status),
            "started_at": datetime.fromisoformat(live["started_at"]),
            "ended_at": datetime.now(UTC),
            "started_by": live["started_by"],
            "triggered_by": live.get("triggered_by"),
            "host": live.get("host", socket.gethostname()),
            "message": message,
            **{name: json.dumps(told[name]) for name in ("tables", "pii", "seconds")},
        }

    def _close_dead_runs(self) -> None:
        """Record as killed what left a live file behind and is over; others go on."""
        runs: RecordLog = self.lake.log("ops.pipeline_runs", PIPELINE_RUNS)
        self._live_files.remove_parts()
        with self.lake.leases.holding("ops.pipeline_runs"):  # of two runs one closes it
            over = [live for live in live_runs(self._live_files) if is_over(live)]
            for live in reversed(over):  # a parent after its children
                if not runs.read(f"run_id = '{live['run_id']}'"):
                    empty = {"tables": "{}", "pii": "{}", "seconds": "{}"}
                    message = f"killed in stage {live.get('stage', 'start')}"
                    record = self._record(live, Status.KILLED, message) | empty
                    runs.append([record])
                    self._tell_watchers(record)
                self._live_files.remove(f"{live['run_id']}.json")

    def _tell_watchers(self, record: Record) -> None:
        for watcher in self.watchers:
            watcher(record)

    def _live_update(self, **changes: Any) -> None:
        if self._live:
            self._live.update(**changes)

    @property
    def root(self) -> Run:
        return self.parent.root if self.parent else self

    @property
    def _live_files(self) -> SmallFiles:
        return self.lake.files("ops._live")

    def _tell(self, event: str, text: str, level: str = "info", **more: str) -> None:
        getattr(log, level)(event, job=self.job, run_id=self.run_id, text=text, **more)
        if self._listener:
            self._listener(event, self, text)


def all_tables(contracts: Contracts) -> tuple[str, ...]:
    """Bronze, Silver and Gold of a lake; who works on all of them has the lake alone."""
    layered = [f"{layer}.{table}" for layer in ("bronze", "silver") for table in contracts.sources]
    return (*layered, *(name for name in contracts.outputs if name.startswith("gold.")))


def _status_of(problems: list[AtlasError]) -> Status:
    if any(not isinstance(p, DataQualityError) for p in problems):
        return Status.FAILED
    return Status.STOPPED if problems else Status.SUCCEEDED


def interrupt_on_terminate(*_: object) -> None:
    """A SIGTERM handler: end as cancelled, with a record."""
    sys.exit(1)
