"""Danish phone numbers in running text."""

from __future__ import annotations

import pytest

from jobs.sample.pools import PHONE_SPELLINGS, spelled
from udfs.pii.recognizers.dk_phone import DkPhoneRecognizer


@pytest.fixture(scope="module")
def recognizer():
    return DkPhoneRecognizer()


def found(recognizer, text: str) -> dict[str, float]:
    return {text[s.start : s.end]: s.score for s in recognizer.analyze(text, ["PHONE_NUMBER"])}


@pytest.mark.parametrize("spelling", range(len(PHONE_SPELLINGS)))
def test_every_spelling_of_the_sample_is_found_whole(recognizer, spelling):
    number = spelled("20123456", spelling)
    score = 0.9 if "45" in number[:5] else 0.5
    for text in (f"Ring {number} i dag", f"({number})", f"tlf: {number}.", f"{number}, tak"):
        longest = max(found(recognizer, text), key=len)
        assert (longest.strip("("), found(recognizer, text)[longest]) == (number.strip("("), score)


@pytest.mark.parametrize(
    "text",
    [
        "ordre 1234",
        "beløb 20123456,50 kr.",
        "12345678",  # begins with 1: no subscriber
        "00 00 00 00",
        "+46 8 123 456 78",
        "IBAN DK5000400440116243",
        "2024-10-20",  # once found, so that an unclassified date stopped its table
        "20-10-2024",
        "20.10.2024",
        "2024-10-20T10:00:00",
        "20/12/34/56",
        "A20123456",
        "201234567",
        "1.20123456",
        "version 2.0.1",
    ],
)
def test_what_is_none(recognizer, text):
    assert found(recognizer, text) == {}
