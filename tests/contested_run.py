"""`jobs/pipeline.py` as a process in which the first overwrite of two tables fails while it is
written: CONTESTED BROKEN, then its own arguments.

Of the one another writer commits the next version after the data's tasks have begun, of the other a
task dies.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

import jobs.pipeline
from jobs.runtime.command import start
from jobs.runtime.lake import Lake

KEY = "customer_id"  # of Gold's tables: a function of one column leaves the lineage of all others


def contested(df: DataFrame, log: Path) -> DataFrame:
    """The same rows; reading them, a task makes the commit of another writer: a new description."""
    versions = sorted(log.glob("*.json"))
    metadata = next(a for line in versions[0].read_text().splitlines() if "metaData" in (a := json.loads(line)))  # fmt: skip
    metadata["metaData"]["description"] = "changed by somebody else"
    info = {"commitInfo": {"timestamp": int(time.time() * 1000), "operation": "SET", "operationParameters": {}}}  # fmt: skip
    content = "".join(json.dumps(action) + "\n" for action in (info, metadata))
    taken = str(log / f"{len(versions):020d}.json")

    def same(ids: pd.Series) -> pd.Series:
        path = Path(taken)
        if not path.exists():
            path.write_text(content)
        return ids

    return df.coalesce(1).withColumn(KEY, F.pandas_udf(same, "string")(KEY))


def broken(df: DataFrame) -> DataFrame:
    def dies(ids: pd.Series) -> pd.Series:
        raise RuntimeError("a task dies")

    return df.coalesce(1).withColumn(KEY, F.pandas_udf(dies, "string")(KEY))


if __name__ == "__main__":
    left = dict(zip(sys.argv[1:3], ("contested", "broken"), strict=True))
    del sys.argv[1:3]
    overwrite = Lake.overwrite

    def first_fails(lake: Lake, df: DataFrame, name: str, metadata: Mapping[str, Any]) -> None:
        match left.pop(name, None):
            case "contested":
                df = contested(df, Path(lake.path(name), "_delta_log"))
            case "broken":
                df = broken(df)
        overwrite(lake, df, name, metadata)

    Lake.overwrite = first_fails  # type: ignore[method-assign]
    start(jobs.pipeline.main)
