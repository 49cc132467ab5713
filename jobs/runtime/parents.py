"""Which tables are the parents of which: the order of refining, and what Silver has of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pyspark.sql import DataFrame

from conf.contract import Contracts, SourceContract
from jobs.runtime.batches import Batches
from jobs.runtime.lake import Lake
from transformations.parents import Parent, wanted_parents


def parents_first(contracts: Contracts, tables: Sequence[str]) -> list[str]:
    """The tables, each after those it refers to, by name where nothing else decides.

    Two tables may refer to each other by different columns: then one of them must be first.
    """
    ordered: list[str] = []
    seen: set[str] = set()

    def visit(table: str) -> None:
        if table in seen:
            return
        seen.add(table)
        for column in contracts.sources[table].columns:
            if column.references:
                visit(column.references[0])
        ordered.append(table)

    for table in sorted(tables):
        visit(table)
    return [table for table in ordered if table in tables]


def parents_of(
    lake: Lake, contracts: Contracts, contract: SourceContract, at: datetime | None = None
) -> dict[str, Parent]:
    """The parents somebody asks for, by table, now or as they were; nothing of any other is read."""
    references = (contract.column(name).references for name in wanted_parents(contract))
    return {
        table: Parent(contracts.sources[table], _silver(lake, table, at))
        for table in sorted({r[0] for r in references if r})
    }


def state_of_parents(lake: Lake, contract: SourceContract) -> str | None:
    """Each table that rows wait for, with the last batch it published: `customers=7`."""
    tables = {c.references[0] for c in contract.columns if c.late_parent == "wait" and c.references}
    return ",".join(f"{t}={_last_published(lake, t)}" for t in sorted(tables)) or None


def _last_published(lake: Lake, table: str) -> int:
    return max(Batches(lake, table, "").published, default=0)


def _silver(lake: Lake, table: str, at: datetime | None) -> DataFrame | None:
    name = f"silver.{table}"
    if at is None:
        return lake.read(name) if lake.exists(name) else None
    version = lake.version_at(name, at)
    return None if version is None else lake.read(name, version)
