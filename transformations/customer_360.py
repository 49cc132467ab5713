"""Customer 360: who a customer is, what they ordered, how they rank."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from pyspark.sql import Column as C
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contract import SourceContract, Treatment
from transformations.order_totals import MONEY

Transform = Callable[[DataFrame], DataFrame]

DAYS_A_YEAR = "365.25"
YEARS_OF_LIFE = 3  # lifetime value looks three years ahead

PROFILE = {
    # Gold's column: (role, type)
    "birth_year": ("birth_date", "int"),
    "postal_prefix": ("postal_code", "string"),
    "city": ("city", "string"),
    "customer_tier": ("tier", "string"),
}
COLUMNS = (
    "customer_id",
    *PROFILE,
    "total_orders",
    "total_revenue",
    "avg_order_value",
    "max_order_value",
    "first_order_date",
    "last_order_date",
    "days_since_last_order",
    "customer_tenure_days",
    "recency_score",
    "frequency_score",
    "monetary_score",
    "rfm_score",
    "segment",
    "lifetime_value",
)


def customers_by_role(contract: SourceContract) -> Transform:
    """Silver customers under the names of their roles; what a contract lacks is null.

    A birth date or postal code is taken only in its generalized form: Gold never holds more.
    Out: customer_id, birth_year, postal_prefix, city, customer_tier, created_at (date, UTC).
    """

    def of(role: str, kind: str) -> C:
        column = contract.role_column(role)
        if column is None or column.treatment not in (Treatment.KEEP, Treatment.GENERALIZE):
            return F.lit(None).cast(kind)
        value = F.col(column.silver_name)
        if role == "birth_date" and column.treatment is Treatment.KEEP:
            value = F.year(value)
        return value.cast(kind)

    key = contract.role_column("customer")
    assert key is not None  # the contract reader refuses a role without it
    return lambda df: df.select(
        F.col(key.silver_name).cast("string").alias("customer_id"),
        *(of(role, kind).alias(name) for name, (role, kind) in PROFILE.items()),
        of("created_at", "timestamp").cast("date").alias("created_at"),
    )


def customers_of(orders: DataFrame) -> DataFrame:
    """Customers known from their orders alone, where a lake has no customers table."""
    return orders.select("customer_id").distinct().select(
        "customer_id",
        *(F.lit(None).cast(kind).alias(name) for name, (_, kind) in PROFILE.items()),
        F.lit(None).cast("date").alias("created_at"),
    )


def with_order_totals(totals: DataFrame) -> Transform:
    """Join the totals: without orders counts and sums are 0, averages and dates null."""
    return lambda customers: customers.join(totals, "customer_id", "left").fillna(
        {"total_orders": 0}
    ).withColumn("total_revenue", F.coalesce("total_revenue", F.lit(0)).cast(MONEY))


def with_tenure(as_of: date) -> Transform:
    """Add days_since_last_order and customer_tenure_days, in days up to `as_of`.

    Tenure counts from created_at, else from the first order, and is at least one day.
    """
    start = F.coalesce("created_at", "first_order_date", F.lit(as_of))
    return lambda df: df.withColumn(
        "days_since_last_order", F.datediff(F.lit(as_of), F.col("last_order_date"))
    ).withColumn("customer_tenure_days", F.greatest(F.lit(1), F.datediff(F.lit(as_of), start)))


def with_lifetime_value() -> Transform:
    """Add lifetime_value = average order value x orders a year x 3, rounded half up.

    orders a year = total_orders / (customer_tenure_days / 365.25). In decimals, so that it is the
    same on every machine; average x orders is the revenue.
    """
    year = F.lit(DAYS_A_YEAR).cast("decimal(5,2)")
    average = F.coalesce("avg_order_value", F.lit(0)).cast(MONEY)
    value = average * F.col("total_orders").cast("decimal(10,0)") * year * YEARS_OF_LIFE
    days = F.col("customer_tenure_days").cast("decimal(10,0)")
    return lambda df: df.withColumn("lifetime_value", F.round(value / days, 2).cast(MONEY))
