"""From received text to typed, clean values: every conversion, and every reason for quarantine."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import zip_longest
from typing import Any

import pytest
from chispa import assert_df_equality
from pyspark.errors import PythonException
from pyspark.sql import DataFrame, Row

from conf.contract import Column, Form, Rule, Treatment
from tests.cpr import cpr
from tests.standard import KEY, bronze, column, contract, keys_in
from tests.unit import contract_texts as texts
from transformations.standardize import standardized
from udfs.phones import to_e164
from udfs.pseudonyms import pseudonym
from udfs.text import REDACTED_ERROR

COPENHAGEN = "Europe/Copenhagen"
Case = tuple[str | None, Any]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def decimals(text: str | None, number: str) -> Case:
    return text, Decimal(number)


CPR = cpr(date(1985, 2, 14))
TEXTS: dict[Column, list[Case]] = {
    column("trimmed"): [
        ("  a  b\t", "a  b"),
        ("\u00a0\u2003a\u3000\r\n", "a"),
        ("", None),
        (" \u00a0\t ", None),
        (None, None),
        ("A\u030arhus", "\u00c5rhus"),
        ("e\u0301", "\u00e9"),
        ("a\u200bb", "a\u200bb"),  # zero-width: content
        ("\x00", "\x00"),
        ("NULL", "NULL"),
        ("0", "0"),
    ],
    column("phone", form=Form.PHONE): [
        ("20 12 34 56", "+4520123456"),
        ("0045 20123456", "+4520123456"),
        ("(+45) 20-12-34-56", "+4520123456"),
        ("+46 8 123 456 78", "+46812345678"),
        (" ukendt ", "ukendt"),
        ("12345", "12345"),
        ("+4500000000", "+4500000000"),
        ("", None),
        (None, None),
    ],
}
FLAGS: dict[Column, list[Case]] = {
    column("e", form=Form.EMAIL, valid_flag="e_valid"): [
        ("a@b.dk", True),
        (" S\u00f8ren.\u00c5@\u00f8l.k\u00f8benhavn ", True),
        ("a+b@sub.sub.example.com", True),
        ("a@b", False),
        ("a.dk", False),
        ("a@@b.dk", False),
        ("a b@c.dk", False),
        ("a@-b.dk", False),
        ("a@b.dk, c@d.dk", False),
        ("a@b.dk\nc@d.dk", False),
        ("a@" + "a." * 126 + "dk", False),  # 256 characters
        ("a@" + "a." * 20_000 + "dk", False),  # once a stack overflow in Java's matcher
        ("a@" + "a" * 64 + ".dk", False),  # a label has 63
        (None, None),
    ],
    column("p", form=Form.PHONE, valid_flag="p_valid"): [
        ("20123456", True),
        ("+4520123456", True),
        ("+4500000000", False),  # looks like E.164, but no such number is issued
        ("ukendt", False),
        (None, None),
    ],
    column("c", form=Form.CPR, valid_flag="c_valid"): [
        (CPR, True),
        (CPR.replace("-", ""), True),
        (CPR.replace("-", " "), True),
        (CPR.replace("-", "\u2013"), True),
        (CPR[:-1], False),
        (CPR + "0", False),
        ("32" + CPR[2:], False),
        ("0113" + CPR[4:], False),
        ("ukendt", False),
        (" ", None),
    ],
}
NUMBERS: dict[Column, list[Case]] = {
    column("i", "integer"): [
        (" 42 ", 42),
        ("-7", -7),
        ("+7", 7),
        ("007", 7),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", None),
        ("1.5", None),
        ("5.0", None),
        ("1e5", None),
        ("1 000", None),
        ("1_000", None),
        ("0x10", None),
        ("5L", None),
        ("\u0663", None),  # an Arabic three
        ("", None),
        ("\u2003", None),
    ],
    column("grouped", "integer", thousands_separator="."): [
        ("1.234.567", 1_234_567),
        ("1234567", 1_234_567),
        ("1.23", None),
        ("12.34.567", None),
        ("1,234", None),
    ],
    column("d", "number"): [
        ("1.5", 1.5),
        ("-.5", -0.5),
        ("5.", 5.0),
        ("1e5", 1e5),
        ("1.0E-7", 1e-7),
        ("0.1", 0.1),
        ("1,5", None),
        ("1e400", None),
        ("NaN", None),
        ("Infinity", None),
        ("-inf", None),
        ("1d", None),
        ("1f", None),
        ("0x1p3", None),
        (".", None),
        ("-", None),
    ],
    column("m", "number", "decimal(18,2)"): [
        decimals("1234.56", "1234.56"),
        decimals("1234.5", "1234.50"),
        decimals("-0.01", "-0.01"),
        decimals("1.500000000000000000000000", "1.50"),
        decimals(".5", "0.50"),
        decimals("1e5", "100000.00"),
        decimals("1.23456789E7", "12345678.90"),
        decimals("0e-3", "0.00"),
        decimals("9999999999999999.99", "9999999999999999.99"),
        ("10000000000000000.00", None),
        ("1.005", None),  # would have to be rounded
        ("1.0000000000000000000000001", None),
        ("1.5e-2", None),
        ("1e-30", None),
        ("1e-999999999", None),  # once an ArithmeticException
        ("1e999999999", None),
        ("1,50", None),
        ("1.234,56", None),
        ("1 234.56", None),
        ("12 kr.", None),
        ("(5)", None),
    ],
    column("kr", "number", "decimal(18,2)", decimal_separator=",", thousands_separator="."): [
        decimals("1.234,56", "1234.56"),
        decimals("1234,56", "1234.56"),
        decimals("1.234.567", "1234567.00"),
        decimals("-1.234,5", "-1234.50"),
        decimals("1.234", "1234.00"),
        ("12.50", None),  # once 1250
        ("1,234.56", None),
        ("1.2345,00", None),
        (".234,00", None),
        ("1,,5", None),
        ("1,505", None),
    ],
    column("comma", "number", "decimal(18,2)", decimal_separator=","): [
        decimals("1,5", "1.50"),
        ("1.5", None),  # as likely fifteen hundred as one and a half
        ("1.500,5", None),
    ],
    column("blank", "number", decimal_separator=",", thousands_separator=" "): [
        ("1 234,5", 1234.5),
        ("1\u00a0234,5", 1234.5),
        ("1\u202f234\u202f567", 1234567.0),
        ("12 34", None),
    ],
    column("wide", "number", "decimal(38,2)"): [
        decimals("123456789012345678901234567890123456.78", "123456789012345678901234567890123456.78"),
        ("1234567890123456789012345678901234567.00", None),
    ],
    column("tiny", "number", "decimal(38,38)"): [
        decimals("0." + "0" * 37 + "1", "1e-38"),
        ("0." + "0" * 38 + "1", None),
        ("1", None),
    ],
}  # fmt: skip
OTHERS: dict[Column, list[Case]] = {
    column("b", "boolean"): [
        *((text, True) for text in ("true", "T", "YES", "y", "1", "Ja", "j", "SAND", " ja ")),
        *((text, False) for text in ("false", "f", "No", "N", "0", "nej", "Falsk")),
        *((text, None) for text in ("2", "1.0", "maybe", "on", "j a", "-")),
    ],
    column("iso", "date"): [
        ("2024-02-29", date(2024, 2, 29)),
        (" 2024-02-29\t", date(2024, 2, 29)),
        ("0001-01-01", date(1, 1, 1)),
        ("9999-12-31", date(9999, 12, 31)),
        ("2023-02-29", None),
        ("2024-2-9", None),
        ("0000-01-01", None),
        ("29-02-2024", None),
        ("20240229", None),
        ("2024", None),
        ("2024-02-29T10:00", None),
        ("today", None),
    ],
    column("dk", "date", formats=("dd-MM-yyyy", "d.M.yyyy", "yyyyMMdd", "d. MMMM yyyy")): [
        ("01-02-2024", date(2024, 2, 1)),
        ("1.2.2024", date(2024, 2, 1)),
        ("19970101", date(1997, 1, 1)),
        ("3. May 2024", date(2024, 5, 3)),
        ("2024-05-03", date(2024, 5, 3)),  # ISO besides
        ("31-02-2024", None),
        ("01-13-2024", None),
        ("01-02-24", None),
        ("01-02--2024", None),  # once a year before Christ
        ("01-02-0000", None),
        ("01-02-20240", None),
        ("01-02-2024 10:00", None),
    ],
    column("day", "date", formats=("yyyy-MM-dd'T'HH:mmXXX",), timezone=COPENHAGEN): [
        ("2024-07-01T23:30Z", date(2024, 7, 2)),
        ("2024-07-02T00:30+02:00", date(2024, 7, 2)),
    ],
    column("at", "timestamp", formats=("dd-MM-yyyy HH:mm", "dd-MM-yyyy"), timezone=COPENHAGEN): [
        ("01-07-2024 12:00", utc(2024, 7, 1, 10)),
        ("01-01-2024 12:00", utc(2024, 1, 1, 11)),
        ("01-07-2024", utc(2024, 6, 30, 22)),
        ("25-10-2026 01:59", utc(2026, 10, 24, 23, 59)),
        ("25-10-2026 02:30", utc(2026, 10, 25, 0, 30)),  # the repeated hour: its first pass
        ("25-10-2026 03:00", utc(2026, 10, 25, 2)),
        ("29-03-2026 01:59", utc(2026, 3, 29, 0, 59)),
        ("29-03-2026 02:30", utc(2026, 3, 29, 1, 30)),  # the skipped hour: an hour later
        ("29-03-2026 03:30", utc(2026, 3, 29, 1, 30)),
        ("2026-10-25T02:30:00", utc(2026, 10, 25, 0, 30)),
        ("2026-10-25T02:30:00+02:00", utc(2026, 10, 25, 0, 30)),
        ("2026-10-25T02:30:00+01:00", utc(2026, 10, 25, 1, 30)),
        ("2024-07-01 12:00", utc(2024, 7, 1, 10)),
        ("2024-07-01T12:00:01.5", utc(2024, 7, 1, 10, 0, 1, 500_000)),
        ("2024-07-01T12:00:01,25", utc(2024, 7, 1, 10, 0, 1, 250_000)),
        ("2024-07-01T12:00:01.123456789", utc(2024, 7, 1, 10, 0, 1, 123_456)),
        ("2024-07-01T12:00Z", utc(2024, 7, 1, 12)),
        ("2024-07-01T12:00:00z", utc(2024, 7, 1, 12)),
        ("2024-07-01 12:00:00 UTC", utc(2024, 7, 1, 12)),
        ("2024-07-01 12:00:00+02", utc(2024, 7, 1, 10)),  # PostgreSQL's form
        ("2024-07-01T12:00:00-0930", utc(2024, 7, 1, 21, 30)),
        ("1899-12-30 00:00", utc(1899, 12, 29, 23)),
        ("0001-01-01 00:00", None),  # before the calendar, in UTC
        ("2024-07-01 12:00:00 America/New_York", None),
        ("2024-07-01 12:00:00 CET", None),
        ("2024-07-01T12:00+99:99", None),
        ("2024-07-01T24:00", None),
        ("2016-12-31T23:59:60Z", None),
        ("2024-02-30T12:00", None),
        ("2024-07-01", None),
        ("2023", None),
        ("12:00", None),
        ("01-07-2024 25:00", None),
    ],
    column("offset", "timestamp", formats=("dd/MM/yyyy HH:mm[XXX]",), timezone=COPENHAGEN): [
        ("01/07/2024 12:00", utc(2024, 7, 1, 10)),  # once read as UTC
        ("01/07/2024 12:00Z", utc(2024, 7, 1, 12)),
        ("01/07/2024 12:00-05:00", utc(2024, 7, 1, 17)),
    ],
    column("zulu", "timestamp"): [("2024-07-01 12:00", utc(2024, 7, 1, 12))],
}


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return keys_in(tmp_path_factory.mktemp("key"))


def side_by_side(cases: dict[Column, list[Case]]) -> list[dict[str, Case]]:
    """The n-th case of every column as the n-th row."""
    names = [c.name for c in cases]
    lines = zip_longest(*cases.values(), fillvalue=(None, None))
    return [dict(zip(names, line, strict=True)) for line in lines]


def checked(spark, keys, cases: dict[Column, list[Case]], out: Sequence[tuple[str, str]]) -> None:
    """Standardize all cases at once; compare values and reasons. `out`: name and type of what is
    compared with each column's expectations."""
    told, lines = contract(list(cases)), side_by_side(cases)
    rows = [{name: text for name, (text, _) in line.items()} for line in lines]
    found = bronze(spark, told, rows).transform(standardized(told, keys))
    names = [name for name, _ in out]
    expected = [
        (i, *(wanted for _, wanted in line.values()), _unparseable(cases, line))
        for i, line in enumerate(lines, start=1)
    ]
    schema = ", ".join(f"`{n}` {t}" for n, t in out)
    assert_df_equality(
        found.select("_bronze_row", *names, "_reasons"),
        spark.createDataFrame(expected, f"_bronze_row bigint, {schema}, _reasons array<string>"),
        ignore_nullable=True,
        ignore_row_order=True,
    )


def _unparseable(cases: dict[Column, list[Case]], line: dict[str, Case]) -> list[str]:
    return [
        f"unparseable: {c.name}"
        for c in cases
        if c.logical_type != "string"
        and line[c.name][1] is None
        and (line[c.name][0] or "").strip()
    ]


def test_text_is_trimmed_composed_and_null_when_empty_and_phones_are_e164(spark, keys):
    checked(spark, keys, TEXTS, [(c.name, "string") for c in TEXTS])


def test_valid_flags_say_whether_a_value_has_its_form(spark, keys):
    checked(spark, keys, FLAGS, [(str(c.valid_flag), "boolean") for c in FLAGS])


def test_numbers_are_exactly_what_is_written_or_null(spark, keys):
    checked(spark, keys, NUMBERS, [(c.name, c.spark_type) for c in NUMBERS])


def test_booleans_dates_and_times(spark, keys):
    checked(spark, keys, OTHERS, [(c.name, c.spark_type) for c in OTHERS])


NASTY = (
    "NaN", "1e-999999999", "1e999999999", "0x1p3", "9" * 400, "7" * 100_000, "-" * 5_000, "1e",
    "31-02-2024", "01-02--2024", "2024-13-01", "2024-01-01T00:00+99:99", "+292278994-08-17",
    "2024-01-01 12:00:00 America/New_York", "\x00", "a\x00b", "\U0001f600" * 300, "\u202e\u0661",
    "a@" + "a." * 5_000 + "dk", "'; drop table t; --", "${spark.app.name}", "{{7*7}}", "\\", "%s",
    "<REDACTED_ERROR>", "\ufffd", "\u200b", "e\u0301" * 1_000, "1.2.3.4", "++4520123456", "tlf.:",
)  # fmt: skip
EVERY = (
    column("text", treatment=Treatment.HASH, references=("other", "id")),
    column("phone", form=Form.PHONE, valid_flag="phone_valid"),
    column("email", form=Form.EMAIL, valid_flag="email_valid"),
    column("cpr", form=Form.CPR, valid_flag="cpr_valid"),
    column("whole", "integer", thousands_separator="."),
    column("double", "number"),
    column("decimal", "number", "decimal(38,18)", decimal_separator=",", thousands_separator="."),
    column("bool", "boolean"),
    column("date", "date", formats=("dd-MM-yyyy", "d/M/yy")),
    column("time", "timestamp", formats=("dd-MM-yyyy HH:mm:ss[.SSS][XXX]",), timezone=COPENHAGEN),
)


def test_nothing_raises_whatever_the_value(spark, keys):
    told = contract(EVERY)
    rows = [{c.name: text for c in EVERY} for text in NASTY]
    found = bronze(spark, told, rows).transform(standardized(told, keys)).collect()
    assert len(found) == len(NASTY)
    typed = [c.name for c in EVERY if c.logical_type != "string"]
    for row in found:
        text = NASTY[row["_bronze_row"] - 1]
        assert row["_reasons"] == [f"unparseable: {name}" for name in typed], text[:40]
        assert (row["email_valid"], row["cpr_valid"]) == (False, False), text[:40]
        assert row["phone_valid"] == (to_e164(text) is not None), text[:40]
        if text != REDACTED_ERROR:  # the word itself is believed: in doubt there was a failure
            assert re.fullmatch("[0-9a-f]{64}", row["_hashed_text"]), text[:40]
        assert re.fullmatch("[0-9a-f]{64}", row["_row_hash"])


REASONED = contract(
    [
        column("id", required=True),
        column("name", required=True),
        column("amount", "number", "decimal(18,2)", required=True),
        column("state", allowed=("new", "old")),
        column("level", "integer", allowed=("1", "2")),
        column("seen", "date"),
    ],
    sequence_by="seen",
    rules=(Rule("positive", "amount > 0"), Rule("old_is_small", "state <> 'old' or amount < 10")),
)
GOOD = {"name": "n", "amount": "5", "state": "new", "level": "1", "seen": "2024-01-01"}


@pytest.fixture(scope="module")
def reasons(spark, keys):
    """Reasons by what was changed in a good row."""
    changes: dict[str, dict[str, Any]] = {
        "good": {},
        "required": {"name": "  "},
        "both required": {"name": None, "amount": ""},
        "unparseable, though required": {"amount": "x"},
        "not allowed": {"state": "NEW", "level": "3"},
        "null is allowed": {"state": None, "level": None},
        "rule": {"amount": "-1"},
        "two rules": {"amount": "-1.00", "state": "old"},
        "rule of null": {"amount": "50", "state": None},
        "the other rule": {"amount": "50", "state": "old"},
        "null key": {"id": " "},
        "null key and more": {"id": None, "name": None},
        "null sequence": {"seen": None},
        "unparseable sequence": {"seen": "31-02-2024"},
        "unparsed line": {"_bronze_error": "unparsed_line", "id": None, "name": None},
    }
    df = bronze(spark, REASONED, [GOOD | change for change in changes.values()])
    rows = df.transform(standardized(REASONED, keys)).collect()
    names = list(changes)
    return {names[row["_bronze_row"] - 1]: row["_reasons"] for row in rows}


def test_reasons_for_quarantine(reasons):
    assert reasons == {
        "good": [],
        "required": ["required: name"],
        "both required": ["required: name", "required: amount"],
        "unparseable, though required": ["unparseable: amount"],
        "not allowed": ["not_allowed: state", "not_allowed: level"],
        "null is allowed": [],
        "rule": ["rule: positive"],
        "two rules": ["rule: positive"],
        "rule of null": [],
        "the other rule": ["rule: old_is_small"],
        "null key": ["null_key"],
        "null key and more": ["required: name"],
        "null sequence": ["null_sequence"],
        "unparseable sequence": ["unparseable: seen"],
        "unparsed line": ["unparsed_line"],
    }


def test_the_key_of_a_named_key(spark, keys):
    """In the contract's order; a hashed part is its pseudonym, a kept one its text."""
    told = contract(
        [
            column("line", "integer"),
            column("person", form=Form.EMAIL, treatment=Treatment.HASH),
            column("v", "timestamp"),
        ],
        key=("person", "line"),
        sequence_by="v",
    )
    rows = [
        {"person": "A@b.dk", "line": "007", "v": "2024-01-01 10:00"},
        {"person": " a@B.dk ", "line": "7", "v": "2024-01-01T10:00:00Z"},
        {"person": None, "line": "7", "v": "2024-01-01T10:00:00Z"},
    ]
    found = bronze(spark, told, rows).transform(standardized(told, keys)).collect()
    one, two, three = sorted(found, key=lambda r: r["_bronze_row"])
    whose = pseudonym(KEY, "default/t.person", "a@b.dk", Form.EMAIL)
    assert one["_key"] == two["_key"] == [whose, "7"]
    assert one["_sequence"] == two["_sequence"]
    assert (three["_key"], three["_reasons"]) == ([None, "7"], ["null_key"])


def derived(spark, keys, delivery: str) -> dict[tuple[int, int], str]:
    told = contract([column("a"), column("n", "integer")], key=(), delivery=delivery)
    equal = {"a": "x", "n": "1"}
    rows = [
        equal,
        {"a": " x ", "n": "01"},
        {"a": "x", "n": None},
        {"a": None, "n": "1"},
        {"a": "x1", "n": None},
        equal | {"_bronze_delivery": 2, "_bronze_row": 9},
        equal | {"_bronze_delivery": 2, "_bronze_row": 10},
    ]
    df = bronze(spark, told, rows).transform(standardized(told, keys))
    return {(r["_bronze_delivery"], r["_bronze_row"]): r["_key"][0] for r in df.collect()}


def test_derived_keys_of_full_deliveries_know_the_purchases_of_last_time(spark, keys):
    found = derived(spark, keys, "full")
    assert found[1, 1] == found[2, 9]  # the first such row of each delivery
    assert found[1, 2] == found[2, 10]  # the second
    assert len(set(found.values())) == 5
    assert all(re.fullmatch("[0-9a-f]{64}", k) for k in found.values())


def test_derived_keys_of_increments_are_new_rows(spark, keys):
    assert len(set(derived(spark, keys, "increment").values())) == 7


@pytest.mark.parametrize(
    ("form", "key", "foreign"),
    [
        ("phone", "20123456", "+45 20 12 34 56"),
        ("email", "Jens@Example.dk", " jens@example.DK"),
        ("cpr", CPR, CPR.replace("-", "")),
        ("text", "  C1", "C1"),
    ],
)
def test_a_foreign_key_has_the_pseudonym_of_the_key(spark, keys, tmp_path, form, key, foreign):
    found = [
        row["_hashed_person"]
        for row in _people_and_visits(spark, keys, tmp_path, form, key, foreign)
    ]
    domain = "default/people.person"
    assert found == [pseudonym(KEY, domain, key, Form(form))] * 2


def _people_and_visits(spark, keys, folder, form: str, key: str, foreign: str) -> list[Row]:
    hashed = {"treatment": "hash", "form": form}
    person = texts.column("person", words=hashed, primaryKey=True, classification="pii-direct")
    visitor = texts.column("person", relationships=[{"to": "people.person"}])
    tables = texts.loaded(
        folder,
        texts.table("people", [person]),
        texts.table("visits", [texts.key(), visitor]),
    )
    frames: list[DataFrame] = [
        bronze(spark, told, [{"person": value}])
        .transform(standardized(told, keys))
        .select("_hashed_person")
        for told, value in ((tables.sources["people"], key), (tables.sources["visits"], foreign))
    ]
    return frames[0].union(frames[1]).collect()


def test_a_key_that_cannot_be_loaded_fails_and_shows_no_value(spark, tmp_path):
    """That is no matter of a value: in quarantine would be every row."""
    told = contract([column("person", treatment=Treatment.HASH)], key=("person",))
    lost = replace(keys_in(tmp_path), path=str(tmp_path / "none"))
    rows = bronze(spark, told, [{"person": "Wilhelmine"}]).transform(standardized(told, lost))
    with pytest.raises(PythonException, match="UsageError") as raised:
        rows.collect()
    assert "Wilhelmine" not in str(raised.value)
