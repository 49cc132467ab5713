"""`jobs/pipeline.py` as a process in which the first overwrite of a table fails while it is written:
[--breaking] TABLE, then its own arguments.

Another writer commits the next version after the data's tasks have begun; `--breaking`: a task dies.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from pyspark.sql import DataFrame

import jobs.pipeline
from jobs.runtime.command import start
from jobs.runtime.lake import Lake


def contested(df: DataFrame, log: Path) -> DataFrame:
    """The same rows; reading them, a task makes the commit of another writer: a new description."""
    versions = sorted(log.glob("*.json"))
    metadata = next(a for line in versions[0].read_text().splitlines() if "metaData" in (a := json.loads(line)))  # fmt: skip
    metadata["metaData"]["description"] = "changed by somebody else"
    info = {"commitInfo": {"timestamp": int(time.time() * 1000), "operation": "SET", "operationParameters": {}}}  # fmt: skip
    content = "".join(json.dumps(action) + "\n" for action in (info, metadata))
    taken = str(log / f"{len(versions):020d}.json")

    def same(batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        path = Path(taken)
        if not path.exists():
            path.write_text(content)
        yield from batches

    return df.coalesce(1).mapInPandas(same, df.schema)


def broken(df: DataFrame) -> DataFrame:
    def dies(batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for batch in batches:
            yield batch.head(1)
            raise RuntimeError("a task dies")

    return df.coalesce(1).mapInPandas(dies, df.schema)


if __name__ == "__main__":
    is_breaking = sys.argv[1] == "--breaking"
    table = sys.argv[1 + is_breaking]
    del sys.argv[1 : 2 + is_breaking]
    overwrite, left = Lake.overwrite, [table]

    def first_fails(lake: Lake, df: DataFrame, name: str, metadata: object) -> None:
        if name in left:
            left.remove(name)
            df = broken(df) if is_breaking else contested(df, Path(lake.path(name), "_delta_log"))
        overwrite(lake, df, name, metadata)  # type: ignore[arg-type]

    Lake.overwrite = first_fails  # type: ignore[method-assign, assignment]
    start(jobs.pipeline.main)
