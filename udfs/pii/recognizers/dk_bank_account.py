"""Danish bank accounts: registration number and account number."""

from __future__ import annotations

import re

from presidio_analyzer import Pattern

from udfs.pii.recognizers.labelled import Label, LabelledRecognizer
from udfs.pii.recognizers.words import ACCOUNT, COMPANY_NUMBERS, MONEY, PHONE, THINGS, numbered

_START = r"(?=\d)(?<![\w+#])(?<!\d[.,/ -])"
_END = r"(?!\w|[-/]\d|[.,]\d| \d{2,4}\b)"
_NUMBER = r"\d(?: ?\d){5,9}"
_BETWEEN = (
    r"[ ,;/:.-]{0,3}(?:(?:og|and|&) )?(?:kontonummer|kontonr|konto|kto|account|acct|acc)"
    r"(?:[ -]?(?:nr|no|nummer|number))?[ .:#-]{0,3}"
)


class DkBankAccountRecognizer(LabelledRecognizer):
    """Four digits of the bank's branch and six to ten of the account, and what stands between.

    "reg. 1234 konto 567890" tells by itself; "1234 0001234567" needs the words reg, konto,
    account or the like before it, and an account without its branch needs them right before it.
    """

    ENTITY = "DK_BANK_ACCOUNT"
    DIGITS = 6
    GATE = re.compile(
        r"\d(?: ?\d){9}|\d{4}[^\d\n]{1,40}\d{6}"
        r"|k(?:on)?to|acc|reg|bank|sort|betal|indb|indsæt|sættes|overf|refund|transfer|deposit",
        re.IGNORECASE,
    )
    PATTERNS = [
        Pattern("with words between", rf"(?i){_START}\d{{4}}{_BETWEEN}{_NUMBER}{_END}", 0.6),
        Pattern("branch and account", rf"{_START}\d{{4}} ?[-–/ ] ?{_NUMBER}{_END}", 0.3),
        Pattern("account", rf"{_START}(?:\d{{14}}|{_NUMBER}){_END}", 0.2),
    ]
    CONTEXT = (
        *ACCOUNT,
        *("reg", "regnr", "reg.nr", "registreringsnummer", "registreringsnr", "reg-nr"),
        *("reg. og konto", "reg og konto", "reg. nr", "reg./konto", "reg/konto", "reg.-nr"),
        *("reg. og kontonr", "reg. og kontonummer", "reg.nr. og kontonr", "reg.nr./kontonr"),
        *("reg.- og kontonr", "sort code", "bankoplysninger", "bank", "banken", "udbetales"),
        *(
            "udbetaling",
            "indsættes",
            "indsæt",
            "indsætte",
            "sættes ind",
            "indbetales",
            "overføres",
            "overfør",
            "overføre",
        ),
        *(
            "refunderes",
            "refunder",
            "tilbagebetales",
            "transfer",
            "transferred",
            "refund",
            "deposit",
        ),
        *numbered("reg", "registrerings"),
    )
    NEGATIVE_CONTEXT = (
        *(w for w in (*THINGS, *MONEY, *COMPANY_NUMBERS, *PHONE) if w not in ACCOUNT),
        *("cpr", "cprnr", "cpr-nr", "cpr-nummer", "personnummer", "iban"),
        *("kort", "kortnummer", "betalingskort", "dankort", "visa", "mastercard", "card"),
    )

    def needs(self, match: str) -> Label:
        """The label of its own if it is an account without its branch."""
        return Label.NONE if re.match(r"\d{4}\D", match) else Label.OWN
