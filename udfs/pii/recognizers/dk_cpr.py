"""Danish civil registration numbers (CPR)."""

from __future__ import annotations

import re
from datetime import date

from presidio_analyzer import Pattern

from udfs.pii.recognizers.labelled import Label, LabelledRecognizer
from udfs.pii.recognizers.words import COMPANY_NUMBERS, MONEY, THINGS, numbered

_WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_HYPHEN = r" ?[-–—‐‑‒−/] ?"
_HYPHENS = re.compile("[-–—‐‑‒−]")
_START = r"(?=\d)(?<![\w#+])(?<!\d[.,/–-])"
_END = r"(?!\w|[-–.,/]\d)"
# With its hyphen it is no amount, so a comma may divide it from the next column; and it may be a
# part of a file's name.
_AFTER_ANY = r"(?=\d)(?<![^\W_]|[#+])(?<!\d[./–-])"
_BEFORE_ANY = r"(?![^\W_]|[-–./]\d)"
_END_OF_DIGITS = r"(?!\w|[-–./]\d|,\d{1,2}(?![\d,]))"  # a comma and two digits: an amount


class DkCprRecognizer(LabelledRecognizer):
    """DDMMYY-SSSS with hyphen, space or neither; also DD-MM-YY-SSSS and DDMMYYYY-SSSS.

    The date must be legal in the century its seventh digit tells (CPR-kontoret, "Personnummeret i
    CPR-systemet"), or the number is a mistyped one, which only a label right before it makes
    count. The modulus-11 control only raises the score: valid numbers without it have been issued
    since 2007. Ten bare digits with a legal date are more often a CPR number than not (one random
    number in thirty has one), unless something else is labelled with them. "010190-xxxx" still
    tells the birthday.
    """

    ENTITY = "DK_CPR"
    DIGITS = 6
    GATE = re.compile(
        r"\d{6} ?[-–—‐‑‒−/ ]? ?[\dxX*]{4}|\d\d[-./ ]?\d\d[-./ ]?(?:\d\d){1,2} ?[-–—‐‑‒−/ ] ?\d{4}"
    )
    PATTERNS = [
        Pattern(
            "with hyphen",
            rf"{_AFTER_ANY}(?:\d{{6}}|\d\d[-./ ]\d\d[-./ ]\d\d"
            rf"|\d\d[-./]?\d\d[-./]?(?:19|20)\d\d){_HYPHEN}\d{{4}}{_BEFORE_ANY}",
            0.85,
        ),
        Pattern(
            "with space",
            rf"{_START}(?<!\d\d )(?:\d{{6}} {{1,2}}|\d\d \d\d \d\d )\d{{4}}{_END}",
            0.6,
        ),
        Pattern(
            "ten digits",
            rf"(?:(?:{_START}(?<![-_/])|(?<=[pP][rR][-_]))\d{{10}}{_END_OF_DIGITS}"
            r"(?! ?(?:kr|dkk|eur|stk)\b)|(?<=\d,)\d{10}(?=,[^\s,]))",
            0.5,
        ),
        Pattern("masked", rf"{_START}\d{{6}} ?[-–]? ?[xX*]{{4}}(?![\w*])", 0.5),
    ]
    CONTEXT = (
        *("cpr", "cprnr", "personnr", "personnummer", "personnummeret", "personnumre", "pnr"),
        *("cpr nr", "person nr", "personnummer (cpr)", "cpr's", "cprs", "cpr-registeret"),
        *numbered("cpr", "person"),
        *("civil registration number", "civil registration", "national id", "national id number"),
        *("personal identification number", "personal id", "personal number", "id number"),
        *("social security number", "ssn", "sygesikring", "sygesikringsnummer", "sundhedskort"),
    )
    NEGATIVE_CONTEXT = (*THINGS, *MONEY, *COMPANY_NUMBERS)

    def validate_result(self, pattern_text: str) -> bool | None:
        """True: a legal date, and the control digit is right, too. None: as scored."""
        digits = _digits(pattern_text)
        return True if len(digits) == 10 and birth_date(digits) and _controlled(digits) else None

    def needs(self, match: str) -> Label:
        """A label of its own without a legal date; none at all with a date and a hyphen, for
        customers and cases are numbered by CPR, too."""
        digits = _digits(match)
        if birth_date(digits[:4] + digits[6:] if len(digits) == 12 else digits) is None:
            return Label.OWN
        return Label.OTHER if _HYPHENS.search(match) else Label.NONE


def birth_date(digits: list[int]) -> date | None:
    """The date a CPR number tells, None if there is no such day."""
    day, month, year = (digits[i] * 10 + digits[i + 1] for i in (0, 2, 4))
    try:
        return date(_century(digits[6] if len(digits) > 6 else 4, year) + year, month, day)
    except ValueError:
        return None


def _century(seventh: int, year: int) -> int:
    if seventh <= 3:
        return 1900
    if seventh in (4, 9):
        return 2000 if year <= 36 else 1900
    return 2000 if year <= 57 else 1800


def _controlled(digits: list[int]) -> bool:
    return sum(d * w for d, w in zip(digits, _WEIGHTS, strict=True)) % 11 == 0


def _digits(text: str) -> list[int]:
    return [int(c) for c in text if c.isdecimal()]
