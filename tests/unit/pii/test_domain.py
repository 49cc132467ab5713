"""Web addresses and domain names in running text."""

from __future__ import annotations

import pytest

from tests.unit.pii.marked import check
from udfs.pii.recognizers.domain import DomainRecognizer


@pytest.fixture(scope="module")
def recognizer():
    return DomainRecognizer()


@pytest.mark.parametrize(
    "text",
    [
        "Se «https://minside.example/kunde?id=5», tak",
        "(«http://www.eksempel.dk/»)",
        "«HTTP://EKSEMPEL.DK»!",
        "«www.firma.dk».",
        "«www.blåbær.museum»",
        "købt på «proshop.dk» i går",
        "sub «a1.eksempel.co.uk/x?y=1#z».",
        "«https://t.co/aB3»",
        "link: «bit.ly/3xYz»",
        "hjemmesiden «eksempel.de»",
        "visit «example.it» today",
    ],
)
def test_addresses(recognizer, text):
    check(recognizer, text)


@pytest.mark.parametrize(
    "text",
    [
        "bestilt.de vil gerne",
        "mail.se her",
        "kl.da",
        "f.eks. i dag",
        "rapport.csv",
        "job.py",
        "0.5.dk",
        "a.dk",
        "bo@firma.dk",
        "bo.com@firma.dk",
        "Slut.De kommer",
        "3.com.",
        "http://",
        "www.",
    ],
)
def test_what_is_none(recognizer, text):
    check(recognizer, text)
