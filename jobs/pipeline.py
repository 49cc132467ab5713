"""From raw files to Gold: ingest, refine and build_gold in one session, one run."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated

import typer

from jobs.build_gold import build_gold
from jobs.ingest import ingest
from jobs.refine import refine
from jobs.runtime.accounting import verify_accounting
from jobs.runtime.cli import run_job
from jobs.runtime.command import start
from jobs.runtime.options import (
    ContractsOption,
    JsonOption,
    LakeOption,
    LogFileOption,
    NamespaceOption,
)
from jobs.runtime.runs import Run
from jobs.runtime.source_files import is_little


def pipeline(run: Run, as_of: datetime | None = None, redeliver: bool = False) -> None:
    """One parent record, the jobs as its children; a source that fails stops what needs it."""
    with run.child("ingest").recorded() as child:
        ingest(child, redeliver=redeliver)
    with run.child("refine").recorded() as child:
        refine(child)
    with run.child("build_gold").recorded() as child:
        build_gold(child, as_of.date() if as_of else None)
    with run.stage("recount"):
        verify_accounting(run)


def main(
    sources: Annotated[
        str | None, typer.Argument(help="Folder or s3a:// prefix of source files [ATLAS_SOURCES]")
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="Day Gold is computed for; default: the latest order's"
        ),
    ] = None,
    redeliver: Annotated[
        bool, typer.Option(help="Take files in again that were here before")
    ] = False,
    lake: LakeOption = None,
    contracts: ContractsOption = None,
    namespace: NamespaceOption = None,
    log_file: LogFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take in new source files, refine them to Silver, compute Gold, and account for every row."""
    sys.exit(
        run_job(
            "pipeline",
            lambda run: pipeline(run, as_of, redeliver),
            lake=lake,
            contracts=contracts,
            namespace=namespace,
            sources=sources,
            log_file=log_file,
            reads_sources=True,
            as_json=as_json,
            # How much a database has is not known before it is asked.
            small=lambda settings, known: (
                not known.databases and is_little(settings.sources, settings.s3)
            ),
        )
    )


if __name__ == "__main__":
    start(main)
