"""Standard text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.text import standard


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, None),
        ("", None),
        (" \t\r\n\u00a0\u2003\u3000", None),
        (" a  b ", "a  b"),
        ("A\u030a", "\u00c5"),
        ("\u212b", "\u00c5"),  # the Angstrom sign
        ("\ufb01", "\ufb01"),  # NFC leaves the ligature fi
        ("\u200ba\x00", "\u200ba\x00"),
    ],
)
def test_standard(text, expected):
    assert standard(text) == expected


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_standard_text_stays_as_it_is(text):
    once = standard(text)
    assert standard(once) == once
    if once is not None:
        assert once == once.strip() and unicodedata.is_normalized("NFC", once)
