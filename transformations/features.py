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

_COUNTS = ("total_orders", "customer_tenure_days")
_MONEY = ("total_revenue", "avg_order_value", "max_order_value", "lifetime_value")
_SCORES = ("recency_score", "frequency_score", "monetary_score")


def customer_features() -> Transform:
    """Features of gold.customer_360.

    Out: customer_id (the key), its figures with nulls as 0 (days_since_last_order: the tenure),
    orders_per_month, revenue_per_month (months of 30.4375 days), is_active (at most 90 days since
    the last order), is_at_risk (more than 90, at most 180), recency_ratio (days since the last
    order / tenure) and order_consistency (average / greatest order value). Who never ordered is
    neither active nor at risk, and every ratio is 0.
    """
    has_orders = F.col("total_orders") > 0
    tenure = F.col("customer_tenure_days")
    recency = F.coalesce("days_since_last_order", tenure)
    months = tenure / F.lit(DAYS_A_MONTH)
    consistency = F.try_divide(_number("avg_order_value"), _number("max_order_value"))

    return lambda df: df.select(
        "customer_id",
        *_COUNTS,
        *(_number(name).alias(name) for name in _MONEY),
        recency.alias("days_since_last_order"),
        *_SCORES,
        _number("rfm_score").alias("rfm_score"),
        (F.col("total_orders") / months).alias("orders_per_month"),
        (_number("total_revenue") / months).alias("revenue_per_month"),
        (has_orders & (recency <= ACTIVE_DAYS)).alias("is_active"),
        (has_orders & (recency > ACTIVE_DAYS) & (recency <= AT_RISK_DAYS)).alias("is_at_risk"),
        F.when(has_orders, recency / tenure).otherwise(0.0).alias("recency_ratio"),
        F.coalesce(consistency, F.lit(0.0)).alias("order_consistency"),
    )


def _number(name: str) -> C:
    return F.coalesce(F.col(name).cast("double"), F.lit(0.0))
