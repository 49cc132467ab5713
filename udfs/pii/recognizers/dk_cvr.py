"""Danish company numbers (CVR)."""

from __future__ import annotations

import re

from presidio_analyzer import Pattern

from udfs.pii.recognizers.labelled import Label, LabelledRecognizer
from udfs.pii.recognizers.words import COMPANY_NUMBERS, MONEY, PHONE, THINGS

_WEIGHTS = (2, 7, 6, 5, 4, 3, 2, 1)


class DkCvrRecognizer(LabelledRecognizer):
    """Eight digits after CVR, SE or VAT, with or without DK.

    A company is no person: the entity is kept apart. The modulus-11 control only raises the score.
    """

    ENTITY = "DK_CVR"
    DIGITS = 8
    GATE = re.compile(r"cvr|vat|moms-?n|org\.?nr|(?<!\w)(?:se|p)[- ]?n", re.IGNORECASE)
    PATTERNS = [
        Pattern(
            "cvr",
            r"(?i)(?<![\w+#])(?<!\d[.,/-])(?:DK[ -]?)?(?:\d{8}|\d\d(?: \d\d){3}|\d{4} \d{4})"
            r"(?!\w|[-/]\d|[.,]\d)",
            0.4,
        )
    ]
    CONTEXT = COMPANY_NUMBERS
    NEGATIVE_CONTEXT = (*THINGS, *MONEY, *PHONE)

    def needs(self, match: str) -> Label:
        return Label.OWN

    def validate_result(self, pattern_text: str) -> bool | None:
        """True: the control digit is right. None: as scored."""
        digits = [int(c) for c in pattern_text if c.isdecimal()]
        return True if sum(d * w for d, w in zip(digits, _WEIGHTS, strict=True)) % 11 == 0 else None
