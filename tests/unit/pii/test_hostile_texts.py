"""Texts made to break the detector or to hide something from it: no exception, no leak, no
hour's work."""

from __future__ import annotations

import json
import time
from datetime import date

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.cpr import controlled_cpr, cpr
from udfs.pii import spark as on_spark
from udfs.pii.config import pii_config
from udfs.pii.detector import detector
from udfs.pii.findings import Anonymized
from udfs.text import REDACTED_ERROR

CPR = cpr(date(1985, 2, 14))
WHOLE_CPR = controlled_cpr(date(1990, 5, 12))
MAIL = "lone.hansen@eksempel.dk"
PHONE = "+45 20 12 34 56"
PLANTED = (CPR, WHOLE_CPR, MAIL, PHONE)

INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202e\u2066\0\x01\x7f\x9f"
DIGITS = tuple({ord(str(n)): zero + n for n in range(10)} for zero in (0xFF10, 0x660, 0x966))

hostile = st.text(st.characters(), max_size=300)
PIECES = (
    *("Mette", "Hansen", "og", "the", "Kære", "hr.", ", ", " ", "\n", "1", "12", "-", "@", ".dk"),
    *("8000", "Aarhus", "Vej", "<b>", "&nbsp;", '{"a": "', "\\n", "\0", "\u200b", "\ud800"),
    *("\u0430", "\u05d0", "\u202e", "\U0001f600", "e\u0301", "\uff11", "\u0661"),
)
LONG = (
    "Kunden ringede, og varen er ikke fundet endnu. ",
    "1 ",
    "\u0430",
    "\U0001f600",
    "\u200b",
    "\0",
    "\n",
    "<b>",
    '{"a":',
    "Mette Hansen, ",
    "Malon, Mark, Kaylee, ",
    "a@b.dk ",
    "Nygade 12, 8000 Aarhus C. ",
    "\u202e\u05d0 ",
)
mixed = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
few = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


def made(text: str) -> Anonymized:
    """The text anonymized, after a look at what is true of every text."""
    started = time.process_time()
    (result,) = detector().anonymize([text])
    assert time.process_time() - started < 1 + len(text) / 1000
    if result.text != REDACTED_ERROR:
        end = 0
        for found in result.findings:
            assert end <= found.start < found.end <= len(text)
            end = found.end
        if not result.findings:
            assert result.text == text
    return result


@pytest.fixture(scope="module", autouse=True)
def loaded():
    detector().anonymize(["Peter Parker called, og kunden er her"])


@few
@given(st.one_of(hostile, mixed))
@example("")
@example("\0")
@example("\ud800")
@example("\udfff\ud800 Mette")
@example("\U0001f600" * 50)
@example("\u0301\u0301")
@example("\u2028\u2029\x85")
def test_any_text(text):
    made(text)


@few
@given(st.one_of(hostile, mixed), st.one_of(hostile, mixed), st.sampled_from(PLANTED))
def test_what_is_planted_on_a_line_of_its_own_is_gone(before, after, planted):
    assert planted not in made(f"{before}\n{planted}\n{after}").text


@few
@given(st.data(), st.sampled_from(PLANTED))
def test_what_cannot_be_seen_hides_nothing(data, planted):
    gaps = st.text(st.sampled_from(INVISIBLE), max_size=2)
    hidden = "".join(c + data.draw(gaps) for c in planted)
    told = made(f"kunden oplyser {hidden} i dag").text
    assert hidden not in told
    assert not any(c.isdigit() or c == "@" for c in told.replace("<DK_CPR>", ""))


@pytest.mark.parametrize("digits", DIGITS, ids=["full width", "Arabic", "Devanagari"])
@pytest.mark.parametrize("planted", [CPR, WHOLE_CPR, PHONE])
def test_digits_of_other_scripts(digits, planted):
    told = made(f"kunden oplyser {planted.translate(digits)} i dag").text
    assert not any(c.isdigit() for c in told)


@pytest.mark.parametrize(
    "frame",
    [
        "<p>Kontakt: <b>{}</b><br/></p>",
        "<td>{}</td>",
        "<a href='x'>{}</a>",
        "&nbsp;{}&nbsp;",
        "&lt;{}&gt;",
        '{{"id": 1, "value": "{}", "n": null}}',
        '["{}"]',
        "key={};other=1",
        "'{}'",
        "\u201c{}\u201d",
        "*{}*",
        "|{}|",
        "\t{}\r\n",
        "\0{}\0",
        "\u202e{}\u202c",
        "\u05e9\u05dc\u05d5\u05dd {} \u05e2\u05d5\u05dc\u05dd",
        "\u0645\u0631\u062d\u0628\u0627 {} \u0643",
        "\U0001f600{}\U0001f600",
        "\u4f60\u597d {} \u4f60",
        "\ud800 {} \udfff",
        "; DROP TABLE x; -- {} --",
        "${{jndi:{}}}",
        "%s%n {} %x",
        "...{}...",
        "linje\\n{}\\nlinje",
        "linje\\r\\n{}\\t",
        "x\\u000a{}",
        "cpr\0{}\0tlf",
        "1,{},x",
    ],
)
@pytest.mark.parametrize("planted", PLANTED, ids=["cpr", "ten digits", "mail", "phone"])
def test_frames(frame, planted):
    text = frame.format(planted)
    assert planted in text
    assert planted not in made(text).text


def test_json_in_json():
    note = json.dumps({"mail": MAIL, "cpr": CPR, "tekst": f"ringede\n{WHOLE_CPR}\t{CPR}"})
    told = made(json.dumps({"note": note})).text
    assert MAIL not in told and CPR not in told and WHOLE_CPR not in told
    assert json.loads(json.loads(told)["note"])["tekst"] == "ringede\n<DK_CPR>\t<DK_CPR>"


@pytest.mark.parametrize(
    "name",
    [
        "P\u0435ter P\u0430rker",
        "\uff30\uff45\uff54\uff45\uff52 Parker",
        "Pe\u200bter Par\u00adker",
        "\U0001d40f\U0001d41e\U0001d42d\U0001d41e\U0001d42b Parker",
        "Peter\u00a0Parker",
        "\u202aPeter Parker\u202c",
    ],
)
def test_names_of_look_alikes(name):
    assert made(f"Please call {name} after work").text in (
        "Please call <PERSON> after work",
        "Please call \u202a<PERSON>\u202c after work",
    )


@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "x",
        *(
            pytest.param(unit, marks=pytest.mark.full)  # together they take a minute
            for unit in LONG
        ),
    ],
)
def test_long_texts(unit):
    """Of 100,000 characters; twice as long takes twice as long (the next test is longer)."""
    text = (unit * 100_000)[:100_000] + f"\n{MAIL}\n"
    assert MAIL not in made(text).text


@pytest.mark.full
def test_a_megabyte():
    note = f"Kære Mette Hansen, ring til {PHONE} om ordren. "
    text = note * (1_000_000 // len(note))
    started = time.process_time()
    told = made(text).text
    assert time.process_time() - started < 60
    assert PHONE not in told and "Hansen" not in told
    assert told.count("<PERSON>") == told.count("<PHONE_NUMBER>") == 1_000_000 // len(note)


def _in_spark(*texts: str | None) -> list[tuple[str | None, list]]:
    (frame,) = on_spark._detected(iter([pd.Series(texts, dtype=object)]))
    return list(frame[["text", "findings"]].itertuples(index=False, name=None))


def test_null_and_empty_in_the_udf():
    assert _in_spark(None, "", None) == [(None, []), ("", []), (None, [])]
    assert _in_spark(None) == [(None, [])]
    assert _in_spark() == []


@pytest.mark.parametrize("text", ["\ud800", "\ud800 og \udfff", f"x \ud800 {MAIL}", "Mette \ud800"])
def test_half_a_surrogate_pair_is_redacted_for_arrow_cannot_hold_it(text):
    (first, second) = _in_spark(text, "alt er godt")
    assert first == (
        REDACTED_ERROR,
        [{"entity": REDACTED_ERROR.strip("<>"), "count": 1, "score": 1.0}],
    )
    assert second == ("alt er godt", [])


@few
@given(st.lists(st.one_of(st.none(), hostile, mixed), max_size=6))
@example(["0" * 70 + "\u00a1\ud800", "Mette" * 16 + "\u200b"])
def test_the_udf_lets_nothing_out_that_spark_cannot_take(texts):
    told = _in_spark(*texts)
    assert [t is None for t, _ in told] == [t is None for t in texts]
    for text, counted in told:
        assert text is None or text.encode() is not None
        assert {c["entity"] for c in counted} <= {*pii_config().entities, "REDACTED_ERROR"}
