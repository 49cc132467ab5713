"""Standard text: trimmed, NFC, and null where nothing is left."""

from __future__ import annotations

import unicodedata

import pandas as pd
from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import StringType


def standard(value: str | None) -> str | None:
    """Trim Unicode white space, compose to NFC (Unicode Annex 15), empty to None.

    Zero-width and NUL characters stay: they are content, and taking them out would make two
    different source values one. The PII detector looks through them.
    """
    if value is None:
        return None
    text = value if value.isascii() else unicodedata.normalize("NFC", value)
    return text.strip() or None


@F.pandas_udf(StringType())  # type: ignore[call-overload,misc]
def _standard(values: pd.Series) -> pd.Series:
    return pd.Series([standard(v) for v in values], dtype=object)


def standard_text(column: Column) -> Column:
    """`standard` over a string column."""
    return _standard(column)  # type: ignore[no-any-return]
