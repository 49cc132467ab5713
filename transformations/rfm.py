"""Recency, frequency and monetary scores: ties are equal, nothing is random."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from pyspark.sql import Column as C
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

Transform = Callable[[DataFrame], DataFrame]

BEST = 5
WORTH = {
    # score: what it ranks, a greater value being better
    "recency_score": "-days_since_last_order",
    "frequency_score": "total_orders",
    "monetary_score": "total_revenue",
}
WEIGHTS = {
    "recency_score": Decimal("0.4"),
    "frequency_score": Decimal("0.3"),
    "monetary_score": Decimal("0.3"),
}
SEGMENTS = (
    # least rfm_score, segment
    (Decimal("4.5"), "champions"),
    (Decimal("4.0"), "loyal_customers"),
    (Decimal("3.5"), "potential_loyalists"),
    (Decimal("3.0"), "at_risk"),
    (Decimal("2.5"), "hibernating"),
)
LOST = "lost"
_HAS_ORDERS = "total_orders > 0"


def with_rfm() -> Transform:
    """Add recency_score, frequency_score, monetary_score (1 to 5), rfm_score and segment.

    In: days_since_last_order (days), total_orders, total_revenue; 0 orders get 1, 1, 1.
    A score is min(5, 1 + floor(5 x customers with orders and a strictly worse value / customers
    with orders)). rfm_score = 0.4 R + 0.3 F + 0.3 M, a decimal: 4.5 is 4.5.
    """
    score = sum((F.col(name) * weight for name, weight in WEIGHTS.items()), F.lit(Decimal(0)))

    def transform(df: DataFrame) -> DataFrame:
        # A score never falls as the value gets better, so four least values a score tell it all.
        scored = df.crossJoin(F.broadcast(_least_worths(df)))
        return (
            scored.select(*df.columns, *(_points(name).alias(name) for name in WORTH))
            .select("*", score.cast("decimal(2,1)").alias("rfm_score"))
            .withColumn("segment", segment(F.col("rfm_score")))
        )

    return transform


def _worth(name: str) -> C:
    return F.expr(WORTH[name]).cast("decimal(20,2)")


def _least(name: str, points: int) -> str:
    return f"_least_{name}_{points}"


def _points(name: str) -> C:
    reached = (F.when(_worth(name) >= F.col(_least(name, p)), 1).otherwise(0) for p in range(2, 6))
    return F.when(F.expr(_HAS_ORDERS), sum(reached, F.lit(1))).otherwise(1)


def _least_worths(df: DataFrame) -> DataFrame:
    """One row: for each score and 2 to 5 points the least value that gets them, null if none does.

    From counts per distinct value: the windows see values, not customers.
    """
    worths = F.array(*(F.struct(F.lit(n).alias("name"), _worth(n).alias("worth")) for n in WORTH))
    values = df.where(_HAS_ORDERS).select(F.explode(worths).alias("v")).groupBy("v.name", "v.worth")
    by_name = Window.partitionBy("name")
    counted = values.count().select(
        "name",
        "worth",
        (F.sum("count").over(by_name.orderBy("worth")) - F.col("count")).alias("worse"),
        F.sum("count").over(by_name).alias("customers"),
    )
    # Whole numbers all the way: (5 x worse) div customers is the floor.
    points = F.expr(f"least({BEST}, 1 + {BEST} * worse div customers)")
    return counted.withColumn("points", points).agg(
        *(
            F.min(F.when((F.col("name") == n) & (F.col("points") >= p), F.col("worth"))).alias(
                _least(n, p)
            )
            for n in WORTH
            for p in range(2, BEST + 1)
        )
    )


def segment(score: C) -> C:
    """The customer segment of an rfm_score."""
    return F.coalesce(
        *(F.when(score >= F.lit(least), name) for least, name in SEGMENTS), F.lit(LOST)
    )
