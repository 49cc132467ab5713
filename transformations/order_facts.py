"""What all orders say together, before they are added up by customer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from conf.errors import DataQualityError, listed
from transformations.order_totals import is_complete, is_counted

Transform = Callable[[DataFrame], DataFrame]

_LARGEST_TURNOVER = Decimal(10) ** 16  # what decimal(18,2) holds
_ISO_4217 = r"^[A-Z]{3}$"
_NO_CODE = "values that are no ISO 4217 code"


@dataclass(frozen=True)
class OrderFacts:
    """Counts of orders, their latest day and their currencies."""

    orders: int
    counted: int  # in the figures
    incomplete: int  # revenue orders without a customer, day or amount: in no figure
    without_currency: int
    last_day: date | None
    currencies: tuple[str, ...]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> OrderFacts:
        """The facts from the rows of `facts_by_currency`.

        Raises: DataQualityError if the orders are in several currencies, or their amounts add up
        to more than decimal(18,2) holds.
        """
        currencies = tuple(sorted(r.currency for r in rows if r.currency is not None))
        _check_currencies(currencies)
        _check_turnover(sum((r.turnover or Decimal(0) for r in rows), Decimal(0)))
        return cls(
            orders=sum(r.orders for r in rows),
            counted=sum(r.counted for r in rows),
            incomplete=sum(r.incomplete for r in rows),
            without_currency=sum(r.counted for r in rows if r.currency is None),
            last_day=max((r.last_day for r in rows if r.last_day), default=None),
            currencies=currencies,
        )

    def remarks(self, in_gold: int, table: str) -> Iterator[str]:
        """What must not be silent: orders in no figure, or in one by assumption.

        `in_gold`: the sum of Gold's total_orders.
        """
        name = f"gold: of {self.orders:,} orders"
        if self.incomplete:
            yield (
                f"{name} {self.incomplete:,} of revenue lack customer, day or amount and are in no "
                f"figure; make these columns of {table} required to find them in quarantine"
            )
        if self.without_currency:
            yield f"{name} {self.without_currency:,} name no currency and are taken as the others"
        if unknown := self.counted - in_gold:
            yield (
                f"{name} {unknown:,} of revenue are of customers that Silver does not have and are "
                "in no figure; they come in when the customers do"
            )


def facts_by_currency(as_of: date | None) -> Transform:
    """One row a currency; what is no currency code is told as such, not by its value.

    In: the frame of `orders_by_role`. Out: currency, orders, counted (up to `as_of` if there is
    one), incomplete, turnover (sum of the amounts without their sign), last_day.
    """
    code = F.when(F.col("currency").rlike(_ISO_4217), F.col("currency")).when(
        F.col("currency").isNotNull(), _NO_CODE
    )
    return lambda orders: orders.groupBy(code.alias("currency")).agg(
        F.count("*").alias("orders"),
        F.count_if(is_counted(as_of)).alias("counted"),
        F.count_if(F.col("is_revenue") & ~is_complete()).alias("incomplete"),
        F.sum(F.abs("amount")).alias("turnover"),
        F.max("order_date").alias("last_day"),
    )


def _check_currencies(found: Sequence[str]) -> None:
    if len(found) > 1:
        raise DataQualityError(
            f"gold.customer_360: orders are in {listed(found)}; amounts add up only in one "
            "currency: convert them before they are delivered, or keep a lake for each"
        )


def _check_turnover(turnover: Decimal) -> None:
    if turnover >= _LARGEST_TURNOVER:
        raise DataQualityError(
            "gold.customer_360: the amounts of all orders add up to more than decimal(18,2) holds; "
            "send impossible amounts to quarantine by a rule in the orders' contract"
        )
