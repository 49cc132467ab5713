"""Recency, frequency and monetary scores: ties are equal, nothing is random."""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import Column as C
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

Transform = Callable[[DataFrame], DataFrame]

SCORES = {
    # score: (what it ranks, whether a greater value is better)
    "recency_score": ("days_since_last_order", False),
    "frequency_score": ("total_orders", True),
    "monetary_score": ("total_revenue", True),
}
WEIGHTS = {"recency_score": 4, "frequency_score": 3, "monetary_score": 3}  # tenths
SEGMENTS = (
    ("4.5", "champions"),
    ("4.0", "loyal_customers"),
    ("3.5", "potential_loyalists"),
    ("3.0", "at_risk"),
    ("2.5", "hibernating"),
)
LOST = "lost"


def with_rfm() -> Transform:
    """Add recency_score, frequency_score, monetary_score (1 to 5), rfm_score and segment.

    In: days_since_last_order (days), total_orders, total_revenue; 0 orders get 1, 1, 1.
    A score is min(5, 1 + floor(5 x customers with orders and a strictly worse value / customers
    with orders)). rfm_score = 0.4 R + 0.3 F + 0.3 M, a decimal: 4.5 is 4.5.
    """

    def transform(df: DataFrame) -> DataFrame:
        for name, (value, greater_is_better) in SCORES.items():
            df = df.transform(_with_score(name, value, greater_is_better))
        tenths = sum((F.col(name) * weight for name, weight in WEIGHTS.items()), F.lit(0))
        score = (tenths.cast("decimal(3,0)") / F.lit(10).cast("decimal(3,0)")).cast("decimal(2,1)")
        return df.withColumn("rfm_score", score).withColumn("segment", segment(F.col("rfm_score")))

    return transform


def _with_score(name: str, value: str, greater_is_better: bool) -> Transform:
    """Add one score, from counts per distinct value: the window sees values, not customers."""
    has_orders = F.col("total_orders") > 0

    def transform(df: DataFrame) -> DataFrame:
        per_value = df.where(has_orders).groupBy(F.col(value).alias("_value")).agg(
            F.count("*").alias("_n")
        )
        order = F.col("_value").asc() if greater_is_better else F.col("_value").desc()
        worse_first = Window.orderBy(order)
        all_values = worse_first.rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
        up_to = F.sum("_n").over(worse_first.rowsBetween(Window.unboundedPreceding, 0))
        worse, total = up_to - F.col("_n"), F.sum("_n").over(all_values)
        # Whole numbers all the way: (5 x worse) div total is the floor.
        scores = per_value.select("_value", (worse * 5).alias("_w"), total.alias("_t")).select(
            "_value", F.least(F.lit(5), F.expr("1 + _w div _t")).cast("int").alias("_score")
        )
        return df.join(F.broadcast(scores), df[value] == scores["_value"], "left").select(
            *df.columns, F.when(has_orders, F.col("_score")).otherwise(1).cast("int").alias(name)
        )

    return transform


def segment(score: C) -> C:
    """The customer segment of an rfm_score."""
    named = F
    for least, name in SEGMENTS:
        named = named.when(score >= F.lit(least).cast("decimal(2,1)"), name)  # type: ignore[assignment]
    return named.otherwise(LOST)  # type: ignore[attr-defined,no-any-return]
