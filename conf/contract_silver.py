"""The Silver table that a source contract implies, and whether a Silver contract agrees with it."""

from __future__ import annotations

from collections.abc import Iterator

from conf.contract import (
    Column,
    Contracts,
    OutputColumn,
    OutputContract,
    SourceContract,
    Treatment,
)
from conf.contract_problems import Problem, closest
from conf.errors import listed

PSEUDONYM, REDACTED = "pseudonym", "redacted"
_CLASSIFIED = {
    Treatment.HASH: PSEUDONYM,
    Treatment.MASK: REDACTED,
    Treatment.REDACT: REDACTED,
    Treatment.DETECT: REDACTED,
}


def silver_contract(source: SourceContract) -> OutputContract:
    """Names and types after treatment, the key first; technical columns are not part of it."""
    kept = [c for c in source.columns if c.treatment is not Treatment.DROP]
    ordered = sorted(kept, key=lambda c: c.name not in source.key)
    flags = tuple(
        OutputColumn(
            c.valid_flag,
            "boolean",
            f"Whether {c.name} is a well-formed {c.form}.",
            False,
            "internal",
            derived="flag",
        )
        for c in source.columns
        if c.valid_flag
    )
    return OutputContract(
        table=f"silver.{source.table}",
        path=source.path,
        version=source.version,
        description=source.description,
        key=tuple(c.silver_name for c in source.key_columns),
        columns=tuple(_silver_column(c, c.name in source.key) for c in ordered) + flags,
    )


def _silver_column(column: Column, is_key: bool) -> OutputColumn:
    return OutputColumn(
        name=column.silver_name,
        spark_type=silver_type(column),
        description=column.description,
        required=column.required or is_key,
        classification=_CLASSIFIED.get(column.treatment, column.classification),
    )


def silver_type(column: Column) -> str:
    """A column's Spark type after its treatment."""
    match column.treatment:
        case Treatment.HASH | Treatment.MASK | Treatment.REDACT:
            return "string"
        case Treatment.GENERALIZE:
            return "int" if column.generalize == "year" else "string"
        case _:
            return column.spark_type


def silver_meaning(source: SourceContract) -> dict[str, dict[str, str]]:
    """By Silver column: what its values mean, for the table's own schema. `comment` is what
    catalogs show; with other words under `atlas.*` new rows would not go with the old ones."""
    told = {}
    for column in source.columns:
        words = {"comment": column.description, "atlas.treatment": str(column.treatment)}
        if column.treatment is Treatment.HASH:
            words["atlas.domain"] = column.domain
        if column.generalize:
            words["atlas.generalize"] = column.generalize
        if column.name in source.key:
            words["atlas.key"] = str(source.key.index(column.name) + 1)
        told[column.silver_name] = words
    return told


def silver_problems(contracts: Contracts) -> Iterator[Problem]:
    """Where a Silver contract says something else than its source contract gives."""
    for output in contracts.outputs.values():
        layer, _, table = output.table.partition(".")
        if layer != "silver":
            continue
        if table not in contracts.sources:
            known = [f"silver.{name}" for name in contracts.sources]
            yield Problem(
                output.path, (output.table,), f"no source contract; {closest(table, known)}"
            )
        else:
            yield from _disagreements(output, silver_contract(contracts.sources[table]))


def _disagreements(given: OutputContract, implied: OutputContract) -> Iterator[Problem]:
    told = {c.name: c.spark_type for c in given.columns}
    real = {c.name: c.spark_type for c in implied.columns}
    for name, spark_type in told.items():
        place = (given.table, name)
        if name not in real:
            text = f"the source contract gives no such column; {closest(name, real)}"
            yield Problem(given.path, place, text)
        elif real[name] != spark_type:
            text = f"found type {spark_type}; the source contract gives {real[name]}"
            yield Problem(given.path, place, text)
    if missing := [name for name in real if name not in told]:
        text = f"{listed(missing)} missing; the source contract gives them"
        yield Problem(given.path, (given.table,), text)
    if given.key != implied.key:
        text = f"found key {listed(given.key)}; the source contract gives {listed(implied.key)}"
        yield Problem(given.path, (given.table,), text)
