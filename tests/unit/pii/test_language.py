"""The languages of a text, by its function words."""

from __future__ import annotations

import pytest

from udfs.pii.language import DANISH, ENGLISH, languages_of

BOTH = (DANISH, ENGLISH)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kunden har ikke fået sin vare", {DANISH}),
        ("the customer has not received it", {ENGLISH}),
        ("ærø", {DANISH}),
        ("kunden ringede og sagde please call me when it is done", set(BOTH)),
        ("the parcel was not at home, said the customer, kunden", {ENGLISH}),
        ("jensen", set(BOTH)),
        ("", set(BOTH)),
        ("for i at as to have over under", set(BOTH)),  # words of both tell nothing
    ],
)
def test_languages(text, expected):
    assert languages_of(text.replace(",", "").split(), BOTH) == expected


def test_only_configured_languages_are_told():
    assert languages_of(["the", "of", "was"], [DANISH]) == {DANISH}
    assert languages_of(["og", "ikke"], [ENGLISH]) == {ENGLISH}
    assert languages_of(["og"], []) == set()
    assert languages_of(["hund"], ["de", DANISH]) == {"de", DANISH}
