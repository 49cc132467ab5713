"""Addresses in English text: one span from the house number to the last line."""

from __future__ import annotations

import time

import pytest

from udfs.pii.recognizers.en_address import EnAddressRecognizer


@pytest.fixture(scope="module")
def recognizer():
    return EnAddressRecognizer()


def found(recognizer, text: str) -> list[str]:
    results = recognizer.analyze(text, ["STREET_ADDRESS"])
    return [text[r.start : r.end] for r in results if r.score >= 0.4]


@pytest.mark.parametrize(
    "address",
    [
        "1234 Main Street",
        "10 Downing Street, London",
        "12B Baker St., Flat 4, London NW1 6XE",
        "15 Oak Avenue, Suite 5, Dallas, TX 75201",
        "221b Baker Street",
        "7 North Hill Road\n Apt. 12\n Springfield\n Canada",
        "41 92 Marsh Rd\n Suite 19\n MILLER'S END\n United Kingdom",
        "PSC 1234, Box 567\nAPO AP 96555",
        "Unit 1234 Box 5678\nDPO AE 09010",
        "USNS Brave\nFPO AP 96601",
        "P.O. Box 31",
        "P.O. Box 31, Reykjavík",
        "61 Rue de Namur 5",
        "88 Ringvej 31",
        "902 Rua Pessoa 77",
        "18 Via Garibaldi 4 Apt. 3 Torino Italy",
        "Schiller Str. 6, Berlin",
        "Storgatan 12",
        "31 Petőfi u. 8., Szeged",
        "45 Elm Road\nLeeds\nUnited Kingdom LS1 4AB",
        "the corner of 159 Oak Street and Elm Lane",
        "3 Goethestr. 3\n Suite 7\n Kiel\n Trinidad and Tobago 10220",
    ],
)
def test_every_form_is_found_whole(recognizer, address):
    for text in (
        f"My address is {address}",
        f"Please send it to {address}. Thanks a lot!",
        f"Anna Lee\n\n{address}\n",
    ):
        assert found(recognizer, text) == [address]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Apt. 3", ["Apt. 3"]),
        ("it is in Suite 44 now", ["Suite 44"]),
        ("call a taxi to 08 114 Nikos Papas. Please", ["08 114 Nikos Papas"]),
        ("Please return to Anna and Via Nizza 6 in case", ["Anna and Via Nizza 6"]),
        ("my address is 221b baker street, london", ["221b baker street, london"]),
        (
            "address:\n12 trg svobode 4 apt. 20 kranj slovenia",
            ["12 trg svobode 4 apt. 20 kranj slovenia"],
        ),
        ("Address: 123 Foo 33\nVilla Nova\n, 13\n 44939", ["123 Foo 33\nVilla Nova\n, 13\n 44939"]),
        (
            ">Jo Doe\n>72 Mozartgasse 9\n>Suite 80\n>Linz\n>Austria 4020",
            ["72 Mozartgasse 9\n>Suite 80\n>Linz\n>Austria 4020"],
        ),
        (
            "my addresses are: 12 Oak Street, Leeds, and Λ. Αθηνών 17 Suite 4 Patra",
            ["12 Oak Street, Leeds", "Λ. Αθηνών 17 Suite 4 Patra"],
        ),
        ("He works at 220 South Park Ave. He likes it", ["220 South Park Ave."]),
        ("ship to po box 991, reno, nv 89501 please", ["po box 991, reno, nv 89501"]),
        (
            "She moved from 77 Sunset Boulevard to 9 Elm Close last May",
            ["77 Sunset Boulevard", "9 Elm Close"],
        ),
        (
            "Office: 350 Fifth Avenue, 21st Floor, New York, NY 10118",
            ["350 Fifth Avenue, 21st Floor, New York, NY 10118"],
        ),
        (
            "My flat is Flat 3B, 41 Queen's Road, Bristol BS8 1QE",
            ["Flat 3B, 41 Queen's Road, Bristol BS8 1QE"],
        ),
        ("Returned from 5 rue de Rivoli, 75001 Paris", ["5 rue de Rivoli, 75001 Paris"]),
        ("She lives at 5 The Grove, Bath; call first", ["5 The Grove, Bath"]),
        ("Update the address to Elmevej 22, 6700 Esbjerg", ["Elmevej 22"]),  # the code is its own
    ],
)
def test_what_stands_around_it(recognizer, text, expected):
    assert found(recognizer, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "He turned 71 years old",
        "1998 French crime film",
        "top 40 hits",
        "3 cups of flour",
        "in 1972 Bo",
        "The 2012 Wall Street crash",
        "I ordered 3 Blue Shirts",
        "iPhone 12 Pro 256 GB",
        "On 5 May 1990 we met",
        "5 Stars for the place",
        "Lovely place 5 stars from me",
        "Room 12 at the hotel",
        "2 way street",
        "Open 24 Hours Way",
        "I have 2 kids at St. Mary",
        "We offer 3 courses from 5 PM to 7 PM",
        "send to 20 Customers",
        "We moved to Windows 11",
        "The refund was sent to IBAN DK26 9981 2008 5343 38",
        "deliver it to us 2 days later",
        "Bestilte 2 stk. Lego City 60215 til jul",
        "USS Enterprise",
        "We got 3 large pizzas and 2 Cokes for 20 dollars",
        "In 2023 Apple sold 5 million phones",
        "The 5 Star Hotel had 200 Rooms and 3 Pools",
        "The number 12 bus to Oxford Street is late",
        "He runs 5 km on Main Street daily",
        "Only 3 Left Hand drive cars",
    ],
)
def test_what_is_none(recognizer, text):
    assert found(recognizer, text) == []


@pytest.mark.parametrize(
    "part",
    ["1", "a", "A", " ", ",", "\n", "1 ", "1\n", "1 A ", "Apt 1 ", "Rue ", "send to ", "address "],
)
def test_a_long_text_takes_no_long_time(recognizer, part):
    started = time.process_time()
    recognizer.analyze((part * 100_000)[:100_000], ["STREET_ADDRESS"])
    assert time.process_time() - started < 20
