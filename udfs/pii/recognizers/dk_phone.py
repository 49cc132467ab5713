"""Danish phone numbers in running text."""

from __future__ import annotations

import re

from presidio_analyzer import Pattern

from udfs.phones import to_e164
from udfs.pii.recognizers.dates import is_date
from udfs.pii.recognizers.labelled import LabelledRecognizer
from udfs.pii.recognizers.words import ACCOUNT, COMPANY_NUMBERS, MONEY, PHONE, THINGS, numbered

_START = r"(?<![\w+#])(?<!\w-)(?<!\d[.,–])(?<!(?<!\d{3})\d/)"
_END = r"(?!\w|[.,/-]\d{1,3}(?!\d)|-\d|,-)(?! ?(?:kr|dkk|eur|usd|stk|kroner|euro|pcs)\b)"
_YEARS = re.compile(r"(?:19|20)\d\d[ -](?:19|20)\d\d")


class DkPhoneRecognizer(LabelledRecognizer):
    """Eight digits (whole, 2-2-2-2, 4-4, 3-2-3 or 2-3-3), with or without +45, 0045 or 45.

    A number should lie in a range that the national numbering plan has issued, as `phonenumbers`
    knows it, and be neither a date nor two years; else only a label right before it makes it
    count. With its country code it is certain, without one it is likely.
    """

    ENTITY = "PHONE_NUMBER"
    GATE = re.compile(r"\d(?:[ .–/-]{0,2}\d){7}")
    PATTERNS = [
        Pattern(
            "with country code",
            r"(?<![\w+])(?:\(?\+ ?45\)?|\(?00 ?45\)?)[ .–-]{0,3}\d(?:[ .–/-]?\d){7}(?!\d)",
            0.9,
        ),
        Pattern(
            "with 45",
            rf"{_START}\(?45\)?[ -]?[2-9]\d(?:(?P<sign>[ .-]?)\d\d(?:(?P=sign)\d\d){{2}}"
            rf"|\d\d[ -]\d{{4}}){_END}",
            0.45,
        ),
        Pattern(
            "pairs",
            rf"{_START}[2-9]\d(?P<sign> ?[ .–/-] ?)\d\d(?:(?P=sign)\d\d){{2}}{_END}",
            0.5,
        ),
        Pattern(
            "fours", rf"{_START}(?<!\d{{4}} )[2-9]\d{{3}}[ .–-]\d{{4}}(?! \d{{4}}\b){_END}", 0.45
        ),
        Pattern(
            "threes",
            rf"{_START}(?<!\d )(?:[2-9]\d\d[ -]\d\d[ -]\d{{3}}|[2-9]\d[ -]\d{{3}}[ -]\d{{3}}"
            rf"|[2-9]\d\d[ -]\d{{3}}[ -]\d\d)(?! \d){_END}",
            0.4,
        ),
        Pattern("eight digits", rf"{_START}\d{{8}}{_END}", 0.45),
        # Signs of all kinds are dates and amounts as well.
        Pattern("any groups", rf"{_START}\d(?:[ .]?\d){{7}}(?![ ]\d\d\b){_END}", 0.1),
    ]
    CONTEXT = PHONE
    NEGATIVE_CONTEXT = (
        *(w for w in (*THINGS, *MONEY, *COMPANY_NUMBERS, *ACCOUNT) if w not in PHONE),
        *("kørekort", "kørekortnummer", "pas", "pasnummer", "cpr", "swift", "bic", "konto nr"),
        *("passport", "license", "licence", "imei", "gps", "uge", "årgang"),
        *numbered("pas", "kørekort", "passport", "license", "licence", "driver's license"),
    )

    def certain(self, match: str) -> bool:
        """With its country code."""
        return match.lstrip("( ").startswith(("+", "00")) and not self.doubtful(match)

    def doubtful(self, match: str) -> bool:
        """No number that can have been issued, a date, or two years."""
        number = to_e164(re.sub(r"[().–/\s-]", "", match))
        if number is None or not number.startswith("+45"):
            return True
        if _YEARS.fullmatch(match):
            return True
        groups = re.findall(r"\d+", match)
        return (len(groups) == 1 and is_date(match)) or (
            "." in match and len(groups) == 3 and is_date(match)
        )
