"""From the event files of runs to rows of `ops/data_lineage`, each write once."""

from __future__ import annotations

import gzip
import io
import shutil
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from conf.errors import UsageError
from jobs.runtime.lake import Lake
from jobs.runtime.lineage.collecting import Found, Loaded, Told
from jobs.runtime.lineage.committed import Commit
from jobs.runtime.lineage.graph import DATA_LINEAGE_TABLE
from jobs.runtime.lineage.model import Edge
from jobs.runtime.lineage.spool import LISTENERS, OURS
from jobs.runtime.live import alive_runs
from jobs.runtime.records import DATA_LINEAGE, Record
from jobs.runtime.small_files import SmallFiles
from jobs.runtime.source_paths import SourcePath, source_path
from jobs.runtime.sql_text import listing

PENDING, DONE = "ops._lineage.pending", "ops._lineage.done"

_CHUNK = 1 << 20


def load_lineage(lake: Lake, run_id: str | None = None) -> Loaded:
    """Load what runs have left in `ops/_lineage/pending`. `run_id`: the run that asks, whose files
    are whole although it is alive; those of others wait until they are over, and until somebody comes
    whose keys may read the tables that they tell of (those of `ingest` may not read Silver).

    Raises: UsageError for tables that may not be read, TransientError if another loader is at work
    for longer than ATLAS_WAIT_SECONDS.
    """
    loaded = Loaded()
    pending = lake.files(PENDING)
    if not _names(pending):
        return loaded
    with lake.leases.holding(DATA_LINEAGE_TABLE):
        names = list(_whole(lake, pending, run_id, loaded))
        try:
            found = _found(lake, names, loaded)
        except UsageError:
            own = [name for name in names if run_id and name.startswith(f"{run_id}.")]
            if not own or own == names:
                raise
            loaded = Loaded(files=len(own), waiting=loaded.waiting + len(names) - len(own))
            names, found = own, _found(lake, own, loaded)
        _append(lake, found, loaded)
        for name in names:
            _archive(lake, pending, name)
    return loaded


def _names(pending: SmallFiles) -> list[str]:
    """Ours before the listener's: the staging that we tell of is asked for by its writes."""
    names = [name for name in pending.names() if name.endswith((OURS, LISTENERS))]
    return sorted(names, key=lambda name: (not name.endswith(OURS), name))


def _whole(lake: Lake, pending: SmallFiles, run_id: str | None, loaded: Loaded) -> Iterator[str]:
    alive = {one["run_id"] for one in alive_runs(lake.files("ops._live"))} - {run_id}
    for name in _names(pending):
        is_waiting = name.partition(".")[0] in alive
        loaded.waiting += is_waiting
        loaded.files += not is_waiting
        if not is_waiting:
            yield name


def _file(lake: Lake, place: str, name: str) -> SourcePath:
    return source_path(f"{lake.path(place)}/{name}", lake.settings.s3)


def _found(lake: Lake, names: Iterable[str], loaded: Loaded) -> dict[Commit, Told]:
    found = Found(lake, loaded)
    for name in names:
        found.read(_file(lake, PENDING, name), is_ours=name.endswith(OURS))
    return found.writes()


def _append(lake: Lake, found: dict[Commit, Told], loaded: Loaded) -> None:
    """One commit for all; what is there already is left out."""
    known = _known(lake, {str(commit.run_id) for commit in found})
    new = {commit: told for commit, told in found.items() if _key(commit) not in known}
    rows = [row for commit, told in new.items() for row in _rows(commit, told.edges)]
    lake.log(DATA_LINEAGE_TABLE, DATA_LINEAGE).append(rows)
    loaded.writes, loaded.known, loaded.edges = len(new), len(found) - len(new), len(rows)


def _key(commit: Commit) -> tuple[str | None, str, int]:
    return commit.run_id, commit.table, commit.version


def _known(lake: Lake, runs: set[str]) -> set[tuple[str | None, str, int]]:
    rows = lake.query(
        DATA_LINEAGE_TABLE,
        "select distinct run_id, output_table, output_version from t "
        f"where run_id in ({listing(runs)})",
    )
    return {(row["run_id"], row["output_table"], row["output_version"]) for row in rows}


def _rows(commit: Commit, edges: Iterable[Edge]) -> Iterator[Record]:
    committed_at = datetime.fromtimestamp(commit.millisecond / 1000, UTC)
    recorded_at = datetime.now(UTC)
    for edge in edges:
        yield {
            "run_id": commit.run_id,
            "job": edge.job,
            "input_table": edge.source.table,
            "input_column": edge.source.column,
            "output_table": commit.table,
            "output_column": edge.target.column,
            "output_version": commit.version,
            "type": edge.type,
            "subtype": edge.subtype,
            "treatment": edge.treatment or None,
            "committed_at": committed_at,
            "recorded_at": recorded_at,
        }


def _archive(lake: Lake, pending: SmallFiles, name: str) -> None:
    """Pack a file that was loaded away. After a crash in between it is packed only once; a later
    file of the same name goes behind the earlier one, as gzip allows."""
    done, packed = lake.files(DONE), io.BytesIO()
    with _file(lake, PENDING, name).open("rb") as file:
        with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped:
            shutil.copyfileobj(file, zipped, _CHUNK)
    before, content = done.read(f"{name}.gz") or b"", packed.getvalue()
    if not before.endswith(content):
        done.write(f"{name}.gz", before + content)
    pending.remove(name)
