"""What a run tells of its lineage: Spark's listener, and our own events where that has a hole.

Nothing here may fail or delay a run: what goes wrong is noted in the log, and the run goes on.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from conf.contract import Contracts, SourceContract
from conf.parent_run import ParentRun, RunName
from conf.s3 import is_s3
from conf.settings import Settings
from jobs.runtime.lineage.columns import meaning_of
from jobs.runtime.lineage.datasets import Dataset, dataset_of
from jobs.runtime.lineage.events import TAG
from jobs.runtime.lineage.listener import OFF, STATIC
from jobs.runtime.lineage.loading import PENDING, load_lineage
from jobs.runtime.lineage.model import (
    DIRECT,
    IDENTITY,
    TRANSFORMATION,
    ColumnName,
    Edge,
    job_name,
    layer_of,
)
from jobs.runtime.lineage.parent import listener_settings, parent_of
from jobs.runtime.lineage.sending import UNSENT, send_lineage
from jobs.runtime.lineage.spool import Spool
from jobs.runtime.lineage.writes import JOBS
from jobs.runtime.live import alive_runs
from jobs.runtime.quality_log import DELIVERED, family, metrics_of
from jobs.runtime.records import Record
from jobs.runtime.told_errors import describe
from transformations.names import RESCUED

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from jobs.runtime.lake import Lake
    from jobs.runtime.lineage.own_events import Teller

DRAIN_SECONDS = 10.0

log = structlog.get_logger()
T = TypeVar("T", bound=Callable[..., None])


def _quietly(method: T) -> T:
    """Lineage stops no run."""

    @wraps(method)
    def quiet(*args: Any, **kwargs: Any) -> None:
        try:
            method(*args, **kwargs)
        except Exception as error:
            log.warning("lineage", text=f"not told: {describe(error)}", what=method.__name__)

    return quiet  # type: ignore[return-value]


class Capture:
    """The lineage of one run, with the jobs that run as its children."""

    def __init__(self, lake: Lake, contracts: Contracts, run_id: str, job: str) -> None:
        self._lake, self._contracts, self._job = lake, contracts, job
        self._settings: Settings = lake.settings
        self._spool = Spool(self._settings, run_id)
        self._run_id = run_id

    @property
    def namespace(self) -> str:
        """Of all jobs of a lake: the URI of its records, where they have a place of their own, or of
        the lake; and the tenant."""
        lake = self._settings.ops or self._settings.lake
        uri = lake.replace("s3a://", "s3://") if is_s3(lake) else f"file://{lake}"
        return f"{uri}#{self._settings.namespace}"

    @cached_property
    def parent(self) -> ParentRun | None:
        """The run of another system that started this one."""
        return parent_of(self._settings)

    @property
    def triggered_by(self) -> str | None:
        """Its name, as the run's record has it."""
        return str(self.parent.run) if self.parent else None

    def spark_settings(self) -> dict[str, str]:
        """The listener's settings for this run; whatever an operator has set stays. It is off where
        its events have no place on this machine."""
        try:
            self._spool.prepare()
        except OSError as error:
            log.warning(
                "lineage", text=f"no listener: {self._spool.listener.parent}: {error.strerror}"
            )
            return OFF
        job = job_name(self._job)
        return {
            "spark.openlineage.transport.type": "file",
            "spark.openlineage.transport.location": str(self._spool.listener),
            # Where an operator says `composite`, the lake is one of those that are told.
            "spark.openlineage.transport.transports.atlas.type": "file",
            "spark.openlineage.transport.transports.atlas.location": str(self._spool.listener),
            "spark.openlineage.namespace": self.namespace,
            "spark.openlineage.appName": job,
            "spark.openlineage.run.tags": f"{TAG}:{self._run_id}",
            **listener_settings(RunName(self.namespace, job, self._run_id), self.parent),
            **STATIC,
        }

    # What the run tells; each before the commit it speaks of, which a crash may follow at once.

    @_quietly
    def begun(self) -> None:
        from openlineage.client.event_v2 import RunState

        self._spool.append(self._tell.run(RunState.START))

    @_quietly
    def ended(self, is_well: bool, message: str) -> None:
        from openlineage.client.event_v2 import RunState

        state = RunState.COMPLETE if is_well else RunState.FAIL
        self._spool.append(self._tell.run(state, message or None))

    @_quietly
    def received(
        self,
        contract: SourceContract,
        delivered: Dataset,
        missing: Iterable[str],
        extra: Iterable[str],
        rows: int,
    ) -> None:
        """A delivery, about to be written: what its columns are called in the source."""
        source, bronze = f"source.{contract.table}", f"bronze.{contract.table}"
        absent = set(missing)
        edges = [
            Edge(ColumnName(source, c.source_name), ColumnName(bronze, c.name), DIRECT, IDENTITY)
            for c in contract.columns
            if c.source_name not in absent
        ]
        rescued = ColumnName(bronze, RESCUED)
        edges += [Edge(ColumnName(source, n), rescued, DIRECT, TRANSFORMATION) for n in extra]
        self._write("ingest", bronze, edges, rows, {source: delivered})

    @_quietly
    def written(self, table: str, edges: Sequence[Edge], rows: int | None) -> None:
        """A table of Silver or Gold, about to be written: where its columns come from, and what made
        them safe."""
        self._write(JOBS[layer_of(table)], table, edges, rows)

    def _tell_quality(self) -> None:
        """What was measured in this run, by table: of a batch as delivered it is said of Bronze."""
        by_table: dict[tuple[str, str], list[Record]] = defaultdict(list)
        for metric in metrics_of(self._lake, family(self._lake, self._run_id)):
            layer = "bronze" if metric["population"] == DELIVERED else metric["layer"]
            by_table[JOBS[metric["layer"]], f"{layer}.{metric['table']}"].append(metric)
        for (job, table), checks in by_table.items():
            dataset = dataset_of(self._settings, table)
            self._spool.append(self._tell.quality(job, dataset, checks))

    def _write(
        self,
        job: str,
        table: str,
        edges: Sequence[Edge],
        rows: int | None,
        sources: Mapping[str, Dataset] | None = None,
    ) -> None:
        known = {e.source.table for e in edges} - set(sources or {})
        places = {name: dataset_of(self._settings, name) for name in known} | dict(sources or {})
        before = self._lake.rust_table(table)
        version = before.version() + 1 if before is not None else 0  # the table is ours alone
        output = dataset_of(self._settings, table)
        meaning = meaning_of(self._contracts, table)
        self._spool.append(self._tell.write(job, output, version, edges, places, meaning, rows))

    @property
    def _tell(self) -> Teller:
        from jobs.runtime.lineage.own_events import Teller  # its client costs 0.4 s

        return Teller(self.namespace, self._run_id, self._job, self.parent)

    # To the lake.

    @_quietly
    def load(self) -> None:
        """Bring all events to the lake, once the listener has told what it heard, and load them."""
        _drain(self._lake.spark)
        self._tell_quality()
        self.deliver()
        load_lineage(self._lake, self._run_id)

    @_quietly
    def deliver(self) -> None:
        """Bring all events that are there to the lake."""
        alive = [str(live["run_id"]) for live in alive_runs(self._lake.files("ops._live"))]
        has_server = self._settings.lineage_url is not None
        unsent = self._lake.files(UNSENT) if has_server else None
        self._spool.deliver(self._lake.files(PENDING), unsent, alive)

    @_quietly
    def finish(self, note: Callable[[str], None]) -> None:
        """Bring how the run ended to the lake, and let the lineage server know all of it."""
        self.deliver()
        send_lineage(self._lake, note)


@_quietly
def _drain(spark: SparkSession) -> None:
    """Wait until Spark's listeners have heard of everything so far, but not for long."""
    bus = spark.sparkContext._jsc.sc().listenerBus()  # type: ignore[union-attr]
    started = time.monotonic()
    bus.waitUntilEmpty(int(DRAIN_SECONDS * 1000))
    log.debug("lineage", text="drained", seconds=time.monotonic() - started)
