"""Dates and times from text, by the contract's formats and zone."""

from __future__ import annotations

import re

from pyspark.sql import Column as C
from pyspark.sql import functions as F

from conf.contract import Column

_ISO_TIME = (
    r"^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2}(?:[.,]\d{1,9})?)?"
    r" ?([zZ]|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$"
)
_OFFSET_LETTERS = frozenset("VzOXxZ")
_OPTIONAL = re.compile(r"\[[^\[\]]*\]")
_PART = re.compile(r"'((?:[^']|'')*)'|(([A-Za-z])\3*)|(.)", re.DOTALL)


def date_of(column: Column, value: C) -> C:
    """A date by the contract's formats, else ISO 8601; null where it is none.

    The day of a format with an offset is the day in the contract's zone.
    """
    days = []
    for pattern in column.formats:
        parsed = _parsed(value, pattern)
        zoned = F.from_utc_timestamp(parsed, column.timezone) if _has_offset(pattern) else parsed
        days.append(F.to_date(zoned))
    return _in_calendar(F.coalesce(*days, F.to_date(_parsed(value, "yyyy-MM-dd"))))


def timestamp_utc(column: Column, value: C) -> C:
    """A time in UTC, by the contract's formats, else ISO 8601 with hours and minutes.

    A time without offset is local to the contract's zone. The repeated hour of the last Sunday of
    October is read as its first pass (summer time), and a time in the skipped hour of March as an
    hour later: java.time's `LocalDateTime.atZone`. Digits after the microsecond are cut off.
    """
    by_format = [time for f in column.formats for time in _by_format(column, value, f)]
    return _in_calendar(F.coalesce(*by_format, _iso(column, value)))


def _by_format(column: Column, value: C, pattern: str) -> list[C]:
    """Where the offset is `[optional]`, a value without it is a local time."""
    if not _has_offset(pattern):
        return [_local(column, _parsed(value, pattern))]
    bare = _OPTIONAL.sub(lambda part: "" if _has_offset(part.group()) else part.group(), pattern)
    without = [] if _has_offset(bare) else [_local(column, _parsed(value, bare))]
    return [*without, _parsed(value, pattern)]


def _has_offset(pattern: str) -> bool:
    return any(set(part) & _OFFSET_LETTERS for part in pattern.split("'")[::2])


def _local(column: Column, parsed: C) -> C:
    return F.to_utc_timestamp(parsed, column.timezone)


def _iso(column: Column, value: C) -> C:
    """Taken apart first: Spark's own cast takes "2023" for a time, "CET" for an offset, and wants
    seconds before one."""

    def part(number: int) -> C:
        return F.regexp_extract(value, _ISO_TIME, number)

    seconds = F.translate(F.coalesce(F.nullif(part(3), F.lit("")), F.lit(":00")), ",", ".")
    offset = F.when(F.upper(part(4)).isin("Z", "UTC", "GMT"), F.lit("Z")).otherwise(part(4))
    parsed = F.try_to_timestamp(F.concat(part(1), F.lit("T"), part(2), seconds, offset))
    zoned = F.when(part(4) == "", _local(column, parsed)).otherwise(parsed)
    return F.when(value.rlike(_ISO_TIME), zoned)


def _parsed(value: C, pattern: str) -> C:
    """Only what has the pattern's digits is parsed: Spark takes a sign and nine digits for a year,
    and what is then too great for a timestamp raises, `try_` or not."""
    return F.when(value.rlike(shape(pattern)), F.try_to_timestamp(value, F.lit(pattern)))


def shape(pattern: str) -> str:
    """A regular expression (Java's) that every text of a date pattern meets."""
    return f"^{''.join(_shape_of(*part.groups()) for part in _PART.finditer(pattern))}$"


def _shape_of(quoted: str | None, token: str | None, letter: str | None, sign: str | None) -> str:
    if token is None or letter is None:
        text = sign or (quoted or "").replace("''", "'") or "'"
        return {"[": "(?:", "]": ")?"}.get(sign or "", re.escape(text))
    size = len(token)
    if letter in _OFFSET_LETTERS:
        return r"[A-Za-z0-9_/+:-]+"
    if letter == "a" or (letter == "M" and size > 2):
        return r"[\p{L}.]+"
    if letter == "S":
        return rf"\d{{1,{size}}}"
    return rf"\d{{{size}}}" if size > 1 else r"\d{1,2}"


def _in_calendar(time: C) -> C:
    """Years 1 to 9999, in UTC as well: there is no year 0."""
    return F.when(F.year(time).between(1, 9999), time)
