"""Silver to Gold, by role: customer 360 and customer features."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from typing import Annotated

import typer
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contract import SourceContract
from jobs.runtime.cli import (
    ContractsOption,
    JsonOption,
    LakeOption,
    LogFileOption,
    NamespaceOption,
    run_job,
)
from jobs.runtime.command import start
from jobs.runtime.freshness import inputs_of, is_current
from jobs.runtime.runs import Run
from transformations.customer_360 import (
    COLUMNS,
    customers_by_role,
    customers_of,
    with_lifetime_value,
    with_order_totals,
    with_tenure,
)
from transformations.features import customer_features
from transformations.order_totals import one_currency, order_totals, orders_by_role
from transformations.rfm import with_rfm

CUSTOMER_360 = "gold.customer_360"
FEATURES = "gold.customer_features"


def build_gold(run: Run, as_of: date | None = None) -> None:
    """Compute Gold afresh from Silver; nothing is done where Silver is as it was."""
    orders = run.contracts.role("orders")
    if orders is None or not run.lake.exists(f"silver.{orders.table}"):
        run.note("no Silver table has the role orders: Gold is not built")
        return
    customers = run.contracts.role("customers")
    inputs = inputs_of(run.lake, [c for c in (orders, customers) if c], as_of)
    if is_current(run.lake, FEATURES, inputs):
        return
    with run.stage("customer 360"):
        run.lake.overwrite(_stamped(run, _customer_360(run, orders, customers, as_of)), CUSTOMER_360, inputs)
    with run.stage("customer features"):
        features = run.lake.read(CUSTOMER_360).transform(customer_features())
        run.lake.overwrite(_stamped(run, features), FEATURES, inputs)


def _customer_360(
    run: Run, orders: SourceContract, customers: SourceContract | None, as_of: date | None
) -> DataFrame:
    ordered = run.lake.read(f"silver.{orders.table}").transform(orders_by_role(orders))
    facts = ordered.agg(F.max("order_date").alias("last_day"), F.collect_set("currency").alias("c"))
    fact = facts.collect()[0]
    one_currency(fact.c)
    day = as_of or fact.last_day or datetime.now(UTC).date()
    if customers and run.lake.exists(f"silver.{customers.table}"):
        people = run.lake.read(f"silver.{customers.table}").transform(customers_by_role(customers))
    else:
        people = customers_of(ordered)
    return (
        people.transform(with_order_totals(ordered.transform(order_totals(day))))
        .transform(with_tenure(day))
        .transform(with_rfm())
        .transform(with_lifetime_value())
        .select(*COLUMNS)
    )


def _stamped(run: Run, df: DataFrame) -> DataFrame:
    return df.withColumn("_gold_created_at", F.lit(datetime.now(UTC)).cast("timestamp")).withColumn(
        "_gold_run_id", F.lit(run.run_id)
    )


def main(
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day Gold is computed for; default: the latest order's"),
    ] = None,
    lake: LakeOption = None,
    contracts: ContractsOption = None,
    namespace: NamespaceOption = None,
    log_file: LogFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compute customer 360 and customer features from Silver."""
    sys.exit(
        run_job(
            "build_gold",
            lambda run: build_gold(run, as_of.date() if as_of else None),
            lake=lake,
            contracts=contracts,
            namespace=namespace,
            log_file=log_file,
            as_json=as_json,
        )
    )


if __name__ == "__main__":
    start(main)
