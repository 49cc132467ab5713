"""What of a stored value is still personal, and what a column's signs mean."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from tests.cpr import cpr
from udfs.pii.findings import Finding
from udfs.pii.identifiers import Sure
from udfs.pii.leaks import ANY_VALUE, Kind, Sign, is_made_by_atlas, judged, signs

HEX = "0f" * 32


def detect(texts):
    """A detector that knows capitalised words, what has an @, and fails on `boom`."""
    if any("boom" in text for text in texts):
        raise ValueError(texts)
    return [list(_words(text)) for text in texts]


def _words(text):
    start = 0
    for word in text.split(" "):
        span = (start, start + len(word))
        if "@" in word:
            yield Finding(*span, "EMAIL_ADDRESS", 0.95)
        elif word.strip("<>")[:1].isupper():
            yield Finding(*span, "PERSON", 0.7)
        start += len(word) + 1


def told(text):
    return [(s.entity, s.kind, s.sure) for s in signs([text], detect)[0]]


@pytest.mark.parametrize(
    "value",
    [HEX, "<PERSON>", "<REDACTED_ERROR>", "***", "***12", "***@***.dk", "J***", "\n***",
     "65e8d0c1-0000-4000-8000-000000000000", "2026-01-31", "2026-01-31T12:00:00.123456Z",
     "2026-01-31 12:00:00+01:00"],
)  # fmt: skip
def test_what_atlas_writes_is_not_looked_at(value):
    assert is_made_by_atlas(value)
    assert told(value) == []


@pytest.mark.parametrize(
    "value", [HEX.upper(), HEX + "0", "Jo***", "***123", "<person>", f" {HEX}"]
)
def test_what_only_looks_like_it_is(value):
    assert not is_made_by_atlas(value)


def test_a_whole_value_is_told_from_a_span():
    assert told(cpr(date(1985, 2, 14))) == [("DK_CPR", Kind.WHOLE, Sure.CERTAIN)]
    assert told("skriv til a@example.dk i dag") == [("EMAIL_ADDRESS", Kind.TEXT, Sure.CERTAIN)]
    assert told("mail: a@example.dk") == [("EMAIL_ADDRESS", Kind.WORD, Sure.CERTAIN)]


def test_names_are_told_by_where_they_stand():
    assert told("talte med Anna i dag") == [("PERSON", Kind.TEXT, Sure.LIKELY)]
    assert told("Odense") == [("PERSON", Kind.WORD, Sure.LIKELY)]
    assert told("O000000144") == []  # a span with digits is no name


def test_a_name_of_two_words_is_a_full_name():
    def whole(texts):
        return [[Finding(0, len(text), "PERSON", 0.9)] for text in texts]

    assert signs(["Anna Hansen"], whole) == [[Sign("PERSON", Kind.NAME)]]


def test_placeholders_in_a_text_are_no_finding():
    assert told("<PERSON> ringede fra <PHONE_NUMBER> om sagen") == []
    assert told("<PERSON> Hansen ringede om sagen") == [("PERSON", Kind.TEXT, Sure.LIKELY)]


def test_a_text_the_detector_fails_on_is_not_known_to_be_clean():
    told = signs(["et boom her i dag", "a@example.dk", "skriv til a@example.dk nu"], detect)
    assert [[s.entity for s in each] for each in told] == [
        ["REDACTED_ERROR"],
        ["EMAIL_ADDRESS"],
        ["EMAIL_ADDRESS"],
    ]


def test_signs_travel_as_text():
    for sign in (ANY_VALUE, Sign("PERSON", Kind.NAME, Sure.LIKELY)):
        assert Sign.of(str(sign)) == sign


def column(*counts: tuple[str, Kind, int], values: int = 100):
    return Counter({Sign(e, k): n for e, k, n in counts} | {ANY_VALUE: values})


def test_in_a_column_that_no_contract_keeps_everything_counts():
    counts = column(("PERSON", Kind.WORD, 2), ("LOCATION", Kind.WORD, 3), ("PERSON", Kind.TEXT, 1))
    found = judged(counts, is_kept=False)
    assert (found.leaks, found.kept) == ({"LOCATION": 3, "PERSON": 3}, {})


def test_a_kept_column_may_hold_places_but_no_identifier():
    counts = column(
        ("LOCATION", Kind.WORD, 90), ("PERSON", Kind.WORD, 9), ("PERSON", Kind.NAME, 5),
        ("EMAIL_ADDRESS", Kind.WORD, 1), ("DK_CPR", Kind.WHOLE, 2),
    )  # fmt: skip
    found = judged(counts, is_kept=True)
    assert found.leaks == {"EMAIL_ADDRESS": 1, "DK_CPR": 2}
    assert found.kept == {"LOCATION": 90, "PERSON": 14}


def test_many_full_names_or_one_in_a_text_are_too_much_for_a_kept_column():
    assert judged(column(("PERSON", Kind.NAME, 6)), is_kept=True).leaks == {"PERSON": 6}
    assert judged(column(("PERSON", Kind.TEXT, 1)), is_kept=True).leaks == {"PERSON": 1}
