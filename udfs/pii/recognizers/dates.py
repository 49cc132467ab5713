"""Dates as Danish and English texts spell them."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date

_MONTHS = (
    *("jan(?:uary|uar)?", "feb(?:ruary|ruar)?", "mar(?:ch|ts)?", "apr(?:il)?", "ma[yj]"),
    *("jun[ei]?", "jul[yi]?", "aug(?:ust)?", "sept?(?:ember)?", "o[ck]t(?:ober)?"),
    *("nov(?:ember)?", "dec(?:ember)?"),
)
MONTH = rf"(?:{'|'.join(_MONTHS)})\b\.?"
_STARTS = ("jan", "feb", "mar", "apr", "ma", "jun", "jul", "aug", "sep", "o", "nov", "dec")

NUMERIC = r"\d{1,2} ?[-./] ?\d{1,2}(?: ?[-./] ?| )(?:\d{4}|\d{2})"
ISO = r"\d{4}[-./]\d{1,2}[-./]\d{1,2}"
COMPACT = r"\d{8}|\d{6}"
DAY_FIRST = (
    rf"\d{{1,2}}(?:\.|st|nd|rd|th)? ?(?:day )?(?:of )?[-/]?{MONTH}"
    r"(?:[ ,/-]{0,2}(?:\d{4}|'?\d{2})(?!\d))?"
)
MONTH_FIRST = rf"{MONTH} ?\d{{1,2}}(?:st|nd|rd|th)?(?:[ ,]{{1,2}}(?:\d{{4}}|'\d{{2}}))?(?!\d)"


def is_date(text: str) -> bool:
    """Whether there is such a day, read as day-month-year, month-day-year or year-month-day.

    A month's name needs a legal day; eight or six digits are read whole.
    """
    numbers = re.findall(r"\d+", text)
    month = re.search(MONTH, text, re.IGNORECASE)
    if month:
        return _with_month(numbers, month.group().lower())
    if len(numbers) == 1:
        return _compact(numbers[0])
    if len(numbers) != 3:
        return False
    first, second, third = map(int, numbers)
    if len(numbers[0]) == 4:
        return _legal(third, second, first)
    return _legal(first, second, third) or _legal(second, first, third)


def _with_month(numbers: list[str], name: str) -> bool:
    month = 1 + next(i for i, start in enumerate(_STARTS) if name.startswith(start))
    return any(_legal(int(day), month, 2000) for day in numbers[:1])


def _compact(digits: str) -> bool:
    if len(digits) == 6:
        return _legal(*(int(digits[i : i + 2]) for i in (0, 2, 4)))
    if len(digits) != 8:
        return False
    day_first = _legal(int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    return day_first or _legal(int(digits[6:]), int(digits[4:6]), int(digits[:4]))


def _legal(day: int, month: int, year: int) -> bool:
    """Two digits of a year may mean any century; four mean one of ours."""
    if month > 12 or not (year < 100 or 1850 <= year <= 2100):
        return False
    with suppress(ValueError):
        return date(year if year >= 100 else 2000 + year, month, min(day, 99)) is not None
    return False
