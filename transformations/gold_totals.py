"""What Gold must add up to, computed from Silver in another way than Gold is."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from transformations.order_totals import is_counted


def silver_totals(customers: DataFrame, orders: DataFrame, as_of: date) -> dict[str, str]:
    """The variables of Gold's checks: `silver_customers`, and count and sum of these customers'
    revenue orders up to the as-of day, `silver_orders` and `silver_revenue`.

    In: the frames of `customers_by_role` and `orders_by_role`.
    """
    counted = orders.where(is_counted(as_of)).join(
        customers.select("customer_id"), "customer_id", "left_semi"
    )
    totals = counted.agg(F.count("*").alias("n"), F.sum("amount").alias("amount")).collect()[0]
    return {
        "silver_customers": str(customers.count()),
        "silver_orders": str(totals["n"]),
        "silver_revenue": str(totals["amount"] or 0),
    }
