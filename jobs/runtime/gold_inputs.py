"""What Gold is made from: Silver by role, its facts, the day; and what Gold must add up to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from pyspark.sql import DataFrame

from conf.contract import SourceContract
from transformations.customer_360 import customers_by_role, customers_of
from transformations.gold_totals import silver_totals
from transformations.order_facts import OrderFacts, facts_by_currency
from transformations.order_totals import orders_by_role

NO_DAY = date(1970, 1, 1)  # no order has a day: not today, or a rerun would differ


@dataclass(frozen=True)
class Silver:
    """A source table that plays a role, and its Silver rows."""

    contract: SourceContract
    rows: DataFrame


@dataclass(frozen=True)
class GoldInputs:
    """Frames as `orders_by_role` and `customers_by_role` give them."""

    orders: DataFrame
    customers: DataFrame
    facts: OrderFacts
    day: date

    @classmethod
    def of(cls, orders: Silver, customers: Silver | None, as_of: date | None) -> GoldInputs:
        """Without a day asked for it is that of the latest order; without customers those of the
        orders. Raises: as `OrderFacts.of`."""
        ordered = orders.rows.transform(orders_by_role(orders.contract))
        facts = OrderFacts.of(ordered.transform(facts_by_currency(as_of)).collect())
        people = (
            customers.rows.transform(customers_by_role(customers.contract))
            if customers
            else customers_of(ordered)
        )
        return cls(ordered, people, facts, as_of or facts.last_day or NO_DAY)

    @cached_property
    def totals(self) -> dict[str, str]:
        """The variables of Gold's checks: two queries, when they are first asked for."""
        return silver_totals(self.customers, self.orders, self.day)
