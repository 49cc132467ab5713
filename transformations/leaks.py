"""Whether staged rows still hold clear text: one pass of built-in expressions, then what is doubtful."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from pyspark.sql import Column as C
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contract import Column, Form, SourceContract, Treatment
from transformations.names import SILVER_ROW_HASH
from transformations.treatments import entity
from udfs.pii.leaks import PSEUDONYM
from udfs.pii.spark_signs import signs_in, signs_of
from udfs.text import REDACTED_ERROR

Transform = Callable[[DataFrame], DataFrame]

MARKED = (Treatment.HASH, Treatment.MASK, Treatment.REDACT, Treatment.GENERALIZE)
PROFILED = 200  # different values that tell enough of a column
_DRAWS = 1_000_000
_LONGEST = 20_000  # characters of a text: the sample is held in memory
_TYPES = ("string", "bigint")  # an identifier may stand in these

# A text without one of these holds no identifier. Cheap and wide: what meets it is looked at.
_MAY_HOLD = r"[@\uFF20]|(?:\p{Nd}\P{Nd}{0,3}){8}"
# A value without letters but an @, an IBAN's, or digits with what stands between those of a number.
_MAY_BE = (
    r"^(?:.{0,64}[@\uFF20].{1,255}|[\P{L}&&\P{Nd}]{0,4}(?:\p{Nd}[^\p{L}\p{Nd}]{0,3}){8,20}"
    r"|\s?\p{L}{2}\p{Nd}{2}(?:[ -]?[\p{L}\p{Nd}]){11,30}\s?)$"
)
_HAS_WORD = r"\p{L}{2}"


class Check(StrEnum):
    """Why a column's values are counted or looked at."""

    UNTREATED = "untreated"  # a marked value that is not what its treatment makes
    WHOLE = "whole"  # a value that stays, and may be an identifier
    TEXT = "text"  # a free text that may hold one
    PROFILE = "profile"  # a sample of what stays: is it names?


def looked_over(contract: SourceContract, rows: int, sample: int) -> Transform:
    """In: `rows` staged rows. Out: one row.

    `seen` array<struct<column, check, count>>: for each column how many values are not as their
    treatment makes them, or may be an identifier. `signs` array<struct<column, check, signs>>: what
    the detector says of about `sample` free texts that may hold an identifier, and of some
    different values of text that stays; `signs` map of a `Sign` as text to the number of values.
    """
    # By the row's keyed hash: Spark takes no random number into an aggregate.
    share = F.pmod(F.xxhash64(SILVER_ROW_HASH), F.lit(_DRAWS)) < int(
        _DRAWS * min(1.0, sample / max(rows, 1))
    )

    def seen() -> C:
        return _array(
            [
                F.struct(
                    F.lit(column.silver_name).alias("column"),
                    F.lit(check.value).alias("check"),
                    F.count(F.when(asked, True)).alias("count"),
                )
                for column in contract.columns
                for check, asked in _questions(column)
            ],
            "array<struct<column:string,check:string,count:bigint>>",
        )

    def sampled() -> list[tuple[str, Check, C]]:
        told = []
        for column in contract.columns:
            value, name = F.col(column.silver_name), column.silver_name
            if _is_searched(column):
                drawn = F.collect_list(
                    F.when(share & value.rlike(_MAY_HOLD), F.substring(value, 1, _LONGEST))
                )
                told.append((name, Check.TEXT, drawn))
            elif is_profiled(column):
                words = F.collect_set(F.when(share & value.rlike(_HAS_WORD), value))
                told.append((name, Check.PROFILE, F.slice(words, 1, PROFILED)))
        return told

    def transform(staged: DataFrame) -> DataFrame:
        samples = sampled()
        drawn = F.array(*(values for _, _, values in samples)).cast("array<array<string>>")
        # One UDF over all columns: of several Spark would run each in workers of its own.
        looked = staged.agg(seen().alias("seen"), drawn.alias("drawn"))
        asked = [
            F.struct(F.lit(name).alias("column"), F.lit(check.value).alias("check"))
            for name, check, _ in samples
        ]
        return looked.select(
            "seen",
            _array(asked, "array<struct<column:string,check:string>>").alias("asked"),
            (signs_in(F.col("drawn")) if samples else F.array()).alias("signs"),
        )

    return transform


def looked_into(column: Column) -> Transform:
    """In: staged rows. Out: `sign`, `count`: what the column's values are that may be identifiers."""

    def transform(staged: DataFrame) -> DataFrame:
        value = F.col(column.silver_name).cast("string")
        return (
            staged.where(value.rlike(_MAY_BE))
            .select(F.explode(signs_of(value)).alias("sign"))
            .groupBy("sign")
            .count()
        )

    return transform


def _array(entries: list[C], kind: str) -> C:
    return F.array(*entries).cast(kind)


def _questions(column: Column) -> list[tuple[Check, C]]:
    value = F.col(column.silver_name)
    match column.treatment:
        case Treatment.DROP:
            return []
        case Treatment.HASH | Treatment.MASK | Treatment.REDACT:
            return [(Check.UNTREATED, ~is_treated(column))]
        case Treatment.GENERALIZE:
            more = [(Check.WHOLE, value.rlike(_MAY_BE))] if column.generalize != "year" else []
            return [(Check.UNTREATED, ~is_treated(column)), *more]
        case Treatment.KEEP if column.spark_type in _TYPES:
            return [(Check.WHOLE, value.cast("string").rlike(_MAY_BE))]
        case _:
            return []


def is_treated(column: Column) -> C:
    """Whether a staged value of a marked column has the form that its treatment makes; null for
    null."""
    value = F.col(column.silver_name)
    match column.treatment:
        case Treatment.HASH:
            made = value.rlike(rf"^{PSEUDONYM}\z")
        case Treatment.MASK:
            made = value.rlike(_mask(column.form))
        case Treatment.REDACT:
            made = value == f"<{entity(column)}>"
        case Treatment.GENERALIZE if column.generalize == "year":
            return value.between(1, 9999)
        case _:
            longest = int((column.generalize or "").removeprefix("prefix:"))
            made = F.char_length(value) <= longest
    return made | (value == REDACTED_ERROR)


def _mask(form: Form) -> str:
    match form:
        case Form.PHONE:
            return r"^\*\*\*(?:\d{2})?\z"
        case Form.EMAIL:
            return r"^\*\*\*(?:@\*\*\*\.\p{L}{2,})?\z"
        case _:
            return r"(?s)^.?\*\*\*\z"


def is_profiled(column: Column) -> bool:
    """Whether a column stays as free words: one whose values the contract lists does not."""
    is_kept = column.treatment is Treatment.KEEP and column.logical_type == "string"
    return is_kept and not column.allowed


def _is_searched(column: Column) -> bool:
    return column.treatment is Treatment.DETECT and column.logical_type == "string"
