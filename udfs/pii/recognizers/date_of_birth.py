"""Dates of birth."""

from __future__ import annotations

import re

from presidio_analyzer import Pattern

from udfs.pii.recognizers.dates import COMPACT, DAY_FIRST, ISO, MONTH_FIRST, NUMERIC, is_date
from udfs.pii.recognizers.labelled import Label, LabelledRecognizer

_START = r"(?<![\w/-])(?<!\d[.,])"
_END = r"(?!\w|[-/]\d|\.\d)"
_EVENTS = (
    *("leveret", "levering", "leveres", "bestilt", "købt", "oprettet", "betalt", "sendt"),
    *("afsendt", "modtaget", "returneret", "ordre", "faktura", "aftale", "møde", "gift", "død"),
    *("opsagt", "flyttet", "indmeldt", "ansat", "delivered", "delivery", "ordered", "order"),
    *("bought", "created", "paid", "sent", "shipped", "received", "returned", "invoice"),
    *("meeting", "married", "died", "joined", "hired", "moved", "expires", "udløber", "siden"),
    *("since", "due", "indtil", "until", "senest"),
)


class DateOfBirthRecognizer(LabelledRecognizer):
    """A legal date after a word that says it is a birth: "f. 1. maj", "born on 5/1/1990".

    Only the first date after the word; dates of orders, deliveries and the like never count.
    """

    ENTITY = "DATE_OF_BIRTH"
    DIGITS = 2
    GATE = re.compile(
        r"f(?:ø|oe)d|fd?\.|f-?dato|birth|born|b-?day|d\.? ?o\.? ?b|d/o/b", re.IGNORECASE
    )
    PATTERNS = [
        Pattern("numeric", rf"{_START}(?:{NUMERIC}|{ISO}|{COMPACT}){_END}", 0.5),
        Pattern("with month", rf"(?i){_START}(?:{DAY_FIRST}|{MONTH_FIRST})(?!\w)", 0.5),
    ]
    CONTEXT = (
        *("født", "fødte", "fødes", "fødselsdato", "fødselsdatoen", "fødselsdag", "fødselsdagen"),
        *(
            "fødselsdags",
            "fødseldato",
            "foedt",
            "foedselsdato",
            "fødsdato",
            "fødselsd",
            "f.",
            "fødd",
        ),
        *("fdato", "f.dato", "f. dato", "f-dato", "f.d.", "f. d.", "f.d", "fd.", "fødsels- og"),
        *("born", "date of birth", "birth date", "birthdate", "birthday", "birth day", "dob"),
        *("d.o.b.", "d.o.b", "d. o. b.", "date-of-birth", "birth", "bday", "b-day", "d/o/b"),
    )
    NEGATIVE_CONTEXT = (*_EVENTS, "f. eks", "f.eks", "feks", "fx", "f.x")
    REACH = 48
    # Anything but another number or the end of a sentence ("født i Odense d. 1. maj").
    GAP = re.compile(r"(?:[^\d.!?]|[.?](?!\s+[^\W\d])|(?<=\bd)\.|(?<=\bf)\.|(?<=\bb)\.)*")

    def needs(self, match: str) -> Label:
        return Label.OWN

    def validate_result(self, pattern_text: str) -> bool | None:
        """False if there is no such day."""
        return None if is_date(pattern_text) else False
