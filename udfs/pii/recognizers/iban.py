"""International bank account numbers (IBAN)."""

from __future__ import annotations

import re
from collections import defaultdict

from presidio_analyzer import Pattern

from udfs.pii.check_digits import is_mod_97
from udfs.pii.recognizers.labelled import LabelledRecognizer
from udfs.pii.recognizers.words import ACCOUNT

_LENGTHS = {
    **{"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22},
    **{"BI": 27, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27},
    **{"DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27},
    **{"GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HN": 28, "HR": 21, "HU": 28},
    **{"IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28},
    **{"LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22},
    **{"MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23},
    **{"PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24},
    **{"SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28},
    **{"TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30},
}
"""Characters of a country's IBAN (SWIFT's IBAN registry)."""


def _by_length() -> str:
    countries: dict[int, list[str]] = defaultdict(list)
    for country, length in _LENGTHS.items():
        countries[length].append(country)
    return "|".join(
        rf"(?:{'|'.join(names)})\d\d(?:[ .-]?[A-Z0-9]){{{length - 4}}}"
        for length, names in sorted(countries.items())
    )


class IbanRecognizer(LabelledRecognizer):
    """Country, two check digits and the account, as long as the country's are, spaced or not.

    The check digits (ISO 13616, modulo 97) make it certain; without them a label is needed, for a
    mistyped number leaks as much. With a label, digits of another length count as well.
    """

    ENTITY = "IBAN_CODE"
    DIGITS = 4
    GATE = re.compile(r"[A-Za-z]\d\d(?:[ .-]?[A-Za-z0-9]){8}")
    PATTERNS = [
        Pattern("iban", rf"(?i)(?<!\w)(?=[A-Z]{{2}}\d\d)(?:{_by_length()})(?!\w)", 0.3),
        Pattern("of another length", r"(?i)(?<!\w)[A-Z]{2}\d\d(?:[ .-]?\d){9,28}(?!\w)", 0.1),
    ]
    CONTEXT = (
        *("iban", "ibannr", "iban-nr", "iban-nummer", "ibannummer", "iban-kode", "iban-kontonr"),
        *("bban", "swift", "bic", "bank", "banken"),
        *ACCOUNT,
    )

    def validate_result(self, pattern_text: str) -> bool | None:
        """True: of its country's length, and the check digits are right. None: as scored."""
        code = re.sub(r"[ .-]", "", pattern_text).upper()
        return True if len(code) == _LENGTHS.get(code[:2]) and is_mod_97(code) else None
