"""What a plan proves of a table's columns: from where they come, and what made them safe.

The contract says how each column is treated; here it is only compared with what the plan of the
write does. A way from personal data without its treatment stops the table before it is published.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

from pyspark.sql import DataFrame

from conf.contract import Column, SourceContract, Treatment
from conf.errors import DataQualityError, listed
from jobs.runtime.corrections import BRONZE_CORRECTIONS
from jobs.runtime.lake import Lake
from jobs.runtime.lineage.expressions import TOP_LEVEL_DOMAIN, YEAR, Json, Way, tree
from jobs.runtime.lineage.model import DIRECT, ColumnName, Edge
from jobs.runtime.lineage.plan import PlanColumns
from jobs.runtime.lineage.relations import UNKNOWN, tables_of
from transformations.names import RAW, RESCUED
from transformations.silver import STAGING_ONLY

Ways = Mapping[str, frozenset[Way]]

_HIDES = frozenset({Treatment.HASH, Treatment.DETECT})  # whatever stands in a value
_MASKS = frozenset({TOP_LEVEL_DOMAIN, "prefix:1", "suffix:1", "suffix:2"})
_AS_RECEIVED = (RAW, RESCUED)  # whole lines, and columns that no contract names


def ways_of(lake: Lake, frame: DataFrame) -> Ways:
    """By column of a frame, the ways from columns of the lake's tables, as its plan has them."""
    plan = frame.select("*")._jdf.queryExecution().analyzed()  # on top a list of all columns
    told: list[Json] = json.loads(plan.toJSON())
    return PlanColumns(tree(told), tables_of(lake.settings, plan)).ways()


def stop_on_untreated(contract: SourceContract, ways: Ways) -> None:
    """Compare the plan of a batch with its contract, before anything of it is written.

    Raises: DataQualityError naming each column, where it comes from and what is not on that way.
    """
    wrong = sorted({_told(contract, *found) for found in _untreated(contract, ways)})
    if wrong:
        raise DataQualityError(
            f"{contract.table}: held: personal data would be published untreated, by lineage: "
            f"{listed(wrong)}; nothing was published; treat the values with the anonymizers of "
            "udfs/anonymizers.py as the contract says, or declare what the column really is in "
            f"{contract.path}, and run again, which takes the same deliveries in"
        )


def proved_edges(contract: SourceContract, ways: Ways) -> list[Edge]:
    """The edges into Silver, each with the treatment that its way proves."""
    bronze, silver = f"bronze.{contract.table}", f"silver.{contract.table}"
    redacted = {
        (ColumnName(bronze, c.name), c.silver_name)
        for c in contract.columns
        if c.treatment is Treatment.REDACT
    }

    def treatment(name: str, way: Way) -> str:
        if way.type == DIRECT:
            return _treatment(contract, way)
        return str(Treatment.REDACT) if (way.source, name) in redacted else ""

    names = [name for name in ways if name not in STAGING_ONLY]
    return _edges(silver, {name: ways[name] for name in names}, treatment)


def stop_on_bronze(table: str, ways: Ways) -> None:
    """Gold is made of Silver, whose columns were proved. Raises: DataQualityError naming what is
    read from Bronze, or from rows of which nobody knows where they come from."""

    def of(tables: str) -> list[str]:
        found = ((name, way.source) for name in ways for way in ways[name])
        return sorted({f"{name} from {s}" for name, s in found if s.table.startswith(tables)})

    if clear := of("bronze."):
        raise DataQualityError(
            f"{table}: held: it would be made from what Bronze has in clear text: {listed(clear)}; "
            "nothing was published; read Silver instead"
        )
    if unknown := of(UNKNOWN):
        raise DataQualityError(
            f"{table}: held: nobody can tell where it would be from: {listed(unknown)}; nothing was "
            "published; keep to frames: no checkpoint, and no rows made of an RDD"
        )


def gold_edges(table: str, ways: Ways) -> list[Edge]:
    """The edges into a Gold table."""
    return _edges(table, ways, lambda name, way: "")


def _edges(table: str, ways: Ways, treatment: Callable[[str, Way], str]) -> list[Edge]:
    """The ways as edges; what decides on a value that itself comes through is not told twice."""
    edges = set()
    for name, found in ways.items():
        direct = {way.source for way in found if way.type == DIRECT}
        for way in found:
            if way.type == DIRECT or way.source not in direct:
                made = treatment(name, way)
                edges.add(Edge(way.source, ColumnName(table, name), way.type, way.subtype, made))
    return sorted(edges)


def _untreated(contract: SourceContract, ways: Ways) -> Iterator[tuple[str, Way]]:
    for name, found in ways.items():
        is_kept = name not in STAGING_ONLY  # what became of a row is a choice by all its values
        for way in found:
            is_told = way.type == DIRECT or (way.tells and is_kept)
            if is_told and not _is_safe(contract, name, way):
                yield name, way


def _is_safe(contract: SourceContract, name: str, way: Way) -> bool:
    """Whether nothing personal, or nothing in clear text, comes to a column on this way."""
    if way.source.table == UNKNOWN:
        return False
    if way.source.table != f"bronze.{contract.table}":
        # Silver was proved when it was written; of corrections each stands in for a value of Bronze.
        return way.source.layer != "bronze" or way.source.table == BRONZE_CORRECTIONS
    if way.source.column in _AS_RECEIVED:
        return bool(way.signs & _HIDES)
    column = _column(contract, way)
    if column is None or not is_personal(column) or name == column.valid_flag:
        return True
    return _is_treated(column, way) or (name.startswith("_") and bool(way.signs & _HIDES))


def is_personal(column: Column) -> bool:
    """Whether a way from a column needs a treatment: by its class, or as text that is searched.

    What is pii-indirect may be kept, if its contract says so; a number or a date without a class is
    searched on its own (`stop_on_typed_pii`)."""
    if column.treatment in (Treatment.DETECT, Treatment.KEEP):
        return column.treatment is Treatment.DETECT and column.logical_type == "string"
    return True


def _is_treated(column: Column, way: Way) -> bool:
    """Whether what the contract says of a column is what stands on the way."""
    match column.treatment:
        case Treatment.HASH | Treatment.DETECT:
            return str(column.treatment) in way.signs
        case Treatment.MASK:
            return bool(way.signs & _MASKS)
        case Treatment.GENERALIZE:
            return any(_is_as_short(sign, column.generalize or "") for sign in way.signs)
    return False  # redacted or dropped: no value may come through


def _is_as_short(sign: str, wanted: str) -> bool:
    """Whether what a built-in expression leaves is no more than a contract allows."""
    if wanted == YEAR or not sign.startswith("prefix:"):
        return sign == wanted
    return int(sign.removeprefix("prefix:")) <= int(wanted.removeprefix("prefix:"))


def _treatment(contract: SourceContract, way: Way) -> str:
    """The treatment that a way proves, in the contract's words; empty: none."""
    column = _column(contract, way)
    is_own = column is not None and way.source.table == f"bronze.{contract.table}"
    if column is not None and is_own and _is_treated(column, way):
        return f"{column.treatment} {column.generalize or ''}".strip()
    if hidden := [str(t) for t in sorted(_HIDES, reverse=True) if t in way.signs]:
        return hidden[0]
    is_searched = column is not None and is_own and _is_searched_value(column)
    return str(Treatment.DETECT) if is_searched else ""


def _is_searched_value(column: Column) -> bool:
    """A number or a date that is searched: it stays as it is, or stops the table."""
    return column.treatment is Treatment.DETECT and column.logical_type != "string"


def _column(contract: SourceContract, way: Way) -> Column | None:
    return next((c for c in contract.columns if c.name == way.source.column), None)


def _told(contract: SourceContract, name: str, way: Way) -> str:
    column = _column(contract, way)
    kind = (column.classification if column else None) or "unclassified"
    wanted = str(column.treatment) if column and way.source.column not in _AS_RECEIVED else "hash"
    found = ", ".join(sorted(way.signs)) or "nothing"
    return (
        f"silver.{contract.table}.{name} comes from {way.source} ({kind}), whose treatment is "
        f"{wanted}, and its plan has {found} on the way"
    )
