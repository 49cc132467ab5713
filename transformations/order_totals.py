"""What each customer ordered: revenue orders alone, up to the as-of day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from pyspark.sql import Column as C
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contract import Column, SourceContract
from conf.errors import UsageError

Transform = Callable[[DataFrame], DataFrame]

MONEY = "decimal(18,2)"
_UNIT = "\u001f"
_ORDER = ("customer_id", "order_id", "currency", "is_revenue")


def orders_by_role(contract: SourceContract) -> Transform:
    """Silver orders under the names of their roles, one row an order.

    Out: customer_id, order_id, currency (null where not given), is_revenue (the contract's revenue
    statuses; without a status every order), order_date (date, UTC), amount (decimal(18,2)).
    Where the order's number is not the table's key, its rows are lines of one order: their amounts
    are added up and the earliest day counts.
    Raises: UsageError if the contract lacks a role column that orders need.
    """
    amount = f"try_cast(`{_required(contract, 'amount').silver_name}` as {MONEY})"
    columns = {
        "customer_id": F.col(_required(contract, "customer").silver_name).cast("string"),
        "order_id": _order_id(contract),
        "currency": _currency(contract),
        "is_revenue": F.coalesce(_is_revenue(contract), F.lit(False)),
        "order_date": F.col(_required(contract, "order_date").silver_name).cast("date"),
        "amount": F.expr(amount),
    }

    def transform(silver: DataFrame) -> DataFrame:
        rows = silver.select(*(value.alias(name) for name, value in columns.items()))
        return rows.transform(_orders_of_lines) if _holds_lines(contract) else rows

    return transform


def _required(contract: SourceContract, role: str) -> Column:
    column = contract.role_column(role)
    if column is None:
        raise UsageError(f"{contract.path}: no column of {contract.table} has goldRole {role}")
    return column


def _order_id(contract: SourceContract) -> C:
    """The order's number; a row without one is an order of its own, known by its key."""
    key = [F.col(name).cast("string") for name in contract.silver_key]
    order = contract.role_column("order")
    if order is None:
        return F.concat_ws(_UNIT, *key)
    # The leading separator keeps a key from being taken for another row's number.
    return F.coalesce(F.col(order.silver_name).cast("string"), F.concat_ws(_UNIT, F.lit(""), *key))


def _holds_lines(contract: SourceContract) -> bool:
    order = contract.role_column("order")
    return order is not None and contract.key != (order.name,)


def _currency(contract: SourceContract) -> C:
    column = contract.role_column("currency")
    given = F.col(column.silver_name) if column else F.lit(contract.currency)
    return F.nullif(F.upper(F.trim(given.cast("string"))), F.lit(""))


def _is_revenue(contract: SourceContract) -> C:
    status = contract.role_column("status")
    if status is None or not contract.revenue_statuses:
        return F.lit(True)
    return F.col(status.silver_name).isin(*contract.revenue_statuses)


def _orders_of_lines(lines: DataFrame) -> DataFrame:
    """An order one line of which has no amount has none: it would be told too small."""
    is_whole = F.count("amount") == F.count("*")
    return lines.groupBy(*_ORDER).agg(
        F.min("order_date").alias("order_date"),
        F.when(is_whole, F.expr(f"try_cast(sum(amount) as {MONEY})")).alias("amount"),
    )


def is_complete() -> C:
    """Whether an order can be added up: it has a customer, a day and an amount."""
    needed = ("customer_id", "order_date", "amount")
    return (
        F.col(needed[0]).isNotNull() & F.col(needed[1]).isNotNull() & F.col(needed[2]).isNotNull()
    )


def is_counted(as_of: date | None) -> C:
    """Whether an order is in the figures: complete, revenue, and not after the as-of day."""
    in_time = F.col("order_date") <= F.lit(as_of) if as_of else F.lit(True)
    return F.col("is_revenue") & is_complete() & in_time


def order_totals(as_of: date) -> Transform:
    """One row a customer with orders that count.

    In: the frame of `orders_by_role`. Out: customer_id, total_orders, total_revenue,
    avg_order_value (rounded half up), max_order_value, first_order_date, last_order_date.
    """
    # 13 decimals: the half-up rounding to 2 sees the exact half whatever the number of orders.
    average = F.sum("amount").cast(MONEY) / F.count("*").cast("decimal(10,0)")
    return lambda orders: (
        orders.where(is_counted(as_of))
        .groupBy("customer_id")
        .agg(
            F.count("order_id").alias("total_orders"),  # never null; so lineage tells what counts
            F.sum("amount").cast(MONEY).alias("total_revenue"),
            F.round(average, 2).cast(MONEY).alias("avg_order_value"),
            F.max("amount").alias("max_order_value"),
            F.min("order_date").alias("first_order_date"),
            F.max("order_date").alias("last_order_date"),
        )
    )
