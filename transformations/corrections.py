"""Bronze with the values that somebody corrected, and rows of deliveries that somebody rejected."""

from __future__ import annotations

from collections.abc import Callable, Collection

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from transformations.names import DELIVERY, ERROR, REASONS, ROW

Transform = Callable[[DataFrame], DataFrame]

REJECTED = "rejected"
_CORRECTED = "_corrected"


def with_corrections(corrections: DataFrame) -> Transform:
    """Put the last correction of each value in its place.

    In: Bronze of a table; `corrections` of that table with `_bronze_delivery`, `_bronze_row`,
    `column`, `value` and `correction` (number; the greatest counts). Out: the same columns. A row
    that was corrected has no `_bronze_error`: its values are what somebody says they are.
    """
    place = (DELIVERY, ROW)
    by_row = (
        corrections.groupBy(*place, "column")
        .agg(F.max_by("value", "correction").alias("value"))
        .groupBy(*place)
        .agg(F.map_from_entries(F.collect_list(F.struct("column", "value"))).alias(_CORRECTED))
    )

    def transform(bronze: DataFrame) -> DataFrame:
        is_corrected = F.col(_CORRECTED).isNotNull()
        columns = [
            F.when(F.map_contains_key(_CORRECTED, name), F.col(_CORRECTED)[name])
            .otherwise(F.col(name))
            .alias(name)
            if not name.startswith("_")
            else F.col(name)
            for name in bronze.columns
            if name != ERROR
        ]
        error = F.when(~is_corrected, F.col(ERROR)).alias(ERROR)
        joined = bronze.join(F.broadcast(by_row), list(place), "left")
        return joined.select(*columns, error).select(*bronze.columns)

    return transform


def with_rejected(deliveries: Collection[int]) -> Transform:
    """`_reasons` of the rows of rejected deliveries: `rejected`, whatever else is wrong with them."""
    if not deliveries:
        return lambda df: df
    reasons = F.when(F.col(DELIVERY).isin(*deliveries), F.array(F.lit(REJECTED)))
    return lambda df: df.withColumn(REASONS, reasons.otherwise(F.col(REASONS)))
