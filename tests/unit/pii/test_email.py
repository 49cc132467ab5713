"""E-mail addresses in running text."""

from __future__ import annotations

import time

import pytest

from udfs.pii.recognizers.email import EmailRecognizer


@pytest.fixture(scope="module")
def recognizer():
    return EmailRecognizer()


def found(recognizer, text: str) -> list[str]:
    return sorted(text[s.start : s.end] for s in recognizer.analyze(text, ["EMAIL_ADDRESS"]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("skriv til a@b.dk.", ["a@b.dk"]),
        ("<a.b+c@sub.example.com>", ["a.b+c@sub.example.com"]),
        ("mailto:Søren.Åse@øl.københavn, tak", ["Søren.Åse@øl.københavn"]),
        ("a@b.dk;c@d.com", ["a@b.dk", "c@d.com"]),
        ("o'neil@example.ie", ["o'neil@example.ie"]),
        ("A@B.DK", ["A@B.DK"]),
        ("a@b", []),
        ("@b.dk", []),
        ("a @ b.dk", []),
        ("a@b.d1", []),
        ("pris 5 kr. @ 2 stk.", []),
    ],
)
def test_addresses(recognizer, text, expected):
    assert found(recognizer, text) == expected


def test_a_long_text_takes_no_long_time(recognizer):
    started = time.monotonic()
    for text in ("a." * 20_000 + "@", "a@" + "a." * 20_000, "@" * 20_000, "a" * 40_000 + "@b.dk"):
        found(recognizer, text)
    assert time.monotonic() - started < 10
