"""Writing chunks of rows as CSV, JSON lines or Parquet."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


def write(frames: Iterable[pd.DataFrame], folder: Path, table: str, file_format: str) -> Path:
    """One file of a table. Written under another name first: a half file is never seen."""
    path = folder / f"{table}.{file_format}"
    hidden = folder / f".{table}.{file_format}.part"
    _WRITERS[file_format](frames, hidden)
    return hidden.replace(path)


def _csv(frames: Iterable[pd.DataFrame], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        for number, frame in enumerate(frames):
            frame.to_csv(
                file,
                index=False,
                header=number == 0,
                quoting=csv.QUOTE_MINIMAL,
                lineterminator="\n",
            )


def _jsonl(frames: Iterable[pd.DataFrame], path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        for frame in frames:
            clean = frame.astype(object).where(frame.notna(), None)
            for row in clean.to_dict("records"):
                file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _parquet(frames: Iterable[pd.DataFrame], path: Path) -> None:
    writer: pq.ParquetWriter | None = None
    for frame in frames:
        schema = pa.schema([(name, pa.string()) for name in frame.columns])
        table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
        writer = writer or pq.ParquetWriter(path, schema)
        writer.write_table(table)
    if writer:
        writer.close()


_WRITERS: dict[str, Callable[[Iterable[pd.DataFrame], Path], None]] = {
    "csv": _csv,
    "jsonl": _jsonl,
    "parquet": _parquet,
}
FORMATS = tuple(_WRITERS)
