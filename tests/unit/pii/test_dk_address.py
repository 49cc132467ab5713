"""Danish street addresses, whole: street, number, letter, floor and door."""

from __future__ import annotations

import time

import pytest

from udfs.pii.recognizers.dk_address import DkAddressRecognizer


@pytest.fixture(scope="module")
def recognizer():
    return DkAddressRecognizer()


def found(recognizer, text: str) -> list[str]:
    results = recognizer.analyze(text, ["STREET_ADDRESS"])
    assert all(r.score >= 0.4 and r.entity_type == "STREET_ADDRESS" for r in results)
    return [text[r.start : r.end] for r in results]


@pytest.mark.parametrize(
    "address",
    [
        "Nørregade 12",
        "Nørregade 12B",
        "Nørregade 12 B",
        "Nørregade 12B, 3. tv.",
        "Nørregade 12-14",
        "Vestergade 5, st. th",
        "Vestergade 5 st.tv",
        "Vestergade 5, stuen",
        "Vestergade 5, kl. th",
        "Lille Strandstræde 3 kl.",
        "H.C. Andersens Boulevard 4, 2. mf",
        "Gl. Kongevej 120, 1. sal",
        "Gammel Køge Landevej 22, 4. sal th",
        "Ny Østergade 7, 4. sal, dør 3",
        "Sankt Hans Torv 3",
        "Skt. Knuds Torv 8, 4. tv",
        "Sct. Mathias Gade 2 A, 1. th.",
        "Hans Jensens Stræde 39",
        "Dr. Margrethes Vej 5",
        "Kongens Nytorv 34",
        "Islands Brygge 43, 3. tv",
        "Ved Stranden 14",
        "Åboulevard 22",
        "Rosenvænget 3",
        "Rådhuspladsen 1",
        "Elme Allé 108",
        "Tagensvej 15, 3. 304",
        "Valby Langgade 19, 2. th",
        "nørregade 12, 3 tv",
        "gl. kongevej 7, 1. th",
        "Postboks 123",
    ],
)
def test_every_form_is_found_whole(recognizer, address):
    for text in (address, f"Hun bor på {address} i byen", f"Ny adresse: {address}\nTak"):
        assert found(recognizer, text) == [address]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Aflever den på Rosenparken 12, 8000 Aarhus C", ["Rosenparken 12"]),
        ("Nyhavn 17, 1051 København K", ["Nyhavn 17"]),
        ("Skovbrynet 9, 3460 Birkerød", ["Skovbrynet 9"]),
        ("Kunden er flyttet til Engen 5", ["Engen 5"]),
        ("Vi mødes på Nørregade 12 kl. 16", ["Nørregade 12"]),
        ("Fra Nørregade 12 til Søndergade 3, 1. tv", ["Nørregade 12", "Søndergade 3, 1. tv"]),
        ("Hun bor på Nørregade i Aarhus", ["Nørregade"]),
        ("Adresse: Vestergade", ["Vestergade"]),
        ("Kan I stille den foran garagen på Egevej 4?", ["Egevej 4"]),
        ("ny adr: Bøgelunden 3A, 2640 Hedehusene", ["Bøgelunden 3A"]),
        ("Fakturaen skal til Industrivej 7-9, 7430 Ikast", ["Industrivej 7-9"]),
        ("Sendt retur fra Østerbrogade 210, 4. sal t.v.", ["Østerbrogade 210, 4. sal t.v."]),
        ("Bor i opgang B, Vesterbrogade 96, lejl. 12", ["Vesterbrogade 96, lejl. 12"]),
        ("Naboen i Lindevænget 4 tog imod", ["Lindevænget 4"]),
        ("Stilles i carporten, Bøgealle 7, 5250 Odense SV", ["Bøgealle 7"]),
    ],
)
def test_what_stands_around_it(recognizer, text, expected):
    assert found(recognizer, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Vi gik ned ad Strøget",
        "Butikken på Nørregade var lukket",  # a street alone tells nothing of where one lives
        "Levering i uge 12",
        "ordre 12",
        "Lego City 60215",
        "vinterjakke str. 40",
        "Samsung Galaxy A54",
        "IKEA Kallax reol 2",
        "Seng 140 x 200",
        "Sandal 38 i sort",
        "pakken 12",
        "gave 2",
        "dag 3",
        "side 12",
        "sal 2",
        "vi vil have 2 stk",
        "parkeringsplads 14",
        "drengen 12 år",
        "kører ad motorvej 3",
        "undervejs 2 gange",
        "os alle 12",
        "Danmark 2",
        "i gaden 5 gange",
        "børnehaven 3",
        "Kan I sende 2 stk",
        "vores sommerhus 2 uger",
        "Nørregade 1234567",
        "Model Vejle 2019",
        "Har bestilt 20 m gardin og 4 puder, varenr 48213",
        "Vi åbner kl. 9 og lukker kl. 17 på fredag den 3. maj 2024",
        "Reklamation over støvsuger Nilfisk Elite 2200 fra 2021",
        "Ringede 3 gange i uge 42, intet svar",
    ],
)
def test_what_is_none(recognizer, text):
    assert found(recognizer, text) == []


def test_the_gate_lets_through_what_is_found(recognizer):
    for text in (
        "Nørregade 12",
        "Nørregade, 12",
        "bor på Nørregade",
        "Postboks 1",
        "vej 1\nAvej 2",
    ):
        assert not found(recognizer, text) or recognizer.GATE.search(text)
    assert not recognizer.GATE.search("Ønsker faktura kvartalsvis.")


@pytest.mark.parametrize(
    "part", ["1", "a", "A", " ", ",", "1 ", "A ", "Avej 1 ", "A. ", "bor på A"]
)
def test_a_long_text_takes_no_long_time(recognizer, part):
    started = time.process_time()
    recognizer.analyze((part * 100_000)[:100_000], ["STREET_ADDRESS"])
    assert time.process_time() - started < 20
