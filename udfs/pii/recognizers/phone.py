"""Phone numbers of other countries in running text."""

from __future__ import annotations

import re

import phonenumbers
from presidio_analyzer import Pattern, RecognizerResult

from udfs.pii.recognizers.dates import is_date
from udfs.pii.recognizers.dk_phone import DkPhoneRecognizer
from udfs.pii.recognizers.labelled import Label, LabelledRecognizer
from udfs.pii.recognizers.words import PHONE

_DANISH = r"[2-9](?:\d{7}(?!\d)|\d(?P<s>[ .-])\d\d(?:(?P=s)\d\d){2}(?!\d|(?P=s)\d\d)|\d{3}[ -]\d{4}(?!\d))"
_POSSIBLE = phonenumbers.ValidationResult.IS_POSSIBLE  # more than a local number
_DATE = r"(?:[0-3]?\d[-./][01]?\d|[01]?\d[-./][0-3]?\d)[-./](?:19|20)?\d\d(?!\d|[-./]\d)|\d{4}-\d\d-\d\d(?!\d)"
_EXTENSION = r"(?: ?(?:x|ext\.?|lokal) ?\d{1,6})?"


class InternationalPhoneRecognizer(LabelledRecognizer):
    """Numbers with another country's code, North American ones, and national ones by label.

    `phonenumbers` knows how long a country's numbers may be; a number after + is cut there.
    """

    ENTITY = "PHONE_NUMBER"
    DIGITS = 6
    GATE = re.compile(
        r"(?s)\A(?=.*?\d(?:[ ()./–-]{0,3}\d){5})"
        r"(?=.*?(?:\+ ?\d|00 ?\d|\d{3}\)? ?[ .-]?\d{3}[ .-]\d{4}"
        r"|tl?f|tel|mob|fastnet|r[iu]ng|opkald|kontakt|sms|fax|træf|fang|nås|hotline|whatsapp|ph"
        r"|cell|landline|call|text|reach|contact|dial|voicemail|num[mb]er|(?:på|mit) nr))",
        re.IGNORECASE,
    )
    PATTERNS = [
        Pattern(
            "with country code",
            r"(?<![\w+])(?:\((?=(?:\+|00)[\d ]{1,6}\)))?(?:\+|00) ?(?! ?45)[1-9](?:[ ()./–-]{0,3}\d){6,14}(?!\d)"
            + _EXTENSION,
            0.6,
        ),
        Pattern(
            "north american",
            r"(?=[\d(])(?<![\w+.-])(?:(?:1|001)[ .-])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[.-])\d{3}[ .-]\d{4}"
            + _EXTENSION
            + r"(?![\w-]|\.\d)",
            0.5,
        ),
        Pattern(
            "labelled",
            rf"(?<![\w+#])(?<!\d[.,/-])(?!{_DANISH}|{_DATE})(?:\((?=\d{{1,5}}\)))?\d(?:[ ()./–-]{{0,2}}\d){{5,12}}(?!\d|[.,]\d)"
            + _EXTENSION
            + r"(?!\w)",
            0.1,
        ),
    ]
    CONTEXT = PHONE
    NEGATIVE_CONTEXT = DkPhoneRecognizer.NEGATIVE_CONTEXT

    def validate_result(self, pattern_text: str) -> bool | None:
        """False for dates."""
        return False if re.search(r"\d[-./]\d", pattern_text) and is_date(pattern_text) else None

    def needs(self, match: str) -> Label:
        """None at all after +; a label of its own without a country's code or American groups."""
        if match.lstrip("( ").startswith("+"):
            return Label.OTHER if _is_possible(match) else Label.NEAR
        known = _NORTH_AMERICAN.fullmatch(match) or _is_possible(match)
        return Label.NONE if known else Label.OWN

    def _weighed(self, text: str, result: RecognizerResult) -> bool:
        result.end = _end_of_number(text, result.start, result.end)
        return super()._weighed(text, result)


_NORTH_AMERICAN = re.compile(
    r"(?:(?:1|001)[ .-])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[.-])\d{3}[ .-]\d{4}.*"
)


def _end_of_number(text: str, start: int, end: int) -> int:
    """Where the longest number that its country can have ends: what follows is another one."""
    match = text[start:end]
    if not match.lstrip("( ").startswith("+") or _is_possible(match):
        return end
    gaps = [start + gap.start() for gap in re.finditer(r"(?<=\d)[ /]", match)]
    return next((cut for cut in reversed(gaps) if _is_possible(text[start:cut])), end)


def _is_possible(match: str) -> bool:
    """After + a length that the country has; after 00 a number that it has issued."""
    written = match.lstrip("( ")
    if not written.startswith(("+", "00")):
        return False
    try:
        number = phonenumbers.parse(re.sub(r"^00 ?", "+", written).replace("(0)", ""), None)
    except phonenumbers.NumberParseException:
        return False
    if written.startswith("+"):
        return phonenumbers.is_possible_number_with_reason(number) == _POSSIBLE
    return bool(phonenumbers.is_valid_number(number))
