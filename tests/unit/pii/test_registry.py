"""All recognizers together: they stop at nothing, and take no long time over anything."""

from __future__ import annotations

import random
import time

import pytest
import regex

from tests.unit.pii.marked import COUNTS
from udfs.pii.config import pii_config
from udfs.pii.findings import Finding
from udfs.pii.recognizers.registry import RECOGNIZERS
from udfs.pii.resolving import resolved

N = 100_000
QUICK = ("1", " ", "a@", "12 ")  # all of them take a minute
# Opens every gate, and labels what follows it.
LABELS = (
    "cpr 010190 tlf +46 12345678 iban DK12 konto 12345678 kort 411111111111 født 01-02-90 ssn "
    "219-09-9999 cvr pas kørekort www.a-b.dk a@b.dk 1.2.3.4 Bo A/S "
)
PIECES = (
    *("1", "0", "@", " ", "a ", "1 ", "1.", "1-", "a.", "12 ", "1234 ", "20-10-2024 ", "+", "+4"),
    *("(", "(1", "a@", "a@b.", ":", "a:", "1:", "http://", "www.", "DK12", "cpr ", "tlf 12 ", "-"),
    *("a-", "f. ", "1/", "bo (at) ", "22334455 ", "1 jan ", "\n1", "12345678\n", "nr. ", "ext 1"),
    *("iban DK12 3456 ", "x", "*", "\u00b2", "\u0663", "İ1"),
)


@pytest.fixture(scope="module")
def recognizers():
    return [(r.GATE, r) for r in (made() for made in RECOGNIZERS)]


@pytest.mark.parametrize(
    "piece",
    [p if p in QUICK else pytest.param(p, marks=pytest.mark.full) for p in PIECES],
)
def test_long_texts_of_one_piece(recognizers, piece):
    text = LABELS + (piece * N)[:N]
    for gate, recognizer in recognizers:
        started = time.process_time()
        assert gate.search(text)
        recognizer.analyze(text, recognizer.supported_entities)
        assert time.process_time() - started < 20, type(recognizer).__name__


def test_no_text_raises(recognizers):
    chosen = random.Random(7)
    signs = "0123456789012345678901234567890123 .-–/+()@:,#*\n'aefprstxøDKCVR²٣"
    for _ in range(3000):
        text = "".join(chosen.choices(signs, k=chosen.randint(0, 60)))
        for gate, recognizer in recognizers:
            for found in recognizer.analyze(text, recognizer.supported_entities):
                assert 0 <= found.start < found.end <= len(text)
                assert 0 < found.score <= 1
                if found.score >= COUNTS:
                    assert gate.search(text), (type(recognizer).__name__, text)


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("Fra Lone, lone@eksempel.dk, 20617283", ["EMAIL_ADDRESS", "PHONE_NUMBER"]),
        ("FI-kort +71<123456789012345+12345678<", []),
        ("Afhentningskode 2233 4455, rabatkode 22334455", []),
        ("Transaktions-id 22334455 den 20-10-2024", []),
        ("ISBN 978-87-02-12345-6", []),
        ("Måler 180 90 75 cm, str. 42, uge 34, 2 stk. a 199,95", []),
        ("Koordinater 55.676098, 12.568337", []),
        ("Betalt 1.234.567,50 kr. den 3/4, saldo 26.148.390,00", []),
        ("Kl. 10-12 eller 14-16 er fint, ring gerne", []),
        ("Ole købte en ring 14 karat guld, vare 12345678", []),
        ("Flight SK1234 on 12 May 2024, booking ref 12345678", []),
        (
            "MobilePay til 20 61 72 83, ellers konto 3409 0012345678",
            ["PHONE_NUMBER", "DK_BANK_ACCOUNT"],
        ),
        ("DOB 3/5/1984, SSN 219-09-9999", ["DATE_OF_BIRTH", "SSN"]),
        ("card 4012888888881881 exp 04/27 cvv 123", ["CREDIT_CARD"]),
        ("CVR 20617283, tlf. 33114455", ["DK_CVR", "PHONE_NUMBER"]),
    ],
)
@pytest.mark.parametrize("flags", [None, regex.DOTALL | regex.MULTILINE | regex.IGNORECASE])
def test_together_they_tell_one_number_from_another(recognizers, text, entities, flags):
    """Also with the flags that Presidio's own engine passes."""
    found = [
        Finding(s.start, s.end, s.entity_type, s.score)
        for gate, recognizer in recognizers
        if gate.search(text)
        for s in recognizer.analyze(text, recognizer.supported_entities, regex_flags=flags)
        if s.score >= COUNTS
    ]
    assert [f.entity for f in resolved(found)] == entities


def test_every_entity_has_a_threshold():
    told = pii_config().entities
    assert {made().supported_entities[0] for made in RECOGNIZERS} <= told.keys()
