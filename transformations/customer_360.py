"""Customer 360: who a customer is, what they ordered, how they rank."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from pyspark.sql import Column as C
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contract import SourceContract, Treatment
from conf.errors import UsageError
from transformations.order_totals import MONEY
from transformations.rfm import with_rfm

Transform = Callable[[DataFrame], DataFrame]

DAYS_A_YEAR = Decimal("365.25")
YEARS_OF_LIFE = 3  # lifetime value looks three years ahead

PROFILE = {
    # Gold's column: (role, type, treatments under which Silver's value is what Gold wants)
    "birth_year": ("birth_date", "int", (Treatment.GENERALIZE,)),
    "postal_prefix": ("postal_code", "string", (Treatment.GENERALIZE,)),
    "city": ("city", "string", (Treatment.KEEP,)),
    "customer_tier": ("tier", "string", (Treatment.KEEP,)),
    "created_at": ("created_at", "date", (Treatment.KEEP,)),
}
COLUMNS = (
    "customer_id",
    "birth_year",
    "postal_prefix",
    "city",
    "customer_tier",
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
_LARGEST_MONEY = Decimal("9999999999999999.99")


def customers_by_role(contract: SourceContract) -> Transform:
    """Silver customers under the names of their roles; what a contract lacks is null.

    A birth date or postal code is taken only in its generalized form: Gold never holds more.
    Out: customer_id, birth_year, postal_prefix, city, customer_tier, created_at (date, UTC).
    Raises: UsageError if no column has the role customer.
    """
    key = contract.role_column("customer")
    if key is None:
        raise UsageError(f"{contract.path}: no column of {contract.table} has goldRole customer")

    def value(role: str, kind: str, wanted: tuple[Treatment, ...]) -> C:
        column = contract.role_column(role)
        if column is None or column.treatment not in wanted:
            return F.lit(None).cast(kind)
        return F.col(column.silver_name).cast(kind)

    return lambda silver: silver.select(
        F.col(key.silver_name).cast("string").alias("customer_id"),
        *(value(*how).alias(name) for name, how in PROFILE.items()),
    )


def customers_of(orders: DataFrame) -> DataFrame:
    """Customers known from their orders alone, where a lake has no customers table.

    In: the frame of `orders_by_role`. Out: as `customers_by_role`, all but customer_id null.
    """
    known = orders.where(F.col("customer_id").isNotNull()).select("customer_id").distinct()
    nothing = (F.lit(None).cast(kind).alias(name) for name, (_, kind, _) in PROFILE.items())
    return known.select("customer_id", *nothing)


def with_order_totals(totals: DataFrame) -> Transform:
    """Join `order_totals`: without orders total_orders and total_revenue are 0, the rest null.

    Totals of customers who are not among the rows are left out.
    """
    return lambda customers: (
        customers.join(totals, "customer_id", "left")
        .withColumn("total_orders", F.coalesce("total_orders", F.lit(0).cast("bigint")))
        .withColumn("total_revenue", F.coalesce("total_revenue", F.lit(0).cast(MONEY)))
    )


def with_tenure(as_of: date) -> Transform:
    """Add days_since_last_order and customer_tenure_days, in days up to `as_of`.

    Tenure counts from created_at, else from the first order, and is at least one day.
    """
    start = F.coalesce("created_at", "first_order_date", F.lit(as_of))
    tenure = F.greatest(F.lit(1), F.datediff(F.lit(as_of), start))
    recency = F.datediff(F.lit(as_of), F.col("last_order_date"))
    return lambda df: df.withColumn("days_since_last_order", recency).withColumn(
        "customer_tenure_days", tenure
    )


def with_lifetime_value() -> Transform:
    """Add lifetime_value = average order value x orders a year x 3, rounded half up.

    orders a year = total_orders / (customer_tenure_days / 365.25). Average x orders is the
    revenue, so that no rounded average is multiplied; in decimals, so that it is the same
    everywhere. In: total_revenue, customer_tenure_days. It ends at what decimal(18,2) holds.
    """
    factor = F.lit(DAYS_A_YEAR * YEARS_OF_LIFE).cast("decimal(6,2)")
    days = F.col("customer_tenure_days").cast("decimal(10,0)")
    value = F.round(F.col("total_revenue") * factor / days, 2)
    return lambda df: df.withColumn(
        "lifetime_value", F.least(value, F.lit(_LARGEST_MONEY)).cast(MONEY)
    )


def customer_360(totals: DataFrame, as_of: date) -> Transform:
    """Gold's customer_360 of customers by role and the totals of their orders: `COLUMNS`."""
    return lambda customers: (
        customers.transform(with_order_totals(totals))
        .transform(with_tenure(as_of))
        .transform(with_rfm())
        .transform(with_lifetime_value())
        .select(*COLUMNS)
    )
