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

from udfs.text import guarded


class UnfitJsonError(ValueError):
    """Valid for the json module, but something of it would be lost."""


class _Number(str):
    """A number's literal."""


def json_fields(line: str | None) -> dict[str, str | None] | None:
    """The fields of one JSON object as text; None if the line is no such object.

    Strings are their content, null is None, numbers and booleans their literal, objects and
    arrays their JSON. A name that stands twice, NaN, Infinity or half a surrogate pair make the
    line unfit.
    """
    if line is None:
        return None
    try:
        told = json.loads(
            line.removeprefix("\ufeff"),
            parse_float=_Number,
            parse_int=_Number,
            parse_constant=_refused,
            object_pairs_hook=_unique,
        )
        return {_sound(n): _text(v) for n, v in told.items()} if isinstance(told, dict) else None
    except (ValueError, RecursionError):
        return None


def _refused(name: str) -> Any:
    raise UnfitJsonError(name)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) < len(pairs):
        raise UnfitJsonError("a name stands twice")
    return names


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return _sound(value) if type(value) is str else _json(value)


def _sound(text: str) -> str:
    """The text itself. Raises: UnicodeEncodeError (a ValueError) for half a surrogate pair."""
    if not text.isascii():
        text.encode()
    return text


def _json(value: Any) -> str:
    """JSON of a value whose numbers are literals."""
    match value:
        case _Number():
            return str(value)
        case dict():
            return "{" + ",".join(f"{_json(k)}:{_json(v)}" for k, v in value.items()) + "}"
        case list():
            return "[" + ",".join(map(_json, value)) + "]"
        case str():
            return json.dumps(_sound(value), ensure_ascii=False)
        case _:
            return json.dumps(value)


@F.pandas_udf(MapType(StringType(), StringType()))  # type: ignore[call-overload,misc]
def _parsed(lines: pd.Series) -> pd.Series:
    return pd.Series([_fields_or_none(line) for line in lines], dtype=object)


def _fields_or_none(line: str | None) -> dict[str, str | None] | None:
    return guarded(lambda: json_fields(line), None)


_parsed_once = _parsed.asNondeterministic()


def json_strings(text: Column) -> Column:
    """map<string,string> of each line's fields; null for a line that is no JSON object.

    Nondeterministic for Spark, or each use of the map would parse the line again.
    """
    return _parsed_once(text)  # type: ignore[no-any-return]
