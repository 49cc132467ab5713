"""Numbers from text: exactly what is written, or null."""

from __future__ import annotations

import re

from pyspark.sql import Column as C
from pyspark.sql import functions as F

from conf.contract import Column

_BLANK = " \u00a0\u202f"  # blank, no-break blank, narrow no-break blank: all group thousands


def number(column: Column) -> C:
    """A column of text as the contract's number type; null where it does not say one exactly.

    A sign, digits in groups of three or in none, and the contract's decimal separator: `1.5` is
    no number where the comma is the decimal separator, and no `1,5` becomes 15. An exponent is
    read (doubles and JSON have them), but NaN, Infinity, hexadecimal digits and Java's suffixes
    are not. What would have to be rounded to fit a decimal, or is too great for the type, is null.
    """
    value = F.col(column.name)
    plain = _plain(column)
    match column.spark_type:
        case "bigint":
            form, fits = _grammar(column, fraction="", exponent=""), _try_cast(plain, "bigint")
        case "double":
            form = _grammar(column, _fraction(column), r"(?:[eE][+-]?\d{1,3})?")
            double = _try_cast(plain, "double")
            fits = F.when(F.abs(double) < float("inf"), double)
        case decimal:
            form = _grammar(column, _fraction(column), r"(?:[eE][+-]?\d{1,2})?")
            fits = _exact_decimal(plain, decimal)
    return F.when(value.rlike(form), fits)


def _plain(column: Column) -> str:
    """SQL of the value with a point and without thousands separators."""
    text = f"`{column.name}`"
    if column.thousands_separator:
        text = f"translate({text}, '{_thousands(column)}', '')"
    if column.decimal_separator != ".":
        text = f"replace({text}, '{column.decimal_separator}', '.')"
    return text


def _thousands(column: Column) -> str:
    return _BLANK if column.thousands_separator == " " else column.thousands_separator


def _grammar(column: Column, fraction: str, exponent: str) -> str:
    whole = r"\d+"
    if column.thousands_separator:
        whole = rf"(?:\d{{1,3}}(?:[{re.escape(_thousands(column))}]\d{{3}})+|\d+)"
    if fraction:
        whole = rf"(?:{whole}|(?=[{column.decimal_separator}]\d))"  # .5
    return rf"^[+-]?{whole}{fraction}{exponent}$"


def _fraction(column: Column) -> str:
    return rf"(?:[{column.decimal_separator}]\d*)?"


def _exact_decimal(plain: str, spark_type: str) -> C:
    """A cast rounds without a word, so only what has no more digits than the scale is cast."""
    scale = int(spark_type.rstrip(")").split(",")[1])
    text, decimal = F.expr(plain), _try_cast(plain, spark_type)
    # With an exponent: 38 digits hold 20 before and 18 after the point, more than a double has.
    wide = _try_cast(plain, f"decimal(38,{max(scale, 18)})")
    is_same = (wide == decimal) & ((decimal != 0) | text.rlike(r"^[+-]?0+(?:\.0*)?[eE]"))
    return F.when(text.rlike(rf"^[+-]?\d*(?:\.\d{{0,{scale}}}0*)?$"), decimal).when(
        text.rlike("[eE]") & is_same, decimal
    )


def _try_cast(text: str, spark_type: str) -> C:
    return F.expr(f"try_cast({text} as {spark_type})")  # Spark 3.5 has it in SQL only
