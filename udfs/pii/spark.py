"""The detector on Spark: an iterator pandas UDF, one engine per worker process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd
from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DoubleType, IntegerType, StringType, StructType

from udfs.pii.findings import FAILED, Anonymized
from udfs.text import REDACTED_ERROR, guarded

if TYPE_CHECKING:
    from udfs.pii.detector import Detector

_FINDING = (
    StructType().add("entity", StringType()).add("count", IntegerType()).add("score", DoubleType())
)
SCHEMA = StructType().add("text", StringType()).add("findings", ArrayType(_FINDING))


def detect_pii(column: Column) -> Column:
    """struct<text, findings>: the anonymized text, and by entity how many spans with the sum of
    their scores. Null for null.

    Nondeterministic for Spark, or two uses of its fields would run it twice (measured).
    """
    return _detect(column)  # type: ignore[no-any-return]


def _detected(batches: Iterator[pd.Series]) -> Iterator[pd.DataFrame]:
    for texts in batches:
        # A text that failed before is no text to look into, but counts.
        # (No `unique`: pandas confuses texts where one of them is no UTF-8.)
        distinct = [t for t in dict.fromkeys(texts.dropna()) if t != REDACTED_ERROR]
        known = dict(zip(distinct, _anonymized(distinct), strict=True)) | {REDACTED_ERROR: FAILED}
        yield pd.DataFrame([_row(known.get(t)) for t in texts], columns=["text", "findings"])


def _anonymized(texts: list[str]) -> list[Anonymized]:
    return guarded(lambda: _detector().anonymize(texts), [FAILED] * len(texts))


def _detector() -> Detector:
    """Imported in the worker alone: spaCy and Presidio cost the driver more than two seconds."""
    from udfs.pii.detector import detector

    return detector()


def _row(result: Anonymized | None) -> tuple[str | None, list[dict[str, Any]]]:
    if result is None:
        return None, []
    if guarded(result.text.encode, None) is None:
        result = FAILED  # half a surrogate pair, which Arrow refuses with the text in its error
    counts: dict[str, list[float]] = defaultdict(list)
    for finding in result.findings:
        counts[finding.entity].append(finding.score)
    return result.text, [
        {"entity": entity, "count": len(scores), "score": sum(scores)}
        for entity, scores in sorted(counts.items())
    ]


# Annotations as objects, not strings, tell Spark that this is an iterator UDF.
_detected.__annotations__ = {
    "batches": Iterator[pd.Series],
    "return": Iterator[pd.DataFrame],
}
_detect = F.pandas_udf(_detected, SCHEMA).asNondeterministic()  # type: ignore[call-overload]
