"""Parquet values as text, so that nothing of them is lost."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    DataType,
    DecimalType,
    MapType,
    StructType,
    TimestampNTZType,
    TimestampType,
)

_LOCAL = "yyyy-MM-dd'T'HH:mm:ss.SSSSSS"
_NANOS = 1_000_000_000
_JSON = {
    "ignoreNullFields": "false",
    "timestampFormat": f"{_LOCAL}XXX",
    "timestampNTZFormat": _LOCAL,
}


def as_text(name: str, kind: DataType) -> Column:
    """A column as text: ISO 8601 times (an instant in UTC with Z, a local time without), plain
    decimals, doubles as their shortest exact form, base64 bytes, JSON of nested values.

    The session's time zone must be UTC.
    """
    column = F.col(_quoted(name))
    match kind:
        case TimestampType():
            return F.date_format(column, f"{_LOCAL}'Z'")
        case TimestampNTZType():
            return F.date_format(column.cast("timestamp"), _LOCAL)
        case BinaryType():
            return F.base64(column)
        case DecimalType():
            return F.expr(f"try_cast({_quoted(name)} as string)")  # a cast gives 1.20E-8
        case StructType() | ArrayType() | MapType():
            return F.to_json(column, _JSON)
        case _:
            return column.cast("string")


def nanoseconds_as_text(name: str, *, is_instant: bool) -> Column:
    """A column of nanoseconds since 1970 (bigint: Spark has no such timestamp) as ISO 8601."""
    column = F.col(_quoted(name))
    seconds = F.floor(column / F.lit(_NANOS).cast("decimal(20,0)"))
    rest = F.lpad((column - seconds * _NANOS).cast("string"), 9, "0")
    whole = F.date_format(F.timestamp_seconds(seconds), "yyyy-MM-dd'T'HH:mm:ss")
    return F.concat(whole, F.lit("."), rest, F.lit("Z" if is_instant else ""))


def _quoted(name: str) -> str:
    return f"`{name.replace('`', '``')}`"
