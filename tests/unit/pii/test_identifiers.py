"""Whole values that tell a person apart, and digits that only look like it."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cpr import cpr
from udfs.pii.identifiers import (
    CARD,
    DK_CPR,
    EMAIL,
    IBAN,
    PHONE,
    Look,
    Sure,
    identifying,
    look,
    suspected,
)

BORN = date(1985, 2, 14)
CERTAIN, LIKELY, SHAPE = Sure.CERTAIN, Sure.LIKELY, Sure.SHAPE


def looks(values) -> Counter[Look]:
    return Counter(seen for value in values if (seen := look(value)))


@pytest.mark.parametrize(
    ("value", "entity", "sure"),
    [
        (cpr(BORN), DK_CPR, CERTAIN),
        (cpr(BORN, separator=" "), DK_CPR, CERTAIN),
        (" " + cpr(BORN, separator="\u2013") + "\u200b", DK_CPR, CERTAIN),
        (cpr(BORN, separator=""), DK_CPR, LIKELY),
        ("\uff11\uff14" + cpr(BORN, separator="")[2:], DK_CPR, LIKELY),  # full-width digits
        (cpr(date(2000, 2, 29)), DK_CPR, CERTAIN),
        ("310285" + "1234", DK_CPR, SHAPE),  # no such day
        ("a.b@example.dk", EMAIL, CERTAIN),
        ("Søren@post.example.dk", EMAIL, CERTAIN),
        ("+45 20 12 34 56", PHONE, CERTAIN),
        ("(+45) 20123456", PHONE, CERTAIN),
        ("0045 2012 3456", PHONE, CERTAIN),
        ("+46 8 123 456 78", PHONE, CERTAIN),
        ("20 12 34 56", PHONE, CERTAIN),
        ("2012 3456", PHONE, CERTAIN),
        ("20123456", PHONE, LIKELY),
        ("2012-3456", PHONE, LIKELY),
        ("00 00 00 00", PHONE, SHAPE),
        ("DK50 0040 0440 1162 43", IBAN, CERTAIN),
        ("DK5000400440116243", IBAN, CERTAIN),
        ("GB29NWBK60161331926819", IBAN, LIKELY),
        ("DK5100400440116243", IBAN, SHAPE),  # wrong check digits
        ("4111 1111 1111 1111", CARD, CERTAIN),
        ("4111111111111111", CARD, LIKELY),
        ("4111111111111112", CARD, SHAPE),  # wrong check digit
    ],
)
def test_what_a_value_is(value, entity, sure):
    assert look(value) == Look(entity, sure)


@pytest.mark.parametrize(
    "value",
    ["", " ", "København", "2024-01-31", "1.250,50", "O000000001", "12", "a@b", "@", "a b@c.dk x",
     "310285-1234", "+1", "x" * 10_000 + "@example.dk", "1" * 100_000, "\x00", "DK"],
)  # fmt: skip
def test_what_is_no_identifier(value):
    assert look(value) is None


@given(st.text())
def test_any_text_is_answered(text):
    assert look(text) is None or isinstance(look(text), Look)


def test_bare_numbers_are_judged_by_their_column():
    numbers = [cpr(date(1950 + n, 1 + n % 12, 1 + n % 28), separator="") for n in range(40)]
    assert identifying(looks(numbers)) == {DK_CPR: 40}
    assert identifying(looks([*numbers, *(["9999999999"] * 41)])) == {}
    assert identifying(looks(numbers[:2])) == {}  # by chance
    assert identifying(looks(numbers[:1]), {DK_CPR}) == {DK_CPR: 1}  # the column is called cpr
    assert identifying(looks([*numbers[:1], cpr(BORN)])) == {DK_CPR: 2}  # its neighbour is one


def test_random_numbers_of_any_length_are_nobodys():
    draw = random.Random(1)
    for length in (8, 9, 10, 13, 16, 18):
        numbers = [str(draw.randrange(10 ** (length - 1), 10**length)) for _ in range(2_000)]
        assert identifying(looks(numbers)) == {}, length


def test_eight_bare_digits_are_phones_only_if_something_says_so():
    numbers = [f"2012{n:04}" for n in range(50)]
    assert (identifying(looks(numbers)), suspected(looks(numbers))) == ({}, {PHONE})
    assert identifying(looks(numbers), {PHONE}) == {PHONE: 50}
    assert identifying(looks([*numbers, "+4520123456"])) == {PHONE: 51}
    assert suspected(looks([*numbers, *(["00000000"] * 10)])) == set()


def test_one_certain_value_is_enough():
    assert identifying({Look(EMAIL, CERTAIN): 1, Look(PHONE, SHAPE): 9}) == {EMAIL: 1}
