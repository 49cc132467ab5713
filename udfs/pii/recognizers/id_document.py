"""Numbers of passports and driving licences: of many forms, told apart by their label alone."""

from __future__ import annotations

import re

from presidio_analyzer import Pattern

from udfs.pii.recognizers.labelled import LINKED, Label, LabelledRecognizer
from udfs.pii.recognizers.words import PHONE, THINGS, numbered

_START = r"(?<![\w+#])(?<!\d[.,/-])"
_END = r"(?!\w|[-/]\d|[.,]\d)"


class PassportRecognizer(LabelledRecognizer):
    """Six to nine digits with up to two letters, right after a word for a passport."""

    ENTITY = "PASSPORT"
    GATE = re.compile(r"\bpas|passport", re.IGNORECASE)
    PATTERNS = [
        Pattern("passport", rf"(?i){_START}(?:[A-Z]{{1,2}} ?)?\d{{6,9}}[A-Z]?{_END}", 0.3),
    ]
    CONTEXT = (
        *("pas", "passet", "pas nr", "pasnr", "pasnummer", "pasnummeret", "passport"),
        *("passport number", "passport no"),
        *numbered("pas", "passport"),
    )
    NEGATIVE_CONTEXT = (*THINGS, *PHONE)
    GAP = LINKED  # "pas på" means beware

    def needs(self, match: str) -> Label:
        return Label.OWN


class DriverLicenseRecognizer(LabelledRecognizer):
    """Five to fourteen digits and letters, right after a word for a driving licence."""

    ENTITY = "DRIVER_LICENSE"
    GATE = re.compile(r"kørekort|koerekort|licen[cs]e|(?<!\w)dl", re.IGNORECASE)
    PATTERNS = [
        Pattern(
            "driving licence",
            rf"(?i){_START}(?:[A-Z]{{1,2}}-?)?\d[\d-]{{4,13}}(?<=\d)[A-Z]{{0,2}}{_END}",
            0.3,
        ),
        Pattern(
            "british", rf"(?i){_START}[A-Z]{{2,5}}9{{0,3}}\d{{6}}[A-Z9]{{2}}\d[A-Z]{{2}}{_END}", 0.3
        ),
    ]
    CONTEXT = (
        *("kørekort", "kørekortet", "koerekort", "driver's license", "driver's licence"),
        *("drivers license", "drivers licence", "driver license", "driver licence"),
        *("driving license", "driving licence", "dl", "dl#", "license number"),
        *numbered("kørekort", "koerekort", "dl", "driver license", "driver's license"),
    )
    NEGATIVE_CONTEXT = (*THINGS, *PHONE)
    GAP = LINKED

    def needs(self, match: str) -> Label:
        return Label.OWN
