"""CSV lines to fields, strictly: what is not the one reading of a line is no reading.

Spark's parser (univocity) does the work, since Python's costs five times as much (measured: 7.2 s
against 1.4 s for a million lines). But it is lenient: it reads `"a"b` as `"a"b`, drops what
follows a closing quote and accepts a quote that never closes. So its fields are put together
again, and count only if they give the line back.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.contract import SourceFormat

Transform = Callable[[DataFrame], DataFrame]

FIELDS, IS_VERBATIM = "_fields", "_is_verbatim"
_RECORD = "_record"
_NUL, _FOR_NUL = "\x00", "\ue000"  # univocity drops the last field if it is quoted and holds NUL
_MAX_COLUMNS = 100_000  # above it univocity raises, with the line in its error


def with_csv_fields(source: SourceFormat, width: int) -> Transform:
    """Split each line into `width` fields.

    In: `text` (null is passed over). Out: the same and `_fields` array<string>, null where the
    text is not exactly one record of that width, and `_is_verbatim`: whether the fields alone
    give the line back (quotes where needed, or around every field).
    """
    if not source.quote:
        return lambda df: df.withColumns(
            {FIELDS: _of_width(_plain(source), width), IS_VERBATIM: F.lit(True)}
        )
    is_quoted = F.contains("text", F.lit(source.quote))
    whole = F.array_join(F.transform(FIELDS, _quoted_if_needed(source)), source.delimiter)
    every = F.array_join(F.transform(FIELDS, _quoted(source)), source.delimiter)
    is_verbatim = ~is_quoted | (F.col("text") == whole) | (F.col("text") == every)
    return lambda df: (
        df.withColumn(_RECORD, _parsed(source, width, is_quoted))
        .withColumn(
            FIELDS, F.when(is_quoted, _read(width)).otherwise(_of_width(_plain(source), width))
        )
        .withColumn(IS_VERBATIM, F.coalesce(is_verbatim, F.lit(False)))
        .withColumn(FIELDS, F.when(F.col(IS_VERBATIM) | _gives_back(source), F.col(FIELDS)))
        .drop(_RECORD)
    )


def _plain(source: SourceFormat) -> Column:
    """The fields of a line without quotes."""
    return F.split("text", re.escape(source.delimiter), -1)


def _of_width(fields: Column, width: int) -> Column:
    return F.when(F.size(fields) == width, fields)


def _parsed(source: SourceFormat, width: int, is_quoted: Column) -> Column:
    schema = ", ".join(f"c{i} string" for i in range(width))
    options = {
        "sep": source.delimiter,
        "quote": source.quote,
        "escape": source.quote,
        "maxColumns": str(_MAX_COLUMNS),
    }
    delimiters = F.length("text") - F.length(F.replace("text", F.lit(source.delimiter), F.lit("")))
    is_safe = is_quoted & (delimiters < _MAX_COLUMNS)
    return F.from_csv(
        F.when(is_safe, F.replace("text", F.lit(_NUL), F.lit(_FOR_NUL))), schema, options
    )


def _read(width: int) -> Column:
    """univocity's fields; it takes empty ones for null."""
    fields = (F.coalesce(F.col(f"{_RECORD}.c{i}"), F.lit("")) for i in range(width))
    told = F.array(*fields)
    restored = F.transform(told, lambda f: F.replace(f, F.lit(_FOR_NUL), F.lit(_NUL)))
    has_nul = F.contains("text", F.lit(_NUL))
    return F.when(F.col(_RECORD).isNotNull(), F.when(has_nul, restored).otherwise(told))


def _quoted(source: SourceFormat) -> Callable[[Column], Column]:
    quote = source.quote
    return lambda field: F.concat(
        F.lit(quote), F.replace(field, F.lit(quote), F.lit(quote * 2)), F.lit(quote)
    )


def _quoted_if_needed(source: SourceFormat) -> Callable[[Column], Column]:
    def quoted(field: Column) -> Column:
        needed = field.contains(F.lit(source.delimiter)) | field.contains(F.lit(source.quote))
        return F.when(needed, _quoted(source)(field)).otherwise(field)

    return quoted


def _gives_back(source: SourceFormat) -> Column:
    """Whether the fields, each as the line has it (quoted or not), are the line.

    Field by field the line is eaten up from its start: after the last nothing may be left.
    """
    delimiter = F.lit(source.delimiter)

    def without(rest: Column, field: Column) -> Column:
        is_quoted = rest.startswith(F.lit(source.quote))
        unquoted = F.when(~field.contains(delimiter), field)
        written = F.concat(F.when(is_quoted, _quoted(source)(field)).otherwise(unquoted), delimiter)
        return F.when(rest.startswith(written), rest.substr(F.length(written) + 1, F.length(rest)))

    rest = F.aggregate(FIELDS, F.concat("text", delimiter), without)
    return F.coalesce(rest == "", F.lit(False))
