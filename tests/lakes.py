"""Running the pipeline inside a test's own session, and reading what it left."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from pyspark.sql import SparkSession

from conf.contract_reader import load_contracts
from conf.secrets import key_source
from conf.settings import load_settings
from jobs.pipeline import pipeline
from jobs.runtime.cli import load_lineage
from jobs.runtime.compatibility import check_compatible
from jobs.runtime.keys import check_key
from jobs.runtime.lake import Lake
from jobs.runtime.lost_commits import mend_lost_commits
from jobs.runtime.records import latest
from jobs.runtime.runs import Run

KEY_FILE = "ATLAS_PII_SECRET_FILE"
SILVER_CUSTOMERS = ("customer_id", "email_valid", "postal_prefix", "birth_year", "customer_tier")


def run_pipeline(
    spark: SparkSession,
    sources: Path,
    lake: Path | str,
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
        mend_lost_commits(run)
        pipeline(run, as_of, **options)
        load_lineage(run)
    return run


@contextmanager
def same_key(folder: Path) -> Iterator[None]:
    """One random key for several lakes, or no pseudonym in them would be equal."""
    path = folder / "key"
    path.touch(mode=0o600)
    path.write_text(secrets.token_hex(32))
    before = os.environ.get(KEY_FILE)
    os.environ[KEY_FILE] = str(path)
    try:
        yield
    finally:
        path.unlink()
        if before is None:
            del os.environ[KEY_FILE]
        else:
            os.environ[KEY_FILE] = before


def counts(run: Run, table: str) -> dict[str, int]:
    """The table's counts that are not zero."""
    return {k: n for k, n in run.tables[table].as_dict().items() if n}


def rows(lake: Path | str, name: str, sql: str = "select * from t") -> list[dict[str, Any]]:
    """Rows of a table, read without Spark."""
    return Lake(load_settings(lake=str(lake))).query(name, sql)


def content(lake: Path | str, name: str) -> pd.DataFrame:
    """A table's content for comparing: without run ids and times, in one order.

    Delivery numbers are told by the file they stand for. Of Bronze the rows of received deliveries
    and of `ops/` those of published batches, as readers take them.
    """
    frame = pd.DataFrame(rows(lake, name), dtype=object)
    if frame.empty:
        return frame
    layer, _, table = name.partition(".")
    tables = frame["table"] if layer == "ops" else pd.Series(table, frame.index)
    files = _files(lake)
    if layer == "bronze":
        kept = [files[table, n][1] == "received" for n in frame["_bronze_delivery"]]
        frame, tables = frame[kept], tables[kept]
    elif "batch" in frame:
        believed = _published(lake)
        kept = [key in believed for key in zip(tables, frame["batch"], strict=True)]
        frame, tables = frame[kept], tables[kept]
    dropped = [c for c in frame.columns if c.startswith("_") and c.endswith(("_run_id", "_at"))]
    dropped += [c for c in ("run_id", "recorded_at", "batch") if c in frame]
    frame = frame.drop(columns=dropped)
    for column in ("_bronze_delivery", "_silver_delivery", "_winner_delivery"):
        if column in frame:
            numbers = zip(tables, frame[column], strict=True)
            frame[column] = [files[key][0] if key[1] is not None else None for key in numbers]
    text = frame[sorted(frame.columns)].map(str)
    return text.sort_values(list(text.columns)).reset_index(drop=True)


def _files(lake: Path | str) -> dict[tuple[str, int], tuple[str, str]]:
    """(table, delivery) -> its file and content, and what became of it."""
    events = sorted(rows(lake, "ops.deliveries"), key=lambda d: d["recorded_at"])
    return {
        (d["table"], d["delivery"]): (f"{d['source_name']} {d['content_sha256']}", d["status"])
        for d in events
    }


def _published(lake: Path | str) -> set[tuple[str, int]]:
    events = latest(
        rows(lake, "ops.batches", "select * from t order by recorded_at"), "table", "batch"
    )
    return {key for key, b in events.items() if b["status"] == "published"}  # type: ignore[misc]
