"""International bank account numbers. The examples are those of banks' own documentation."""

from __future__ import annotations

import pytest

from tests.unit.pii.marked import check, score
from udfs.pii.recognizers.iban import IbanRecognizer


@pytest.fixture(scope="module")
def recognizer():
    return IbanRecognizer()


@pytest.mark.parametrize(
    "text",
    [
        "IBAN: «DK50 0040 0440 1162 43»",
        "«DK5000400440116243»",
        "«de89370400440532013000».",
        "(«GB82 WEST 1234 5698 7654 32»)",
        "«NO93-8601-1117-947», tak",
        "«DK50 0040 0440 1162 43» og mere 12",
        "«MT84MALT011000012345MTLCAST001S»",
    ],
)
def test_the_check_digits_make_it_certain(recognizer, text):
    check(recognizer, text)
    assert score(recognizer, text.replace("«", "").replace("»", "")) == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "IBAN «DK51 0040 0440 1162 43» på konto",  # wrong check digits
        "iban-nr.: «DK500040044011624»",  # one digit short
        "overføres til «gb83west12345698765432»",
    ],
)
def test_a_mistyped_one_needs_a_label(recognizer, text):
    check(recognizer, text)
    bare = text.partition("«")[2].partition("»")[0]
    check(recognizer, f"noteret {bare} i dag")


@pytest.mark.parametrize(
    "text",
    [
        "ordre DK50004004",
        "XX5000400440116243",
        "ADK5000400440116243",
        "DK50004004401162435",
        "IBAN oplyses senere",
        "model AB12 3456",
    ],
)
def test_what_is_none(recognizer, text):
    check(recognizer, text)
