"""The columns that contracts and code give to the tables of a lake, with what they mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conf.contract import Contracts, SourceContract
from jobs.runtime.corrections import BRONZE_CORRECTIONS
from jobs.runtime.lineage.model import ColumnName
from jobs.runtime.records import CORRECTIONS
from jobs.technical_columns import TECHNICAL_COLUMNS
from transformations.names import SILVER_KEY


@dataclass(frozen=True)
class Told:
    """What a contract, or the code of a technical column, says of it."""

    description: str = ""
    derived: str = ""  # flag | count | bucket


def known_columns(contracts: Contracts) -> dict[ColumnName, Told]:
    """Of sources, Bronze, Silver and Gold, in the tables' own order."""
    told: dict[ColumnName, Told] = {}
    for table, source in contracts.sources.items():
        for column in source.columns:
            meaning = Told(column.description)
            told[ColumnName(f"source.{table}", column.source_name)] = meaning
            told[ColumnName(f"bronze.{table}", column.name)] = meaning
        told |= _technical("Bronze", f"bronze.{table}")
    told |= {ColumnName(BRONZE_CORRECTIONS, name): Told() for name in CORRECTIONS.names}
    for table, output in contracts.outputs.items():
        for given in output.columns:
            told[ColumnName(table, given.name)] = Told(given.description, given.derived)
        told |= _technical(table.partition(".")[0].title(), table, has_key=bool(output.key))
    return told | _valid_flags(contracts, told)


def _technical(layer: str, table: str, *, has_key: bool = True) -> dict[ColumnName, Told]:
    return {
        ColumnName(table, name.strip("`")): Told(description)
        for of, name, _, description in TECHNICAL_COLUMNS
        if of == layer and not (has_key and name.strip("`") == SILVER_KEY)
    }


def _valid_flags(contracts: Contracts, told: dict[ColumnName, Told]) -> dict[ColumnName, Told]:
    """Flags by what they are, also where a Silver contract of its own does not repeat it."""
    flags = (
        ColumnName(f"silver.{table}", column.valid_flag)
        for table, source in contracts.sources.items()
        for column in source.columns
        if column.valid_flag
    )
    return {flag: Told(told[flag].description, "flag") for flag in flags}


@dataclass(frozen=True)
class ColumnMeaning:
    """What a catalog should show of a column."""

    name: str
    kind: str  # Spark's type
    description: str
    classification: str | None = None
    treatment: str | None = None


@dataclass(frozen=True)
class Meaning:
    """What a catalog should show of a table."""

    description: str
    owners: tuple[str, ...] = ()
    columns: tuple[ColumnMeaning, ...] = ()


def meaning_of(contracts: Contracts, table: str) -> Meaning:
    """What the contracts say of `bronze.customers`, `silver.customers` or `gold.customer_360`."""
    layer, _, name = table.partition(".")
    source = contracts.sources.get(name)
    if layer == "bronze" and source is not None:
        return Meaning(source.description, _owners(source), tuple(_as_received(source)))
    output = contracts.outputs[table]
    treated = {c.silver_name: str(c.treatment) for c in source.columns} if source else {}
    columns = (
        ColumnMeaning(c.name, c.spark_type, c.description, c.classification, treated.get(c.name))
        for c in output.columns
    )
    return Meaning(output.description, _owners(source) if source else (), tuple(columns))


def _as_received(source: SourceContract) -> Iterator[ColumnMeaning]:
    for column in source.columns:
        yield ColumnMeaning(column.name, "string", column.description, column.classification)


def _owners(source: SourceContract) -> tuple[str, ...]:
    return (source.source_system,) if source.source_system else ()
