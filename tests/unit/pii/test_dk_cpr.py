"""CPR numbers in running text. All numbers are made here, at run time."""

from __future__ import annotations

from datetime import date

import pytest

from tests.cpr import control_sum, controlled_cpr, cpr
from udfs.pii.recognizers.dk_cpr import DkCprRecognizer, birth_date

BORN = date(1985, 2, 14)
UNCONTROLLED = next(
    number
    for serial in range(1000, 1012)
    if control_sum((number := cpr(BORN, serial, "")).replace("-", "")) % 11
)


@pytest.fixture(scope="module")
def recognizer():
    return DkCprRecognizer()


def found(recognizer, text: str) -> list[tuple[str, float]]:
    spans = recognizer.analyze(text, ["DK_CPR"])
    return sorted((text[s.start : s.end], s.score) for s in spans)


@pytest.mark.parametrize("separator", ["-", " ", "\u2010", "\u2013"])
def test_with_a_separator(recognizer, separator):
    number = f"{UNCONTROLLED[:6]}{separator}{UNCONTROLLED[6:]}"
    for text in (f"CPR {number}.", number, f"({number})", f"cpr:{number}, ok"):
        assert found(recognizer, text) == [(number, 0.85)], text


def test_the_control_digit_only_raises_the_score(recognizer):
    right = controlled_cpr(BORN, 1000)
    assert found(recognizer, f"nr {right} er oplyst") == [(right, 1.0)]
    assert found(recognizer, f"nr {UNCONTROLLED} er oplyst") == [(UNCONTROLLED, 0.5)]


@pytest.mark.parametrize(
    "text",
    [
        cpr(date(1985, 2, 14)).replace("14", "32", 1),  # no 32nd day
        "31" + cpr(date(1985, 2, 14))[2:],  # no 31 February
        "1413" + cpr(date(1985, 2, 14))[4:],  # no 13th month
        UNCONTROLLED + "5",
        "5" + UNCONTROLLED,
        "A" + UNCONTROLLED,
        "0." + UNCONTROLLED,
        UNCONTROLLED[:-1],
        f"{UNCONTROLLED[:6]}--{UNCONTROLLED[6:]}",
        "ingen numre her",
    ],
)
def test_what_is_none(recognizer, text):
    assert found(recognizer, text) == []


@pytest.mark.parametrize(
    ("year", "seventh", "expected"),
    [
        (0, 0, 1900), (99, 3, 1999), (36, 4, 2036), (37, 4, 1937), (57, 5, 2057), (58, 5, 1858),
        (57, 8, 2057), (58, 8, 1858), (36, 9, 2036), (37, 9, 1937), (0, 6, 2000), (99, 7, 1899),
    ],
)  # fmt: skip
def test_the_seventh_digit_tells_the_century(year, seventh, expected):
    digits = [1, 0, 0, 2, year // 10, year % 10, seventh, 0, 0, 0]
    assert birth_date(digits) == date(expected, 2, 10)


def test_leap_days_depend_on_the_century():
    assert birth_date([2, 9, 0, 2, 0, 0, 4, 0, 0, 0]) == date(2000, 2, 29)
    assert birth_date([2, 9, 0, 2, 0, 0, 0, 0, 0, 0]) is None  # 1900 was none
