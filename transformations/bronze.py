"""Source records to Bronze rows: what came, as strings, under the contract's names.

docs/ARCHITECTURE.md lists Bronze's columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.contract import SourceContract
from transformations.csv_lines import FIELDS, IS_VERBATIM, with_csv_fields
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
    column_names,
)
from udfs.column_names import mapped, told_names
from udfs.json_lines import json_strings

Transform = Callable[[DataFrame], DataFrame]

UNPARSED, BAD_ENCODING, BLANK = "unparsed_line", "bad_encoding", "blank_line"
_TEXT = "text"
_BLANKS = " \t\r\ufeff"


def with_text(charset: str, *, is_blank_if_only_spaces: bool = True) -> Transform:
    """Decode lines.

    In: `_bronze_row`, `_bronze_raw` (the line's bytes). Out: also `text`, null where it cannot be
    parsed, and `_bronze_error`: `bad_encoding` or `blank_line`. `charset` is a name Java knows.
    """
    text = F.decode(RAW, charset)
    if charset.upper().startswith(("UTF-16", "UTF-32")):  # their lines are cut at LF alone
        text = F.regexp_replace(text, "\r$", "")
    # Java puts U+FFFD for what does not decode; a file may also hold one of its own.
    is_bad = F.col(_TEXT).contains("\ufffd") & (
        F.encode(F.decode(RAW, charset), charset) != F.col(RAW)
    )
    seen = F.btrim(_TEXT, F.lit(_BLANKS)) if is_blank_if_only_spaces else F.col(_TEXT)
    error = F.when(is_bad, BAD_ENCODING).when(seen == "", BLANK)
    return lambda df: (
        df.withColumn(_TEXT, F.regexp_replace(text, "^\ufeff", ""))
        .withColumn(ERROR, error)
        .withColumn(_TEXT, F.when(F.col(ERROR).isNull(), F.col(_TEXT)))
    )


def bronze_from_csv_lines(
    contract: SourceContract, header: Sequence[str], charset: str
) -> Transform:
    """Parse lines of CSV (RFC 4180).

    In: `_bronze_row`, `_bronze_raw`. Out: the row with `_bronze_error`, the contract's columns
    and `_bronze_rescued`. The verbatim line stays where its fields alone do not give it back.
    """
    error = F.coalesce(ERROR, F.when(F.col(FIELDS).isNull(), F.lit(UNPARSED)))
    is_kept = F.col(ERROR).isNotNull() | ~F.col(IS_VERBATIM)
    values = {name: F.col(FIELDS)[i] for i, name in enumerate(column_names(header))}
    return lambda lines: (
        lines.transform(with_text(charset, is_blank_if_only_spaces=False))
        .transform(with_csv_fields(contract.source, len(header)))
        .withColumn(ERROR, error)
        .select(ROW, ERROR, F.when(is_kept, F.col(RAW)).alias(RAW), *_columns(contract, values))
    )


def bronze_from_json_lines(contract: SourceContract, charset: str) -> Transform:
    """Parse JSON lines; the verbatim line always stays. Columns as `bronze_from_csv_lines`."""
    error = F.coalesce(ERROR, F.when(F.col(FIELDS).isNull(), F.lit(UNPARSED)))
    known = [c.source_name for c in contract.columns]
    rescued = F.map_filter(FIELDS, lambda name, _: ~name.isin(*known))
    return lambda lines: (
        lines.transform(with_text(charset))
        .withColumn(FIELDS, json_strings(F.col(_TEXT)))
        .select(
            ROW,
            error.alias(ERROR),
            RAW,
            F.when(F.size(rescued) > 0, rescued).alias(RESCUED),
            *(F.col(FIELDS)[c.source_name].alias(c.name) for c in contract.columns),
        )
    )


def bronze_from_fixed_width(contract: SourceContract, charset: str) -> Transform:
    """Cut lines at the contract's positions. Columns as `bronze_from_csv_lines`.

    A line that ends before its last column, or goes on after it, is unparsed; the verbatim line
    also stays where something stands between the columns.
    """
    last = max(contract.columns, key=lambda c: c.start or 1)
    length = F.length(F.rtrim(_TEXT))
    is_misfit = (length >= (last.start or 1) + (last.width or 0)) | (
        F.length(_TEXT) < (last.start or 1)
    )
    error = F.coalesce(ERROR, F.when(is_misfit, F.lit(UNPARSED)))
    is_read = F.col(ERROR).isNull()
    cuts = {
        c.source_name: F.when(is_read, F.substring(_TEXT, c.start or 1, c.width or 0))
        for c in contract.columns
    }
    signs = sum((_signs(cut) for cut in cuts.values()), F.lit(0))
    is_kept = ~is_read | (signs != _signs(F.col(_TEXT)))
    return lambda lines: (
        lines.transform(with_text(charset))
        .withColumn(ERROR, error)
        .select(ROW, ERROR, F.when(is_kept, F.col(RAW)).alias(RAW), *_columns(contract, cuts))
    )


def bronze_from_columns(contract: SourceContract, header: Sequence[str]) -> Transform:
    """Rows whose fields are columns of text already (Parquet, multi-line CSV).

    In: `_bronze_row`, `_bronze_error`, `_bronze_raw`, and for each name of the header one of the
    columns `c0`, `c1`, ...: a source may name its columns as it likes.
    """
    values = {name: F.col(f"c{i}") for i, name in enumerate(column_names(header))}
    return lambda df: df.select(ROW, ERROR, RAW, *_columns(contract, values))


def _signs(column: Column) -> Column:
    """How many characters are not blank."""
    return F.length(F.translate(column, _BLANKS, ""))


def _map(extra: Mapping[str, Column], is_told: bool) -> Column:
    """A map of names to values. A name that may be a value must not stand in a plan."""
    if not is_told:
        return mapped(list(extra), list(extra.values()))
    return F.create_map(*(part for name, v in extra.items() for part in (F.lit(name), v)))


def _columns(contract: SourceContract, values: Mapping[str, Column]) -> list[Column]:
    """`_bronze_rescued` and the contract's columns."""
    known = {c.source_name for c in contract.columns}
    extra = {n: v for n, v in values.items() if n not in known}
    is_told = told_names(list(values), known) == tuple(values)
    rescued = F.when(F.col(ERROR).isNull(), _map(extra, is_told)) if extra else F.lit(None)
    null = F.lit(None).cast("string")
    return [
        rescued.cast("map<string,string>").alias(RESCUED),
        *(values.get(c.source_name, null).alias(c.name) for c in contract.columns),
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
