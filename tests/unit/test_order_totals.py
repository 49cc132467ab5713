"""Which orders count, and what they add up to."""

from __future__ import annotations

import datetime
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from chispa import assert_df_equality
from pyspark.sql import DataFrame, SparkSession

from conf.contract import Column, SourceContract
from conf.errors import UsageError
from tests.gold import ORDERS_SCHEMA, contract, kept
from transformations.order_totals import order_totals, orders_by_role

DAY = date(2024, 5, 10)
TOTALS_SCHEMA = (
    "customer_id string, total_orders bigint, total_revenue decimal(18,2), "
    "avg_order_value decimal(18,2), max_order_value decimal(18,2), first_order_date date, "
    "last_order_date date"
)
BASIC = (
    kept("buyer", "string", "customer"),
    kept("at", "timestamp", "order_date"),
    kept("price", "decimal(10,2)", "amount"),
)


def silver(spark: SparkSession, schema: str, *rows: tuple[Any, ...]) -> DataFrame:
    return spark.createDataFrame(list(rows), schema)


def orders_contract(*more: Column, key: tuple[str, ...] = (), **words: Any) -> SourceContract:
    words.setdefault("currency", None if any(c.role == "currency" for c in more) else "DKK")
    return contract("sales", "orders", (*BASIC, *more), key, **words)


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


def orders(spark: SparkSession, *rows: tuple[str, bool, date | None, str | None]) -> DataFrame:
    """(customer, is revenue, day, amount)"""
    return spark.createDataFrame(
        [
            (customer, str(n), "DKK", is_revenue, day, Decimal(amount) if amount else None)
            for n, (customer, is_revenue, day, amount) in enumerate(rows)
        ],
        ORDERS_SCHEMA,
    )


def totals(spark: SparkSession, *rows: tuple[Any, ...]) -> DataFrame:
    """(customer, orders, revenue, average, greatest, first day, last day)"""
    money = [(c, n, *(Decimal(m) for m in m3), f, t) for c, n, *m3, f, t in rows]
    return spark.createDataFrame(money, TOTALS_SCHEMA)


def test_orders_with_every_role(spark):
    given = orders_contract(
        kept("no", "string", "order"),
        kept("state", "string", "status"),
        kept("cur", "string", "currency"),
        key=("no",),
        revenue_statuses=("paid", "sent"),
    )
    df = silver(
        spark,
        "no string, buyer string, at timestamp, price decimal(10,2), state string, cur string",
        ("1", "a", at("2024-05-01T23:59:59+00:00"), Decimal("1.50"), "paid", " dkk"),
        ("2", "a", at("2024-05-02T00:00:00+00:00"), Decimal("2.00"), "Paid", ""),
        ("3", "b", None, None, None, None),
    )
    expected = spark.createDataFrame(
        [
            ("a", "1", "DKK", True, date(2024, 5, 1), Decimal("1.50")),
            ("a", "2", None, False, date(2024, 5, 2), Decimal("2.00")),
            ("b", "3", None, False, None, None),
        ],
        ORDERS_SCHEMA,
    )
    assert_df_equality(
        df.transform(orders_by_role(given)), expected, ignore_nullable=True, ignore_row_order=True
    )


@pytest.mark.parametrize(
    ("key", "columns", "ids"),
    [
        ((), {"_silver_key": "k1"}, ["k1"]),
        (("shop", "no"), {"shop": "s", "no": "7"}, ["s\u001f7"]),
    ],
)
def test_without_an_order_number_the_key_serves(spark, key, columns, ids):
    """Without a status every order is revenue; the contract's constant is the currency."""
    given = orders_contract(*(kept(name, "string") for name in key), key=key)
    schema = ", ".join(f"{name} string" for name in columns)
    row = (*columns.values(), "a", at("2024-05-01T10:00:00"), Decimal("1.00"))
    df = silver(spark, f"{schema}, buyer string, at timestamp, price decimal(10,2)", row)
    (found,) = df.transform(orders_by_role(given)).collect()
    assert [found.order_id] == ids
    assert (found.is_revenue, found.currency, found.order_date) == (True, "DKK", date(2024, 5, 1))


def test_rows_that_share_an_order_number_are_its_lines(spark):
    """A line without a number is an order of its own; one without an amount spoils its order."""
    given = orders_contract(kept("no", "string", "order"), kept("line", "string"), key=("line",))
    df = silver(
        spark,
        "line string, no string, buyer string, at timestamp, price decimal(10,2)",
        ("1", "x", "a", at("2024-05-02T10:00:00"), Decimal("1.00")),
        ("2", "x", "a", at("2024-05-01T10:00:00"), Decimal("2.25")),
        ("3", "4", "a", at("2024-05-03T10:00:00"), Decimal("4.00")),
        ("4", None, "a", at("2024-05-04T10:00:00"), Decimal("8.00")),
        ("5", None, "a", at("2024-05-04T10:00:00"), Decimal("16.00")),
        ("6", "y", "a", at("2024-05-05T10:00:00"), Decimal("32.00")),
        ("7", "y", "a", at("2024-05-05T10:00:00"), None),
    )
    found = {
        (r.order_id, r.order_date, r.amount) for r in df.transform(orders_by_role(given)).collect()
    }
    assert found == {
        ("x", date(2024, 5, 1), Decimal("3.25")),
        ("4", date(2024, 5, 3), Decimal("4.00")),
        ("\u001f4", date(2024, 5, 4), Decimal("8.00")),
        ("\u001f5", date(2024, 5, 4), Decimal("16.00")),
        ("y", date(2024, 5, 5), None),
    }


def test_an_amount_that_does_not_fit_is_null(spark):
    given = contract(
        "sales",
        "orders",
        (BASIC[0], BASIC[1], kept("price", "bigint", "amount")),
        (),
        currency="DKK",
    )
    df = silver(
        spark,
        "_silver_key string, buyer string, at timestamp, price bigint",
        ("1", "a", at("2024-05-01T10:00:00"), 7),
        ("2", "a", at("2024-05-01T10:00:00"), 10**18),
    )
    assert [r.amount for r in df.transform(orders_by_role(given)).collect()] == [Decimal(7), None]


def test_a_missing_role_column_is_told(spark):
    with pytest.raises(
        UsageError, match=r"sales.odcs.yaml: no column of sales has goldRole amount"
    ):
        orders_by_role(contract("sales", "orders", BASIC[:2], ()))


def test_totals_of_revenue_orders_up_to_the_as_of_day(spark):
    df = orders(
        spark,
        ("a", True, date(2024, 1, 1), "10.00"),
        ("a", True, DAY, "20.00"),
        ("a", True, date(2024, 5, 11), "40.00"),
        ("a", False, date(2023, 1, 1), "80.00"),
        ("cancelled only", False, DAY, "1.00"),
        ("later only", True, date(2024, 5, 11), "1.00"),
    )
    expected = totals(spark, ("a", 2, "30.00", "15.00", "20.00", date(2024, 1, 1), DAY))
    assert_df_equality(df.transform(order_totals(DAY)), expected, ignore_nullable=True)


def test_what_cannot_be_added_up_is_in_no_figure(spark):
    df = orders(
        spark,
        ("a", True, DAY, "10.00"),
        ("a", True, None, "20.00"),
        ("a", True, DAY, None),
        (None, True, DAY, "40.00"),
    )
    expected = totals(spark, ("a", 1, "10.00", "10.00", "10.00", DAY, DAY))
    assert_df_equality(df.transform(order_totals(DAY)), expected, ignore_nullable=True)


def test_averages_are_rounded_half_up_from_the_exact_value(spark):
    df = orders(
        spark,
        *(("half", True, DAY, amount) for amount in ("0.01", "0.02")),
        *(("third", True, DAY, amount) for amount in ("0.01", "0.01", "0.02")),
        *(("negative half", True, DAY, amount) for amount in ("-0.01", "-0.02")),
    )
    found = {r.customer_id: r.avg_order_value for r in df.transform(order_totals(DAY)).collect()}
    assert found == {
        "half": Decimal("0.02"),
        "third": Decimal("0.01"),
        "negative half": Decimal("-0.02"),
    }
