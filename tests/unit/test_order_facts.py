"""What all orders say together; what Gold refuses."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from chispa import assert_df_equality
from pyspark.sql import DataFrame, SparkSession

from conf.errors import DataQualityError
from tests.gold import ORDERS_SCHEMA
from transformations.order_facts import OrderFacts, facts_by_currency

DAY = date(2024, 5, 10)
FACTS_SCHEMA = (
    "currency string, orders bigint, counted bigint, incomplete bigint, turnover decimal(28,2), "
    "last_day date"
)

Order = tuple[str | None, str | None, bool, date | None, str | None]


def orders(spark: SparkSession, *rows: Order) -> DataFrame:
    """(customer, currency, is revenue, day, amount)"""
    return spark.createDataFrame(
        [
            (customer, "1", currency, is_revenue, day, Decimal(amount) if amount else None)
            for customer, currency, is_revenue, day, amount in rows
        ],
        ORDERS_SCHEMA,
    )


def facts(df: DataFrame, as_of: date | None = None) -> OrderFacts:
    return OrderFacts.of(df.transform(facts_by_currency(as_of)).collect())


MIXED: tuple[Order, ...] = (
    ("a", "DKK", True, DAY, "10.00"),
    ("a", "DKK", True, date(2024, 5, 11), "-20.00"),
    ("a", "DKK", False, date(2024, 5, 12), "40.00"),
    ("a", "DKK", True, None, "80.00"),
    ("a", "DKK", True, DAY, None),
    (None, "DKK", True, DAY, "1.00"),
    (None, "DKK", False, DAY, "1.00"),
    ("b", None, True, DAY, "5.00"),
)


def test_facts_by_currency(spark):
    found = orders(spark, *MIXED).transform(facts_by_currency(DAY))
    expected = spark.createDataFrame(
        [
            ("DKK", 7, 1, 3, Decimal("152.00"), date(2024, 5, 12)),
            (None, 1, 1, 0, Decimal("5.00"), DAY),
        ],
        FACTS_SCHEMA,
    )
    assert_df_equality(found, expected, ignore_nullable=True, ignore_row_order=True)


def test_the_latest_order_day_is_of_any_status(spark):
    found = facts(orders(spark, *MIXED))
    assert found == OrderFacts(8, 3, 3, 1, date(2024, 5, 12), ("DKK",))


def test_no_orders(spark):
    assert facts(orders(spark)) == OrderFacts(0, 0, 0, 0, None, ())


def test_two_currencies_are_an_error_that_names_them(spark):
    df = orders(spark, ("a", "SEK", True, DAY, "1.00"), ("a", "DKK", False, DAY, "1.00"))
    with pytest.raises(DataQualityError, match="orders are in DKK and SEK; amounts add up only"):
        facts(df)


def test_what_is_no_currency_code_is_not_repeated(spark):
    stray = "someone@" + "example.org"
    df = orders(spark, ("a", stray.upper(), True, DAY, "1.00"), ("a", "DKK", True, DAY, "1.00"))
    with pytest.raises(DataQualityError) as error:
        facts(df)
    assert "in DKK and values that are no ISO 4217 code;" in str(error.value)
    assert "EXAMPLE" not in str(error.value)


def test_amounts_beyond_the_type_are_an_error(spark):
    huge = "9999999999999999.99"
    assert facts(orders(spark, ("a", "DKK", True, DAY, huge))).counted == 1
    df = orders(spark, ("a", "DKK", True, DAY, huge), ("b", "DKK", True, DAY, "-0.01"))
    with pytest.raises(DataQualityError, match=r"more than decimal\(18,2\) holds"):
        facts(df)


def test_nothing_is_silent():
    found = OrderFacts(1000, 900, 20, 3, DAY, ("DKK",))
    assert list(found.remarks(890, "orders")) == [
        "gold: of 1,000 orders 20 of revenue lack customer, day or amount and are in no figure; "
        "make these columns of orders required to find them in quarantine",
        "gold: of 1,000 orders 3 name no currency and are taken as the others",
        "gold: of 1,000 orders 10 of revenue are of customers that Silver does not have and are in "
        "no figure; they come in when the customers do",
    ]
    assert list(OrderFacts(1000, 900, 0, 0, DAY, ("DKK",)).remarks(900, "orders")) == []
