"""Which tables are stopped: what needs one of them is not built."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conf.errors import DataQualityError, TerminalError, listed
from jobs.runtime.batches import Batches, BatchStatus
from jobs.runtime.runs import Run


def stop_if_stopped(run: Run, tables: Sequence[str]) -> None:
    """Refuse to build Gold from `tables` while one of them waits for somebody.

    Raises: TerminalError if one has a bad source in this pipeline run or a batch that is not done,
    DataQualityError if a gate holds one.
    """
    bad = sorted(_with_bad_source(run) & set(tables))
    undone = set(_with_batch(run, tables, BatchStatus.OPEN)) - set(bad)
    held = list(_with_batch(run, tables, BatchStatus.HELD))
    why = [
        *(f"{table} has a bad source" for table in bad),
        *(f"{table} has a batch that is not refined to its end" for table in sorted(undone)),
        *(f"{table} is held by a gate" for table in held),
    ]
    if why:
        kind = TerminalError if bad or undone else DataQualityError
        raise kind(f"gold: not built, since {listed(why)}; settle that and run again")


def _with_bad_source(run: Run) -> set[str]:
    problems = run.parent.problems if run.parent else []
    return {str(getattr(problem, "table", "")) for problem in problems}


def _with_batch(run: Run, tables: Sequence[str], status: BatchStatus) -> Iterator[str]:
    """Any batch, not only the last one: what came later may be published, but rows are missing."""
    for table in tables:
        if Batches(run.lake, table, run.run_id).with_status(status):
            yield table
