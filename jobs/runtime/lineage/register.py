"""The register of personal data: what of it a lake holds, where, how treated and for how long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from conf.contract import Contracts
from jobs.runtime.lineage.model import ColumnName, Origin, PiiColumn, PiiState

UNTREATED = "none"


@dataclass(frozen=True)
class RegisterLine:
    """One column and one source of personal data behind it."""

    table: str
    column: str
    state: str  # PiiState
    classification: str
    source: str  # of Bronze the source's column, else Bronze's
    treatment: str  # of each way; none: clear text
    retention: str  # as the source's contract says


FIELDS = tuple(field.name for field in fields(RegisterLine))


def register(columns: Iterable[PiiColumn], contracts: Contracts) -> list[RegisterLine]:
    """Of what lies in the lake, what is personal or comes from it, as GDPR Art. 30 asks.

    Purposes, recipients and groups of persons are not known to a lake: they are yours to add.
    """
    return [
        line
        for column in columns
        if column.name.layer != "source" and (column.origins or column.state is PiiState.CLEAR)
        for line in _lines(column, contracts)
    ]


def _lines(column: PiiColumn, contracts: Contracts) -> list[RegisterLine]:
    by_source: dict[ColumnName | None, list[Origin]] = {}
    for origin in column.origins:
        by_source.setdefault(origin.source, []).append(origin)
    return [
        RegisterLine(
            table=column.name.table,
            column=column.name.column,
            state=column.state,
            classification=ways[0].classification if ways else "",
            source=str(source or ""),
            treatment=_treatment(column, ways),
            retention=_retention(source or column.name, contracts),
        )
        for source, ways in (by_source or {None: []}).items()
    ]


def _treatment(column: PiiColumn, ways: Iterable[Origin]) -> str:
    """`hash`; `hash, generalize year` in turn; `hash or none` where two ways lead here."""
    untreated = column.derived or UNTREATED
    told = dict.fromkeys(", ".join(way.treatments) or untreated for way in ways)
    return " or ".join(told) or UNTREATED


def _retention(source: ColumnName, contracts: Contracts) -> str:
    contract = contracts.sources.get(source.table.partition(".")[2])
    return contract.retention if contract else ""
