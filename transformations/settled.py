"""Rows that join a batch since they may be newer than its own: versions of its keys that were
published before.

A batch of the newest deliveries is compared with Silver, which holds the newest version of each key
so far. A batch of older rows, such as corrected ones, cannot be: Silver does not tell when a content
came again. So all versions of its keys are read from Bronze once more, and Silver gets what refining
everything at once would give.
"""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contract import SourceContract
from transformations.names import (
    DELIVERY,
    KEY,
    OUTCOME,
    REASONS,
    ROW,
    ROW_HASH,
    SETTLED,
    SILVER_DELIVERY,
    SILVER_ROW,
    SILVER_ROW_HASH,
)
from transformations.versions import PUBLISHED, RIVAL, Outcome

Transform = Callable[[DataFrame], DataFrame]

_UNFIT = "_unfit"


def versions_of(own: DataFrame, contract: SourceContract) -> Transform:
    """References of the rows that are versions of the keys of `own`.

    In: standardized rows; `own` likewise. Out: `_bronze_delivery`, `_bronze_row`. Without a key in
    the contract, rows of equal content are versions of each other.
    """
    identity = KEY if contract.key else ROW_HASH
    wanted = own.where(F.size(REASONS) == 0).select(identity).distinct()
    return lambda df: df.join(wanted, identity, "left_semi").select(DELIVERY, ROW)


def with_settled(own: DataFrame) -> Transform:
    """Mark the rows that are not among the references `own`, and let them compete.

    In: the standardized frame. Out: the same with `_settled`. A row that was published once is a
    version of its key, whatever the contract would say of it today.
    """
    mine = own.select(DELIVERY, ROW, F.lit(False).alias(SETTLED))

    def transform(df: DataFrame) -> DataFrame:
        is_settled = F.coalesce(F.col(SETTLED), F.lit(True))
        none = F.array().cast("array<string>")
        return (
            df.join(mine, [DELIVERY, ROW], "left")
            .withColumn(SETTLED, is_settled)
            .withColumn(_UNFIT, F.col(SETTLED) & (F.size(REASONS) > 0))
            .withColumn(REASONS, F.when(F.col(SETTLED), none).otherwise(F.col(REASONS)))
        )

    return transform


def replacing(silver: DataFrame | None, contract: SourceContract) -> Transform:
    """Complete `_outcome` where the frame holds every version of its keys: Silver gets the winner.

    In: the frame of `with_winners` after `with_settled`; `silver` may be None. Out: the same without
    `_rival`, and of the settled rows only those that Silver gets now. A winner that Silver has is
    unchanged, and so is one that the contract of today would not let through.
    """

    def transform(df: DataFrame) -> DataFrame:
        if silver is None:
            marked = df.fillna({OUTCOME: Outcome.INSERTED.value})
        else:
            key = F.array(*(F.col(k).cast("string") for k in contract.silver_key))
            known = silver.select(
                key.alias("_silver_key_"), SILVER_DELIVERY, SILVER_ROW, SILVER_ROW_HASH
            )
            marked = df.join(
                known, F.col(OUTCOME).isNull() & (F.col(KEY) == F.col("_silver_key_")), "left"
            )
            is_same = (
                (F.col(SILVER_DELIVERY) == F.col(DELIVERY))
                & (F.col(SILVER_ROW) == F.col(ROW))
                & (F.col(SILVER_ROW_HASH) == F.col(ROW_HASH))
            )
            outcome = (
                F.when(F.col(OUTCOME).isNotNull(), F.col(OUTCOME))
                .when(F.col("_silver_key_").isNull(), Outcome.INSERTED.value)
                .when(is_same | F.col(_UNFIT), Outcome.UNCHANGED.value)
                .otherwise(Outcome.UPDATED.value)
            )
            marked = marked.withColumn(OUTCOME, outcome).drop(*known.columns)
        is_told = ~F.col(SETTLED) | F.col(OUTCOME).isin(*PUBLISHED)
        return marked.where(is_told).drop(_UNFIT, RIVAL)

    return transform
