"""Commits that another writer has overwritten in a bucket: found as a run begins, and mended.

What is only ever appended to gets the commit's files again: they are still there. Any other table goes
back to where it was before, and what was done since is done again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pyarrow as pa
import structlog
from deltalake import DeltaTable
from deltalake.transaction import AddAction, CommitProperties, RemoveAction

from conf.errors import TransientError, listed
from jobs.runtime.batches import REFINE, RETAKEN, Batches
from jobs.runtime.commits import Commit, Commits
from jobs.runtime.lake import commit_time, lease_of
from jobs.runtime.runs import Run

SHARED = ("ops.quarantine", "ops.duplicates", RETAKEN)
"""Tables that every run may append to."""

log = structlog.get_logger()


def mend_lost_commits(run: Run) -> None:
    """Verify all commits that this run's tables and those it reads are made of.

    Raises: TransientError if a table that the run may only read has lost one.
    """
    for name in _read_by(run):
        if _lost(run, name):
            raise TransientError(
                f"{name}: another writer has overwritten a commit; run the job that writes it "
                "(jobs/pipeline.py does all), which mends it"
            )
    for name in (*run.writes, *SHARED):
        with run.lake.leases.holding(lease_of(name)):
            if lost := _lost(run, name):
                _mend(run, name, lost)


def _lost(run: Run, name: str) -> list[Commit]:
    commits = run.lake.commits(name)
    return commits.lost() if commits is not None else []


def _read_by(run: Run) -> Iterator[str]:
    """The tables that those it writes are made of, unless it writes them, too."""
    layers = {name.partition(".")[0] for name in run.writes}
    if "silver" in layers and "bronze" not in layers:
        yield from (f"bronze.{n.partition('.')[2]}" for n in run.writes if n.startswith("silver."))
    if "gold" in layers and "silver" not in layers:
        yield from (f"silver.{table}" for table in run.contracts.sources)


def _mend(run: Run, name: str, lost: Sequence[Commit]) -> None:
    commits, table = run.lake.commits(name), run.lake.rust_table(name)
    assert commits is not None
    versions = listed(str(c.version) for c in lost)
    assert table is not None  # its log has something in the lost one's place
    if name.startswith(("bronze.", "ops.")):
        done = "its files were added again"
        for commit in lost:
            _add_again(table, commit)
        commits.forget(lost)
    else:
        done = "it was set back, and what came since is done again"
        _set_back(run, name, table, commits, lost[0].version)
    log.error("commit_lost", table=name, versions=versions, run_id=run.run_id)
    run.note(
        f"{name}: another writer has overwritten version {versions} of its log: {done}; "
        "nothing but Atlas may write to its tables"
    )


def _add_again(table: DeltaTable, commit: Commit) -> None:
    """Unless they are in the table already, as after a crash right here."""
    there = set(pa.table(table.get_add_actions(flatten=True))["path"].to_pylist())
    now = int(commit_time(table.history(1)[0]).timestamp() * 1000)
    actions: list[AddAction | RemoveAction] = [
        AddAction(one.path, one.size, {}, now, True, json.dumps({"numRecords": one.rows}))
        for one in commit.added
        if one.path not in there
    ]
    if actions:
        told = CommitProperties(custom_metadata={"userMetadata": json.dumps(commit.metadata)})
        table.create_write_transaction(
            actions, mode="append", schema=table.schema(), commit_properties=told
        )
        table.update_incremental()


def _set_back(run: Run, name: str, table: DeltaTable, commits: Commits, version: int) -> None:
    """The batches are opened again last: until then a crash leaves what is found once more."""
    since = commits.since(version)
    if version == 0:
        table.delete()
    else:
        table.restore(version - 1)
    table.create_checkpoint()  # or a checkpoint that was made of the lost commit would count
    if name.startswith("silver."):
        told = [c.metadata for c in (*commits.kept(), *since) if c.version >= version]
        numbers = {t["version"] for t in told if t.get("app") == REFINE}
        Batches(run.lake, name.partition(".")[2], run.run_id).lose(numbers)
    commits.forget([c for c in commits.kept() if c.version >= version])
