"""Danish bank accounts in running text."""

from __future__ import annotations

import pytest

from tests.unit.pii.marked import check
from udfs.pii.recognizers.dk_bank_account import DkBankAccountRecognizer


@pytest.fixture(scope="module")
def recognizer():
    return DkBankAccountRecognizer()


@pytest.mark.parametrize(
    "text",
    [
        "reg. «3409 konto 0012345678»",
        "Reg.nr. «3409 kontonr. 12345678», tak",
        "Reg.nr.: «3409, konto: 1234567»",
        "Refundér til reg.nr. «3409 og kontonummer 0012345678».",
        "reg. og konto «3409-0012345678»",
        "konto «3409 0012345678»",
        "Overføres til «3409 0012345678»",
        "Beløbet sættes ind på «3409-0012345678».",
        "kontonummer: «3409 12345678»",
        "Reg.- og kontonr. «3409 0012345678»",
        "bankkonto «3409 001 234 5678»",
        "account «3409-0012345678»",
        "Kontonr.\n«3409 0012345678»",
        "lønkonto «0012345678»",
        "Bank: Reg. nr. «1551 - Konto nr. 9876543»",
        "Indsæt pengene på «1551 9876543», Nordea",
        "Kontoen i Danske Bank, «4567 0001234567», er lukket",
        "Kontonummer «34090012345678»",
        "account no. «12345678»",
    ],
)
def test_accounts(recognizer, text):
    check(recognizer, text)


@pytest.mark.parametrize(
    "text",
    [
        "3409-0012345678",
        "3409 0012345678",
        "34090012345678",
        "ordre 3409 0012345678",
        "konto oprettet, ring 20617283",
        "konto 1234",
        "kontoen blev oprettet 20-10-2024",
        "kontoudtog for 2024",
        "kort 4571 1234 5678 9012",
        "tlf. 3409 001234",
    ],
)
def test_what_is_none(recognizer, text):
    check(recognizer, text)
