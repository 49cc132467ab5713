"""Phone numbers of other countries in running text."""

from __future__ import annotations

import pytest

from tests.unit.pii.marked import check
from udfs.pii.recognizers.phone import InternationalPhoneRecognizer


@pytest.fixture(scope="module")
def recognizer():
    return InternationalPhoneRecognizer()


@pytest.mark.parametrize(
    "text",
    [
        "Tlf.nr «+47 912 34 567» (norsk)",
        "svensk nummer «0046701234567»",
        "«0046 70 123 45 67»",
        "tysk mobil «+49 (0) 151 23456789»",
        "Phone: «+44 20 7946 0958»",
        "«+44 (0)20 7946 0958», 9 to 5",
        "«+1 (212) 555-0123»",
        "«+1 212 555 0123 ext. 44»",
        "«(+46) 70 123 45 67»",
        "«001-212-555-0123»",
        "Ring på «+46 70 123 45 67» 10 gange",  # longer than Swedish numbers are
        "My cell is «555-123-4567», call anytime",
        "«(212) 555-0123»",
        "«212.555.0123x99»",
    ],
)
def test_with_a_country_code_or_american(recognizer, text):
    check(recognizer, text)


@pytest.mark.parametrize(
    "text",
    [
        "reach me at «(02) 9374 4000»",
        "Phone\n«020 7946 0958»",
        "call back on «07911 123456».",
        "her number is «467 3395»",
        "tlf. «02.27.96.63.08»",
        "fax «040-123456»",
    ],
)
def test_national_numbers_need_a_label(recognizer, text):
    check(recognizer, text)
    bare = text.partition("«")[2].partition("»")[0]
    check(recognizer, f"Noteret {bare} i dag")


@pytest.mark.parametrize(
    "text",
    [
        "order number 555-123-4567",
        "call me on 2024-10-20",
        "Please call back before 01-02-2024",
        "ring den 20.10.24",
        "we called about 3 orders, 123456 and 654321",
        "call about order 2107356",
        "ring kl. 10-12 eller 14-16",
        "call 911",
        "tracking 00370012345678901234",
        "+45 20 61 72 83",  # Danish: another recognizer's
        "3 + 4 = 7",
        "1+1234567890123456",
    ],
)
def test_what_is_none(recognizer, text):
    check(recognizer, text)


def test_every_word_for_a_phone_opens_the_gate(recognizer):
    shut = [w for w in recognizer.CONTEXT if not recognizer.GATE.search(f"{w} 467 3395")]
    assert shut == []
