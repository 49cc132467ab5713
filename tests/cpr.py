"""CPR numbers made at run time: none stands in a file."""

from __future__ import annotations

from datetime import date

from udfs.pii.recognizers.dk_cpr import _WEIGHTS


def cpr(birth: date, serial: int = 1234, separator: str = "-") -> str:
    """DDMMYY, separator, SSSS; as text, whether such a person may exist or not."""
    return f"{birth:%d%m%y}{separator}{serial:04d}"


def controlled_cpr(birth: date, first_serial: int = 0) -> str:
    """The next number whose control digit is right."""
    numbers = (cpr(birth, serial, "") for serial in range(first_serial, 10_000))
    return next(n for n in numbers if control_sum(n) % 11 == 0)


def control_sum(digits: str) -> int:
    return sum(int(d) * w for d, w in zip(digits, _WEIGHTS, strict=True))
