"""What the command lines of all jobs share: options, exit codes, the --json line."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from conf.contract import Contracts
from conf.contract_reader import contracts_of
from conf.errors import TransientError, UsageError
from conf.logs import configure_logs
from conf.secrets import key_source
from conf.settings import Settings, load_settings
from jobs.runtime.alerts import alerts_of
from jobs.runtime.compatibility import check_compatible
from jobs.runtime.console import Console
from jobs.runtime.keys import check_key
from jobs.runtime.lost_commits import mend_lost_commits
from jobs.runtime.metrics import Metrics
from jobs.runtime.report.reports import Reports
from jobs.runtime.runs import Run, all_tables, interrupt_on_terminate
from udfs.pii.config import pii_config

USAGE = 2


def run_job(
    job: str,
    work: Callable[[Run], None],
    *,
    lake: str | None = None,
    contracts: Path | None = None,
    namespace: str | None = None,
    sources: str | None = None,
    log_file: Path | None = None,
    as_json: bool = False,
    small: Callable[[Settings, Contracts], bool] = lambda settings, known: False,
    reads_silver: bool = True,
    writes: Callable[[Contracts], Sequence[str]] = all_tables,
    reads_sources: bool = False,
) -> int:
    """Run a job with its record; returns the exit code. `writes`: the tables that it works on.

    Everything that can be wrong with settings, contracts and key is told before Spark starts.
    """
    console = Console(quiet=as_json)
    try:
        settings = load_settings(
            lake=lake,
            contracts=str(contracts) if contracts else None,
            namespace=namespace,
            sources=sources,
            log_file=log_file,
        )
        configure_logs(settings, job)
        known = contracts_of(settings)
        for pulled in known.databases.values() if reads_sources else ():
            settings.databases.connection(pulled.connection)
        pii_config()
        keys = key_source(settings)
        run = Run(
            job, settings, known, keys,
            listener=console.on_event, small=small(settings, known), writes=writes(known),
        )  # fmt: skip
        reports = Reports(settings, run.lake, run.note)
        metrics = Metrics(settings, run.lake, run.note)
        alerts = alerts_of(settings, run.lake, run.note)
        run.watchers += [alerts.on_record, reports.on_record, metrics.on_record]
        run.lake.check_reachable()
        check_key(run.lake, keys)
        if reads_silver:  # else the job's keys need not reach it
            check_compatible(run.lake, known)
    except (UsageError, TransientError) as error:
        console.error(str(error))
        return error.exit_code
    signal.signal(signal.SIGTERM, interrupt_on_terminate)
    try:
        with console, run.recorded():
            mend_lost_commits(run)
            work(run)
            load_lineage(run)
    except Exception as error:
        if error is not run.failure:
            raise
    if isinstance(run.failure, Exception):  # problems were told as they came
        console.error(run.message)
    console.summary(run, reports.written.get(run.run_id))
    if as_json:
        print(json.dumps(run.as_dict()), flush=True)
    _close(run)
    run.capture.finish(run.note)
    return run.exit_code


def load_lineage(run: Run) -> None:
    """Let what the run told of its writes be seen; a run without a session wrote none."""
    if run.lake._spark is not None:
        with run.stage("lineage"):
            run.capture.load()


def table_names(contracts: Contracts, tables: list[str] | None) -> list[str]:
    """The tables asked for, or all. Raises: UsageError naming an unknown one."""
    known = sorted(contracts.sources)
    for table in tables or ():
        if table not in known:
            raise UsageError(f"no contract for table {table}; there are {', '.join(known)}")
    return tables or known


def tables_of(layer: str, asked: list[str] | None = None) -> Callable[[Contracts], Sequence[str]]:
    """What a job works on that writes one layer of the source tables asked for, or of all."""
    return lambda known: [f"{layer}.{t}" for t in known.sources if not asked or t in asked]


def _close(run: Run) -> None:
    if run.lake._spark is not None:
        with suppress(Exception):  # a JVM that was killed cannot be stopped
            run.lake._spark.stop()
