"""Payment card numbers: issuers' test numbers, and ones without the control digit."""

from __future__ import annotations

import pytest

from tests.unit.pii.marked import check, score
from udfs.pii.recognizers.credit_card import CreditCardRecognizer


@pytest.fixture(scope="module")
def recognizer():
    return CreditCardRecognizer()


@pytest.mark.parametrize(
    "number",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "5555555555554444",
        "2223003122003222",
        "3782 822463 10005",
        "378282246310005",
        "30569309025904",
        "3056 930902 5904",
        "6011111111111117",
        "3530111333300000",
        "5019717010103742",
        "4222222222222",
    ],
)
def test_an_issuers_number_needs_no_word(recognizer, number):
    for text in ("«{}»", "betalt med «{}».", "(«{}»)"):
        check(recognizer, text.format(number))
    assert score(recognizer, number) == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "kort «4571 9999 9999 9999»",
        "Kortet «4111111111111112» er spærret",
        "Dankortnummer «5019 1234 5678 9012»",
        "betalingskort til «4428897647379151»",
        "my card was declined: «675984103432»",
        "credit card? «4111 1111 1111 1112»",
    ],
)
def test_without_the_control_digit_a_word_is_needed(recognizer, text):
    check(recognizer, text)
    bare = text.partition("«")[2].partition("»")[0]
    check(recognizer, f"noteret {bare} i dag")


@pytest.mark.parametrize(
    "text",
    [
        "EAN 5701234567899",
        "EAN-nummer 5790000123456",
        "tracking 4111111111111111",
        "ordrenr. 4111111111111111",
        "varenr: 4111 1111 1111 1111",
        "gavekort 4111111111111112",
        "IMEI 490154203237518",
        "kortet er væk, EAN 5701234567899",
        "00370012345678901234",
        "1234 5678 9012 3456",
        "41111111111111111",
        "4111111111111111,50",
        "A4111111111111111",
        "4111 1111 1111 1111 1111 1111",
    ],
)
def test_what_is_none(recognizer, text):
    check(recognizer, text)
