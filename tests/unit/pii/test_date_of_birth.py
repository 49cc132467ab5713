"""Dates of birth in running text."""

from __future__ import annotations

import pytest

from tests.unit.pii.marked import check
from udfs.pii.recognizers.date_of_birth import DateOfBirthRecognizer


@pytest.fixture(scope="module")
def recognizer():
    return DateOfBirthRecognizer()


@pytest.mark.parametrize(
    "text",
    [
        "Født den «1/2 1990» i Aarhus",
        "Lise (f. «01-02-1990»)",
        "f.«01.02.1990»",
        "f.d. «03.05.1984»",
        "født d. «1. feb. 1990»",
        "født i Odense torsdag d. «3. maj 1984».",
        "Fødselsdag: «1.2.90»",
        "fødselsdato «21/02-1965», postnr. 8000",
        "fødselsdatoen er «1990-02-01»",
        "fødselsdato «010290»",
        "Fødselsdato:\n«03-05-1984»",
        "DOB: «1990-02-01»",
        "D.O.B. «01/02/90»",
        "She was born in Leeds on «February 1, 1990».",
        "born on the «1st of Feb 1990»",
        "born «6/23/1982»",
        "date of birth: «14 March 1977»",
        "Her birthday is «3 May»",
        "født «29. februar 1988»",
        "kunde siden 3. maj 2004, født «14. februar 1985»",
        "født «14. februar 1985» og kunde siden 3. maj 2004",
    ],
)
def test_dates(recognizer, text):
    check(recognizer, text)


@pytest.mark.parametrize(
    "text",
    [
        "01-02-1990",
        "Leveret 01-02-1990",
        "f. eks. 01-02-1990",
        "f.eks. 01-02-1990",
        "Barnet er født. Leveret 01-02-2024",
        "født, men bestilt 01-02-2024",
        "født 32-01-1990",
        "født 31-02-1990",
        "født 31. februar",  # no such day
        "født 01-02-90-1234",
        "født i 1990",
        "prof. 01-02-1990",
        "Fødselsdagsgaven blev sendt 01-02-2024",
        "born to run",
    ],
)
def test_what_is_none(recognizer, text):
    check(recognizer, text)
