"""E-mail addresses in running text."""

from __future__ import annotations

import pytest

from tests.unit.pii.marked import check
from udfs.pii.recognizers.email import EmailRecognizer


@pytest.fixture(scope="module")
def recognizer():
    return EmailRecognizer()


@pytest.mark.parametrize(
    "text",
    [
        "skriv til «a@b.dk».",
        "<«a.b+c@sub.example.com»>",
        "mailto:«Søren.Åse@øl.københavn», tak",
        "«a@b.dk»;«c@d.com»",
        "«o'neil@example.ie»",
        "«A@B.DK»",
        "fra «lone.hansen@gmail.com»(privat)",
        "«ab_12@xn--bcher-kva.xn--p1ai»",
        "Skriv til «bo.hansen (at) firma (dot) dk»",
        "«bo[at]firma.dk»",
        "«bo (snabel-a) firma [punktum] dk»",
        "«bo {at} firma.dk»",
        "«Bo (AT) Firma (DOT) DK»",
        "a@b",
        "@b.dk",
        "a @ b.dk",
        "a@b.d1",
        "pris 5 kr. @ 2 stk.",
        "mødes (at) kontoret",
        "se (a) og (b) i bilag.dk",
        "navn at firma.dk",
    ],
)
def test_addresses(recognizer, text):
    check(recognizer, text)
