"""Social security numbers of the United States."""

from __future__ import annotations

import re

from presidio_analyzer import Pattern

from udfs.pii.recognizers.labelled import Label, LabelledRecognizer
from udfs.pii.recognizers.words import COMPANY_NUMBERS, MONEY, PHONE, THINGS, numbered

_AREA = r"(?<![\w+#])(?<!\d[.,/ -])(?<!\w-)(?!000|666|9)\d{3}"
_END = r"(?!\w|[-/]\d|[.,]\d)"


class UsSsnRecognizer(LabelledRecognizer):
    """AAA-GG-SSSS, none of them zero, area not 666 or 900 and above (SSA, since 2011).

    With spaces or whole a label is needed.
    """

    ENTITY = "SSN"
    DIGITS = 9
    GATE = re.compile(r"\d{3}[- .]\d\d[- .]\d{4}|(?<!\d)\d{9}(?!\d)")
    PATTERNS = [
        Pattern("with hyphens", rf"{_AREA}-(?!00)\d\d-(?!0000)\d{{4}}{_END}", 0.5),
        Pattern("with spaces", rf"{_AREA}(?P<s>[ .])(?!00)\d\d(?P=s)(?!0000)\d{{4}}{_END}", 0.2),
        Pattern("whole", rf"{_AREA}(?!00)\d\d(?!0000)\d{{4}}{_END}", 0.1),
    ]
    CONTEXT = (
        *("ssn", "ssns", "ssn#", "social security", "social security number", "social"),
        *("social security no", "social sec", "ss#", "ss number", "tin", "itin", "taxpayer id"),
        *numbered("ssn"),
    )
    NEGATIVE_CONTEXT = (*THINGS, *MONEY, *COMPANY_NUMBERS, *PHONE)

    def needs(self, match: str) -> Label:
        return Label.OWN if match.isdecimal() else Label.NONE
