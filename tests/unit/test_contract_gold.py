"""Gold's contracts are what Gold's code computes: names, types and order."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame, SparkSession

from conf.contract import Contracts
from conf.contract_reader import load_contracts
from transformations.customer_360 import (
    COLUMNS,
    customers_by_role,
    with_lifetime_value,
    with_order_totals,
    with_tenure,
)
from transformations.features import customer_features
from transformations.order_totals import order_totals, orders_by_role
from transformations.rfm import with_rfm

DAY = date(2024, 1, 1)


def empty(spark: SparkSession, contracts: Contracts, name: str) -> DataFrame:
    columns = contracts.outputs[name].columns
    return spark.createDataFrame([], ", ".join(f"`{c.name}` {c.spark_type}" for c in columns))


def test_gold_as_computed_from_silver_as_contracted(spark: SparkSession) -> None:
    contracts = load_contracts()
    orders = empty(spark, contracts, "silver.orders").transform(
        orders_by_role(contracts.sources["orders"])
    )
    customer_360 = (
        empty(spark, contracts, "silver.customers")
        .transform(customers_by_role(contracts.sources["customers"]))
        .transform(with_order_totals(orders.transform(order_totals(DAY))))
        .transform(with_tenure(DAY))
        .transform(with_rfm())
        .transform(with_lifetime_value())
        .select(*COLUMNS)
    )
    for name, frame in (
        ("gold.customer_360", customer_360),
        ("gold.customer_features", customer_360.transform(customer_features())),
    ):
        assert frame.dtypes == [(c.name, c.spark_type) for c in contracts.outputs[name].columns]
