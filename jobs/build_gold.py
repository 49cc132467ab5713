"""Silver to Gold, by role: customer 360 and customer features."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated

import typer
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contract import SourceContract
from conf.errors import AtlasError
from jobs.runtime.cli import run_job
from jobs.runtime.command import start
from jobs.runtime.freshness import inputs_of, is_current
from jobs.runtime.gold_inputs import GoldInputs, Silver
from jobs.runtime.lineage.proof import gold_edges, stop_on_bronze, ways_of
from jobs.runtime.options import (
    ContractsOption,
    JsonOption,
    LakeOption,
    LogFileOption,
    NamespaceOption,
)
from jobs.runtime.quality import judge_gold
from jobs.runtime.retries import retried
from jobs.runtime.runs import Run
from jobs.runtime.stopped import stop_if_stopped
from transformations.customer_360 import customer_360
from transformations.features import customer_features
from transformations.order_totals import order_totals

CUSTOMER_360 = "gold.customer_360"
FEATURES = "gold.customer_features"
GOLD = (CUSTOMER_360, FEATURES)


def build_gold(run: Run, as_of: date | None = None) -> None:
    """Compute Gold afresh from Silver; nothing is done where Silver is as it was."""
    orders, customers = run.contracts.role("orders"), run.contracts.role("customers")
    if orders is None or not run.lake.exists(f"silver.{orders.table}"):
        run.note("no Silver table has the role orders: Gold is not built")
        return
    needed = [contract for contract in (orders, customers) if contract]
    inputs = inputs_of(run.lake, needed, as_of)
    inputs |= {table: run.contracts.outputs[table].version for table in GOLD}
    if all(is_current(run.lake, table, inputs) for table in GOLD):
        return
    try:
        stop_if_stopped(run, [contract.table for contract in needed])
        retried(run, "gold", partial(_publish, run, orders, customers, as_of, inputs))
    except AtlasError as error:
        run.problem(error)


def _publish(
    run: Run,
    orders: SourceContract,
    customers: SourceContract | None,
    as_of: date | None,
    inputs: dict[str, str],
) -> None:
    run.lake.use(run.spark)
    with run.stage("order facts"):
        ordered = Silver(orders, run.lake.read(f"silver.{orders.table}"))
        silver = GoldInputs.of(ordered, _customers(run, customers), as_of)
    with run.stage("customer 360"):
        totals = silver.orders.transform(order_totals(silver.day))
        rows = silver.customers.transform(customer_360(totals, silver.day))
        _replace(run, CUSTOMER_360, rows, silver, inputs)
    for remark in silver.facts.remarks(_orders_in_gold(run), orders.table):
        run.note(remark)
    with run.stage("customer features"):
        rows = run.lake.read(CUSTOMER_360).transform(customer_features())
        _replace(run, FEATURES, rows, silver, inputs)


def _replace(
    run: Run, table: str, rows: DataFrame, silver: GoldInputs, inputs: dict[str, str]
) -> None:
    """Replace a Gold table if its checks let it; it is computed once for both."""
    contract, count = run.contracts.outputs[table], None
    with ExitStack() as cached:
        if contract.is_judged:
            rows = rows.persist()
            cached.callback(rows.unpersist)
            count = rows.count()  # computed here, so that the next stage is what the checks cost
            with run.stage(f"quality {table.removeprefix('gold.')}"):
                judge_gold(run, contract, rows, lambda: silver.totals)
        ways = ways_of(run.lake, rows)
        stop_on_bronze(table, ways)
        run.capture.written(table, gold_edges(table, ways), count)
        run.lake.overwrite(rows.transform(_stamped(run)), table, inputs)


def _customers(run: Run, contract: SourceContract | None) -> Silver | None:
    if contract is None:
        return None
    if not run.lake.exists(f"silver.{contract.table}"):
        run.note(f"no {contract.table} came yet: Gold's customers are those of the orders")
        return None
    return Silver(contract, run.lake.read(f"silver.{contract.table}"))


def _orders_in_gold(run: Run) -> int:
    return int(run.lake.query(CUSTOMER_360, "select sum(total_orders) as n from t")[0]["n"] or 0)


def _stamped(run: Run) -> Callable[[DataFrame], DataFrame]:
    created_at = F.lit(datetime.now(UTC)).cast("timestamp")
    return lambda df: df.select(
        "*", created_at.alias("_gold_created_at"), F.lit(run.run_id).alias("_gold_run_id")
    )


def main(
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="Day Gold is computed for; default: the latest order's"
        ),
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
            writes=lambda _: GOLD,
        )
    )


if __name__ == "__main__":
    start(main)
