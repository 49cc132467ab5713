"""Make the report of a run again, from what the lake remembers of it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from conf.errors import UsageError
from conf.settings import load_settings
from jobs.runtime.command import start
from jobs.runtime.lake import Lake
from jobs.runtime.options import LakeOption, NamespaceOption
from jobs.runtime.report.facts import record_of
from jobs.runtime.report.reports import write_report

FAILED, USAGE = 1, 2


def main(
    run_id: Annotated[str, typer.Argument(help="The id of a run that ended, of ops/pipeline_runs")],
    lake: LakeOption = None,
    namespace: NamespaceOption = None,
) -> None:
    """Write RUN_ID.html (ATLAS_REPORTS) as the run itself did, and print its path.

    Nothing of the lake is written, and no Spark is started.
    """
    try:
        settings = load_settings(lake=lake, namespace=namespace)
        known = Lake(settings)
        record = record_of(known, run_id)
        if record is None:
            raise UsageError(f"no run {run_id} has ended on the lake at {settings.layer('ops')}")
        print(write_report(settings, known, record))
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(USAGE)
    except OSError as error:
        print(f"error: no report could be written: {error.strerror}", file=sys.stderr)
        sys.exit(FAILED)


if __name__ == "__main__":
    start(main)
