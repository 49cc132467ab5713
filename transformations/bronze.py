"""Source records to Bronze rows: what came, as strings, under the contract's names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from pyspark.sql import Column as C
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contract import SourceContract
from transformations.names import (
    BRONZE_RUN_ID,
    DELIVERY,
    ERROR,
    INGESTED_AT,
    RAW,
    RESCUED,
    ROW,
    SOURCE_FILE,
    SOURCE_SYSTEM,
)
from udfs.json_lines import json_strings

Transform = Callable[[DataFrame], DataFrame]

UNPARSED, BAD_ENCODING, BLANK = "unparsed_line", "bad_encoding", "blank_line"
_UTF8 = ("UTF-8", "UTF8", "UTF_8", "UTF-8-SIG")


def decoded(value: C, encoding: str) -> C:
    """A line's text. Spark's text source hands on the bytes as they are."""
    if encoding.upper() in _UTF8:
        return value
    text = F.decode(value.cast("binary"), encoding)
    return F.regexp_replace(text, "^\ufeff|\r$", "")


def bronze_from_csv_lines(contract: SourceContract, header: Sequence[str]) -> Transform:
    """Parse lines of CSV (RFC 4180 quoting).

    In: `_bronze_row`, `_bronze_raw`, `text`. Out: the same row with `_bronze_error`, the
    contract's columns and `_bronze_rescued`. The verbatim line stays where parsing loses
    something: an error, or quotes.
    """
    source = contract.source
    names = [f"_{i}" for i in range(len(header))]
    options = {
        "sep": source.delimiter,
        "quote": source.quote or "\u0000",
        "escape": source.quote or "\u0000",
        "mode": "PERMISSIVE",
        "columnNameOfCorruptRecord": "_corrupt",
        "maxCharsPerColumn": "-1",
        "maxColumns": str(max(20480, 2 * len(header))),
    }
    schema = ", ".join(f"`{n}` string" for n in [*names, "_corrupt"])

    def transform(lines: DataFrame) -> DataFrame:
        parsed = lines.withColumn("_record", F.from_csv("text", schema, options))
        error = _line_error(source.encoding, F.col("_record._corrupt").isNotNull())
        is_lossy = error.isNotNull() | F.contains("text", F.lit(source.quote or "\u0000"))
        fields = {h: F.col(f"_record.{n}") for h, n in zip(header, names, strict=True)}
        return parsed.select(
            ROW,
            error.alias(ERROR),
            F.when(is_lossy, F.col(RAW)).alias(RAW),
            *_columns(contract, fields, error),
        )

    return transform


def bronze_from_json_lines(contract: SourceContract) -> Transform:
    """Parse JSON lines; the verbatim line always stays."""

    def transform(lines: DataFrame) -> DataFrame:
        encoding = contract.source.encoding
        parsed = lines.withColumn("_fields", json_strings(F.encode("text", "UTF-8")))
        error = _line_error(encoding, F.col("_fields").isNull())
        known = [c.source_name for c in contract.columns]
        rescued = F.map_filter("_fields", lambda name, _: ~name.isin(*known))
        return parsed.select(
            ROW,
            error.alias(ERROR),
            RAW,
            F.when(F.size(rescued) > 0, rescued).alias(RESCUED),
            *(F.col("_fields")[c.source_name].alias(c.name) for c in contract.columns),
        )

    return transform


def bronze_from_fixed_width(contract: SourceContract) -> Transform:
    """Cut lines at the contract's positions; a line too long or too short is unparsed."""
    last = max(contract.columns, key=lambda c: c.start or 0)
    end = (last.start or 0) + (last.width or 0) - 1

    def transform(lines: DataFrame) -> DataFrame:
        length = F.length(F.rtrim("text"))
        misfit = (length > end) | (length < (last.start or 0))
        error = _line_error(contract.source.encoding, misfit)
        fields = {
            c.source_name: F.substring("text", c.start or 1, c.width or 0) for c in contract.columns
        }
        return lines.select(
            ROW,
            error.alias(ERROR),
            F.when(error.isNotNull(), F.col(RAW)).alias(RAW),
            *_columns(contract, fields, error),
        )

    return transform


def bronze_from_fields(contract: SourceContract) -> Transform:
    """Rows whose fields are columns already (Parquet, multi-line CSV), with their `error`."""

    def transform(df: DataFrame) -> DataFrame:
        names = [n for n in df.columns if n not in (ROW, RAW, "error")]
        fields = {name: F.col(f"`{name}`") for name in names}
        return df.select(
            ROW, F.col("error").alias(ERROR), RAW, *_columns(contract, fields, F.col("error"))
        )

    return transform


def _line_error(encoding: str, unparsed: C) -> C:
    """Why a line could not be read; null if it could."""
    charset = "UTF-8" if encoding.upper() in _UTF8 else None
    broken = (
        F.encode(F.decode(RAW, charset), charset) != F.col(RAW)
        if charset
        else F.contains("text", F.lit("\ufffd"))
    )
    return (
        F.when(broken, BAD_ENCODING)
        .when(F.trim(F.translate("text", "\t\r\ufeff", "")) == "", BLANK)
        .when(unparsed, UNPARSED)
    )


def _columns(contract: SourceContract, fields: dict[str, C], error: C) -> list[C]:
    """`_bronze_rescued` and the contract's columns; all null where the line was not read."""
    known = {c.source_name for c in contract.columns}
    extra = {n or f"column_{i}": f for i, (n, f) in enumerate(fields.items(), 1) if n not in known}
    pairs = [part for name, value in extra.items() for part in (F.lit(name), value)]
    rescued = F.create_map(*pairs) if pairs else F.lit(None)
    null = F.lit(None).cast("string")
    return [
        F.when(error.isNull(), rescued.cast("map<string,string>")).alias(RESCUED),
        *(
            F.when(error.isNull(), fields.get(c.source_name, null)).alias(c.name)
            for c in contract.columns
        ),
    ]


def with_provenance(
    contract: SourceContract,
    *,
    delivery: int,
    run_id: str,
    source_file: str,
    ingested_at: datetime,
) -> Transform:
    """Where each row comes from. These columns stand first: Delta keeps statistics of the first
    32 columns, and `_bronze_delivery` is what later jobs skip files by."""
    return lambda df: df.select(
        F.lit(delivery).cast("bigint").alias(DELIVERY),
        F.col(ROW).cast("bigint").alias(ROW),
        F.lit(ingested_at).cast("timestamp").alias(INGESTED_AT),
        F.lit(run_id).alias(BRONZE_RUN_ID),
        F.lit(source_file).alias(SOURCE_FILE),
        F.lit(contract.source_system).alias(SOURCE_SYSTEM),
        ERROR,
        RAW,
        RESCUED,
        *(c.name for c in contract.columns),
    )
