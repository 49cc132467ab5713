"""JSON lines as strings, exactly as written.

Spark's own reader turns 1.10 into 1.1 and rounds long numbers (measured), so numbers are taken
as their text.
"""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import MapType, StringType


class _Unfit(ValueError):
    """Not an object we can keep without losing something."""


def fields(line: bytes | None, encoding: str = "utf-8") -> dict[str, str | None] | None:
    """The fields of one JSON object as text; None if the line is no such object.

    Strings are their content, null is None, numbers and booleans their literal, objects and
    arrays their JSON. A name that stands twice, NaN or Infinity make the line unfit.
    """
    if line is None:
        return None
    try:
        told = json.loads(
            bytes(line).decode(encoding).lstrip("\ufeff"),
            parse_float=_Number,
            parse_int=_Number,
            parse_constant=_refuse,
            object_pairs_hook=_unique,
        )
    except (ValueError, RecursionError):
        return None
    return {name: _text(value) for name, value in told.items()} if isinstance(told, dict) else None


class _Number(str):
    """A number's literal."""


def _refuse(name: str) -> Any:
    raise _Unfit(name)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) < len(pairs):
        raise _Unfit("name stands twice")
    return names


def _text(value: Any) -> str | None:
    if value is None or type(value) is str:
        return value
    if isinstance(value, _Number):
        return str(value)
    return _nested(value)


def _nested(value: Any) -> str:
    """JSON of a value whose numbers are literals."""
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        parts = (f"{json.dumps(k, ensure_ascii=False)}:{_nested(v)}" for k, v in value.items())
        return "{" + ",".join(parts) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_nested, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def json_strings(raw: Column, encoding: str = "utf-8") -> Column:
    """map<string,string> of each line's fields; null for a line that is no JSON object."""

    @F.pandas_udf(MapType(StringType(), StringType()))  # type: ignore[call-overload,misc]
    def parse(lines: pd.Series) -> pd.Series:
        return pd.Series([fields(line, encoding) for line in lines], dtype=object)

    return parse(raw)  # type: ignore[no-any-return]
