"""Any Delta table by what a person calls it: a name of the lake, or a path."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder
from deltalake.exceptions import DeltaError

from conf.contract import Contracts
from conf.contract_checks import NOT_PERSONAL
from conf.errors import UsageError, listed
from conf.s3 import S3
from conf.settings import LAYERS
from jobs.runtime.lake import Lake
from jobs.runtime.objects import our_words
from jobs.runtime.records import delta_table
from jobs.runtime.source_files import LITTLE

_TREATMENT = "atlas.treatment"  # in the schema of a Silver table
_STAY = ("keep", "generalize")


@dataclass(frozen=True)
class AnyTable:
    """A table that is there."""

    name: str  # silver.customers, or the path
    path: str
    table: DeltaTable
    commit: Mapping[str, Any] = field(default_factory=dict)  # of the version, once asked for it

    @property
    def is_little(self) -> bool:
        files = pa.table(self.table.get_add_actions(flatten=True)).column("size_bytes")
        return sum(files.to_pylist()) < LITTLE

    def at(self, version: int | None) -> AnyTable:
        """The table at an earlier version, or as it is. Raises: UsageError naming those there are."""
        # Asked of the newest version: an earlier one tells of the last commits too, and numbers them
        # as if its own were the last (deltalake 1.6.6).
        commits = {int(entry["version"]): entry for entry in self.table.history()}
        wanted = max(commits) if version is None else version
        if wanted not in commits:
            first, last = min(commits), max(commits)
            found = f"{first} to {last}" if first < last else str(last)
            raise UsageError(f"{self.name} has no version {version}; there are {found}")
        self.table.load_as_version(wanted)
        return replace(self, commit=commits[wanted])

    def query(self, sql: str, s3: S3) -> list[dict[str, Any]]:
        """Rows of a SQL query over table `t`, by delta-rs."""
        engine = QueryBuilder().register("t", self.table)
        with our_words(self.path, s3):
            return list(pa.table(engine.execute(sql).read_all()).to_pylist())

    def kept(self, contracts: Contracts) -> set[str]:
        """Columns that a contract decided to leave as they are, and those that Atlas writes."""
        fields = self.table.schema().fields
        if self.name.startswith("ops."):
            return {field.name for field in fields}
        kept = {f.name for f in fields if f.name.startswith("_")}
        kept |= {f.name for f in fields if _words(f).get(_TREATMENT) in _STAY}
        if self.name.startswith("gold.") and (output := contracts.outputs.get(self.name)):
            may_stay = (*NOT_PERSONAL, "pii-indirect")
            kept |= {c.name for c in output.columns if c.classification in may_stay}
        return kept

    def chosen(self, columns: Sequence[str]) -> list[str]:
        """Raises: UsageError naming a column that is not there, and what is."""
        names = [field.name for field in self.table.schema().fields]
        for column in columns:
            if column not in names:
                raise UsageError(f"{self.name} has no column {column}; {nearest(column, names)}")
        return list(columns) or names


def are_little(lake: Lake, names: Iterable[str]) -> bool:
    """Whether none of these tables of the lake is large; one that is not there is not."""
    tables = ((name, lake.rust_table(name)) for name in names)
    return all(AnyTable(n, lake.path(n), t).is_little for n, t in tables if t is not None)


def find_table(lake: Lake, told: str) -> AnyTable:
    """The table called `silver/customers` or `silver.customers`, or the one at a path.

    Raises: UsageError with the closest names of the lake.
    """
    layer, _, name = _in_lake(lake, told).replace("/", ".").partition(".")
    if layer in LAYERS and name:
        called = f"{layer}.{name}"
        if found := _opened(called, lake.path(called), lake.settings.s3):
            return found
    if found := _opened(told, told, lake.settings.s3):
        return found
    there = [name for layer in LAYERS for name in lake.tables(layer)]
    known = f"; {nearest(told, there)}" if there else ""
    raise UsageError(
        f"no Delta table {told}, neither in the lake ({lake.settings.lake}) nor as a path{known}"
    )


def nearest(name: str, known: Collection[str]) -> str:
    """`did you mean a or b`, else all there are."""
    close = get_close_matches(name.replace("/", "."), list(known), n=3, cutoff=0.6)
    return f"did you mean {' or '.join(close)}?" if close else f"there are {listed(sorted(known))}"


def _opened(name: str, path: str, s3: S3) -> AnyTable | None:
    try:
        table = delta_table(path, s3)
    except (DeltaError, OSError, ValueError):
        return None
    return AnyTable(name, path, table) if table is not None else None


def _in_lake(lake: Lake, told: str) -> str:
    """What a path into a layer is called there."""
    for layer in LAYERS:
        place = lake.settings.layer(layer)
        path = told if "://" in told else str(Path(told).resolve())
        if path.startswith(f"{place}/"):
            return f"{layer}.{path.removeprefix(place).strip('/')}"
    return told


def _words(field: Any) -> Mapping[str, Any]:
    return field.metadata or {}
