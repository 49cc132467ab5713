"""Danish phone numbers in running text."""

from __future__ import annotations

import re

from presidio_analyzer import Pattern, PatternRecognizer

from udfs.phones import to_e164

_GROUPED = r"[2-9]\d(?:[ .-]?\d{2}){3}|[2-9]\d{3}[ .-]\d{4}"
# One separator throughout, or every date such as 2024-10-20 would be a number.
_EVENLY_GROUPED = r"[2-9]\d(?P<sign>[ .-]?)\d{2}(?:(?P=sign)\d{2}){2}|[2-9]\d{3}[ .-]\d{4}"


class DkPhoneRecognizer(PatternRecognizer):  # type: ignore[misc]
    """Eight digits (whole, 2-2-2-2 or 4-4), with or without +45, 0045 or (+45).

    A number must lie in a range that the national numbering plan has issued, as `phonenumbers`
    knows it; with its country code it is certain, without one it is likely.
    """

    PATTERNS = [
        Pattern(
            "with country code",
            rf"(?<![\w+])(?:\(?\+45\)?|0045)[ .-]{{0,2}}(?:{_GROUPED})(?!\d)",
            0.9,
        ),
        Pattern("eight digits", rf"(?<![\w+.,/-])(?:{_EVENLY_GROUPED})(?![\d/-]|[.,]\d)", 0.5),
    ]
    CONTEXT = [
        "tlf",
        "tlf.",
        "telefon",
        "telefonnummer",
        "mobil",
        "mobilnummer",
        "ring",
        "phone",
        "call",
    ]

    def __init__(self, supported_language: str = "da") -> None:
        super().__init__(
            supported_entity="PHONE_NUMBER",
            patterns=self.PATTERNS,
            context=self.CONTEXT,
            supported_language=supported_language,
        )

    def validate_result(self, pattern_text: str) -> bool | None:
        """False if no such number can have been issued; else as scored."""
        number = to_e164(re.sub(r"[().\s-]", "", pattern_text))
        return None if number and number.startswith("+45") else False
