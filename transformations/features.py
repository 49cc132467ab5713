"""Model-ready features: numeric or boolean, no nulls, nothing personal, one row a customer."""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import Column as C
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

Transform = Callable[[DataFrame], DataFrame]

DAYS_A_MONTH = 30.4375
ACTIVE_DAYS = 90
AT_RISK_DAYS = 180
_MONEY = ("total_revenue", "avg_order_value", "max_order_value", "lifetime_value")
_COUNTS = ("total_orders", "customer_tenure_days")
_SCORES = ("recency_score", "frequency_score", "monetary_score")


def customer_features() -> Transform:
    """Features of gold.customer_360.

    Out: its figures with nulls as 0 (days_since_last_order: the tenure), orders_per_month,
    revenue_per_month (months of 30.4375 days), is_active (at most 90 days since the last order),
    is_at_risk (more than 90, at most 180), recency_ratio (days since the last order / tenure) and
    order_consistency (average / greatest order value).
    """
    has_orders = F.col("total_orders") > 0
    recency = F.coalesce("days_since_last_order", "customer_tenure_days")
    months = F.col("customer_tenure_days") / F.lit(DAYS_A_MONTH)

    def number(name: str) -> C:
        return F.coalesce(F.col(name).cast("double"), F.lit(0.0))

    def transform(df: DataFrame) -> DataFrame:
        return df.select(
            "customer_id",
            *_COUNTS,
            *(number(name).alias(name) for name in _MONEY),
            recency.alias("days_since_last_order"),
            *_SCORES,
            F.col("rfm_score").cast("double").alias("rfm_score"),
            (F.col("total_orders") / months).alias("orders_per_month"),
            (number("total_revenue") / months).alias("revenue_per_month"),
            (has_orders & (recency <= ACTIVE_DAYS)).alias("is_active"),
            (has_orders & (recency > ACTIVE_DAYS) & (recency <= AT_RISK_DAYS)).alias("is_at_risk"),
            F.when(has_orders, recency / F.col("customer_tenure_days")).otherwise(0.0).alias("recency_ratio"),
            F.when(number("max_order_value") != 0, number("avg_order_value") / number("max_order_value"))
            .otherwise(0.0)
            .alias("order_consistency"),
        )

    return transform
