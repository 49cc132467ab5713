"""The rows that quality checks see: the contract's columns, and what is known of a row besides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from pyspark.sql import Column as C
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contract import DELIVERED_AT, SourceContract, Treatment
from conf.contract_silver import silver_type
from transformations.names import DELIVERY, HASHED, REASONS, SILVER_DELIVERY

Transform = Callable[[DataFrame], DataFrame]


def with_delivered_at(times: Mapping[int, datetime], delivery: str = DELIVERY) -> Transform:
    """Add `_delivered_at` timestamp: the modification time of the row's file.

    In: the time of each delivery; the column that holds a row's delivery. Null for any other.
    """
    pairs = [
        part
        for number, time in times.items()
        for part in (F.lit(number).cast("bigint"), F.lit(time))
    ]
    known = F.create_map(*pairs)[F.col(delivery)] if pairs else F.lit(None)
    return lambda df: df.withColumn(DELIVERED_AT, known.cast("timestamp"))


def silver_as_checked(contract: SourceContract, times: Mapping[int, datetime]) -> Transform:
    """Silver's rows as the source contract's checks name them.

    In: Silver, or an earlier version of it. Out: its columns under the contract's names, as treated
    (null where that version has none yet), valid flags, `_delivered_at`, `_hashed_<name>` of hashed
    foreign keys and an empty `_reasons`, so that `with_parents` finds what it reads.
    """

    def transform(silver: DataFrame) -> DataFrame:
        def value(name: str, kind: str) -> C:
            return F.col(f"`{name}`") if name in silver.columns else F.lit(None).cast(kind)

        kept = [c for c in contract.columns if c.treatment is not Treatment.DROP]
        hashed = [c for c in kept if c.references and c.treatment is Treatment.HASH]
        return silver.select(
            *(value(c.silver_name, silver_type(c)).alias(c.name) for c in kept),
            *(value(c.silver_name, "string").alias(HASHED + c.name) for c in hashed),
            *(
                value(c.valid_flag, "boolean").alias(c.valid_flag)
                for c in contract.columns
                if c.valid_flag
            ),
            SILVER_DELIVERY,
            F.array().cast("array<string>").alias(REASONS),
        ).transform(with_delivered_at(times, SILVER_DELIVERY))

    return transform
