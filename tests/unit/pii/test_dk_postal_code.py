"""Postal codes and their towns; years and amounts are none."""

from __future__ import annotations

import time

import pytest

from udfs.pii.recognizers.dk_postal_code import DkPostalCodeRecognizer


@pytest.fixture(scope="module")
def recognizer():
    return DkPostalCodeRecognizer()


def found(recognizer, text: str) -> list[tuple[str, str]]:
    results = recognizer.analyze(text, ["ZIP_CODE", "LOCATION"])
    return [(r.entity_type, text[r.start : r.end]) for r in results if r.score >= 0.4]


def zip_and_town(code: str, town: str) -> list[tuple[str, str]]:
    return [("ZIP_CODE", code), ("LOCATION", town)]


@pytest.mark.parametrize(
    ("text", "code", "town"),
    [
        ("8000 Aarhus C", "8000", "Aarhus C"),
        ("DK-2100 København Ø", "DK-2100", "København Ø"),
        ("2100 Kbh Ø, tak", "2100", "Kbh Ø"),
        ("Nørregade 12, 2. th, 9220 Aalborg Øst.", "9220", "Aalborg Øst"),
        ("send til 5000 Odense C i morgen", "5000", "Odense C"),
        ("4840 Nr. Alslev", "4840", "Nr. Alslev"),
        ("2800 Kgs. Lyngby", "2800", "Kgs. Lyngby"),
        ("4800 Nykøbing F", "4800", "Nykøbing F"),
        ("8680 Ry", "8680", "Ry"),
        ("Send kopi til Torvet 1, 4600 Køge. Tak", "4600", "Køge"),
        ("Østerbrogade 210, 4. sal t.v., 2100 Kbh. Ø", "2100", "Kbh. Ø"),
        ("2000 Frederiksberg", "2000", "Frederiksberg"),
        ("FO-100 Tórshavn", "FO-100", "Tórshavn"),
        ("3900 Nuuk", "3900", "Nuuk"),
        ("nørregade 3, 8000 aarhus c", "8000", "aarhus c"),
        ("Bakkevej 3\n4242 Boeslunde\nDanmark", "4242", "Boeslunde\nDanmark"),
        ("Skolevej 3, 4999 Nybyen", "4999", "Nybyen"),  # no town we know, but an address before
        ("update it to Skolevej 3, 6000 Kolding, Denmark.", "6000", "Kolding, Denmark"),
    ],
)
def test_a_code_and_its_town(recognizer, text, code, town):
    assert found(recognizer, text) == zip_and_town(code, town)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("postnummer 8370", "8370"),
        ("Postnr.: 4600.", "4600"),
        ("mit postnr er 2019", "2019"),
        ("zip code is 90210", "90210"),
        ("postcode: sw1a 1aa", "sw1a 1aa"),
        ("Nørregade 12, 2. th, 8000", "8000"),
        ("London, SW1A 1AA", "SW1A 1AA"),
        ("K1A 0B1", "K1A 0B1"),
    ],
)
def test_a_code_alone(recognizer, text, code):
    assert found(recognizer, text) == [("ZIP_CODE", code)]


@pytest.mark.parametrize(
    ("text", "city", "code"),
    [
        ("Boston, MA 02115", "Boston, MA", "02115"),
        ("in New York, NY 10001-1234.", "New York, NY", "10001-1234"),
        ("our branch in Porto Velho 76801 in its", "Porto Velho", "76801"),
        ("they live in Kraków 31-450", "Kraków", "31-450"),
    ],
)
def test_cities_abroad(recognizer, text, city, code):
    assert sorted(found(recognizer, text)) == [("LOCATION", city), ("ZIP_CODE", code)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "i 2019 København",
        "Fra 2015 Aarhus",
        "vi solgte i 2019 Odense-filialen",
        "5000 Odense-borgere",
        "Brevet til 9999 Xby",
        "in March 2019 and",
        "in Windows 2000 and",
        "On October 6, 1999, he",
        "her er 5000 ringe",
        "ordre 4711 Ring venligst",
        "Jeg har købt 4000 Them oste",
        "20123456 Aarhus",
        "1.8000 Aarhus",
        "kontonr. 1234-5678",
        "Bosch 1234 AB",
    ],
)
def test_what_is_none(recognizer, text):
    assert found(recognizer, text) == []


def test_the_gate_needs_digits(recognizer):
    assert not recognizer.GATE.search("Bestilte 12 stk. til 99 kr.")
    assert recognizer.GATE.search("FO-100 Tórshavn") and recognizer.GATE.search("W1A 1AA")


@pytest.mark.parametrize(
    "part", ["1", "a", " ", ",", "1 ", "8000 ", "8000 A", "8000 Aarhus ", "in A ", "A1", "postnr "]
)
def test_a_long_text_takes_no_long_time(recognizer, part):
    started = time.process_time()
    recognizer.analyze((part * 100_000)[:100_000], ["ZIP_CODE", "LOCATION"])
    assert time.process_time() - started < 20
