"""The way back for what was held or quarantined: decide, correct, take again."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from conf.contract import Contracts
from conf.contract_reader import contracts_of
from conf.errors import UsageError
from conf.settings import Settings, load_settings
from jobs.build_gold import build_gold
from jobs.refine import refine
from jobs.runtime.accounting import verify_accounting
from jobs.runtime.any_table import are_little
from jobs.runtime.cli import USAGE, run_job, table_names
from jobs.runtime.command import start
from jobs.runtime.correction_file import HEADER
from jobs.runtime.corrections import BRONZE_CORRECTIONS, keep_corrections
from jobs.runtime.deciding import Dead, Request, corrections_of, decided_of, retried_of
from jobs.runtime.decisions import Decisions
from jobs.runtime.lake import Lake, lease_of
from jobs.runtime.options import (
    ContractsOption,
    JsonOption,
    LakeOption,
    LogFileOption,
    NamespaceOption,
    TablesOption,
)
from jobs.runtime.printed import print_rows
from jobs.runtime.runs import Run
from jobs.runtime.waiting import waiting, write_template


def reprocess(run: Run, request: Request) -> None:
    """Keep what was decided and corrected, then refine and build Gold as the pipeline does.

    Everything is judged before anything is kept. Raises: UsageError.
    """
    decided, corrections = judged(run.settings, run.lake, run.contracts, request)
    who = getpass.getuser()
    for table, some in decided.items():
        Decisions(run.lake, table).keep(some, request.why, who, run.run_id)
    if corrections:
        with run.lake.leases.holding(lease_of(BRONZE_CORRECTIONS)):  # one number after the other
            keep_corrections(run.lake, corrections, request.why, who, run.run_id)
    with run.child("refine").recorded() as child:
        refine(child, retry=retried_of(run, request, decided))
    with run.child("build_gold").recorded() as child:
        build_gold(child)
    with run.stage("recount"):
        verify_accounting(run)


def judged(
    settings: Settings, lake: Lake, contracts: Contracts, request: Request
) -> tuple[Mapping[str, list[dict[str, Any]]], list[Mapping[str, Any]]]:
    """The decisions by table, and the corrections, that are new. Raises: UsageError."""
    attempts = settings.reprocess_attempts
    decided = decided_of(lake, contracts, request, attempts)
    return decided, corrections_of(lake, contracts, request, attempts)


def _is_little(settings: Settings, known: Contracts) -> bool:
    return are_little(Lake(settings), [f"bronze.{table}" for table in known.sources])


def _list(settings: Settings, request: Request, template: Path | None, as_json: bool) -> None:
    lake, contracts = Lake(settings), contracts_of(settings)
    tables = table_names(contracts, request.tables)
    if template is not None:
        lines = write_template(lake, contracts, tables, settings.reprocess_attempts, template)
        print(f"{template}: {lines:,} lines to fill in", file=sys.stderr)
    told = waiting(lake, tables, settings.reprocess_attempts)
    if as_json:
        print(json.dumps(told, default=str), flush=True)
    else:
        for title, rows in told.items():
            print_rows(title, rows)


def main(
    tables: TablesOption = None,
    release: Annotated[
        list[int] | None, typer.Option(help="Publish this held delivery though its quality fails")
    ] = None,
    reject: Annotated[
        list[int] | None, typer.Option(help="Send all rows of this held delivery to quarantine")
    ] = None,
    corrections: Annotated[
        Path | None, typer.Option(help=f"CSV of corrected values: {','.join(HEADER)}")
    ] = None,
    retry: Annotated[
        bool, typer.Option(help="Take all rows in quarantine again, as after a corrected contract")
    ] = False,
    dead: Annotated[
        Dead | None, typer.Option(help="Rows that came back too often: try again, or leave them")
    ] = None,
    why: Annotated[
        str, typer.Option(help="The reason, which is kept; never a personal value")
    ] = "",
    template: Annotated[
        Path | None, typer.Option(help="Write a file of corrections to fill in")
    ] = None,
    lake: LakeOption = None,
    contracts: ContractsOption = None,
    namespace: NamespaceOption = None,
    log_file: LogFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what is held or in quarantine; decide on it, correct it, and take it again."""
    request = Request(
        tables, tuple(release or ()), tuple(reject or ()), corrections, retry, dead, why.strip()
    )
    try:
        folder = str(contracts) if contracts else None
        settings = load_settings(lake=lake, contracts=folder, namespace=namespace)
        if request.is_decision and not request.why:
            raise UsageError("a decision or a correction needs its reason: --why")
        judged(settings, Lake(settings), contracts_of(settings), request)  # and again in the run
        if not (request.is_decision or request.retry):
            _list(settings, request, template, as_json)
            return
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(USAGE)
    sys.exit(
        run_job(
            "reprocess",
            lambda run: reprocess(run, request),
            lake=lake,
            contracts=contracts,
            namespace=namespace,
            log_file=log_file,
            as_json=as_json,
            small=_is_little,
        )
    )


if __name__ == "__main__":
    start(main)
