"""Lineage as a graph: what a column comes from, and what comes from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conf.contract_problems import closest
from conf.errors import UsageError
from jobs.runtime.lake import Lake
from jobs.runtime.lineage.model import DIRECT, EVERY, ColumnName, Edge
from jobs.runtime.sql_text import quoted

DATA_LINEAGE_TABLE = "ops.data_lineage"
NO_LINEAGE = "no lineage is recorded yet: run jobs/load_lineage.py, as the pipeline does at its end"


class Lineage:
    """Columns and edges, of each output table those of one write: its latest, or an earlier one.

    `*` concerns each column of its table. Unknown names raise UsageError with the closest ones.
    """

    def __init__(
        self,
        edges: Iterable[Edge],
        *,
        now: Iterable[Edge] | None = None,
        columns: Iterable[ColumnName] = (),
    ) -> None:
        """`now`: where `edges` are those of an earlier version, those that lead on from there.
        `columns`: columns that are known though no edge names them."""
        self.edges = tuple(sorted(set(edges)))
        self._now = self.edges if now is None else tuple(sorted(set(now)))
        named = (c for e in (*self.edges, *self._now) for c in (e.source, e.target))
        self.columns = frozenset(named) | frozenset(columns)
        self._into = _Ends(self.edges, lambda edge: edge.target)
        self._out_of = _Ends(self._now, lambda edge: edge.source)

    @classmethod
    def of(cls, lake: Lake) -> Lineage:
        """As it is now: no edges if none was recorded yet."""
        return cls(_edges(lake, _latest(_writes(lake))))

    @classmethod
    def at(cls, lake: Lake, table: str, version: int) -> Lineage:
        """Of a table's latest write at or below a version, and upstream of it as tables were when
        that was committed; downstream as they are now.

        Raises: UsageError if the table has no such write.
        """
        writes = _writes(lake)
        own = [write for write in writes if write.table == table]
        before = [write for write in own if write.version <= version]
        if own and not before:
            first = min(write.version for write in own)
            raise UsageError(f"{table}: found version {version}; its lineage begins at {first}")
        now = _edges(lake, _latest(writes))
        if not before:
            return cls(now)  # which knows no such table: the question says so
        moment = max(before, key=lambda write: write.version).committed_at
        others = [w for w in writes if w.table != table and w.committed_at <= moment]
        return cls(_edges(lake, _latest([*others, *before])), now=now)

    def knowing(self, columns: Iterable[ColumnName]) -> Lineage:
        """The same with more names, such as the contracts' columns that nothing leads to."""
        return Lineage(self.edges, now=self._now, columns=self.columns | frozenset(columns))

    def upstream(self, column: ColumnName) -> tuple[Edge, ...]:
        """All edges that lead to a column, the nearest first. Raises: UsageError.

        INDIRECT edges are shown and end there: what decides on rows is not where a value is from.
        """
        self.check(column)
        return _walk(column, self.into, lambda edge: edge.source)

    def downstream(self, column: ColumnName) -> tuple[Edge, ...]:
        """All edges that lead on from a column, the nearest first. Raises: UsageError."""
        self.check(column)
        return _walk(column, self.out_of, lambda edge: edge.target)

    def into(self, column: ColumnName) -> list[Edge]:
        """The edges of one step to a column, in order."""
        return self._into.at(column)

    def out_of(self, column: ColumnName) -> list[Edge]:
        """The edges of one step from a column, in order."""
        return self._out_of.at(column)

    def __contains__(self, column: ColumnName) -> bool:
        return column in self.columns

    def check(self, column: ColumnName) -> None:
        """Raises: UsageError if no such column is known, with the closest ones."""
        if not self.edges and not self._now:
            raise UsageError(NO_LINEAGE)
        tables = sorted({known.table for known in self.columns})
        if column.table not in tables:
            raise UsageError(f"no lineage of table {column.table}; {closest(column.table, tables)}")
        names = sorted({c.column for c in self.columns if c.table == column.table} - {EVERY})
        if column.column not in (*names, EVERY):
            told = f"{column.table} has no column {column.column} in its lineage"
            raise UsageError(f"{told}; {closest(column.column, names)}")


def concerns(some: ColumnName, other: ColumnName) -> bool:
    """Whether two names of one table may mean the same column: `*` is any."""
    return some.table == other.table and (
        some.column == other.column or EVERY in (some.column, other.column)
    )


def column_name(text: str) -> ColumnName:
    """`gold.customer_360.total_revenue`; a column may hold dots and blanks, `*` is all of them.

    Raises: UsageError if it is not layer, table and column.
    """
    layer, table, column = [*text.split(".", 2), "", ""][:3]
    if not (layer and table and column):
        raise UsageError(
            f"found {text!r}; a column is LAYER.TABLE.COLUMN, as gold.customer_360.total_revenue"
        )
    return ColumnName(f"{layer}.{table}", column)


def _walk(
    start: ColumnName, step: Callable[[ColumnName], list[Edge]], end: Callable[[Edge], ColumnName]
) -> tuple[Edge, ...]:
    """Breadth first, each edge and column once: tables that are merged into lead to themselves."""
    found: dict[Edge, None] = {}
    seen, reached = {start}, [start]
    while reached:
        edges = [
            edge for edge in sorted({e for c in reached for e in step(c)}) if edge not in found
        ]
        found |= dict.fromkeys(edges)
        reached = sorted({end(e) for e in edges if e.type == DIRECT} - seen)
        seen |= set(reached)
    return tuple(found)


class _Ends:
    """Edges by the column at one of their ends."""

    def __init__(self, edges: Iterable[Edge], end: Callable[[Edge], ColumnName]) -> None:
        self._columns: defaultdict[ColumnName, list[Edge]] = defaultdict(list)
        self._tables: defaultdict[str, list[Edge]] = defaultdict(list)
        for edge in edges:
            self._columns[end(edge)].append(edge)
            self._tables[end(edge).table].append(edge)

    def at(self, column: ColumnName) -> list[Edge]:
        """Those of a column and of its whole table, in order."""
        if column.column == EVERY:
            return self._tables.get(column.table, [])
        whole = self._columns.get(ColumnName(column.table, EVERY), [])
        return sorted([*self._columns.get(column, []), *whole])


@dataclass(frozen=True)
class _Write:
    """One commit whose lineage was recorded."""

    table: str
    version: int
    committed_at: datetime


def _writes(lake: Lake) -> list[_Write]:
    """All of them, in one query that reads three columns."""
    rows = lake.query(
        DATA_LINEAGE_TABLE,
        "select output_table, output_version, max(committed_at) as committed_at from t "
        "group by output_table, output_version",
    )
    return [_Write(r["output_table"], r["output_version"], r["committed_at"]) for r in rows]


def _latest(writes: Iterable[_Write]) -> list[_Write]:
    """Of each table the write with the greatest version."""
    return list({w.table: w for w in sorted(writes, key=lambda w: w.version)}.values())


def _edges(lake: Lake, writes: Iterable[_Write]) -> list[Edge]:
    """The edges of these writes; other files of the log are left alone by their statistics."""
    one_of = " or ".join(
        f"(output_table = {quoted(w.table)} and output_version = {w.version})" for w in writes
    )
    rows = lake.query(DATA_LINEAGE_TABLE, f"select * from t where {one_of}") if one_of else []
    return [_edge(row) for row in rows]


def _edge(row: Mapping[str, Any]) -> Edge:
    return Edge(
        source=ColumnName(row["input_table"], row["input_column"]),
        target=ColumnName(row["output_table"], row["output_column"]),
        type=row["type"],
        subtype=row["subtype"] or "",
        treatment=row["treatment"] or "",
        job=row["job"] or "",
    )
