"""CPR numbers in running text. All numbers are made here, at run time."""

from __future__ import annotations

from datetime import date

import pytest

from tests.cpr import control_sum, controlled_cpr, cpr
from tests.unit.pii.marked import check, score
from udfs.pii.recognizers.dk_cpr import DkCprRecognizer, birth_date

BORN = date(1985, 2, 14)
UNCONTROLLED = next(
    number
    for serial in range(1000, 1012)
    if control_sum((number := cpr(BORN, serial, "")).replace("-", "")) % 11
)
DATE, SERIAL = UNCONTROLLED[:6], UNCONTROLLED[6:]


@pytest.fixture(scope="module")
def recognizer():
    return DkCprRecognizer()


def filled(text: str) -> str:
    day, month, year = DATE[:2], DATE[2:4], DATE[4:]
    return text.format(n=UNCONTROLLED, d=DATE, s=SERIAL, dd=day, mm=month, yy=year)


@pytest.mark.parametrize("separator", ["-", " ", "  ", " - ", "\u2010", "\u2013", " \u2013 ", "/"])
def test_with_a_separator(recognizer, separator):
    number = f"{DATE}{separator}{SERIAL}"
    for text in ("CPR «{}».", "«{}»", "(«{}»)", "cpr:«{}», ok", "Født «{}»\n", "nr.«{}»;"):
        check(recognizer, text.format(number))


@pytest.mark.parametrize(
    "text",
    [
        "Borger «{n}» har søgt boligstøtte.",
        "cprnummeret er «{n}», og adressen er ændret",
        "Personnr.: «{n}»",
        "cpr-nr.«{n}»",
        "CPR-«{n}»",
        "The civil registration number is «{n}».",
        "national ID: «{d} {s}»",
        "Cpr «{dd}-{mm}-{yy}-{s}»",
        "Cpr «{dd}.{mm}.{yy}-{s}»",
        "Cpr «{dd} {mm} {yy} {s}» noteret",
        "«{dd}{mm}19{yy}-{s}»",
        "«{dd}-{mm}-19{yy}-{s}»",
        "barn «{d}-XXXX» og «{d}-****»",
        "CPR-nummer\n«{n}»",
        "Mine oplysninger: Ib Ib, «{n}», 51223344",
        "Vedr.: «{n}»",
        "CPR-nr. «{d}-{s}»/mobil 51223344",
        "To børn: «{d}-{s}» og «{d}-1{s[1]}{s[2]}{s[3]}»",
        "17,«{d}-{s}»,«{n}»,51223344",
        "Ib Ib,«{n}»,8000",
        "17,«{n}»,8000",
        "1,«{d}-{s}»,25",
        "se kontrakt_«{d}-{s}».pdf",
        "«{d}-{s}»_underskrevet.pdf",
        "cpr_«{n}»",
    ],
)
def test_spellings_and_words(recognizer, text):
    check(recognizer, filled(text))


@pytest.mark.parametrize(
    "text",
    [
        "Ordre {n} er pakket",
        "ordrenr. {n}",
        "Ordrenummeret på pakken var {n}",
        "Vores reference: {n}",
        "Fakturanr.: {n}",
        "Track & trace {n}",
        "varenr {n}, farve blå",
        "Invoice no. {n} is due",
        "serial number {n}",
        "Beløbet er {n} kr.",
        "{n} DKK",
        "{n} er ordrenummeret",
        "{n} (fakturanr.)",
        "Ordre:\n{n}",
        "#{n}",
        "ordre DK-{n}",
    ],
)
def test_the_number_of_something_else(recognizer, text):
    check(recognizer, filled(text))


@pytest.mark.parametrize(
    "text",
    [
        "Ordren er afsendt. «{n}» er kundens cpr",
        "ordre 12345, «{n}»",
        "Ordre 12345, cpr «{n}»",
        "Kunden spurgte til sin faktura og oplyste «{n}»",
        "Sagsnr. «{d}-{s}» er lukket",  # cases are numbered by CPR
        "kundenr. «{d}-{s}»",
    ],
)
def test_a_word_takes_out_its_own_number_alone(recognizer, text):
    check(recognizer, filled(text))


def test_the_control_digit_and_words_only_raise_the_score(recognizer):
    right = controlled_cpr(BORN, 1000)
    assert score(recognizer, f"nr {right} er oplyst") == 1.0
    assert score(recognizer, f"nr {UNCONTROLLED} er oplyst") == 0.5
    assert score(recognizer, f"cpr {UNCONTROLLED} er oplyst") == pytest.approx(0.85)
    assert score(recognizer, f"nr {DATE}-{SERIAL} er oplyst") == pytest.approx(0.85)
    assert score(recognizer, f"cpr {DATE}-{SERIAL} er oplyst") == 1.0


NO_DAY = "32" + UNCONTROLLED[2:]


@pytest.mark.parametrize(
    "text",
    [
        f"{NO_DAY[:6]}-{SERIAL}",
        NO_DAY,
        "31" + UNCONTROLLED[2:],  # no 31 February
        "1413" + UNCONTROLLED[4:],  # no 13th month
        f"cpr er ikke oplyst, men nr {NO_DAY} er",
        UNCONTROLLED + "5",
        "5" + UNCONTROLLED,
        "A" + UNCONTROLLED,
        "0." + UNCONTROLLED,
        UNCONTROLLED + ".5",
        UNCONTROLLED[:-1],
        f"{DATE}--{SERIAL}",
        f"{DATE}-{SERIAL}-1",
        UNCONTROLLED + ",50",
        "5," + UNCONTROLLED,
        "img_" + UNCONTROLLED,
        "Leveret 20-10-2024 1430",
        "ingen numre her",
    ],
)
def test_what_is_none(recognizer, text):
    check(recognizer, text)


def test_a_mistyped_date_counts_right_after_its_label(recognizer):
    check(recognizer, f"CPR-nr.: «{NO_DAY[:6]}-{SERIAL}»")
    check(recognizer, f"cpr «{NO_DAY}»")


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
