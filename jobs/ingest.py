"""Source files to Bronze: each file a delivery, each record a row, exactly as received."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

import typer
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from conf.contract import SourceContract
from conf.errors import AccountingError, AtlasError, SourceError, listed
from conf.s3 import S3
from jobs.runtime.cli import (
    ContractsOption,
    JsonOption,
    LakeOption,
    LogFileOption,
    NamespaceOption,
    TablesOption,
    run_job,
    table_names,
)
from jobs.runtime.command import start
from jobs.runtime.deliveries import INGEST, Arrival, Deliveries, DeliveryStatus
from jobs.runtime.file_names import UNKNOWN_TABLE
from jobs.runtime.headers import told_extra
from jobs.runtime.lake import Transaction
from jobs.runtime.reading import read_bronze
from jobs.runtime.records import Record
from jobs.runtime.runs import Run, classes
from jobs.runtime.source_files import ALL_SOURCES, SourceFile, find_source_files, inspect
from jobs.runtime.source_paths import source_path, stamp_of


def ingest(run: Run, tables: list[str] | None = None, *, redeliver: bool = False) -> None:
    """Take every new source file into Bronze; a bad file stops itself, the others go on.

    With `tables` only their files count: a file that belongs to no table is then no problem but a
    note.
    """
    chosen = table_names(run.contracts, tables)
    files, errors = find_source_files(run.settings.sources, run.contracts, run.settings.s3)
    for error in errors:
        if tables and error.table == UNKNOWN_TABLE:
            run.note(str(error))
        elif not tables or error.table in (*chosen, ALL_SOURCES):
            run.problem(error)
    by_table: dict[str, list[SourceFile]] = defaultdict(list)
    for file in files:
        by_table[file.table].append(file)
    for table in sorted(chosen):
        ingest_table(run, run.contracts.sources[table], by_table[table], redeliver=redeliver)


def ingest_table(
    run: Run, contract: SourceContract, files: Iterable[SourceFile], *, redeliver: bool = False
) -> None:
    """Number the new files of one table in one commit, then write one Bronze commit for each."""
    deliveries = Deliveries(run.lake, contract.table, run.run_id)
    deliveries.close_what_bronze_has()
    with run.stage(f"inspect {contract.table}"):
        arrivals = list(_arrivals(run, contract, files))
    new = arrivals if redeliver else deliveries.new_among(arrivals)
    by_binding = {a.binding: a for a in new}
    for delivery in deliveries.open_for(new):
        arrival = by_binding[delivery["source_name"], delivery["content_sha256"]]
        try:
            with run.stage(f"ingest {contract.table}"):
                rows = _receive(run, contract, arrival, delivery)
        except AtlasError as error:
            deliveries.close(delivery, DeliveryStatus.FAILED, reason=str(error))
            run.problem(error)
        except (Py4JJavaError, PySparkException) as error:
            if deliveries.rows_in_bronze(delivery["delivery"]):
                raise  # it is there: the next run closes it as received
            failure = _failure(arrival, error)
            deliveries.close(delivery, DeliveryStatus.FAILED, reason=str(failure))
            run.problem(failure)
        else:
            deliveries.close(delivery, DeliveryStatus.RECEIVED, rows=rows)


def _arrivals(run: Run, contract: SourceContract, files: Iterable[SourceFile]) -> Iterable[Arrival]:
    for file in files:
        try:
            found = inspect(file, contract)
        except SourceError as error:
            run.problem(error)
            continue
        if found.missing_columns:
            run.note(f"{file.name}: no column {listed(found.missing_columns)}: null in every row")
        known = tuple(c.source_name for c in contract.columns)
        extra = told_extra(found, known)
        if extra:
            run.note(f"{file.name}: {listed(extra)} not in the contract: kept in Bronze")
        yield Arrival(
            table=file.table,
            source_name=file.name,
            path=str(file.path),
            size=file.size,
            modified_at=file.modified_at,
            content_sha256=found.content_sha256,
            records=found.records,
            header=found.header,
            missing_columns=found.missing_columns,
            extra_columns=extra,
            known_columns=known,
            e_tag=file.stamp.e_tag,
        )


def _receive(run: Run, contract: SourceContract, arrival: Arrival, delivery: Record) -> int:
    """Write one delivery to Bronze; the number of rows it now has there.

    Raises: SourceError if the file changed while it was read, AccountingError if Bronze does not
    hold as many rows as the file has records.
    """
    number, name = int(delivery["delivery"]), f"bronze.{contract.table}"
    rows = read_bronze(
        run.spark,
        contract,
        arrival,
        run.settings.s3,
        delivery=number,
        run_id=run.run_id,
        ingested_at=datetime.now(UTC),
    )
    txn = Transaction(INGEST, number, {"records": arrival.records})
    run.lake.append(rows, name, txn, append_only=True)
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
    """Take new source files into Bronze."""
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
            as_json=as_json,
        )
    )


if __name__ == "__main__":
    start(main)
