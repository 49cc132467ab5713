"""What events tell of writes: the output table, and the edges that lead to its columns."""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jobs.runtime.lineage.datasets import Dataset, Tables
from jobs.runtime.lineage.events import ColumnLineage, Event, Facets, InputField, Transformation
from jobs.runtime.lineage.model import EVERY, INDIRECT, ColumnName, Edge, layer_of

UNCOMMITTED, FOREIGN, UNKNOWN_INPUTS = "uncommitted", "foreign", "unknown_inputs"
STAGING = "ops._staging."
JOBS = {"bronze": "ingest", "silver": "refine", "gold": "build_gold", "ops": "refine"}

_OPEN = 10_000  # runs of which a START was seen and no end yet
_TREATMENT = re.compile(r"hash|mask|redact|detect|generalize [a-z0-9:_ -]{1,40}")


@dataclass(frozen=True)
class Write:
    """One output table of an event; times are milliseconds, as Delta's log has them."""

    run_id: str
    table: str
    edges: frozenset[Edge]
    ended_at: int
    started_at: int | None = None  # of the listener's: by its START
    version: int | None = None  # of ours: the commit that it tells of
    is_ours: bool = False

    @property
    def is_staging(self) -> bool:
        return self.table.startswith(STAGING)


class Writes:
    """Turns events into writes, in their order; counts what is left out."""

    def __init__(self, tables: Tables, left_out: Counter[str]) -> None:
        self._tables, self._left_out = tables, left_out
        self._started: OrderedDict[str, int] = OrderedDict()

    def of(self, events: Iterable[Event], *, is_ours: bool) -> Iterator[Write]:
        """`is_ours`: Atlas made these events itself, else Spark's listener."""
        for event in events:
            if event.atlas_run is None:
                self._left_out[FOREIGN] += 1
            elif event.type == "START":
                self._start(event)
            elif event.type in ("COMPLETE", "FAIL", "ABORT"):
                yield from self._end(event, is_ours)

    def _start(self, event: Event) -> None:
        self._started.setdefault(event.run.run_id, event.millisecond)
        if len(self._started) > _OPEN:
            self._started.popitem(last=False)

    def _end(self, event: Event, is_ours: bool) -> Iterator[Write]:
        started = self._started.pop(event.run.run_id, None)
        for output in event.outputs or ():
            table = self._tables.named(output.namespace, output.name)
            if table and event.type != "COMPLETE":
                self._left_out[UNCOMMITTED] += 1
            elif table and output.facets.lineage:
                yield self._write(event, output.facets, table, is_ours, started)

    def _write(
        self, event: Event, facets: Facets, table: str, is_ours: bool, started: int | None
    ) -> Write:
        version, told = facets.version, list(_columns(facets.lineage))
        job = JOBS[layer_of(table)]
        return Write(
            run_id=event.atlas_run or "",
            table=table,
            edges=frozenset(self._edges(told, table, job, is_ours)),
            ended_at=event.millisecond,
            started_at=started,
            version=int(version.version) if version and is_ours else None,
            is_ours=is_ours,
        )

    def _edges(
        self, told: Iterable[tuple[str, InputField]], table: str, job: str, is_ours: bool
    ) -> Iterator[Edge]:
        unknown = set[Dataset]()
        for column, one in told:
            source = self._source(one, table, is_ours)
            if source is None:
                unknown.add(Dataset(one.namespace, one.name))
                continue
            for type_, subtype, treatment in _transformations(one, column, is_ours):
                target = ColumnName(table, column)
                yield Edge(ColumnName(source, one.field), target, type_, subtype, treatment, job)
        if unknown and not table.startswith("bronze."):  # whose source it knows as lines of text
            self._left_out[UNKNOWN_INPUTS] += len(unknown)

    def _source(self, one: InputField, output: str, is_ours: bool) -> str | None:
        layer, _, table = output.partition(".")
        known = self._tables.named(one.namespace, one.name)
        return f"source.{table}" if known is None and is_ours and layer == "bronze" else known


def _columns(lineage: ColumnLineage | None) -> Iterator[tuple[str, InputField]]:
    """Each output column with each input; `*` with what concerns all of them."""
    if lineage is not None:
        yield from ((name, one) for name, of in lineage.fields_.items() for one in of.inputs)
        yield from ((EVERY, one) for one in lineage.dataset or ())


def _transformations(one: InputField, column: str, is_ours: bool) -> Iterator[tuple[str, str, str]]:
    """Type, subtype and treatment of each; one that is not told changes the value somehow."""
    told = one.transformations or [Transformation(type="DIRECT", subtype="TRANSFORMATION")]
    if column == EVERY and any(t.type == INDIRECT for t in told):
        told = [t for t in told if t.type == INDIRECT]
    for t in told:
        treatment = (t.description or "") if is_ours and t.masking else ""
        treatment = treatment if _TREATMENT.fullmatch(treatment) else ""
        if column == EVERY:
            # How values come to a condition on rows is told as DIRECT, too: what they do there is filter.
            yield INDIRECT, (t.subtype or "") if t.type == INDIRECT else "FILTER", treatment
        else:
            yield t.type, t.subtype or "", treatment
