"""What a column holds, by its name and its values: values beat names."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.cpr import cpr
from udfs.pii.findings import Finding
from udfs.pii.profiles import proposed

TODAY = date(2026, 1, 31)
BIRTHS = [date(1940, 3, 1) + timedelta(days=211 * n) for n in range(100)]
FIRST = ["Anna", "Søren", "Freja", "Mads", "Ida", "Jens", "Kirsten", "Åse", "Emil", "Nanna"]
NAMES = [f"{a} {b}sen" for a in FIRST for b in ("Han", "Jen", "Niel", "Peder", "Ras")]


def detect(texts):
    """A detector that knows the first names above."""
    return [[Finding(t.index(n), t.index(n) + len(n) + (len(t) - len(n) if t.startswith(n) and len(t.split()) == 2 else 0), "PERSON", 0.9)
             for n in FIRST if n in t.split()] for t in texts]  # fmt: skip


COLUMNS = {
    "cpr": [cpr(b, 1000 + n) for n, b in enumerate(BIRTHS)],
    "bare cpr": [cpr(b, 1000 + n, "") for n, b in enumerate(BIRTHS)],
    "email": [f"k{n}@example.dk" for n in range(60)],
    "phone": [f"20 12 {n} 34" for n in range(10, 90)],
    "bare phone": [f"2012{n}" for n in range(1000, 1100)],
    "name": NAMES,
    "birth": [f"{b:%d-%m-%Y}" for b in BIRTHS],
    "recent": [f"{date(2025, 1, 1) + timedelta(days=n):%d-%m-%Y}" for n in range(60)],
    "postal": [str(n) for n in range(1000, 1100)],
    "street": [f"Nørregade {n}, 2. tv" for n in range(1, 60)],
    "town": ["Aarhus", "Odense", "Nibe"] * 20,
    "iban": ["DK5000400440116243"] * 5,
    "card": ["4111 1111 1111 1111"] * 5,
    "account": [f"1234 00{n}12345" for n in range(10, 50)],
    "yes": ["ja", "nej"] * 30,
    "status": ["aktiv", "passiv", "ny"] * 20,
    "amount": [f"{n},50" for n in range(60)],
    "number": [str(n) for n in range(60)],
    "text": ["talte med Anna om aftalen", "ønsker regning på papir i år", "leveret for sent i går"]
    * 9,
    "code": [f"AX{n}Q" for n in range(100, 160)],
    "empty": ["", None, " "],
}


def of(name: str, values: str):
    return proposed(name, COLUMNS[values], detect, TODAY)


@pytest.mark.parametrize(
    ("name", "values", "entity", "classification", "treatment"),
    [
        ("CPR-nr", "cpr", "DK_CPR", "pii-sensitive", "hash"),
        ("personnr", "bare cpr", "DK_CPR", "pii-sensitive", "hash"),
        ("E-mail", "email", "EMAIL_ADDRESS", "pii-direct", "hash"),
        ("tlf", "phone", "PHONE_NUMBER", "pii-direct", "hash"),
        ("mobil", "bare phone", "PHONE_NUMBER", "pii-direct", "hash"),
        ("Navn", "name", "PERSON", "pii-direct", "hash"),
        ("Fødselsdato", "birth", "DATE_OF_BIRTH", "pii-indirect", "generalize"),
        ("Postnr", "postal", "POSTAL_CODE", "pii-indirect", "generalize"),
        ("Adresse", "street", "STREET_ADDRESS", "pii-direct", "redact"),
        ("By", "town", "LOCATION", "pii-indirect", "keep"),
        ("IBAN", "iban", "IBAN_CODE", "pii-direct", "hash"),
        ("kortnr", "card", "CREDIT_CARD", "pii-sensitive", "redact"),
        ("Konto", "account", "BANK_ACCOUNT", "pii-direct", "hash"),
        # Misleading headers: values beat names.
        ("id", "cpr", "DK_CPR", "pii-sensitive", "hash"),
        ("id", "bare cpr", "DK_CPR", "pii-sensitive", "hash"),
        ("note", "phone", "PHONE_NUMBER", "pii-direct", "hash"),
        ("note", "bare phone", "PHONE_NUMBER", "pii-direct", "hash"),
        ("status", "name", "PERSON", "pii-direct", "hash"),
        ("navn", "email", "EMAIL_ADDRESS", "pii-direct", "hash"),
        ("konto", "iban", "IBAN_CODE", "pii-direct", "hash"),
        ("felt_7", "birth", "DATE_OF_BIRTH", "pii-indirect", "generalize"),
        ("felt_8", "street", "STREET_ADDRESS", "pii-direct", "redact"),
        ("email", "yes", None, "internal", "keep"),
        ("cpr", "status", None, "internal", "keep"),
        ("telefon", "status", None, "internal", "keep"),
        # Nobody's.
        ("ordrenr", "bare phone", None, "internal", "keep"),
        ("oprettet", "recent", None, "internal", "keep"),
        ("beløb", "amount", None, "internal", "keep"),
        ("antal", "number", None, "internal", "keep"),
        # A person's number, free text, and what nobody knows.
        ("kunde_id", "number", None, "pii-indirect", "hash"),
        ("Bemærkninger", "text", None, "pii-text", "detect"),
        ("felt_9", "code", None, None, None),
        ("navn", "empty", "PERSON", "pii-direct", "hash"),
        ("felt_10", "empty", None, None, None),
    ],
)
def test_what_is_proposed(name, values, entity, classification, treatment):
    told = of(name, values)
    assert (told.entity, told.classification, told.treatment) == (
        entity,
        classification,
        treatment,
    ), told.why


def test_the_reason_names_what_contradicts():
    assert of("konto", "iban").why == "100% of the values; the name says BANK_ACCOUNT"
    assert of("email", "yes").why == "a category; the name says EMAIL_ADDRESS, no value does"


@pytest.mark.parametrize(
    ("values", "kind", "pattern"),
    [("birth", "date", "dd-MM-yyyy"), ("recent", "date", "dd-MM-yyyy"), ("amount", "number", None),
     ("number", "integer", None), ("yes", "boolean", None), ("status", "string", None)],
)  # fmt: skip
def test_types(values, kind, pattern):
    told = of("felt", values)
    assert (told.logical_type, told.format) == (kind, pattern)


def test_a_proposal_holds_no_value():
    for values, given in COLUMNS.items():
        text = str(of("felt", values)).casefold()
        found = [v for v in given if v and len(v) > 3 and v.casefold() in text]
        assert found == [], values


def test_a_detector_that_fails_is_no_reason_to_stop():
    def fails(texts):
        raise ValueError(texts)

    told = proposed("Bemærkninger", COLUMNS["text"], fails, TODAY)
    assert told.treatment in ("detect", None)
