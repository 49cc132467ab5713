"""Words of a text, and how usual they are."""

from __future__ import annotations

import pytest

from udfs.pii.words import frequencies, is_common, words_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("12 – 34!", []),
        ("Kære Søren, tak.", ["Kære", "Søren", "tak"]),
        ("Anne-Mette O'Neil’s", ["Anne-Mette", "O'Neil’s"]),
        ("-a- 'b'", ["a", "b"]),
        ("a_b c1d", ["a", "b", "c", "d"]),
        ("\u0414\u0430 \u05e9\u05dc", ["\u0414\u0430", "\u05e9\u05dc"]),
    ],
)
def test_words(text, expected):
    assert [w.text for w in words_of(text)] == expected


def test_a_word_knows_its_place_and_its_capital():
    first, second = words_of("og Åse")
    assert first == (0, 2, "og", "og", False)
    assert second == (3, 6, "Åse", "åse", True)


@pytest.mark.parametrize(
    ("word", "language", "least", "expected"),
    [
        ("og", "da", 1e-2, True),
        ("the", "en", 1e-2, True),
        ("faktura", "da", 2e-6, True),
        ("faktura", "da", 1e-2, False),
        ("xyqwz", "da", 0.0, True),
        ("xyqwz", "da", 2e-6, False),
    ],
)
def test_usual_words(word, language, least, expected):
    assert is_common(word, language, least) is expected


@pytest.mark.parametrize("language", ["da", "en"])
def test_lists_are_long_enough_to_tell_by(language):
    assert len(frequencies(language)) > 20_000
    assert all(word == word.lower() for word in frequencies(language))
