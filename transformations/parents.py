"""What Silver knows of a row's parents: whether they are there, and what checks ask of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pyspark.sql import Column as C
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contract import PARENT, PARENT_KEY, Column, SourceContract, Treatment
from conf.contract_silver import silver_type
from transformations.names import HASHED, REASONS

Transform = Callable[[DataFrame], DataFrame]

MISSING = "parent_missing"


@dataclass(frozen=True)
class Parent:
    """A table that others refer to: its contract, and its Silver table if there is one yet."""

    contract: SourceContract
    silver: DataFrame | None


def wanted_parents(contract: SourceContract) -> dict[str, tuple[str, ...]]:
    """The foreign keys whose parents somebody asks for, each with the parent's columns that checks
    read; a row that waits for its parent asks for none of them."""
    wanted: dict[str, list[str]] = {c.name: [] for c in _waiting(contract)}
    for check in contract.checks:
        for foreign_key, name in check.parent_columns:
            wanted.setdefault(foreign_key, []).append(name)
    return {key: tuple(dict.fromkeys(names)) for key, names in wanted.items()}


def with_parents(contract: SourceContract, parents: Mapping[str, Parent]) -> Transform:
    """Add each wanted parent as `_parent_<foreign key>`, and say whose parent must be waited for.

    In: the standardized frame; `parents` by table. Out: the same with a struct a foreign key, null
    where the value is null or Silver has no such parent: `key` (the parent's Silver key as text)
    and the wanted columns that Silver keeps as they are, under their contract names. Compared as
    Silver has them, pseudonyms with pseudonyms. `_reasons` gets `parent_missing: <column>` where
    the contract lets a row wait.
    """

    def transform(df: DataFrame) -> DataFrame:
        for name, columns in wanted_parents(contract).items():
            column = contract.column(name)
            assert column.references is not None
            df = df.transform(_with_parent(column, columns, parents[column.references[0]]))
        return df.withColumn(REASONS, _reasons(contract)) if _waiting(contract) else df

    return transform


def waits_for_parents(contract: SourceContract) -> bool:
    """Whether a row of this table waits in quarantine until its parent comes."""
    return bool(_waiting(contract))


def _waiting(contract: SourceContract) -> list[Column]:
    return [c for c in contract.columns if c.late_parent == "wait"]


def _with_parent(column: Column, names: tuple[str, ...], parent: Parent) -> Transform:
    struct = PARENT + column.name
    asked = (parent.contract.column(name) for name in names if name != PARENT_KEY)
    kept = [column for column in asked if _is_kept(column)]

    def transform(df: DataFrame) -> DataFrame:
        if parent.silver is None:
            fields = [f"`{c.name}`: {silver_type(c)}" for c in kept]
            kind = f"struct<{', '.join([f'{PARENT_KEY}: string', *fields])}>"
            return df.withColumn(struct, F.lit(None).cast(kind))
        there = set(parent.silver.columns)
        known = parent.silver.select(
            F.struct(
                F.col(parent.contract.silver_key[0]).cast("string").alias(PARENT_KEY),
                *(_value(c, there).alias(c.name) for c in kept),
            ).alias(struct)
        )
        return df.join(known, _as_in_silver(column) == F.col(f"{struct}.{PARENT_KEY}"), "left")

    return transform


def _is_kept(column: Column) -> bool:
    return column.treatment is Treatment.KEEP


def _value(column: Column, there: set[str]) -> C:
    """Null where the column is newer than the parent's Silver table."""
    if column.silver_name in there:
        return F.col(column.silver_name)
    return F.lit(None).cast(silver_type(column))


def _as_in_silver(column: Column) -> C:
    if column.treatment is Treatment.HASH:
        return F.col(HASHED + column.name)
    return F.col(column.name).cast("string")


def _reasons(contract: SourceContract) -> C:
    found = [
        F.when(F.col(c.name).isNotNull() & F.col(PARENT + c.name).isNull(), f"{MISSING}: {c.name}")
        for c in _waiting(contract)
    ]
    return F.concat(F.col(REASONS), F.array_compact(F.array(*found)))
