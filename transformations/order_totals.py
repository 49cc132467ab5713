"""What each customer ordered: revenue orders alone, up to the as-of day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from pyspark.sql import Column as C
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contract import SourceContract
from conf.errors import DataQualityError, UsageError, listed
from transformations.names import SILVER_KEY

Transform = Callable[[DataFrame], DataFrame]
MONEY = "decimal(18,2)"


def _silver(contract: SourceContract, role: str) -> C | None:
    column = contract.role_column(role)
    return F.col(column.silver_name) if column else None


def orders_by_role(contract: SourceContract) -> Transform:
    """Silver orders under the names of their roles.

    Out: customer_id, order_id, order_date (date, UTC), amount (decimal(18,2)), currency,
    is_revenue (the contract's revenue statuses; without a status every order).
    """
    status, order = _silver(contract, "status"), _silver(contract, "order")
    currency = _silver(contract, "currency")
    is_revenue = (
        status.isin(*contract.revenue_statuses)
        if status is not None and contract.revenue_statuses
        else F.lit(True)
    )
    return lambda df: df.select(
        _required(contract, "customer").cast("string").alias("customer_id"),
        (order if order is not None else F.col(SILVER_KEY)).cast("string").alias("order_id"),
        _required(contract, "order_date").cast("date").alias("order_date"),
        _required(contract, "amount").cast(MONEY).alias("amount"),
        (currency if currency is not None else F.lit(contract.currency)).alias("currency"),
        F.coalesce(is_revenue, F.lit(False)).alias("is_revenue"),
    )


def _required(contract: SourceContract, role: str) -> C:
    column = _silver(contract, role)
    if column is None:
        raise UsageError(f"{contract.path}: no column of {contract.table} has goldRole {role}")
    return column


def order_totals(as_of: date) -> Transform:
    """One row a customer with revenue orders up to `as_of`.

    In: the frame of `orders_by_role`. Out: customer_id, total_orders, total_revenue,
    avg_order_value (rounded half up), max_order_value, first_order_date, last_order_date.
    """
    counted = F.col("is_revenue") & (F.col("order_date") <= F.lit(as_of))
    return lambda df: (
        df.where(counted)
        .groupBy("customer_id")
        .agg(
            F.count("*").alias("total_orders"),
            F.sum("amount").cast(MONEY).alias("total_revenue"),
            F.round(F.avg("amount"), 2).cast(MONEY).alias("avg_order_value"),
            F.max("amount").alias("max_order_value"),
            F.min("order_date").alias("first_order_date"),
            F.max("order_date").alias("last_order_date"),
        )
    )


def one_currency(currencies: list[str | None]) -> None:
    """Raises: DataQualityError naming the currencies if a lake has more than one."""
    if len(currencies) > 1:
        found = listed(sorted(str(c) for c in currencies))
        raise DataQualityError(
            f"gold.customer_360: orders are in {found}; amounts are only added up in one currency: "
            "convert them before they are delivered, or keep each currency in a lake of its own"
        )
