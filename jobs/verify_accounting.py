"""Is every row of the lake accounted for? The end of a pipeline whose jobs ran each alone."""

from __future__ import annotations

import sys

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


def main(
    lake: LakeOption = None,
    contracts: ContractsOption = None,
    namespace: NamespaceOption = None,
    log_file: LogFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Recount records, Bronze, Silver and what was kept of every row, as the pipeline does at its end.

    It starts no Spark. Exit 1 names the table and the two numbers that differ.
    """
    sys.exit(
        run_job(
            "verify_accounting",
            verify_accounting,
            lake=lake,
            contracts=contracts,
            namespace=namespace,
            log_file=log_file,
            as_json=as_json,
        )
    )


if __name__ == "__main__":
    start(main)
