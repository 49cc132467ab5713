"""Lineage as plain values: columns, and what leads from one to another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

EVERY = "*"
"""A column's name where something concerns the whole table, such as a filter."""
DIRECT, INDIRECT = "DIRECT", "INDIRECT"
"""A value comes from a value; or a value only decides which rows there are (OpenLineage's words)."""
IDENTITY, TRANSFORMATION, AGGREGATION = "IDENTITY", "TRANSFORMATION", "AGGREGATION"
"""What becomes of a value on a DIRECT way, in the same words."""


def layer_of(table: str) -> str:
    """source | bronze | silver | gold | ops"""
    return table.partition(".")[0]


def job_name(job: str) -> str:
    """How OpenLineage's events call a job: `atlas.refine`."""
    return f"atlas.{job}"


@dataclass(frozen=True, order=True)
class ColumnName:
    """A column of a table of the lake, or of a source: `source.customers` is what its files hold."""

    table: str
    column: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"

    @property
    def layer(self) -> str:
        """source | bronze | silver | gold | ops"""
        return layer_of(self.table)


@dataclass(frozen=True, order=True)
class Edge:
    """What one write took from a column to another.

    `subtype` is OpenLineage's (IDENTITY, TRANSFORMATION, AGGREGATION; JOIN, FILTER, GROUP_BY, SORT,
    WINDOW, CONDITIONAL), `treatment` what made a value safe on this step, as its plan proves it:
    hash, mask, redact, detect, `generalize year`; empty: nothing did.
    """

    source: ColumnName
    target: ColumnName
    type: str
    subtype: str
    treatment: str = ""
    job: str = ""

    @property
    def is_of_value(self) -> bool:
        """Whether it tells where a value is from, also of one that is replaced altogether."""
        return self.type == DIRECT or bool(self.treatment)


class PiiState(StrEnum):
    """What a column is, seen from the personal data that leads to it by DIRECT edges."""

    CLEAR = "clear"  # personal data as it came: sources and Bronze alone
    TREATED = "treated"  # every way from personal data leads through a treatment
    KEPT = "kept"  # a way without a treatment: the source contract says `keep` of pii-indirect
    DERIVED = "derived"  # a flag, count or bucket, as its contract declares
    NONE = "none"  # no personal data leads here
    LEAK = "leak"  # a way without a treatment, and nothing declared: such a table is stopped


@dataclass(frozen=True)
class Origin:
    """One source column of personal data behind a column, with the treatments on one way from it."""

    source: ColumnName
    classification: str
    treatments: tuple[str, ...]


@dataclass(frozen=True)
class PiiColumn:
    """A column with what is personal about it."""

    name: ColumnName
    state: PiiState
    origins: tuple[Origin, ...] = ()
    derived: str = ""  # flag | count | bucket
    description: str = ""
    retention: str = ""
