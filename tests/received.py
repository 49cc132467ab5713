"""Source files as tests write them, and what Bronze gets of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, Row, SparkSession

from conf.contract import Column, Contracts, SourceContract, SourceFormat
from jobs.runtime.deliveries import Arrival
from jobs.runtime.reading import read_bronze
from jobs.runtime.source_files import Inspection, SourceFile, find_source_files, inspect

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


def contract(
    columns: Sequence[str] = ("id", "name", "note"), table: str = "things", **source: Any
) -> SourceContract:
    """A contract of string columns; a name with `=` gives source name = contract name."""
    pairs = [(c.split("=")[-1], c.split("=")[0]) for c in columns]
    return SourceContract(
        table=table,
        path=f"{table}.odcs.yaml",
        digest="digest",
        version="1",
        source=SourceFormat(**{"kind": "csv"} | source),
        columns=tuple(Column(name, told, "string", "string") for name, told in pairs),
        key=(pairs[0][0],),
        source_system="tests",
    )


def fixed_width(*places: tuple[str, int, int], **source: Any) -> SourceContract:
    """A fixed-width contract of (name, start, width)."""
    plain = contract(
        [name for name, *_ in places], **{"kind": "fixed-width", "header": False} | source
    )
    columns = tuple(
        replace(c, start=start, width=width)
        for c, (_, start, width) in zip(plain.columns, places, strict=True)
    )
    return replace(plain, columns=columns)


def found(folder: Path, name: str, content: bytes, told: SourceContract) -> SourceFile:
    """A file that was written and discovered. Raises: its SourceError."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    files, errors = find_source_files(str(folder), Contracts({told.table: told}))
    for error in errors:
        raise error
    return next(file for file in files if file.name == name)


def inspected(folder: Path, name: str, content: bytes, told: SourceContract) -> Inspection:
    return inspect(found(folder, name, content, told), told)


def arrival_of(file: SourceFile, told: SourceContract) -> Arrival:
    seen = inspect(file, told)
    return Arrival(
        table=file.table,
        source_name=file.name,
        path=str(file.path),
        size=file.size,
        modified_at=file.modified_at,
        content_sha256=seen.content_sha256,
        records=seen.records,
        header=seen.header,
        missing_columns=seen.missing_columns,
        extra_columns=seen.extra_columns,
    )


def bronze(spark: SparkSession, file: SourceFile, told: SourceContract) -> DataFrame:
    return read_bronze(
        spark, told, arrival_of(file, told), delivery=7, run_id="run", ingested_at=NOW
    )


def received(
    spark: SparkSession, folder: Path, name: str, content: bytes, told: SourceContract
) -> list[Row]:
    """Bronze rows in the order of the file; as many as the inspection counted."""
    file = found(folder, name, content, told)
    rows = sorted(bronze(spark, file, told).collect(), key=lambda r: r["_bronze_row"])
    assert len(rows) == inspect(file, told).records
    numbers = [r["_bronze_row"] for r in rows]
    assert len(set(numbers)) == len(numbers)
    return rows


def values(row: Row) -> tuple[Any, ...]:
    """The contract's columns of a Bronze row."""
    return tuple(v for n, v in row.asDict().items() if not n.startswith("_bronze_"))


def told(row: Row) -> tuple[Any, ...]:
    """(row number, error, raw line, rescued) of a Bronze row."""
    raw: Any = row["_bronze_raw"]
    rescued: Mapping[str, str] | None = row["_bronze_rescued"]
    return row["_bronze_row"], row["_bronze_error"], None if raw is None else bytes(raw), rescued
