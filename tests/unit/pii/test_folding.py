"""What looks alike is read alike, and every place leads back to the text as it came."""

from __future__ import annotations

import time
from datetime import date

import pytest

from tests.cpr import cpr
from udfs.pii.folding import folded

CPR = cpr(date(1985, 2, 14))
FULL_WIDTH = {ord(a): ord(a) + 0xFEE0 for a in "0123456789-@."}
ARABIC = {ord(str(n)): 0x660 + n for n in range(10)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("Søren Ærø Åse Müller – née", "Søren Ærø Åse Müller - née"),
        ("ring\u00a020\u202f12\u200934\u300056", "ring 20 12 34 56"),
        (CPR.translate(FULL_WIDTH), CPR),
        (CPR.translate(ARABIC), CPR),
        ("\u200b".join(CPR), CPR),
        ("\u00ad".join(CPR), CPR),
        ("\0".join(CPR), CPR),
        ("\x01\x7f\x9f".join(CPR), CPR),
        ("\u202e" + CPR + "\u202c\ufeff", CPR),
        *((CPR.replace("-", dash), CPR) for dash in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"),
        ("a\u2028b\u2029c\x85d\x0be", "a\nb\nc\nd\ne"),
        ("a\x1fb", "a b"),
        ("navn\uff20firma\uff0edk", "navn@firma.dk"),
        ("\U0001d40f\U0001d41e\U0001d42d\U0001d41e\U0001d42b", "Peter"),  # mathematical bold
        ("e\u0301", "e"),
        ("\ud800Bo", "Bo"),
        ("\U0001f600 tak \u20ac 5", "\U0001f600 tak \u20ac 5"),
    ],
)
def test_one_spelling(text, expected):
    assert folded(text).text == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P\u0435ter", "Peter"),  # Cyrillic
        ("\u039cette H\u0430nsen", "Mette Hansen"),  # Greek M, Cyrillic a
        (
            "\u041f\u0435\u0442\u0440 \u0440\u0430\u0434",
            "\u041f\u0435\u0442\u0440 \u0440\u0430\u0434",
        ),
        ("\u039d\u03af\u03ba\u03bf\u03c2", "\u039d\u03af\u03ba\u03bf\u03c2"),
        ("P\u0435ter \u0440\u0430\u0434", "Peter \u0440\u0430\u0434"),
        ("\u0161\u00f8r\u0435n", "\u0161\u00f8ren"),
    ],
)
def test_look_alikes_are_latin_only_in_words_with_a_latin_letter(text, expected):
    assert folded(text).text == expected


@pytest.mark.parametrize(
    ("text", "needle", "original"),
    [
        ("x\u200by Bo", "Bo", "Bo"),
        ("\ufeff" + "\u200b".join(CPR) + ".", CPR, "\u200b".join(CPR)),
        ("\0\0a\0b\0c", "b", "b"),
        ("tal: " + CPR.translate(ARABIC), CPR, CPR.translate(ARABIC)),
        ("\U0001f600 \u200bP\u0435ter\u200b!", "Peter", "P\u0435ter"),
        ("plain Bo", "Bo", "Bo"),
        ("\\nS\\u00f8ren\\n", "Søren", "S\\u00f8ren"),
        ("\\n" + CPR + "\\n", CPR, CPR),
        ("x S&oslash;.", "Sø", "S&oslash;"),
        ("cpr\0" + CPR, CPR, CPR),
    ],
)
def test_a_span_leads_back_to_the_original(text, needle, original):
    seen = folded(text)
    start = seen.text.index(needle)
    begin, end = seen.original(start, start + len(needle))
    assert text[begin:end] == original


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ringede\\n" + CPR + "\\r\\n", "ringede\n" + CPR + "\n\n"),
        ("cpr\\t" + CPR, "cpr\t" + CPR),
        ("linje\\\\n" + CPR, "linje\n" + CPR),  # JSON within JSON
        ("x\\u000a" + CPR, "x\n" + CPR),
        ("S\\u00f8ren \\u00C6r\\u00f8", "Søren Ærø"),
        ("cpr\\u200b" + CPR, "cpr " + CPR),
        ("\\ud83d\\ude00 Bo", " Bo"),
        ("S&oslash;ren&nbsp;&AElig;r&#248; &#xE5;", "Søren Ærø å"),
        ("H&M; R&D &unknown; & Bo", "H&M; R&D &unknown; & Bo"),
        ("\\\\server\\del og C:\\x", "\\\\server\\del og C:\\x"),
    ],
)
def test_escapes_of_json_and_html_are_what_they_mean(text, expected):
    assert folded(text).text == expected


@pytest.mark.parametrize("hidden", ["\0", "\x01", "\u200b", "\ufeff", "\u200b\0"])
def test_what_is_taken_out_between_a_word_and_a_number_divides_them(hidden):
    assert folded(f"cpr{hidden}{CPR}{hidden}Mette{hidden}Hansen").text == f"cpr {CPR} Mette Hansen"
    assert folded(f"m{hidden}1{hidden}a@b.dk").text == "m1a@b.dk"
    assert folded(hidden.join("DK5000400440116243")).text == "DK5000400440116243"


def test_text_without_anything_taken_out_keeps_its_places():
    assert folded("Søren").origins is None
    assert folded("P\u0435ter").origins is None
    assert folded("").original(0, 0) == (0, 0)


@pytest.mark.parametrize(
    "letter",
    [
        "\u0430",
        "\u03b1",
        "x\u0430",
        "\u200b",
        "\uff11",
        "\\",
        "\\n",
        "&",
        "&a",
        "a\0001",
        "a\0001 ",
    ],
)
def test_time_grows_with_length_alone(letter):
    started = time.process_time()
    folded(letter * 300_000)
    assert time.process_time() - started < 20
