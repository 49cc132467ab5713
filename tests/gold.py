"""Gold's inputs in small, and its figures computed once more without Spark."""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from conf.contract import Column, SourceContract, SourceFormat, Treatment

CENT = Decimal("0.01")
SEGMENTS = {
    "4.5": "champions",
    "4.0": "loyal_customers",
    "3.5": "potential_loyalists",
    "3.0": "at_risk",
    "2.5": "hibernating",
}

CUSTOMERS_SCHEMA = (
    "customer_id string, birth_year int, postal_prefix string, city string, customer_tier string, "
    "created_at date"
)
ORDERS_SCHEMA = (
    "customer_id string, order_id string, currency string, is_revenue boolean, order_date date, "
    "amount decimal(18,2)"
)


def kept(name: str, spark_type: str, role: str | None = None, **more: Any) -> Column:
    """A column that goes to Silver as it is."""
    logical = "number" if spark_type.startswith("decimal") else spark_type
    column = Column(name, name, logical, spark_type, treatment=Treatment.KEEP, silver_name=name)
    return dataclasses.replace(column, role=role, **more)


def contract(
    table: str, role: str, columns: Sequence[Column], key: tuple[str, ...], **more: Any
) -> SourceContract:
    """A source contract with what Gold reads of it."""
    return SourceContract(
        table=table,
        path=f"{table}.odcs.yaml",
        digest="0",
        version="1.0.0",
        source=SourceFormat("csv"),
        columns=tuple(columns),
        key=key,
        role=role,
        **more,
    )


def score(value: Any, values: Sequence[Any]) -> int:
    """The issue's formula, to the letter; `values`: of all customers with orders, sorted, a
    greater one being better."""
    return min(5, 1 + 5 * bisect_left(values, value) // len(values))


def half_up(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def customer_360_of(
    created: Mapping[str, date | None], orders: Sequence[tuple[str, date, Decimal]], as_of: date
) -> dict[str, dict[str, Any]]:
    """Gold's figures by customer. `orders`: customer, day and amount of orders that count."""
    bought: dict[str, list[tuple[date, Decimal]]] = {}
    for customer, day, amount in orders:
        if customer in created and day <= as_of:
            bought.setdefault(customer, []).append((day, amount))
    figures = {c: _figures(created[c], bought.get(c, []), as_of) for c in created}
    with_orders = [f for f in figures.values() if f["total_orders"]]
    recencies = sorted(-f["days_since_last_order"] for f in with_orders)
    counts = sorted(f["total_orders"] for f in with_orders)
    revenues = sorted(f["total_revenue"] for f in with_orders)
    for f in figures.values():
        r, q, m = 1, 1, 1
        if f["total_orders"]:
            r = score(-f["days_since_last_order"], recencies)
            q = score(f["total_orders"], counts)
            m = score(f["total_revenue"], revenues)
        rfm = Decimal(4 * r + 3 * q + 3 * m) / 10
        f |= {"recency_score": r, "frequency_score": q, "monetary_score": m, "rfm_score": rfm}
        f["segment"] = next((s for least, s in SEGMENTS.items() if rfm >= Decimal(least)), "lost")
    return figures


def _figures(
    created: date | None, bought: Sequence[tuple[date, Decimal]], as_of: date
) -> dict[str, Any]:
    days, amounts = [day for day, _ in bought], [amount for _, amount in bought]
    start = created or min(days, default=as_of)
    tenure = max(1, (as_of - start).days)
    revenue = sum(amounts, Decimal("0.00"))
    return {
        "total_orders": len(bought),
        "total_revenue": revenue,
        "avg_order_value": half_up(revenue / len(bought)) if bought else None,
        "max_order_value": max(amounts, default=None),
        "first_order_date": min(days, default=None),
        "last_order_date": max(days, default=None),
        "days_since_last_order": (as_of - max(days)).days if days else None,
        "customer_tenure_days": tenure,
        "lifetime_value": half_up(revenue * Decimal("365.25") * 3 / tenure),
    }
