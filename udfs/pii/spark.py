"""The detector on Spark: an iterator pandas UDF, one engine per worker process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd
from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    DoubleType,
    IntegerType,
    StringType,
    StructType,
)

from udfs.anonymizers import anonymizer
from udfs.pii.findings import FAILED, Anonymized
from udfs.pii.hashing import Hashing
from udfs.pii.verdicts import NO_VERDICTS, Verdicts
from udfs.text import REDACTED_ERROR, guarded

if TYPE_CHECKING:
    from udfs.pii.detector import Detector

_FINDING = (
    StructType().add("entity", StringType()).add("count", IntegerType()).add("score", DoubleType())
)
_UNSURE = (
    StructType()
    .add("start", IntegerType())
    .add("end", IntegerType())
    .add("entity", StringType())
    .add("score", DoubleType())
    .add("found", BooleanType())
)
SCHEMA = (
    StructType()
    .add("text", StringType())
    .add("findings", ArrayType(_FINDING))
    .add("unsure", ArrayType(_UNSURE))
)
_Row = tuple[str | None, list[dict[str, Any]], list[dict[str, Any]]]


def detect_pii(
    column: Column, verdicts: Verdicts = NO_VERDICTS, hashing: Hashing | None = None
) -> Column:
    """struct<text, findings, unsure>: the anonymized text; by entity how many spans with the sum
    of their scores; and what a person should look at: start, end (characters of the text that
    came), entity, score, and whether it was found or nearly. Null for null.

    Nondeterministic for Spark, or two uses of its fields would run it twice (measured).
    """

    @anonymizer
    def detected(batches: Iterator[pd.Series]) -> Iterator[pd.DataFrame]:
        yield from _detected(batches, verdicts, hashing)

    # Annotations as objects, not strings, tell Spark that this is an iterator UDF.
    detected.__annotations__ = {
        "batches": Iterator[pd.Series],
        "return": Iterator[pd.DataFrame],
    }
    detect = F.pandas_udf(detected, SCHEMA).asNondeterministic()  # type: ignore[call-overload]
    return detect(column)  # type: ignore[no-any-return]


def _detected(
    batches: Iterator[pd.Series],
    verdicts: Verdicts = NO_VERDICTS,
    hashing: Hashing | None = None,
) -> Iterator[pd.DataFrame]:
    if hashing:
        hashing.keys.load()  # a worker that finds no key fails, instead of each of its texts
    for texts in batches:
        # A text that failed before is no text to look into, but counts.
        # (No `unique`: pandas confuses texts where one of them is no UTF-8.)
        distinct = [t for t in dict.fromkeys(texts.dropna()) if t != REDACTED_ERROR]
        made = _anonymized(distinct, verdicts, hashing)
        known = dict(zip(distinct, made, strict=True)) | {REDACTED_ERROR: FAILED}
        yield pd.DataFrame([_row(known.get(t)) for t in texts], columns=SCHEMA.names)


def _anonymized(texts: list[str], verdicts: Verdicts, hashing: Hashing | None) -> list[Anonymized]:
    made = hashing.pseudonym if hashing else None
    return guarded(lambda: _detector().anonymize(texts, made, verdicts), [FAILED] * len(texts))


def _detector() -> Detector:
    """Imported in the worker alone: spaCy and Presidio cost the driver more than two seconds."""
    from udfs.pii.detector import detector

    return detector()


def _row(result: Anonymized | None) -> _Row:
    if result is None:
        return None, [], []
    if guarded(result.text.encode, None) is None:
        result = FAILED  # half a surrogate pair, which Arrow refuses with the text in its error
    counts: dict[str, list[float]] = defaultdict(list)
    for finding in result.findings:
        counts[finding.entity].append(finding.score)
    counted = [
        {"entity": entity, "count": len(scores), "score": sum(scores)}
        for entity, scores in sorted(counts.items())
    ]
    return result.text, counted, [vars(f) | {"found": f in result.findings} for f in result.unsure]
