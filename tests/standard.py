"""Small contracts and Bronze frames for the transformations between Bronze and Silver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from conf.contract import Column, SourceContract, SourceFormat, Treatment
from conf.secrets import KeySource
from udfs import pseudonyms

KEY = b"a key of at least thirty-two bytes, for tests"
_TYPES = {"integer": "bigint", "number": "double"}


def keys_in(folder: Path) -> KeySource:
    """A key file as a lake has it."""
    path = folder / "pii.key"
    path.write_bytes(KEY)
    path.chmod(0o600)
    return KeySource(str(path))


@contextmanager
def failing_pseudonyms() -> Iterator[None]:
    """No pseudonym can be made of any value, though the key is there; in Spark's workers too, since
    the UDF carries along what it calls."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pseudonyms, "pseudonym", lambda *_: 1 // 0)
        yield


def column(name: str, logical: str = "string", spark_type: str = "", **more: Any) -> Column:
    """A column that is kept, unless `more` says otherwise."""
    told: dict[str, Any] = {
        "treatment": Treatment.KEEP,
        "silver_name": name,
        "domain": f"default/t.{name}",
    }
    spark_type = spark_type or _TYPES.get(logical, logical)
    return Column(name, name, logical, spark_type, **(told | more))


def contract(
    columns: Sequence[Column], key: Sequence[str] = ("id",), **more: Any
) -> SourceContract:
    """A table `t`; the first key column is made if the columns lack it."""
    if "id" in key and all(c.name != "id" for c in columns):
        columns = [column("id"), *columns]
    return SourceContract(
        table="t",
        path="t.odcs.yaml",
        digest="0",
        version="1.0.0",
        source=SourceFormat("csv"),
        columns=tuple(columns),
        key=tuple(key),
        **more,
    )


def bronze(spark: SparkSession, told: SourceContract, rows: Sequence[dict[str, Any]]) -> DataFrame:
    """Bronze rows; a row's `id` is its number, its delivery 1, unless it says otherwise."""
    names = ["_bronze_delivery", "_bronze_row", "_bronze_error", *(c.name for c in told.columns)]
    kinds = ["bigint", "bigint", *["string"] * (len(names) - 2)]
    schema = ", ".join(f"`{n}` {k}" for n, k in zip(names, kinds, strict=True))
    made = [
        {"_bronze_delivery": 1, "_bronze_row": i, "id": str(i)} | row
        for i, row in enumerate(rows, start=1)
    ]
    return spark.createDataFrame([tuple(row.get(n) for n in names) for row in made], schema)
