"""All recognizers together: they stop at nothing, and take no long time over anything."""

from __future__ import annotations

import random
import time

import pytest

from udfs.pii.config import pii_config
from udfs.pii.recognizers.registry import RECOGNIZERS

N = 100_000
# Opens every gate, and labels what follows it.
LABELS = (
    "cpr 010190 tlf +46 12345678 iban DK12 konto 12345678 kort 411111111111 født 01-02-90 ssn "
    "219-09-9999 cvr pas kørekort www.a-b.dk a@b.dk 1.2.3.4 "
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


@pytest.mark.parametrize("piece", PIECES)
def test_long_texts_of_one_piece(recognizers, piece):
    text = LABELS + (piece * N)[:N]
    for gate, recognizer in recognizers:
        started = time.perf_counter()
        assert gate.search(text)
        recognizer.analyze(text, recognizer.supported_entities)
        assert time.perf_counter() - started < 5, type(recognizer).__name__


def test_no_text_raises(recognizers):
    chosen = random.Random(7)
    signs = "0123456789012345678901234567890123 .-–/+()@:,#*\n'aefprstxøDKCVR²٣"
    for _ in range(3000):
        text = "".join(chosen.choices(signs, k=chosen.randint(0, 60)))
        for gate, recognizer in recognizers:
            for found in recognizer.analyze(text, recognizer.supported_entities):
                assert 0 <= found.start < found.end <= len(text)
                assert 0 < found.score <= 1
                assert gate.search(text), (type(recognizer).__name__, text)


def test_every_entity_has_a_threshold():
    told = pii_config().entities
    assert {made().supported_entities[0] for made in RECOGNIZERS} <= told.keys()
