"""Lists of names: long, and without what is rather a word."""

from __future__ import annotations

import pytest

from udfs.pii.lexicon import lexicon, looks_like_surname
from udfs.pii.name_words import ALSO_WORDS, BRANDS


def test_the_lists_are_long():
    lists = lexicon()
    assert len(lists.first) > 10_000
    assert len(lists.near_first) > 3_000
    assert len(lists.last) > 20_000
    assert len(lists.near_last) > 2_000


def test_the_near_lists_are_parts_of_the_others():
    lists = lexicon()
    assert lists.near_first <= lists.first
    assert lists.near_last <= lists.last


@pytest.mark.parametrize("name", ["mette", "søren", "jens", "åse", "peter", "emily", "mehmet"])
def test_usual_first_names(name):
    assert name in lexicon().near_first


@pytest.mark.parametrize("name", ["jensen", "nielsen", "smith", "andersson"])
def test_usual_surnames(name):
    assert name in lexicon().near_last


@pytest.mark.parametrize("word", ["bo", "per", "kim", "hans", "sten", "will", "mark", "paris"])
def test_what_is_also_a_word_is_no_first_name_by_itself(word):
    assert word in ALSO_WORDS
    assert word not in lexicon().first


@pytest.mark.parametrize("word", ["og", "ikke", "the", "and", "faktura", "customer", "lego"])
def test_ordinary_words_and_brands_are_no_names(word):
    assert word not in lexicon().first | lexicon().last


def test_everything_is_in_small_letters():
    lists = lexicon()
    words = lists.first | lists.last | ALSO_WORDS | BRANDS
    assert [w for w in words if w != w.lower()] == []


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("mortensen", True),
        ("kirkegaard", True),
        ("lindstrøm", True),
        ("jónsdóttir", True),
        ("petrovic", True),
        ("næsen", False),  # a usual word
        ("sen", False),  # an ending alone
        ("faktura", False),
        ("", False),
    ],
)
def test_surnames_by_their_form(word, expected):
    assert looks_like_surname(word) is expected
