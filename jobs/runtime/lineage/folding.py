"""One set of edges for a write, of all that is told of it: without the staging in between."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

from jobs.runtime.lineage.model import (
    AGGREGATION,
    DIRECT,
    EVERY,
    IDENTITY,
    INDIRECT,
    TRANSFORMATION,
    ColumnName,
    Edge,
)
from jobs.runtime.lineage.writes import STAGING, Write

_TRIVIAL_FIRST = (IDENTITY, TRANSFORMATION, AGGREGATION)
_KEPT = 100  # staging writes of one table and run; a batch reads the one just before it


class Staging:
    """The staging writes of each run: what a table's staged columns come from."""

    def __init__(self) -> None:
        self._writes: defaultdict[tuple[str, str], deque[Write]] = defaultdict(
            lambda: deque(maxlen=_KEPT)
        )

    def keep(self, write: Write) -> None:
        self._writes[write.run_id, write.table].append(write)

    def before(self, write: Write, table: str) -> frozenset[Edge] | None:
        """The edges into a staging table as a write of the same run found it; None: not known."""
        known = self._writes.get((write.run_id, table), ())
        found = [one for one in known if one.ended_at <= write.ended_at]
        told = [max((w for w in found if w.is_ours is ours), key=_end, default=None)
                for ours in (True, False)]  # fmt: skip
        if told == [None, None]:
            return None
        return united(*(one.edges if one else frozenset() for one in told))


def _end(write: Write) -> int:
    return write.ended_at


def united(ours: Iterable[Edge], listeners: Iterable[Edge]) -> frozenset[Edge]:
    """Both; of two columns that both tell of, ours counts: the listener sees any function as a
    plain transformation, and a value that only decides as one that goes in."""
    own = frozenset(ours)
    pairs = {(edge.source, edge.target) for edge in own}
    return own | {edge for edge in listeners if (edge.source, edge.target) not in pairs}


def simplified(edges: Iterable[Edge]) -> frozenset[Edge]:
    """Without what says nothing: INDIRECT beside DIRECT, and a column that stays as it is when its
    table is merged into."""
    told = frozenset(edges)
    direct = {(edge.source, edge.target) for edge in told if edge.type == DIRECT}
    return frozenset(
        edge
        for edge in told
        if edge.source != edge.target
        and (edge.type == DIRECT or (edge.source, edge.target) not in direct)
    )


def folded(write: Write, staging: Staging) -> tuple[frozenset[Edge], int]:
    """The edges of a write that lead over staging, told from before it; and how many could not be,
    since nothing is known of that staging."""
    edges, unknown = {e for e in write.edges if not _is_staged(e)}, 0
    of_table: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in write.edges - edges:
        of_table[edge.source.table].append(edge)
    for table, later in of_table.items():
        before = staging.before(write, table)
        if before is None:
            unknown += len(later)
        else:
            edges |= set(_composed(before, later, ColumnName(write.table, EVERY)))
    return simplified(edges), unknown


def _is_staged(edge: Edge) -> bool:
    return edge.source.table.startswith(STAGING)


def _composed(before: Iterable[Edge], later: Iterable[Edge], every: ColumnName) -> Iterator[Edge]:
    into: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in before:
        into[edge.target.column].append(edge)
    for edge in later:
        yield from (_both(one, edge) for one in into[edge.source.column])
        job = edge.job
    yield from (replace(one, target=every, type=INDIRECT, job=job) for one in into[EVERY])


def _both(first: Edge, second: Edge) -> Edge:
    """Two steps as one."""
    if first.type == second.type == DIRECT:
        subtype = max(first.subtype, second.subtype, key=_rank)
    else:
        subtype = next(edge.subtype for edge in (second, first) if edge.type == INDIRECT)
    return Edge(
        source=first.source,
        target=second.target,
        type=INDIRECT if INDIRECT in (first.type, second.type) else DIRECT,
        subtype=subtype,
        treatment=first.treatment or second.treatment,
        job=second.job,
    )


def _rank(subtype: str) -> int:
    return _TRIVIAL_FIRST.index(subtype) if subtype in _TRIVIAL_FIRST else 1
