"""Danish company numbers in running text."""

from __future__ import annotations

import pytest

from tests.unit.pii.marked import check, score
from udfs.pii.recognizers.dk_cvr import DkCvrRecognizer


@pytest.fixture(scope="module")
def recognizer():
    return DkCvrRecognizer()


@pytest.mark.parametrize(
    "text",
    [
        "CVR-nr. «20617283»",
        "cvr: «20 61 72 83»",
        "CVR nummeret er «20617283».",
        "CVR/SE-nr. «20617283»",
        "SE-nr. «20617283»",
        "VAT no. «DK20617283»",
        "Momsnr.: «DK-20617283»",
        "CVR\n«20617283»",
    ],
)
def test_numbers(recognizer, text):
    check(recognizer, text)


@pytest.mark.parametrize(
    "text",
    [
        "20617283",
        "DK20617283",
        "ordre 20617283",
        "CVR oplyses senere, tlf. 20617283",
        "CVR 206172834",
        "cvr 2061728",
        "CVR 20617283-1",
    ],
)
def test_what_is_none(recognizer, text):
    check(recognizer, text)


def test_the_control_digit_only_raises_the_score(recognizer):
    digits = [2, 0, 6, 1, 7, 2, 8]
    last = next(
        n
        for n in range(10)
        if sum(d * w for d, w in zip([*digits, n], (2, 7, 6, 5, 4, 3, 2, 1), strict=True)) % 11 == 0
    )
    assert score(recognizer, f"cvr 2061728{last}") == 1.0
    assert score(recognizer, f"cvr 2061728{(last + 1) % 10}") == pytest.approx(0.75)
