"""Inspection of Parquet by its footer."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from conf.contract import SourceContract
from conf.errors import listed
from jobs.runtime.headers import checked_header
from jobs.runtime.inspect_lines import Found
from jobs.runtime.source_bytes import SourceFile


def inspect_parquet(file: SourceFile, contract: SourceContract) -> Found:
    """Rows and columns as the footer tells them.

    Raises: SourceError for a file that is no whole Parquet, or holds a type without text form.
    """
    try:
        with file.path.open("rb") as content, pq.ParquetFile(content) as parquet:
            records, schema = parquet.metadata.num_rows, parquet.schema_arrow
    except (pa.ArrowException, ValueError):
        raise file.error("is no whole Parquet file", "send the whole file again") from None
    unreadable = [f"{field.name} ({field.type})" for field in schema if _is_unreadable(field.type)]
    if unreadable:
        raise file.error(
            f"Spark reads no column of type {listed(unreadable)}",
            "write it as text or as a timestamp",
        )
    header = checked_header(file, contract, schema.names)
    folded = [name.casefold() for name in header]
    if len(set(folded)) < len(folded) or "" in header:
        raise file.error("columns have no name or differ in letter case only", "rename them")
    return Found(records, header)


def _is_unreadable(kind: pa.DataType) -> bool:
    types = pa.types
    if types.is_nested(kind):
        return any(_is_unreadable(kind.field(i).type) for i in range(kind.num_fields))
    return bool(types.is_time(kind) or types.is_float16(kind) or types.is_duration(kind))
