"""Versions of a key: which row of a batch wins, and what it means for Silver."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from pyspark.sql import Column as C
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from conf.contract import SourceContract
from transformations.names import (
    DELIVERY,
    KEY,
    OUTCOME,
    REASONS,
    ROW,
    ROW_HASH,
    SEQUENCE,
    SETTLED,
    SILVER_DELIVERY,
    SILVER_ROW,
    SILVER_ROW_HASH,
    SILVER_SEQUENCE,
    WINNER_DELIVERY,
    WINNER_ROW,
)
from udfs.key_filters import key_hash

RIVAL = "_rival"

Transform = Callable[[DataFrame], DataFrame]


class Outcome(StrEnum):
    """Where a Bronze row went. Each row has exactly one."""

    INSERTED = "inserted"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    STALE = "stale"
    DUPLICATE = "duplicates"
    QUARANTINED = "quarantined"


PUBLISHED = (Outcome.INSERTED.value, Outcome.UPDATED.value)
KEPT_BY_REFERENCE = (Outcome.DUPLICATE.value, Outcome.UNCHANGED.value, Outcome.STALE.value)


def with_winners(contract: SourceContract) -> Transform:
    """Mark each row quarantined, duplicates or (null) winner, and name the winner's reference.

    In: the standardized frame. Out: the same with `_outcome`, `_winner_delivery`, `_winner_row` and
    `_rival`, for `matched_with`: the newest version of the key with another content.
    The greatest (`_sequence`, delivery, row) of a key wins; without `sequenceBy` the first row of
    the latest delivery. Each delivery brings one version of a key, its own winner; where the newest
    content came in several deliveries in a row, the first of them brought it. So refining after
    each delivery gives the same Silver as refining once.
    """
    row_order = F.col(ROW).desc() if contract.sequence_by else F.col(ROW).asc()
    # A row without a valid key competes with nobody; null keys in one group would be a skew.
    nobody = F.concat(
        F.array(F.lit("")), F.array(F.col(DELIVERY), F.col(ROW)).cast("array<string>")
    )
    contender = F.when(_is_valid(), F.concat(F.array(F.lit("valid")), KEY)).otherwise(nobody)

    def transform(df: DataFrame) -> DataFrame:
        keyed = df.withColumn("_contender", contender)
        # One column, and no expression beside it, or each window would shuffle all rows anew.
        of_key = Window.partitionBy("_contender")
        by_delivery = of_key.orderBy(F.col(DELIVERY).desc(), F.col(SEQUENCE).desc(), row_order)
        heads = keyed.withColumn(
            "_heads",  # its delivery's winner
            F.coalesce(F.lag(DELIVERY).over(by_delivery) != F.col(DELIVERY), F.lit(True)),
        )
        newest_first = of_key.orderBy(
            F.col("_heads").desc(), F.col(SEQUENCE).desc(), F.col(DELIVERY).desc()
        )
        differs = F.coalesce(F.lag(ROW_HASH).over(newest_first) != F.col(ROW_HASH), F.lit(False))
        is_version = _is_valid() & F.col("_heads")
        is_newest = is_version & (F.col("_run") == 0)
        is_rival = is_version & (F.col("_run") > 0)
        version = F.struct(*_version(contract, SEQUENCE, DELIVERY, ROW))
        runs = (
            heads.withColumn("_differs", differs.cast("int"))
            .withColumn("_run", F.sum("_differs").over(newest_first))
            .withColumn("_since", F.min(F.when(is_newest, F.col(DELIVERY))).over(of_key))
        )
        wins = is_newest & (F.col(DELIVERY) == F.col("_since"))
        winner = F.max(F.when(wins, F.struct(DELIVERY, ROW))).over(of_key)
        return (
            runs.withColumns(
                {"_winner": winner, RIVAL: F.max(F.when(is_rival, version)).over(of_key)}
            )
            .withColumn(WINNER_DELIVERY, F.col(f"_winner.{DELIVERY}"))
            .withColumn(WINNER_ROW, F.col(f"_winner.{ROW}"))
            .withColumn(
                OUTCOME,
                F.when(~_is_valid(), Outcome.QUARANTINED.value).when(
                    ~wins, Outcome.DUPLICATE.value
                ),
            )
            .drop("_contender", "_heads", "_differs", "_run", "_since", "_winner")
        )

    return transform


def matched_with(silver: DataFrame | None, contract: SourceContract) -> Transform:
    """Complete `_outcome` by comparing each winner with Silver's row of the same key.

    In: the frame of `with_winners`; `silver` may be None (no table yet). Out: the same without
    `_rival`. Equal content is unchanged, unless another came in between and was replaced again; a
    greater version than Silver's is an update; any other is stale, and its winner is the row that
    Silver came from.
    """

    def transform(df: DataFrame) -> DataFrame:
        if silver is None:
            return df.fillna({OUTCOME: Outcome.INSERTED.value}).drop(RIVAL)
        known = silver.select(
            F.array(*(F.col(k).cast("string") for k in contract.silver_key)).alias("_silver_key_"),
            F.col(SILVER_ROW_HASH),
            F.struct(*_version(contract, SILVER_SEQUENCE, SILVER_DELIVERY, SILVER_ROW)).alias(
                "_old"
            ),
        )
        same_key = F.col(OUTCOME).isNull() & (F.col(KEY) == F.col("_silver_key_"))
        new = F.struct(*_version(contract, SEQUENCE, DELIVERY, ROW))
        in_between = F.coalesce(F.col(RIVAL) > F.col("_old"), F.lit(False))
        is_same = (F.col(SILVER_ROW_HASH) == F.col(ROW_HASH)) & ~in_between
        outcome = (
            F.when(F.col(OUTCOME).isNotNull(), F.col(OUTCOME))
            .when(F.col("_silver_key_").isNull(), Outcome.INSERTED.value)
            .when(is_same, Outcome.UNCHANGED.value)
            .when(new > F.col("_old"), Outcome.UPDATED.value)
            .otherwise(Outcome.STALE.value)
        )
        beaten = F.col(OUTCOME).isin(Outcome.UNCHANGED.value, Outcome.STALE.value)
        return (
            df.join(known, same_key, "left")
            .withColumn(OUTCOME, outcome)
            .withColumn(
                WINNER_DELIVERY,
                F.when(beaten, F.col("_old.delivery")).otherwise(F.col(WINNER_DELIVERY)),
            )
            .withColumn(
                WINNER_ROW,
                F.when(beaten, F.abs(F.col("_old.row"))).otherwise(F.col(WINNER_ROW)),
            )
            .drop("_silver_key_", SILVER_ROW_HASH, "_old", RIVAL)
        )

    return transform


def batch_key_hashes(contract: SourceContract) -> C:
    """`key_hash` bigint of `_key`; equal to `silver_key_hashes` of the same key."""
    parts = [F.col(KEY)[i] for i in range(len(contract.silver_key))]
    return key_hash(parts).alias("key_hash")


def silver_key_hashes(contract: SourceContract) -> C:
    """`key_hash` bigint of Silver's key columns."""
    return key_hash([F.col(name) for name in contract.silver_key]).alias("key_hash")


def _version(contract: SourceContract, sequence: str, delivery: str, row: str) -> list[C]:
    """The triple that orders versions; without `sequenceBy` rows of a delivery count backwards."""
    sign = 1 if contract.sequence_by else -1
    return [
        F.col(sequence).alias("sequence"),
        F.col(delivery).alias("delivery"),
        (F.col(row) * sign).alias("row"),
    ]


def _is_valid() -> C:
    return F.size(REASONS) == 0


def quarantine_rows(df: DataFrame) -> DataFrame:
    """References and reasons of quarantined rows: no values.

    Out: `_bronze_delivery`, `_bronze_row`, `reason` (the first one's kind), `rule` (its column or
    rule, if any) and `reasons` (all).
    """
    first = F.col(REASONS)[0]
    return df.where(F.col(OUTCOME) == Outcome.QUARANTINED.value).select(
        DELIVERY,
        ROW,
        F.split_part(first, F.lit(": "), F.lit(1)).alias("reason"),
        F.nullif(F.split_part(first, F.lit(": "), F.lit(2)), F.lit("")).alias("rule"),
        F.col(REASONS).alias("reasons"),
    )


def retaken_rows(df: DataFrame, is_retake: bool) -> DataFrame:
    """References of the rows that an earlier batch has counted: in a retake all of them."""
    return df.where(F.lit(is_retake) | F.col(SETTLED)).select(DELIVERY, ROW)


def reference_rows(df: DataFrame) -> DataFrame:
    """References of rows that changed nothing, with their outcome and the winner's reference."""
    return df.where(F.col(OUTCOME).isin(*KEPT_BY_REFERENCE)).select(
        DELIVERY, ROW, F.col(OUTCOME).alias("outcome"), WINNER_DELIVERY, WINNER_ROW
    )
