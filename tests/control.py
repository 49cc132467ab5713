"""The control of the leak scan: runs that do store clear text, so that the scan must find it.

A script for spark-submit, in one JVM without encryption of scratch. First a run of the product's
own rules in which an executor fails by an error that no code of Atlas makes; then, with contracts
that keep every column and with error texts told as they are, one that works and one that fails.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

import jobs.refine
import jobs.runtime.matching
import jobs.runtime.runs
import jobs.runtime.session
from conf.logs import configure_logs
from conf.settings import Settings, load_settings
from jobs.runtime.runs import Run
from tests.faults import run_once


def raising(transform: Callable[..., Any]) -> Callable[..., Any]:
    """`standardized`, in which an executor then raises with a phone number in the text."""

    def standardized(*arguments: Any) -> Callable[[DataFrame], DataFrame]:
        value = F.col("phone_number")
        raised = F.when(value.isNotNull(), F.raise_error(value)).cast("string")
        return lambda df: df.transform(transform(*arguments)).withColumn("phone_number", raised)

    return standardized


def failing(settings: Settings) -> Run:
    standardized = raising(jobs.runtime.matching.standardized)
    with mock.patch.object(jobs.runtime.matching, "standardized", standardized):
        return run_once(settings)


def main() -> None:
    """Arguments: sources, more sources, lake of the first run, lake, contracts, log folder, outcomes."""
    sources, more, foreign, lake, contracts, logs, told = sys.argv[1:]
    jobs.runtime.session.verify_safe = lambda conf: None
    jobs.runtime.matching.StorageLevel = mock.Mock(MEMORY_AND_DISK=StorageLevel.DISK_ONLY)
    jobs.refine.stop_on_leaks = lambda *_: None  # the gate would hold what is kept in clear text
    runs = []

    settings = load_settings(sources=sources, lake=foreign, log_file=Path(logs, "foreign.log"))
    configure_logs(settings, "pipeline")
    runs.append(failing(settings))

    settings = load_settings(
        sources=sources, lake=lake, contracts=contracts, log_file=Path(logs, "atlas.log")
    )
    configure_logs(settings, "pipeline")
    jobs.runtime.runs.describe = str  # what an error's own text would tell
    runs.append(run_once(settings))
    runs.append(failing(settings.model_copy(update={"sources": more})))
    Path(told).write_text(json.dumps([(r.exit_code, r.message[:80]) for r in runs[:2]]))
    runs[0].spark.stop()


if __name__ == "__main__":
    main()
