"""Bronze strings to typed, clean columns: still clear text, never stored."""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import Column as C
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from conf.contract import Column, Form, SourceContract, Treatment
from conf.secrets import KeySource
from transformations.forms import has_form
from transformations.names import (
    DELIVERY,
    ERROR,
    HASHED,
    KEY,
    REASONS,
    ROW,
    ROW_HASH,
    SEQUENCE,
)
from transformations.numbers import number
from transformations.times import date_of, timestamp_utc
from udfs.phones import e164_or_text, standard_phone
from udfs.pseudonyms import keyed_digest, pseudonymize
from udfs.text import REDACTED_ERROR, standard, standard_text

Transform = Callable[[DataFrame], DataFrame]

# What Python's `str.strip` takes for white space, and the byte order mark.
_BLANKS = (
    " \t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_YES = ("true", "t", "yes", "y", "1", "ja", "j", "sand")
_NO = ("false", "f", "no", "n", "0", "nej", "falsk")


def standardized(contract: SourceContract, keys: KeySource) -> Transform:
    """Type and clean the contract's columns and say what is wrong with each row.

    In: Bronze of the table. Out: `_bronze_delivery`, `_bronze_row`, the contract's columns under
    their own names and types, valid flags, `_hashed_<name>` for hashed key and foreign-key
    columns, `_row_hash` (HMAC of all contract columns), `_key` (array of treated key values),
    `_sequence` and `_reasons` (empty for a valid row). A value that does not parse is null and
    gives a reason; conversions never raise, since an error text would hold the value.
    """

    def transform(bronze: DataFrame) -> DataFrame:
        typed = (
            bronze.transform(_clean(contract))
            .transform(_typed(contract))
            .transform(_with_reasons(contract))
            .transform(_with_pseudonyms(contract, keys))
        )
        return typed.transform(_with_key(contract, keys)).withColumn(
            REASONS, _key_reasons(contract)
        )

    return transform


def _clean(contract: SourceContract) -> Transform:
    """Trim, NFC and empty to null for text; phones to E.164."""

    def clean(column: Column) -> C:
        value = F.col(column.name)
        if column.logical_type != "string":
            return F.nullif(F.btrim(value, F.lit(_BLANKS)), F.lit(""))
        return standard_phone(value) if column.form is Form.PHONE else standard_text(value)

    return lambda df: df.select(
        DELIVERY, ROW, ERROR, *(clean(c).alias(c.name) for c in contract.columns)
    )


def clean_text(column: Column, value: str | None) -> str | None:
    """What standardizing makes of one value of a text column, without Spark."""
    return e164_or_text(value) if column.form is Form.PHONE else standard(value)


def _typed(contract: SourceContract) -> Transform:
    """Convert each column; `_raw_<name>` of a converted column stays for the reasons."""

    def columns() -> list[C]:
        out = []
        for column in contract.columns:
            if column.logical_type == "string":
                out.append(F.col(column.name))
            else:
                out += [
                    converted(column).alias(column.name),
                    F.col(column.name).alias(_raw(column)),
                ]
            if column.valid_flag:
                flag = has_form(F.col(column.name), column.form)
                out.append(flag.alias(column.valid_flag))
        return out

    return lambda df: df.select(DELIVERY, ROW, ERROR, *columns())


def _raw(column: Column) -> str:
    return f"_raw_{column.name}"


def converted(column: Column) -> C:
    """The value in the contract's type, null where it does not parse."""
    value = F.col(column.name)
    match column.logical_type:
        case "boolean":
            lower = F.lower(value)
            return F.when(lower.isin(*_YES), True).when(lower.isin(*_NO), False)
        case "date":
            return date_of(column, value)
        case "timestamp":
            return timestamp_utc(column, value)
        case _:
            return number(column)


def _with_reasons(contract: SourceContract) -> Transform:
    """`_reasons`: why a row cannot go on, in words that hold no value."""

    def reasons() -> list[C]:
        found = [F.col(ERROR)]
        for column in contract.columns:
            value = F.col(column.name)
            if column.logical_type != "string":
                lost = F.col(_raw(column)).isNotNull() & value.isNull()
                found.append(F.when(lost, f"unparseable: {column.name}"))
            if column.required and column.name not in contract.key:
                absent = value.isNull()
                if column.logical_type != "string":
                    absent = F.col(_raw(column)).isNull()
                found.append(F.when(absent, f"required: {column.name}"))
            if column.allowed:
                odd = ~value.cast("string").isin(*column.allowed)
                found.append(F.when(odd, f"not_allowed: {column.name}"))
        for rule in contract.rules:
            broken = ~F.coalesce(F.expr(rule.expression), F.lit(True))
            found.append(F.when(broken, f"rule: {rule.name}"))
        return found

    def transform(df: DataFrame) -> DataFrame:
        # An unparsed line has no values: its error is the one reason worth telling.
        all_reasons = F.when(F.col(ERROR).isNotNull(), F.array(F.col(ERROR))).otherwise(
            F.array_compact(F.array(*reasons()))
        )
        raw = [_raw(c) for c in contract.columns]
        return df.withColumn(REASONS, all_reasons).drop(ERROR, *raw)

    return transform


def _with_pseudonyms(contract: SourceContract, keys: KeySource) -> Transform:
    """`_hashed_<name>` for key and foreign-key columns, and `_row_hash`, computed once, here."""
    hashed = {
        HASHED + c.name: pseudonymize(F.col(c.name).cast("string"), keys, c.domain, c.form)
        for c in contract.columns
        if c.treatment is Treatment.HASH and (c.name in contract.key or c.references)
    }
    content = [F.col(c.name).cast("string") for c in contract.columns]
    digest = keyed_digest(content, keys, f"{contract.table}/row")
    return lambda df: df.select(
        "*", *(u.alias(n) for n, u in hashed.items()), digest.alias(ROW_HASH)
    )


def _with_key(contract: SourceContract, keys: KeySource) -> Transform:
    """`_key` and `_sequence`."""

    def sequence() -> C:
        return F.col(contract.sequence_by) if contract.sequence_by else F.lit(None).cast("string")

    def named(df: DataFrame) -> DataFrame:
        parts = [
            F.col(HASHED + c.name)
            if c.treatment is Treatment.HASH
            else F.col(c.name).cast("string")
            for c in contract.key_columns
        ]
        return df.withColumn(KEY, F.array(*parts))

    def derived(df: DataFrame) -> DataFrame:
        """The n-th row of equal content in a delivery is the n-th such purchase."""
        same = Window.partitionBy(DELIVERY, ROW_HASH).orderBy(ROW)
        parts = [F.col(ROW_HASH), F.row_number().over(same).cast("string")]
        if contract.delivery == "increment":
            parts.append(F.col(DELIVERY).cast("string"))
        numbered = df.select("*", *(p.alias(f"_part_{i}") for i, p in enumerate(parts)))
        columns = [F.col(f"_part_{i}") for i in range(len(parts))]
        key = keyed_digest(columns, keys, f"{contract.table}/key")
        return numbered.withColumn(KEY, F.array(key)).drop(
            *(f"_part_{i}" for i in range(len(parts)))
        )

    return lambda df: df.transform(named if contract.key else derived).withColumn(
        SEQUENCE, sequence()
    )


def _key_reasons(contract: SourceContract) -> C:
    """`_reasons` with `null_key` and `null_sequence`; an unparseable key has its reason already."""
    no_key = F.exists(KEY, lambda part: part.isNull() | (part == REDACTED_ERROR))
    found = [F.when(no_key, "null_key")]
    if contract.sequence_by:
        found.append(F.when(F.col(SEQUENCE).isNull(), "null_sequence"))
    more = F.concat(F.col(REASONS), F.array_compact(F.array(*found)))
    told = F.size(REASONS) > 0
    return F.when(told, F.col(REASONS)).otherwise(more)
