"""Sources to Bronze: each file, or pull of a database, a delivery, each record a row, exactly as
received."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

import typer
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from conf.contract import SourceContract
from conf.errors import AccountingError, AtlasError, SourceError, TransientError, listed
from conf.s3 import S3
from jobs.runtime.cli import run_job, table_names, tables_of
from jobs.runtime.command import start
from jobs.runtime.deliveries import INGEST, Arrival, Deliveries, DeliveryStatus
from jobs.runtime.file_names import UNKNOWN_TABLE
from jobs.runtime.headers import told_extra
from jobs.runtime.lake import Transaction
from jobs.runtime.lineage.datasets import source_dataset
from jobs.runtime.options import (
    ContractsOption,
    JsonOption,
    LakeOption,
    LogFileOption,
    NamespaceOption,
    TablesOption,
)
from jobs.runtime.pulls import Pull, opened_pull
from jobs.runtime.reading import read_bronze
from jobs.runtime.records import Record
from jobs.runtime.retries import is_transient, retried
from jobs.runtime.runs import Run
from jobs.runtime.source_files import ALL_SOURCES, SourceFile, find_source_files, inspect
from jobs.runtime.source_paths import source_path, stamp_of
from jobs.runtime.told_errors import classes


def ingest(run: Run, tables: list[str] | None = None, *, redeliver: bool = False) -> None:
    """Take every new source file, and what is new in databases, into Bronze; a bad source stops
    itself, the others go on.

    With `tables` only theirs count: a file that belongs to no table is then no problem but a note.
    """
    chosen = table_names(run.contracts, tables)
    by_table = _files(run, chosen if tables else None)
    for table in sorted(chosen):
        contract = run.contracts.sources[table]
        if contract.database:
            work = partial(pull_table, run, contract, redeliver=redeliver)
        else:
            work = partial(ingest_table, run, contract, by_table[table], redeliver=redeliver)
        try:
            retried(run, table, work)
        except TransientError as error:
            run.problem(error)


def _files(run: Run, chosen: list[str] | None) -> Mapping[str, list[SourceFile]]:
    """The source files by table; what is wrong with one of `chosen`, or of all, is a problem."""
    by_table: dict[str, list[SourceFile]] = defaultdict(list)
    wanted = run.contracts.sources if chosen is None else chosen
    if not set(wanted) - set(run.contracts.databases):
        return by_table
    files, errors = find_source_files(run.settings.sources, run.contracts, run.settings.s3)
    for error in errors:
        if chosen and error.table == UNKNOWN_TABLE:
            run.note(str(error))
        elif chosen is None or error.table in (*chosen, ALL_SOURCES):
            run.problem(error)
    for file in files:
        by_table[file.table].append(file)
    return by_table


def ingest_table(
    run: Run, contract: SourceContract, files: Iterable[SourceFile], *, redeliver: bool = False
) -> None:
    """Number the new files of one table in one commit, then write one Bronze commit for each."""
    deliveries = Deliveries(run.lake, contract.table, run.run_id)
    deliveries.close_what_bronze_has()
    with run.stage(f"inspect {contract.table}"):
        arrivals = list(_arrivals(run, contract, files))
    new = arrivals if redeliver else deliveries.new_among(arrivals)
    _take_in(run, contract, deliveries, new)


def pull_table(run: Run, contract: SourceContract, *, redeliver: bool = False) -> None:
    """Take what a database has beyond the last pull as one delivery; to `redeliver`, everything."""
    deliveries = Deliveries(run.lake, contract.table, run.run_id)
    deliveries.close_what_bronze_has()
    last = None if redeliver else deliveries.last_received
    with ExitStack() as stack:
        try:
            with run.stage(f"inspect {contract.table}"):
                opened = opened_pull(run.spark, contract, run.settings.databases, last)
                pull = stack.enter_context(opened)
        except TransientError:
            raise
        except AtlasError as error:
            run.problem(error)
            return
        _tell_columns(run, pull.arrival)
        new = [pull.arrival] if pull.is_new_after(last) else []
        _take_in(run, contract, deliveries, new, pull)


def _take_in(
    run: Run,
    contract: SourceContract,
    deliveries: Deliveries,
    arrivals: Sequence[Arrival],
    pull: Pull | None = None,
) -> None:
    """Numbers for arrivals in one commit, then one Bronze commit for each."""
    by_binding = {a.binding: a for a in arrivals}
    for delivery in deliveries.open_for(arrivals):
        arrival = by_binding[delivery["source_name"], delivery["content_sha256"]]
        try:
            with run.stage(f"ingest {contract.table}"):
                rows = _receive(run, contract, arrival, delivery, pull)
        except TransientError:
            raise  # the delivery stays open: it is tried again, in this run or the next
        except AtlasError as error:
            deliveries.close(delivery, DeliveryStatus.FAILED, reason=str(error))
            run.problem(error)
        except (Py4JJavaError, PySparkException) as error:
            if is_transient(error) or deliveries.rows_in_bronze(delivery["delivery"]):
                raise  # it is there: the next run closes it as received
            failure = (pull and pull.error_of(error)) or _failure(arrival, error)
            if isinstance(failure, TransientError):
                raise failure from None
            deliveries.close(delivery, DeliveryStatus.FAILED, reason=str(failure))
            run.problem(failure)
        else:
            deliveries.close(delivery, DeliveryStatus.RECEIVED, rows=rows)


def _tell_columns(run: Run, arrival: Arrival) -> None:
    if arrival.missing_columns:
        lost = listed(arrival.missing_columns)
        run.note(f"{arrival.source_name}: no column {lost}: null in every row")
    if arrival.extra_columns:
        extra = listed(arrival.extra_columns)
        run.note(f"{arrival.source_name}: {extra} not in the contract: kept in Bronze")


def _arrivals(run: Run, contract: SourceContract, files: Iterable[SourceFile]) -> Iterable[Arrival]:
    for file in files:
        try:
            found = inspect(file, contract)
        except SourceError as error:
            run.problem(error)
            continue
        known = tuple(c.source_name for c in contract.columns)
        arrival = Arrival(
            table=file.table,
            source_name=file.name,
            path=str(file.path),
            size=file.size,
            modified_at=file.modified_at,
            content_sha256=found.content_sha256,
            records=found.records,
            header=found.header,
            missing_columns=found.missing_columns,
            extra_columns=told_extra(found, known),
            known_columns=known,
            e_tag=file.stamp.e_tag,
        )
        _tell_columns(run, arrival)
        yield arrival


def _receive(
    run: Run, contract: SourceContract, arrival: Arrival, delivery: Record, pull: Pull | None
) -> int:
    """Write one delivery to Bronze; the number of rows it now has there.

    Raises: SourceError if the file changed while it was read, AccountingError if Bronze does not
    hold as many rows as the source has records.
    """
    number, name = int(delivery["delivery"]), f"bronze.{contract.table}"
    told: dict[str, Any] = {
        "delivery": number,
        "run_id": run.run_id,
        "ingested_at": datetime.now(UTC),
    }
    if pull is not None:
        rows = pull.bronze(**told)
    else:
        rows = read_bronze(run.spark, contract, arrival, run.settings.s3, **told)
    txn = Transaction(INGEST, number, {"records": arrival.records})
    delivered = source_dataset(arrival.path, arrival.source_name)
    run.capture.received(
        contract, delivered, arrival.missing_columns, arrival.extra_columns, arrival.records
    )
    run.lake.append(rows, name, txn, append_only=True)
    if pull is None:  # a pull reads a snapshot
        _unchanged(arrival, run.settings.s3)
    commit = run.lake.commit(name, INGEST, number)
    written = int(commit["metrics"].get("numOutputRows", 0)) if commit else 0
    if written != arrival.records:
        raise AccountingError(
            f"{contract.table}: {arrival.source_name} has {arrival.records} records but Bronze got "
            f"{written} rows of delivery {number}; they are not refined: report this as a defect"
        )
    return written


def _failure(arrival: Arrival, error: Exception) -> SourceError:
    """Damage that only reading the whole file shows: a Parquet page behind a sound footer."""
    return SourceError(
        arrival.table,
        arrival.source_name,
        f"Spark could not read it or write it to Bronze ({classes(error)})",
        "send the file again if it is damaged, else see the log",
    )


def _unchanged(arrival: Arrival, s3: S3) -> None:
    """The file must be what was inspected, before and after Spark has read it."""
    try:
        now = stamp_of(source_path(arrival.path, s3))
    except OSError:  # gone
        now = None
    if now != arrival.stamp:
        raise SourceError(
            arrival.table,
            arrival.source_name,
            "changed while it was being read",
            "let the writer finish (write elsewhere, then rename) and run again",
        )


def main(
    sources: Annotated[
        str | None, typer.Argument(help="Folder or s3a:// prefix of source files [ATLAS_SOURCES]")
    ] = None,
    tables: TablesOption = None,
    redeliver: Annotated[
        bool, typer.Option(help="Take files in again that were here before")
    ] = False,
    lake: LakeOption = None,
    contracts: ContractsOption = None,
    namespace: NamespaceOption = None,
    log_file: LogFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take new source files, and what is new in databases, into Bronze."""
    sys.exit(
        run_job(
            "ingest",
            lambda run: ingest(run, tables, redeliver=redeliver),
            lake=lake,
            contracts=contracts,
            namespace=namespace,
            sources=sources,
            log_file=log_file,
            reads_silver=False,
            writes=tables_of("bronze", tables),
            reads_sources=True,
            as_json=as_json,
        )
    )


if __name__ == "__main__":
    start(main)
