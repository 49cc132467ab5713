"""Running the pipeline inside a test's own session, and reading what it left."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from pyspark.sql import SparkSession

from conf.contract_reader import load_contracts
from conf.secrets import key_source
from conf.settings import load_settings
from jobs.pipeline import pipeline
from jobs.runtime.compatibility import check_compatible
from jobs.runtime.keys import check_key
from jobs.runtime.lake import Lake
from jobs.runtime.runs import Run

SILVER_CUSTOMERS = ("customer_id", "email_valid", "postal_prefix", "birth_year", "customer_tier")


def run_pipeline(
    spark: SparkSession,
    sources: Path,
    lake: Path,
    *,
    contracts: Path | None = None,
    as_of: date | None = None,
    **options: Any,
) -> Run:
    """One run of the whole pipeline, as `jobs/pipeline.py` does it."""
    settings = load_settings(lake=str(lake), sources=str(sources), wait_seconds=5)
    keys = key_source(settings)
    run = Run("pipeline", settings, load_contracts(contracts), keys)
    check_key(run.lake, keys)
    check_compatible(run.lake, run.contracts)
    run.lake.use(spark)
    with run.recorded():
        pipeline(run, as_of, **options)
    return run


def counts(run: Run, table: str) -> dict[str, int]:
    """The table's counts that are not zero."""
    return {k: n for k, n in run.tables[table].as_dict().items() if n}


def rows(lake: Path, name: str, sql: str = "select * from t") -> list[dict[str, Any]]:
    """Rows of a table, read without Spark."""
    return Lake(load_settings(lake=str(lake))).query(name, sql)


def content(lake: Path, name: str) -> pd.DataFrame:
    """A table's content for comparing: without run ids and times, in one order.

    Delivery numbers are told by the file they stand for.
    """
    frame = pd.DataFrame(rows(lake, name)).astype(object)
    if frame.empty:
        return frame
    dropped = [c for c in frame.columns if c.startswith("_") and c.endswith(("_run_id", "_at"))]
    frame = frame.drop(
        columns=[*dropped, *(c for c in ("run_id", "recorded_at", "batch") if c in frame)]
    )
    files = {
        d["delivery"]: d["source_name"] + d["content_sha256"] for d in rows(lake, "ops.deliveries")
    }
    for column in ("_bronze_delivery", "_silver_delivery", "_winner_delivery"):
        if column in frame:
            frame[column] = [files.get(n) for n in frame[column]]
    text = frame.map(str)
    return text.sort_values(list(text.columns)).reset_index(drop=True)
