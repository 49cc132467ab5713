"""Standard text: trimmed, NFC, and null where nothing is left."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import TypeVar

import pandas as pd
from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

REDACTED_ERROR = "<REDACTED_ERROR>"
"""What a value becomes if it can't be made safe: never the original, and counted."""

Made = TypeVar("Made")
Other = TypeVar("Other")


def standard(value: str | None) -> str | None:
    """Trim Unicode white space, compose to NFC (Unicode Annex 15), empty to None.

    Zero-width and NUL characters stay: they are content, and taking them out would make two
    different source values one. The PII detector looks through them.
    """
    if value is None:
        return None
    text = value if value.isascii() else unicodedata.normalize("NFC", value)
    return text.strip() or None


def guarded(make: Callable[[], Made], otherwise: Other) -> Made | Other:
    """What `make` returns, or `otherwise` if it fails.

    No exception leaves a UDF: its text may hold the value, and stands in Spark's event log.
    """
    try:
        return make()
    except Exception:
        return otherwise


def _standard_or_redacted(value: str | None) -> str | None:
    return guarded(lambda: standard(value), REDACTED_ERROR)


@F.pandas_udf(StringType())  # type: ignore[call-overload,misc]
def _standard(values: pd.Series) -> pd.Series:
    return pd.Series([_standard_or_redacted(v) for v in values], dtype=object)


def standard_text(column: Column) -> Column:
    """`standard` over a string column; `<REDACTED_ERROR>` where that fails."""
    return _standard(column)  # type: ignore[no-any-return]
