"""Payment card numbers."""

from __future__ import annotations

import re

from presidio_analyzer import Pattern

from udfs.pii.check_digits import is_luhn
from udfs.pii.recognizers.labelled import LabelledRecognizer
from udfs.pii.recognizers.words import ACCOUNT, COMPANY_NUMBERS, MONEY, THINGS, numbered

_START = r"(?=\d)(?<![\w+#])(?<!\d[.,/ -])(?<!\w-)"
_END = r"(?!\w|[-/]\d|[.,]\d| \d{4}(?!\d))"
_ISSUED = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3[0689]\d{12}(?:\d\d)?"
    r"|35\d{14}|(?:2131|1800)\d{11}|(?:6\d|5[06-9])\d{14}(?:\d{3})?|6\d{11}"
)
"""Heads and lengths: Visa, Mastercard, American Express, Diners, JCB, Discover and Maestro with
Dankort (5019)."""


class CreditCardRecognizer(LabelledRecognizer):
    """12 to 19 digits, whole or in an issuer's groups.

    With an issuer's head and the control digit (Luhn) certain; else a word for a card is needed:
    mistyped numbers leak, too, but EAN and parcel numbers have as many digits.
    """

    ENTITY = "CREDIT_CARD"
    DIGITS = 12
    GATE = re.compile(r"\d(?:[ .-]?\d){11}")
    PATTERNS = [
        Pattern(
            "in groups",
            rf"{_START}(?:\d{{4}}(?P<s>[ .-])\d{{4}}(?P=s)\d{{4}}(?P=s)\d{{1,4}}(?:(?P=s)\d{{1,3}})?"
            rf"|3\d{{3}}(?P<t>[ .-])\d{{6}}(?P=t)\d{{4,5}}|\d{{6}} \d{{13}}){_END}",
            0.35,
        ),
        Pattern("whole", rf"{_START}\d{{12,19}}{_END}", 0.3),
    ]
    CONTEXT = (
        *("kort", "kortet", "kortnr", "kortnummer", "kortnummeret", "betalingskort", "dankort"),
        *("betalingskortet", "visakort", "visa", "visa/dankort", "mastercard", "master card"),
        *("eurocard", "maestro", "amex", "american express", "diners", "kreditkort", "hævekort"),
        *("kreditkortet", "debetkort", "debitkort", "kreditkortnummer", "betalingskortnummer"),
        *("card", "cards", "card number", "credit card", "creditcard", "debit card", "debit"),
        *("credit", "cc", "cardnumber", "jcb", "discover", "pan"),
        *numbered("kort", "card", "kreditkort", "dankort", "betalingskort", "creditcard"),
    )
    NEGATIVE_CONTEXT = (
        *(w for w in (*THINGS, *MONEY, *COMPANY_NUMBERS, *ACCOUNT)),
        *("gavekort", "gavekortet", "gavekortnr", "gavekortkode", "gift card", "giftcard"),
        *("sim-kort", "simkort", "iccid", "sim card", "iban"),
    )

    def validate_result(self, pattern_text: str) -> bool | None:
        """True: an issuer's head, and the control digit is right. None: as scored."""
        digits = re.sub(r"\D", "", pattern_text)
        return True if _ISSUED.fullmatch(digits) and is_luhn(digits) else None
