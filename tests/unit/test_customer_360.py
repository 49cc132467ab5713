"""Who a customer is, and the figures of their orders; all of it once more without Spark."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from chispa import assert_df_equality
from pyspark.sql import DataFrame, SparkSession

from conf.contract import SourceContract, Treatment
from conf.errors import UsageError
from tests.gold import CUSTOMERS_SCHEMA, ORDERS_SCHEMA, contract, customer_360_of, kept
from transformations.customer_360 import (
    COLUMNS,
    customer_360,
    customers_by_role,
    customers_of,
    with_lifetime_value,
    with_order_totals,
    with_tenure,
)
from transformations.features import customer_features
from transformations.order_totals import order_totals

DAY = date(2024, 5, 10)
GENERALIZED = {"treatment": Treatment.GENERALIZE}


def customers_contract(**more: object) -> SourceContract:
    columns = (
        kept("id", "string", "customer"),
        kept("born", "date", "birth_date", generalize="year", **GENERALIZED),
        kept("zip", "string", "postal_code", silver_name="zip_area", **GENERALIZED),
        kept("town", "string", "city"),
        kept("level", "string", "tier"),
        kept("since", "timestamp", "created_at"),
    )
    return contract("members", "customers", columns, ("id",), **more)


def test_customers_under_the_names_of_their_roles(spark):
    silver = spark.createDataFrame(
        [
            ("a", 1980, "21", "Aarhus", "gold", datetime(2024, 1, 1, 23, 59, 59)),
            ("b", None, None, None, None, None),
        ],
        "id string, born int, zip_area string, town string, level string, since timestamp",
    )
    expected = spark.createDataFrame(
        [("a", 1980, "21", "Aarhus", "gold", date(2024, 1, 1)), ("b", *(None,) * 5)],
        CUSTOMERS_SCHEMA,
    )
    found = silver.transform(customers_by_role(customers_contract()))
    assert_df_equality(found, expected, ignore_nullable=True)


def test_what_the_contract_lacks_or_does_not_generalize_is_null(spark):
    columns = (kept("id", "bigint", "customer"), kept("born", "date", "birth_date"))
    silver = spark.createDataFrame([(7, date(1980, 2, 29))], "id bigint, born date")
    found = silver.transform(customers_by_role(contract("members", "customers", columns, ("id",))))
    expected = spark.createDataFrame([("7", *(None,) * 5)], CUSTOMERS_SCHEMA)
    assert_df_equality(found, expected, ignore_nullable=True)


def test_a_customers_table_needs_a_customer():
    with pytest.raises(UsageError, match="no column of members has goldRole customer"):
        customers_by_role(contract("members", "customers", (kept("town", "string", "city"),), ()))


def orders(spark: SparkSession, *rows: tuple[str | None, date, str]) -> DataFrame:
    """(customer, day, amount) of revenue orders"""
    return spark.createDataFrame(
        [(c, str(n), "DKK", True, day, Decimal(a)) for n, (c, day, a) in enumerate(rows)],
        ORDERS_SCHEMA,
    )


def customers(spark: SparkSession, **created: date | None) -> DataFrame:
    return spark.createDataFrame(
        [(c, None, None, None, None, day) for c, day in created.items()], CUSTOMERS_SCHEMA
    )


def test_customers_known_from_their_orders_alone(spark):
    df = orders(spark, ("a", DAY, "1"), ("a", DAY, "2"), ("b", DAY, "3"), (None, DAY, "4"))
    expected = spark.createDataFrame([(c, *(None,) * 5) for c in "ab"], CUSTOMERS_SCHEMA)
    assert_df_equality(
        df.transform(customers_of), expected, ignore_nullable=True, ignore_row_order=True
    )


def test_totals_of_known_customers(spark):
    totals = orders(spark, ("a", DAY, "1.50"), ("nobody", DAY, "2")).transform(order_totals(DAY))
    found = (
        customers(spark, a=None, b=None)
        .transform(with_order_totals(totals))
        .select(
            "customer_id", "total_orders", "total_revenue", "avg_order_value", "last_order_date"
        )
    )
    expected = spark.createDataFrame(
        [("a", 1, Decimal("1.50"), Decimal("1.50"), DAY), ("b", 0, Decimal("0.00"), None, None)],
        "customer_id string, total_orders bigint, total_revenue decimal(18,2), "
        "avg_order_value decimal(18,2), last_order_date date",
    )
    assert_df_equality(found, expected, ignore_nullable=True, ignore_row_order=True)


@pytest.mark.parametrize(
    ("created", "first", "last", "expected"),
    [
        (date(2024, 5, 1), date(2024, 5, 4), date(2024, 5, 8), (2, 9)),
        (None, date(2024, 5, 4), date(2024, 5, 8), (2, 6)),  # from the first order
        (date(2024, 5, 6), date(2024, 5, 4), date(2024, 5, 8), (2, 4)),  # created_at goes first
        (DAY, None, None, (None, 1)),  # at least one day
        (date(2031, 1, 1), DAY, DAY, (0, 1)),  # also where it would be negative
        (None, None, None, (None, 1)),
        (date(2023, 5, 10), None, None, (None, 366)),  # a leap year
    ],
)
def test_tenure_and_recency(spark, created, first, last, expected):
    df = spark.createDataFrame(
        [(created, first, last)], "created_at date, first_order_date date, last_order_date date"
    )
    (found,) = df.transform(with_tenure(DAY)).collect()
    assert (found.days_since_last_order, found.customer_tenure_days) == expected


@pytest.mark.parametrize(
    ("revenue", "tenure", "expected"),
    [
        ("100.00", 365, "300.21"),  # 300.2054...
        ("0.00", 1, "0.00"),
        ("0.02", 3, "7.31"),  # 7.305: half up
        ("-0.02", 3, "-7.31"),
        ("10.00", 1, "10957.50"),
        ("9999999999999999.99", 1, "9999999999999999.99"),
    ],
)
def test_lifetime_value(spark, revenue, tenure, expected):
    df = spark.createDataFrame(
        [(Decimal(revenue), tenure)], "total_revenue decimal(18,2), customer_tenure_days int"
    )
    (found,) = df.transform(with_lifetime_value()).collect()
    assert found.lifetime_value == Decimal(expected)


@pytest.fixture(params=["false", "true"], ids=["legacy", "ansi"])
def ansi(spark: SparkSession, request: pytest.FixtureRequest) -> Iterator[None]:
    """Spark's two ways with errors; the second is the default of Spark 4."""
    before = spark.conf.get("spark.sql.ansi.enabled")
    spark.conf.set("spark.sql.ansi.enabled", request.param)
    yield
    spark.conf.set("spark.sql.ansi.enabled", str(before))


@pytest.mark.usefixtures("ansi")
def test_two_thousand_customers_computed_once_more(spark):
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    draw = random.Random(seed)
    as_of = date(2024, 5, 10)
    people = {
        f"c{n}": None if draw.random() < 0.2 else as_of - timedelta(draw.randint(-20, 1500))
        for n in range(2000)
    }
    # Few amounts and days, so that many are equal; some unknown customers and later days.
    bought = [
        (
            f"c{int(draw.random() ** 2 * 2100)}",
            as_of - timedelta(draw.randint(-5, 300)),
            Decimal(draw.choice([0, 1, 5, 999, 1000, 12345, 33333])) / 100,
        )
        for _ in range(6000)
    ]
    totals = orders(spark, *((c, d, str(a)) for c, d, a in bought)).transform(order_totals(as_of))
    gold = customers(spark, **people).transform(customer_360(totals, as_of))
    assert gold.columns == list(COLUMNS)
    expected = customer_360_of(people, bought, as_of)
    figures = next(iter(expected.values()))
    found = {r.customer_id: {name: r[name] for name in figures} for r in gold.collect()}
    assert found == expected
    assert gold.transform(customer_features()).count() == 2000
