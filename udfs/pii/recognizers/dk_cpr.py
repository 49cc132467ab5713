"""Danish civil registration numbers (CPR)."""

from __future__ import annotations

from datetime import date

from presidio_analyzer import Pattern, PatternRecognizer

_WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


class DkCprRecognizer(PatternRecognizer):  # type: ignore[misc]
    """DDMMYY-SSSS with hyphen, space or neither.

    The date must be legal in the century its seventh digit tells (CPR-kontoret, "Personnummeret i
    CPR-systemet"). The modulus-11 control only raises the score: valid numbers without it have
    been issued since 2007.
    """

    PATTERNS = [
        Pattern("cpr with separator", r"(?<![\w.])\d{6}[-–‐ ]\d{4}(?![\w-])", 0.85),
        Pattern("ten digits", r"(?<![\w.-])\d{10}(?![\w-])", 0.5),
    ]
    CONTEXT = ["cpr", "cpr-nr", "cprnr", "cpr-nummer", "personnummer", "personnr", "pnr"]

    def __init__(self, supported_language: str = "da") -> None:
        super().__init__(
            supported_entity="DK_CPR",
            patterns=self.PATTERNS,
            context=self.CONTEXT,
            supported_language=supported_language,
        )

    def validate_result(self, pattern_text: str) -> bool | None:
        """False: no legal date. True: the control digit is right, too. None: as scored."""
        digits = [int(c) for c in pattern_text if c.isdigit()]
        if birth_date(digits) is None:
            return False
        return True if _control_is_right(digits) else None


def birth_date(digits: list[int]) -> date | None:
    """The date a CPR number tells, None if there is no such day."""
    day, month, year = (digits[i] * 10 + digits[i + 1] for i in (0, 2, 4))
    try:
        return date(_century(digits[6], year) + year, month, day)
    except ValueError:
        return None


def _century(seventh: int, year: int) -> int:
    if seventh <= 3:
        return 1900
    if seventh in (4, 9):
        return 2000 if year <= 36 else 1900
    return 2000 if year <= 57 else 1800


def _control_is_right(digits: list[int]) -> bool:
    return sum(d * w for d, w in zip(digits, _WEIGHTS, strict=True)) % 11 == 0
