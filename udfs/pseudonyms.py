"""Keyed pseudonyms: HMAC-SHA256 over a canonical form, in a named domain.

A plain hash of a CPR number is no protection: a century of numbers is tried in minutes. The key
is loaded inside the worker from where `KeySource` says; it never stands in a Spark plan.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from functools import partial

import pandas as pd
from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

from conf.contract import Form
from conf.secrets import KeySource
from udfs.anonymizers import anonymizer
from udfs.phones import to_e164
from udfs.text import REDACTED_ERROR, guarded, standard

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_CPR = re.compile(r"[0-9]{10}")
_CPR_SEPARATORS = re.compile("[\\s\u2010-\u2013-]")  # office programs make dashes of hyphens
_SEPARATOR = "\x1f"  # ASCII unit separator: no domain holds one


def canonical(value: str, form: Form) -> tuple[str, bool]:
    """The one spelling of a value, and whether it is valid for its form.

    NFC and trimmed; e-mail lower-cased; phone E.164; CPR its ten digits.
    """
    text = standard(value) or ""
    match form:
        case Form.EMAIL:
            lower = text.lower()
            return (lower, True) if _EMAIL.fullmatch(lower) else (text, False)
        case Form.PHONE:
            e164 = to_e164(text)
            return (e164, True) if e164 else (text, False)
        case Form.CPR:
            digits = _CPR_SEPARATORS.sub("", text)
            return (digits, True) if _CPR.fullmatch(digits) else (text, False)
        case _:
            return text, True


def pseudonym(key: bytes, domain: str, value: str, form: Form = Form.TEXT) -> str:
    """64 hex digits: HMAC-SHA256(key, domain, unit separator, canonical form).

    A value that is not valid for its form lies in the sub-domain `raw`, or all garbage would
    join with real values.
    """
    text, ok = canonical(value, form)
    place = domain if ok else f"{domain}/raw"
    return _digest(key, f"{place}{_SEPARATOR}{text}")


def _digest(key: bytes, message: str) -> str:
    return hmac.digest(key, message.encode("utf-8", "surrogatepass"), "sha256").hex()


def pseudonymize(column: Column, keys: KeySource, domain: str, form: Form = Form.TEXT) -> Column:
    """The pseudonym of each non-null value; `<REDACTED_ERROR>` if one cannot be made.

    A value that failed before stays `<REDACTED_ERROR>`: all of them hashed would be one person.
    A worker that finds no key fails: that is no matter of a value.
    """

    def one(key: bytes, value: str | None) -> str | None:
        if value is None or value == REDACTED_ERROR:
            return value
        return guarded(lambda: pseudonym(key, domain, value, form), REDACTED_ERROR)

    @F.pandas_udf(StringType())  # type: ignore[call-overload,misc]
    @anonymizer
    def pseudonyms(values: pd.Series) -> pd.Series:
        key = keys.load()
        return pd.Series([one(key, v) for v in values], dtype=object)

    return pseudonyms(column)  # type: ignore[no-any-return]


def keyed_digest(columns: Sequence[Column], keys: KeySource, domain: str) -> Column:
    """One HMAC over several string columns: nulls are marked and lengths told, so that no two
    different rows give the same message."""

    @F.pandas_udf(StringType())  # type: ignore[call-overload,misc]
    @anonymizer
    def digests(*values: pd.Series) -> pd.Series:
        key = keys.load()
        return pd.Series(
            [
                guarded(partial(_row_digest, key, domain, row), REDACTED_ERROR)
                for row in zip(*values, strict=True)
            ],
            dtype=object,
        )

    return digests(*columns)  # type: ignore[no-any-return]


def _row_digest(key: bytes, domain: str, row: Sequence[str | None]) -> str:
    return _digest(key, _message(domain, row))


def _message(domain: str, row: Sequence[str | None]) -> str:
    parts = ("n" if value is None else f"{len(value)}:{value}" for value in row)
    return _SEPARATOR.join((domain, *parts))
