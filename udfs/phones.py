"""Phone numbers in E.164 form, by the `phonenumbers` library."""

from __future__ import annotations

from functools import lru_cache, partial

import pandas as pd
import phonenumbers
from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType, StringType

from udfs.text import REDACTED_ERROR, guarded, standard

REGION = "DK"


@lru_cache(maxsize=65536)
def to_e164(value: str, region: str = REGION) -> str | None:
    """A valid number as `+4512345678` (ITU-T E.164), else None. Numbers without a country code
    are read as the region's."""
    try:
        number = phonenumbers.parse(value, region)
        if not phonenumbers.is_valid_number(number):
            return None
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    except Exception:  # what the library says about a value may not leave a UDF
        return None


def _standard_or_redacted(value: str | None) -> str | None:
    return guarded(partial(e164_or_text, value), REDACTED_ERROR)


def e164_or_text(value: str | None) -> str | None:
    """A valid number in E.164, any other text as `standard` has it."""
    text = standard(value)
    return None if text is None else to_e164(text) or text


@F.pandas_udf(StringType())  # type: ignore[call-overload,misc]
def _standard_phones(values: pd.Series) -> pd.Series:
    return pd.Series([_standard_or_redacted(v) for v in values], dtype=object)


def standard_phone(column: Column) -> Column:
    """E.164 where the number is valid, else the trimmed text; null for nothing, `<REDACTED_ERROR>`
    where that fails."""
    return _standard_phones(column)  # type: ignore[no-any-return]


@F.pandas_udf(BooleanType())  # type: ignore[call-overload,misc]
def _are_e164(values: pd.Series) -> pd.Series:
    return pd.Series([None if v is None else to_e164(v) == v for v in values], dtype=object)


def is_e164(column: Column) -> Column:
    """Whether a value is a valid number in E.164 form; null for null."""
    return _are_e164(column)  # type: ignore[no-any-return]
