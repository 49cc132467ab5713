"""Proof that a table is clean: the PII detector over every string column of any Delta table."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from rich.console import Console
from rich.table import Table

from conf.contract import Contracts
from conf.contract_reader import contracts_of
from conf.errors import UsageError, listed
from conf.logs import configure_logs
from conf.settings import load_settings
from jobs.runtime.any_table import AnyTable, find_table
from jobs.runtime.command import start
from jobs.runtime.lake import Lake
from jobs.runtime.leak_gate import decided
from jobs.runtime.options import (
    ContractsOption,
    JsonOption,
    LakeOption,
    LogFileOption,
    NamespaceOption,
)
from jobs.runtime.session import open_session
from jobs.runtime.told_errors import describe
from transformations.scans import is_searchable, signs_by_column
from udfs.pii.column_hints import hinted
from udfs.pii.config import pii_config
from udfs.pii.leaks import Sign, judged

CLEAN, FAILED, USAGE, FOUND = 0, 1, 2, 3
Found = list[dict[str, Any]]


@dataclass
class Scan:
    """What was found: columns, entities and numbers of values, never a value."""

    table: str
    rows: int
    findings: Found = field(default_factory=list)
    kept: Found = field(default_factory=list)  # what a contract decided to leave as it is
    not_searched: list[str] = field(default_factory=list)


def scan(
    spark: SparkSession,
    table: AnyTable,
    contracts: Contracts,
    columns: list[str] | None = None,
    sample: int | None = None,
) -> Scan:
    """Search the table's columns, or those asked for, in all rows or some of them."""
    frame = spark.read.format("delta").load(table.path)
    rows = min(frame.count(), sample or sys.maxsize)
    chosen = table.chosen(columns or [])
    names = [f.name for f in frame.schema if f.name in chosen and is_searchable(f.dataType)]
    binary = [f.name for f in frame.schema if f.dataType.typeName() == "binary"]
    told = Scan(table.name, rows, not_searched=[n for n in binary if n in chosen])
    if not names:
        return told
    drawn = _drawn(frame.select(*(f"`{n}`" for n in names)), sample)
    signs: dict[str, dict[Sign, int]] = defaultdict(dict)
    for row in drawn.transform(signs_by_column(names)).collect():
        signs[row["column"]][Sign.of(row["sign"])] = row["count"]
    kept = table.kept(contracts)
    for name in names:
        found = judged(signs[name], is_kept=name in kept, hinted=_hints(name))
        may_stay = _decided(table, contracts, name)
        told.findings += _entries(name, {e: n for e, n in found.leaks.items() if e not in may_stay})
        told.kept += _entries(
            name, {**found.kept, **{e: n for e, n in found.leaks.items() if e in may_stay}}
        )
    return told


def _decided(table: AnyTable, contracts: Contracts, name: str) -> frozenset[str]:
    source = contracts.sources.get(table.name.removeprefix("silver."))
    columns = source.columns if source and table.name.startswith("silver.") else ()
    return next((decided(c) for c in columns if c.silver_name == name), frozenset())


def _drawn(frame: DataFrame, sample: int | None) -> DataFrame:
    """Rows at random, since the first ones are of one file; spread again, or one core would work."""
    if sample is None:
        return frame
    cores = frame.sparkSession.sparkContext.defaultParallelism
    return frame.orderBy(F.rand(seed=1)).limit(sample).repartition(cores)


def _hints(name: str) -> set[str]:
    hint = hinted(name)
    return {hint} if hint else set()


def _entries(column: str, counts: Mapping[str, int]) -> Found:
    return [{"column": column, "entity": e, "count": n} for e, n in counts.items()]


def _printed(told: Scan) -> None:
    console = Console(highlight=False)
    for title, found in (("Personal data found", told.findings), ("Kept by contract", told.kept)):
        if found:
            table = Table("column", "entity", "values", title=title, title_justify="left")
            table.columns[2].justify = "right"
            for entry in found:
                table.add_row(entry["column"], entry["entity"], f"{entry['count']:,}")
            console.print(table)
    if told.not_searched:
        console.print(f"not searched, since they are binary: {listed(told.not_searched)}")
    verdict = f"{len(told.findings)} finding(s)" if told.findings else "clean"
    console.print(f"{told.table}: {told.rows:,} rows looked at: {verdict}", markup=False)


def main(
    table: Annotated[str, typer.Argument(help="silver/customers, gold/customer_360, or a path")],
    column: Annotated[list[str] | None, typer.Option(help="Only this; may be repeated")] = None,
    sample: Annotated[int | None, typer.Option(min=1, help="Only so many rows, at random")] = None,
    lake: LakeOption = None,
    contracts: ContractsOption = None,
    namespace: NamespaceOption = None,
    log_file: LogFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search a Delta table of any layer for personal data. Exit 0: clean, 3: something was found.

    Nothing is written and no value is shown: a finding is column, entity and number of values.
    """
    try:
        settings = load_settings(
            lake=lake,
            contracts=str(contracts) if contracts else None,
            namespace=namespace,
            log_file=log_file,
        )
        configure_logs(settings, "scan_pii")
        known = contracts_of(settings)
        pii_config()
        found = find_table(Lake(settings), table)
        found.chosen(column or [])
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(USAGE)
    spark = open_session(settings, "atlas scan_pii", small=found.is_little)
    try:
        told = scan(spark, found, known, column, sample)
    except Exception as error:  # its text may hold a value
        print(f"error: {describe(error)}", file=sys.stderr)
        sys.exit(FAILED)
    finally:
        spark.stop()
    if as_json:
        print(json.dumps(vars(told)))
    else:
        _printed(told)
    sys.exit(FOUND if told.findings else CLEAN)


if __name__ == "__main__":
    start(main)
