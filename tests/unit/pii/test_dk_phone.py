"""Danish phone numbers in running text."""

from __future__ import annotations

import pytest

from jobs.sample.pools import PHONE_SPELLINGS, spelled
from tests.unit.pii.marked import check, score
from udfs.pii.recognizers.dk_phone import DkPhoneRecognizer


@pytest.fixture(scope="module")
def recognizer():
    return DkPhoneRecognizer()


@pytest.mark.parametrize("spelling", range(len(PHONE_SPELLINGS)))
def test_every_spelling_of_the_sample_is_found_whole(recognizer, spelling):
    number = spelled("20123456", spelling)
    for text in ("Ring «{}» i dag", "(«{}»)", "tlf: «{}».", "«{}», tak", "Han hedder Bo, «{}»"):
        check(recognizer, text.format(number))


@pytest.mark.parametrize(
    "text",
    [
        "Jeg kan træffes på «20 61 72 83» efter fyraften",
        "Tlf.:«20617283»",
        "tlf.nr. «2061 7283»",
        "Send en sms til «2061-7283»",
        "Mit nummer er «20.61.72.83»",
        "nås på «45 20617283»",
        "nås på «45 20 61 72 83»",
        "«4520617283»",
        "«+45-20617283»",
        "«+45 206 17 283»",
        "«+45 2061 7283» er direkte",
        "«0045 20 61 72 83»",
        "Mobil: «206 17 283»",
        "«20 617 283», ring bare",
        "tlf. «26-14-83-90»",
        "Tlf. «20617283»/«33114455»",
        "mobil «20 61 72 83» / «33 11 44 55»",
        "Jens («26148390») eller Mette («26 14 83 91»)",
        "Kd. ønsker at blive ringet op: «26148390»",
        "Please call back on «20617283».",
        "Telefon\n«20617283»",
        "Ordre 12345678: ring på «33114455»",
        "Ordren 20617283, ring på «33114455»",
        "Kunde har ordre 12345; «33114455» er nummeret",
        "Ring «26148390» inden den 12-11-2024 kl. 15.00",
        "ordre «+45 20617283»",
    ],
)
def test_spellings_and_words(recognizer, text):
    check(recognizer, text)


@pytest.mark.parametrize(
    "text",
    [
        "tlf «12345678» virker ikke",
        "telefonnummer: «00112233»",
        "mobil «12 34 56 78»",
        "ring på mobilen efter kl. 16, «59 04 41 15»",
        "ring på «20102024»",  # a date by its digits
    ],
)
def test_what_no_plan_has_issued_needs_a_label(recognizer, text):
    check(recognizer, text)
    check(recognizer, "Noteret 12345678, 00112233, 12 34 56 78, 59 04 41 15 og 20102024")


@pytest.mark.parametrize(
    "text",
    [
        "Ordre 20617283 er forsinket",
        "faktura nr. 20617283",
        "Order number 20617283 was shipped",
        "Kundenr. 20617283",
        "serienummer: 20617283",
        "Serial no. 20617283",
        "EAN 5798000123456",
        "CVR-nr. 20617283",
        "SE-nr. 20 61 72 83",
        "CVR-nummeret på Hansen Byg er 20617283",
        "kontonr. 20617283",
        "Der er trukket 20617283 kr. for meget",
        "kr. 20617283",
        "DKK 20617283",
        "beløb 20617283,50",
        "Leveret 20-10-2024 kl. 14.30",
        "den 20102024 kom varen",
        "20241020",
        "2023-2024",
        "i sæsonen 2023 2024",
        "#20617283",
        "order numbers 20617283",
        "A-20617283",
        "ordre DK20617283",
        "00370012345678901234",
        "4571 2061 7283 9012",
        "03 12 22 31 44 45 46",
        "20617283 er ordrenummeret",
        "22.345.678",
        "ordre 1234",
        "00 00 00 00",
        "+46 8 123 456 78",
        "IBAN DK5000400440116243",
        "2024-10-20",  # once found, so that an unclassified date stopped its table
        "20-10-2024",
        "20.10.2024",
        "2024-10-20T10:00:00",
        "20/12/34/567",
        "A20123456",
        "201234567",
        "1.20123456",
        "version 2.0.1",
    ],
)
def test_what_is_none(recognizer, text):
    check(recognizer, text)


def test_country_code_groups_and_words_raise_the_score(recognizer):
    assert score(recognizer, "nej 20617283") == 0.45
    assert score(recognizer, "tlf 20617283") == pytest.approx(0.8)
    assert score(recognizer, "nej +45 20617283") == 0.9
