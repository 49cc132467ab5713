"""Features: values, borders, nothing null."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from chispa import assert_approx_df_equality
from pyspark.sql import DataFrame, SparkSession

from transformations.features import customer_features

IN_SCHEMA = (
    "customer_id string, city string, total_orders bigint, total_revenue decimal(18,2), "
    "avg_order_value decimal(18,2), max_order_value decimal(18,2), days_since_last_order int, "
    "customer_tenure_days int, recency_score int, frequency_score int, monetary_score int, "
    "rfm_score decimal(2,1), segment string, lifetime_value decimal(18,2)"
)
OUT_SCHEMA = (
    "customer_id string, total_orders bigint, customer_tenure_days int, total_revenue double, "
    "avg_order_value double, max_order_value double, lifetime_value double, "
    "days_since_last_order int, recency_score int, frequency_score int, monetary_score int, "
    "rfm_score double, orders_per_month double, revenue_per_month double, is_active boolean, "
    "is_at_risk boolean, recency_ratio double, order_consistency double"
)


def gold(
    spark: SparkSession,
    orders: int,
    average: str | None,
    greatest: str | None,
    recency: int | None,
    *,
    tenure: int = 400,
) -> DataFrame:
    money = [Decimal(m) if m else None for m in (average, greatest)]
    revenue = Decimal(average or 0) * orders
    row = ("a", "Ribe", orders, revenue, *money, recency, tenure, 5, 4, 3, Decimal("4.1"), "x")
    return spark.createDataFrame([(*row, Decimal("12.34"))], IN_SCHEMA)


def features(df: DataFrame) -> dict[str, Any]:
    (row,) = df.transform(customer_features()).collect()
    return dict(row.asDict())


def test_features_of_a_customer(spark):
    found = gold(spark, 4, "75.00", "100.00", 100, tenure=1000).transform(customer_features())
    months = 1000 / 30.4375
    expected = spark.createDataFrame(
        [
            (
                *("a", 4, 1000, 300.0, 75.0, 100.0, 12.34, 100, 5, 4, 3, 4.1),
                *(4 / months, 300 / months, False, True, 0.1, 0.75),
            )
        ],
        OUT_SCHEMA,
    )
    assert_approx_df_equality(found, expected, 1e-12, ignore_nullable=True)


def test_without_orders_counts_and_ratios_are_zero_and_recency_is_the_tenure(spark):
    found = gold(spark, 0, None, None, None, tenure=30).transform(customer_features())
    expected = spark.createDataFrame(
        [("a", 0, 30, 0.0, 0.0, 0.0, 12.34, 30, 5, 4, 3, 4.1, 0.0, 0.0, False, False, 0.0, 0.0)],
        OUT_SCHEMA,
    )
    assert_approx_df_equality(found, expected, 1e-12, ignore_nullable=True)


@pytest.mark.parametrize(
    ("recency", "is_active", "is_at_risk"),
    [
        (0, True, False),
        (90, True, False),
        (91, False, True),
        (180, False, True),
        (181, False, False),
    ],
)
def test_active_and_at_risk_do_not_overlap(spark, recency, is_active, is_at_risk):
    found = features(gold(spark, 1, "1.00", "1.00", recency))
    assert (found["is_active"], found["is_at_risk"]) == (is_active, is_at_risk)


def test_a_greatest_order_of_nothing_is_no_division_by_zero(spark):
    before = spark.conf.get("spark.sql.ansi.enabled")
    spark.conf.set("spark.sql.ansi.enabled", "true")
    try:
        assert features(gold(spark, 1, "0.00", "0.00", 1))["order_consistency"] == 0.0
    finally:
        spark.conf.set("spark.sql.ansi.enabled", str(before))


def test_features_are_numbers_or_booleans_and_never_null(spark):
    df = gold(spark, 0, None, None, None).unionAll(gold(spark, 2, "3.00", "5.00", 7))
    found = df.transform(customer_features())
    kinds = {kind for name, kind in found.dtypes if name != "customer_id"}
    assert kinds == {"bigint", "int", "double", "boolean"}
    assert all(value is not None for row in found.collect() for value in row)
