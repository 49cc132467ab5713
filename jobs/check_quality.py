"""How good is a table: its contract's checks on what is there, without writing anything."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from typing import Annotated, Any

import typer
from pyspark.sql import SparkSession
from rich.console import Console
from rich.table import Table

from conf.contract_reader import contracts_of
from conf.errors import UsageError
from conf.logs import configure_logs
from conf.secrets import key_source
from conf.settings import Settings, load_settings
from jobs.runtime.checked_table import checked_table
from jobs.runtime.command import start
from jobs.runtime.compatibility import check_compatible
from jobs.runtime.keys import check_key
from jobs.runtime.lake import Lake
from jobs.runtime.options import (
    ContractsOption,
    JsonOption,
    LakeOption,
    LogFileOption,
    NamespaceOption,
)
from jobs.runtime.quality_verdict import allowed, shown
from jobs.runtime.session import open_session
from jobs.runtime.soda_scan import Outcome
from jobs.runtime.table_quality import TableQuality, is_judged, table_quality
from jobs.runtime.told_errors import describe

MET, FAILED, USAGE, NOT_MET = 0, 1, 2, 3
_NUMBERS = ("value", "score", "rows checked", "rows failing")


def check_quality(
    settings: Settings,
    name: str,
    version: int | None = None,
    delivery: int | None = None,
    *,
    session: Callable[[bool], SparkSession],
) -> TableQuality:
    """Check a table against its contract; the session (small, for little data) is opened when all
    that can be wrong with the question was looked at. Raises: UsageError.
    """
    lake, contracts, keys = Lake(settings), contracts_of(settings), None
    checked = checked_table(lake, contracts, name, version, delivery)
    if checked.is_source:
        keys = key_source(settings, make=False)
        check_key(lake, keys, remember=False)
    else:
        check_compatible(lake, contracts)
    if is_judged(checked.contract):
        lake.use(session(checked.table.is_little))
    return table_quality(lake, contracts, checked, keys)


def _printed(told: TableQuality) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 140
    name = f"{told.checked.table.name}, version {told.checked.version}"
    if not told.verdict.measured:
        path = told.checked.contract.path
        console.print(f"{name}: there are no quality checks in {path}", markup=False)
        return
    console.print(_checks(told))
    if told.verdict.scores:
        console.print(_scores(told))
    for check, reason in told.reasons.items():
        console.print(f"not evaluated: {check}: {reason}", markup=False)
    counts = Counter(r["outcome"] for r in told.as_dict()["checks"])
    outcomes = ", ".join(f"{counts[o]} {o}" for o in Outcome if counts[o])
    console.print(f"{name}: {outcomes}", markup=False)


def _checks(told: TableQuality) -> Table:
    table = _table("Checks", "check", "dimension", "severity", "value", "allowed")
    for m in told.verdict.measured:
        outcome = told.verdict.outcome(m.outcome, m.check.severity)
        what = m.check.name, m.check.dimension, m.check.severity
        table.add_row(*what, shown(m), m.threshold, *_rows(m.rows_checked, m.rows_failing), outcome)
    return table


def _scores(told: TableQuality) -> Table:
    table = _table("Scores", "dimension", "severity", "score", "allowed")
    for s in told.verdict.scores:
        outcome = told.verdict.outcome(s.outcome, s.severity)
        what = s.dimension, s.severity, f"{s.value:.4f}", allowed(s.threshold)
        table.add_row(*what, *_rows(s.rows_checked, s.rows_failing), outcome)
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for name in (*columns, "rows checked", "rows failing", "outcome"):
        justify: Any = "right" if name in _NUMBERS else "left"
        table.add_column(name, justify=justify, overflow="fold")
    return table


def _rows(checked: int, failing: int) -> tuple[str, str]:
    return f"{checked:,}", f"{failing:,}"


def main(
    table: Annotated[
        str, typer.Argument(help="orders (as delivered), silver.orders, gold.customer_360")
    ],
    version: Annotated[int | None, typer.Option(min=0, help="An earlier Delta version")] = None,
    delivery: Annotated[
        int | None, typer.Option(min=1, help="Of a source table only this delivery's rows")
    ] = None,
    lake: LakeOption = None,
    contracts: ContractsOption = None,
    namespace: NamespaceOption = None,
    log_file: LogFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check a table against the checks of its contract. Exit 0: met, 3: one of severity error is
    not. Nothing is written."""
    try:
        settings = load_settings(
            lake=lake,
            contracts=str(contracts) if contracts else None,
            namespace=namespace,
            log_file=log_file,
        )
        configure_logs(settings, "check_quality")

        def session(small: bool) -> SparkSession:
            return open_session(settings, "atlas check_quality", small=small)

        told = check_quality(settings, table, version, delivery, session=session)
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(USAGE)
    except Exception as error:  # its text may hold a value
        print(f"error: {describe(error)}", file=sys.stderr)
        sys.exit(FAILED)
    finally:
        if running := SparkSession.getActiveSession():
            running.stop()
    if as_json:
        print(json.dumps(told.as_dict()))
    else:
        _printed(told)
    sys.exit(MET if told.is_met else NOT_MET)


if __name__ == "__main__":
    start(main)
