"""The runs of a lake: how they ended, how long they took, who started them, what failed."""

from __future__ import annotations

import json
import sys
import time
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from conf.settings import load_settings
from jobs.runtime.command import start, told_errors
from jobs.runtime.options import JsonOption, LakeOption, NamespaceOption
from jobs.runtime.run_history import RATED, RunHistory, RunTold, success_rate

LOOK_SECONDS = 1.0
EXIT = {"succeeded": 0, "stopped": 3}
COLUMNS = ("started", "job", "status", "rows", "quality", "seconds", "by", "run")


def show(history: RunHistory, limit: int, status: str | None, job: str | None) -> None:
    """Those that are alive, then those that ended, newest first."""
    ended, listed = _asked(history, limit, status, job)
    if not listed:
        print("no run yet")
        return
    table = Table(*COLUMNS)
    for run in listed:
        table.add_row(*_cells(run))
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    for run in listed:
        if run.message:
            console.print(f"{run.run_id[:8]} {run.status}: {run.message}", markup=False)
        if run.triggered_by:
            console.print(f"{run.run_id[:8]} triggered by {run.triggered_by}", markup=False)
    good, counted = success_rate(ended)
    if counted and not status:
        console.print(f"{good} of the last {counted} succeeded ({good / counted:.0%})")


def _asked(
    history: RunHistory, limit: int, status: str | None, job: str | None
) -> tuple[list[RunTold], list[RunTold]]:
    """The runs that ended, enough for the success rate; and those to list."""
    ended = history.ended(max(limit, RATED), status, job)
    running = [] if status else [r for r in history.running() if job in (None, r.job)]
    return ended, [*running, *ended[:limit]]


def _cells(run: RunTold) -> tuple[str, ...]:
    return (
        f"{run.started_at:%Y-%m-%d %H:%M}",
        run.job,
        run.status,
        f"{run.rows:,}",
        "-" if run.quality is None else f"{run.quality:.3f}",
        f"{run.seconds:,.0f}",
        run.started_by,
        run.run_id,
    )


def show_json(history: RunHistory, limit: int, status: str | None, job: str | None) -> None:
    """One object: the runs, and how many of the last 100 succeeded."""
    ended, listed = _asked(history, limit, status, job)
    good, counted = success_rate(ended)
    told = [run.as_dict() for run in listed]
    print(json.dumps({"runs": told, "succeeded": good, "of": counted}), flush=True)


def follow(history: RunHistory, run_id: str | None) -> int:
    """Tell the stages of a run as it goes on, of the newest one if none is named; its exit code."""
    running = history.running()
    if run_id is None and not running:
        print("no run is alive", file=sys.stderr)
        return 1
    run_id = run_id or running[0].run_id
    stage = None
    while (ended := history.end_of(run_id)) is None:
        live = history.live(run_id)
        if live is None:
            print(f"{run_id}: is not alive and has no record; the next run closes it")
            return 1
        if live.get("stage") != stage:
            stage = live.get("stage")
            print(f"{live['job']} {run_id[:8]}: {stage}", flush=True)
        time.sleep(LOOK_SECONDS)
    print(f"{ended.job} {run_id[:8]}: {ended.status} after {ended.seconds:,.0f} s {ended.message}")
    return EXIT.get(ended.status, 1)


def main(
    limit: Annotated[int, typer.Option(min=1, help="So many of the runs that ended")] = 20,
    status: Annotated[
        str | None, typer.Option(help="succeeded, failed, stopped, killed or cancelled ones alone")
    ] = None,
    job: Annotated[str | None, typer.Option(help="Runs of this job alone")] = None,
    followed: Annotated[
        bool, typer.Option("--follow", help="Tell the stages of the newest run as it goes on")
    ] = False,
    run_id: Annotated[str | None, typer.Option(help="With --follow: this run")] = None,
    lake: LakeOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List recent runs, or follow one. Nothing is written, and no Spark is started."""
    with told_errors():
        history = RunHistory(load_settings(lake=lake, namespace=namespace))
        if followed:
            sys.exit(follow(history, run_id))
        (show_json if as_json else show)(history, limit, status, job)


if __name__ == "__main__":
    start(main)
