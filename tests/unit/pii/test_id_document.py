"""Numbers of passports and driving licences in running text."""

from __future__ import annotations

import pytest

from tests.unit.pii.marked import check
from udfs.pii.recognizers.id_document import DriverLicenseRecognizer, PassportRecognizer


@pytest.mark.parametrize(
    "text",
    [
        "Pasnummer «212345678»",
        "Pasnr. «212345678» udløber 01-01-2030",
        "pas: «212345678»",
        "passport no. «X1234567»",
        "My passport number is «AB 1234567»",
        "pas på 212345678 ting",
        "passeren 212345678",
        "pas udløber 01-01-2030",
        "Passport office, order 212345678",
    ],
)
def test_passports(text):
    check(PassportRecognizer(), text)


@pytest.mark.parametrize(
    "text",
    [
        "kørekort nr. «12345678»",
        "Kørekortnummer: «12345678».",
        "driver's license «D1234567»",
        "driving licence «MORGA753116SM9IJ»",
        "DL# «D123-4567-8901»",
        "kørekort siden 2004",
        "kørekort, tlf. 12345678",
        "licence fee 12345678",
    ],
)
def test_driving_licences(text):
    check(DriverLicenseRecognizer(), text)
