"""Danish phone numbers in running text."""

from __future__ import annotations

import re

from presidio_analyzer import Pattern

from udfs.phones import to_e164
from udfs.pii.recognizers.dates import is_date
from udfs.pii.recognizers.labelled import Label, LabelledRecognizer
from udfs.pii.recognizers.words import ACCOUNT, COMPANY_NUMBERS, MONEY, PHONE, THINGS, numbered

_START = r"(?<![\w+#])(?<!\w-)(?<!\d[.,–])(?<!(?<!\d{3})\d/)"
_END = r"(?!\w|[.,/-]\d{1,3}(?!\d)|-\d|,-)(?! ?(?:kr|dkk|eur|usd|stk|kroner|euro|pcs)\b)"
_YEARS = re.compile(r"(?:19|20)\d\d[ -](?:19|20)\d\d")


class DkPhoneRecognizer(LabelledRecognizer):
    """Eight digits (whole, 2-2-2-2, 4-4, 3-2-3 or 2-3-3), with or without +45, 0045 or 45.

    A number should lie in a range that the national numbering plan has issued, as `phonenumbers`
    knows it, and be neither a date nor two years; else it needs a label. With its country
    code it is certain, without one it is likely.
    """

    ENTITY = "PHONE_NUMBER"
    DIGITS = 8
    GATE = re.compile(
        r"\d(?: ?\d){7}|45[ )(.–-]{1,3}\d|\d\d ?[ .–/-] ?\d\d ?[ .–/-] ?\d\d ?[ .–/-] ?\d\d"
        r"|\d{4}[ .–-]\d{4}|\d{2,3}[ -]\d{2,3}[ -]\d{2,3}(?!\d)"
    )
    PATTERNS = [
        Pattern(
            "with country code",
            r"(?<![\w+])(?:\((?=\+ ?45\)|00 ?45\)))?(?:\+|00) ?45\)?[ .–-]{0,3}\d(?:[ .–/-]?\d){7}(?!\d)",
            0.9,
        ),
        Pattern(
            "eight digits",
            rf"(?=[\d(]){_START}(?:(?:\(45\)|45)[ -]?)?(?:"
            r"(?<!\d\d \d\d )[2-9]\d(?P<sign> ?[ .–/-] ?)\d\d(?:(?P=sign)\d\d){2}"
            r"|(?<!\d{4} )[2-9]\d{3}[ .–-]\d{4}(?! \d{4}\b)"
            r"|(?<!\d )(?:[2-9]\d\d[ -]\d\d[ -]\d{3}|[2-9]\d[ -]\d{3}[ -]\d{3}"
            r"|[2-9]\d\d[ -]\d{3}[ -]\d\d)(?! \d)"
            rf"|\d{{8}}){_END}",
            0.45,
        ),
        Pattern("any groups", rf"{_START}\d(?: ?\d){{7}}(?! \d\d\b){_END}", 0.1),
    ]
    CONTEXT = PHONE
    NEGATIVE_CONTEXT = (
        *(w for w in (*THINGS, *MONEY, *COMPANY_NUMBERS, *ACCOUNT) if w not in PHONE),
        *("kørekort", "kørekortnummer", "pas", "pasnummer", "cpr", "swift", "bic", "konto nr"),
        *("passport", "license", "licence", "imei", "gps", "uge", "årgang"),
        *numbered("pas", "kørekort", "passport", "license", "licence", "driver's license"),
    )

    def needs(self, match: str) -> Label:
        """A label if no such number can have been issued, or if it is a date or two years; of its
        own if it has no groups, either. None at all with its country code."""
        groups = re.findall(r"\d+", match)
        if match.lstrip("( ").startswith(("+", "00")) and "".join(groups)[-8] > "1":
            return Label.OTHER
        whole = len(groups) == 1
        dated = (whole or "." in match) and is_date(match)
        if _is_issued("".join(groups)) and not dated and not _YEARS.fullmatch(match):
            return Label.NONE
        return Label.OWN if whole or match[0] in "01" else Label.NEAR


def _is_issued(digits: str) -> bool:
    return (to_e164("+45" + digits[-8:]) or "").startswith("+45")
