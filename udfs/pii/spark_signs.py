"""The signs of personal data in stored values, on Spark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import pandas as pd
from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, IntegerType, MapType, StringType

from udfs.pii.findings import FAILURE, Finding
from udfs.pii.leaks import ANY_VALUE, Kind, Sign, signs
from udfs.text import guarded

_UNKNOWN = [Sign(FAILURE, Kind.TEXT)]


def signs_of(column: Column) -> Column:
    """array<string> of `Sign`s as text, `ANY_VALUE` first; null for null. Never a value.

    Nondeterministic for Spark, or an explode and a filter would run the detector twice.
    """
    return _signs(column)  # type: ignore[no-any-return]


def signs_in(values: Column) -> Column:
    """In: array of arrays of texts. Out: for each a map<string,int> of the `Sign`s in its texts to
    the number of texts that have it."""
    return _signs_in(values)  # type: ignore[no-any-return]


def _told(batches: Iterator[pd.Series]) -> Iterator[pd.Series]:
    for texts in batches:
        distinct = texts.dropna().unique().tolist()
        known = dict(zip(distinct, _of(distinct), strict=True))
        yield pd.Series([known.get(text) for text in texts], dtype=object)


def _told_of_lists(batches: Iterator[pd.Series]) -> Iterator[pd.Series]:
    for lists in batches:
        yield pd.Series([[_counted(list(t)) for t in texts] for texts in lists], dtype=object)


def _counted(texts: list[str]) -> dict[str, int]:
    distinct = list(dict.fromkeys(texts))
    known = dict(zip(distinct, _of(distinct), strict=True))
    return Counter(sign for text in texts for sign in known[text])


def _of(texts: list[str]) -> list[list[str]]:
    found = guarded(lambda: signs(texts, _detect), [_UNKNOWN] * len(texts))
    return [[str(ANY_VALUE), *map(str, each)] for each in found]


def _detect(texts: Sequence[str]) -> list[list[Finding]]:
    """Imported in the worker alone: spaCy and Presidio cost the driver more than two seconds."""
    from udfs.pii.detector import detector

    return detector().detect(texts) if texts else []


# Annotations as objects, not strings, tell Spark that this is an iterator UDF.
_told.__annotations__ = {"batches": Iterator[pd.Series], "return": Iterator[pd.Series]}
_told_of_lists.__annotations__ = _told.__annotations__
_signs_in = F.pandas_udf(  # type: ignore[call-overload]
    _told_of_lists, ArrayType(MapType(StringType(), IntegerType()))
).asNondeterministic()
_signs = F.pandas_udf(_told, ArrayType(StringType())).asNondeterministic()  # type: ignore[call-overload]
