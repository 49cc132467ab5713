"""Towns, countries and regions in running text."""

from __future__ import annotations

import time

import pytest

from udfs.pii.recognizers import places
from udfs.pii.recognizers.dk_town import DkTownRecognizer


@pytest.fixture(scope="module")
def recognizer():
    return DkTownRecognizer()


def found(recognizer, text: str) -> list[str]:
    results = recognizer.analyze(text, ["LOCATION"])
    return sorted(text[r.start : r.end] for r in results if r.score >= 0.4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hun er flyttet fra Odense til Aarhus C i går", ["Aarhus C", "Odense"]),
        ("Sofaen skal leveres i Skive inden jul", ["Skive"]),
        ("Jeg bor i Ry", ["Ry"]),
        ("Aarhus' borgmester og Københavns havn", ["Aarhus'", "Københavns"]),
        ("Toget til Nykøbing Falster er aflyst", ["Nykøbing Falster"]),
        ("jeg bor i aarhus n", ["aarhus n"]),
        ("bestilt fra odense i dag", ["odense"]),
        ("Varen er på lager i Kolding og Vejle", ["Kolding", "Vejle"]),
        ("Familien i Sønderjylland venter", ["Sønderjylland"]),
        ("Fragt til Sverige og Norge?", ["Norge", "Sverige"]),
        ("Bosnien og Hercegovina", ["Bosnien og Hercegovina"]),
        ("VI ER I KØBENHAVN NU", ["KØBENHAVN"]),
        ("Han er født i Xanthostrup", ["Xanthostrup"]),
        ("Fødested: Thorshøj", ["Thorshøj"]),
        ("I Odense bor Jens", ["Odense"]),
        ("She grew up in Palma de Mallorca and left", ["Palma de Mallorca"]),
        ("Mr. Smith flew to NORDBY on Tuesday", ["NORDBY"]),
        ("a shop in the Netherlands", ["Netherlands"]),
        ("He moved from the UK to the US last year", ["UK", "US"]),
        ("a holiday in Turkey", ["Turkey"]),
        ("from bahrain to sri lanka", ["bahrain", "sri lanka"]),
        ("my sister lives in nimes", ["nimes"]),
        ("Kørsel: Esbjerg - Ribe - Tønder", ["Esbjerg", "Ribe", "Tønder"]),
        ("Plejehjemmet Skovbo i Nykøbing Sjælland", ["Nykøbing Sjælland"]),
        ("fra Kirke Hyllinge til Store Heddinge", ["Kirke Hyllinge", "Store Heddinge"]),
        ("Dallas, TX", ["Dallas, TX"]),
        ("Location: Kraków", ["Kraków"]),
        ("Ann Lee\n\nBlue Hills\nAustralia", ["Australia", "Blue Hills"]),
    ],
)
def test_places(recognizer, text, expected):
    assert found(recognizer, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Royal Copenhagen tallerken",
        "Hr. Lund ringede om Holm",
        "FC København vandt",
        "Aarhus Universitet",
        "Michael Jordan plays",
        "Jens Varde købte",
        "Give me a break",
        "I Give up",
        "Them og us",
        "hun tog ringe til hals",
        "interested in Royal parts",
        "born in May",
        "written in English",
        "available in Black or in XL",
        "let us go",
        "Kunden ønsker faktura på mail",
        "a@odense.dk",
    ],
)
def test_what_is_none(recognizer, text):
    assert found(recognizer, text) == []


@pytest.mark.parametrize(
    "part", ["1", "a", "A ", " ", ",", "i ", "New ", "Nykøbing ", "in A ", "\nA"]
)
def test_a_long_text_takes_no_long_time(recognizer, part):
    started = time.process_time()
    recognizer.analyze((part * 100_000)[:100_000], ["LOCATION"])
    assert time.process_time() - started < 20


def test_gazetteers():
    assert {"aarhus", "københavn", "nykøbing", "kgs. lyngby"} <= places.danish_towns()
    assert {"danmark", "tyskland", "germany", "united kingdom"} <= places.countries()
    assert {"TX", "QC", "NSW"} <= places.state_codes()
    assert "tokyo" in places.cities() and "by" not in places.all_places()
    assert places.street_stems() >= {"nordre frihavns", "christen bergs"}


@pytest.mark.parametrize(
    ("text", "end"),
    [("Aarhus C", 8), ("Aarhus Cykler", 6), ("Nr. Alslev", 10), ("Xby", None), ("", None)],
)
def test_where_a_town_ends(text, end):
    assert places.town_end(text, 0) == end
