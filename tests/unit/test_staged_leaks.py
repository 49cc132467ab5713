"""Staged rows: what a treatment makes passes, anything else is counted by column."""

from __future__ import annotations

from datetime import date

import pytest
from pyspark.sql import functions as F

from conf.contract import Form, Treatment
from tests.cpr import cpr
from tests.standard import column, contract
from transformations.leaks import Check, is_treated, looked_into, looked_over
from udfs.pii.leaks import Sign

HEX = "0f" * 32
NUMBER = cpr(date(1985, 2, 14))

TREATED = [
    (column("c", treatment=Treatment.HASH), [HEX, "<REDACTED_ERROR>"], [NUMBER, HEX[1:], "", HEX + "\n"]),
    (column("c", treatment=Treatment.MASK), ["***", "J***", "<REDACTED_ERROR>"], ["Jens", "Je***", "***1"]),
    (column("c", treatment=Treatment.MASK, form=Form.PHONE), ["***", "***12"], ["+4520123456", "***123"]),
    (column("c", treatment=Treatment.MASK, form=Form.EMAIL), ["***@***.dk", "***"], ["a@example.dk", "a***"]),
    (column("c", treatment=Treatment.REDACT, entity="PERSON"), ["<PERSON>", "<REDACTED_ERROR>"], ["Jens", "<DK_CPR>"]),
    (column("c", treatment=Treatment.GENERALIZE, generalize="prefix:2"), ["21", "2", "æø"], ["2100"]),
]  # fmt: skip


@pytest.mark.parametrize(("told", "good", "bad"), TREATED)
def test_what_a_treatment_makes(spark, told, good, bad):
    values = [(v,) for v in [*good, *bad, None]]
    rows = spark.createDataFrame(values, "c string").select("c", is_treated(told).alias("ok"))
    by = {r["c"]: r["ok"] for r in rows.collect()}
    assert by == dict.fromkeys(good, True) | dict.fromkeys(bad, False) | {None: None}


TABLE = contract(
    [
        column("name", treatment=Treatment.HASH),
        column("owner"),
        column("number", "integer"),
        column("tier", allowed=("gold",)),
        column("area", treatment=Treatment.GENERALIZE, generalize="prefix:4"),
        column("gone", treatment=Treatment.DROP),
        column("level", "boolean"),
        column("notes", treatment=Treatment.DETECT),
    ]
)
ROWS = [
    ("1", HEX, "Aarhus", 7, "gold", "21", True, "Kunden er tilfreds", "h1"),
    ("2", "Jens", NUMBER, 1402851234, "gold", "2100", False, "skriv til a.b@example.dk i dag", "h2"),
    ("3", None, "a.b@example.dk", 12, None, None, None, None, "h3"),
]  # fmt: skip
SCHEMA = (
    "id string, name string, owner string, number bigint, tier string, area string, level boolean, "
    "notes string, _silver_row_hash string"
)


@pytest.fixture(scope="module")
def staged(spark):
    return spark.createDataFrame(ROWS, SCHEMA)


def test_one_row_tells_of_every_column(staged):
    (told,) = staged.transform(looked_over(TABLE, rows=3, sample=1000)).collect()
    counts = {(s["column"], s["check"]): s["count"] for s in told["seen"]}
    assert counts == {
        ("id", Check.WHOLE): 0,
        ("name", Check.UNTREATED): 1,
        ("owner", Check.WHOLE): 2,
        ("number", Check.WHOLE): 1,
        ("tier", Check.WHOLE): 0,
        ("area", Check.UNTREATED): 0,
        ("area", Check.WHOLE): 0,
    }
    asked = [(a["column"], a["check"]) for a in told["asked"]]
    signs = dict(zip(asked, told["signs"], strict=True))
    assert set(signs) == {("id", Check.PROFILE), ("owner", Check.PROFILE), ("notes", Check.TEXT)}
    seen = {Sign.of(s): n for s, n in signs["notes", Check.TEXT].items()}
    assert {s.entity for s in seen} == {"-", "EMAIL_ADDRESS"}  # the clean text did not come along


def test_a_doubtful_column_is_looked_into(staged):
    found = staged.transform(looked_into(TABLE.column("owner"))).collect()
    counts = {Sign.of(r["sign"]).entity: r["count"] for r in found}
    assert counts == {"-": 2, "DK_CPR": 1, "EMAIL_ADDRESS": 1}


def test_no_result_holds_a_value(staged):
    text = str(staged.transform(looked_over(TABLE, rows=3, sample=1000)).collect())
    text += str(staged.transform(looked_into(TABLE.column("owner"))).collect())
    for value in (NUMBER, "example.dk", "Jens", "Aarhus"):
        assert value not in text


def test_a_table_without_anything_to_ask(spark):
    table = contract([column("level", "boolean")], key=())
    frame = spark.createDataFrame([(True, "h")], "level boolean, _silver_row_hash string")
    (told,) = frame.transform(looked_over(table, rows=1, sample=1)).collect()
    assert (told["seen"], told["signs"]) == ([], [])


def test_a_sample_is_a_share_of_the_rows(spark):
    frame = spark.range(2000).select(
        F.lit(HEX).alias("id"),
        F.lit("ring 20 12 34 56 i morgen").alias("notes"),
        F.col("id").cast("string").alias("_silver_row_hash"),
    )
    table = contract(
        [column("id", treatment=Treatment.HASH), column("notes", treatment=Treatment.DETECT)]
    )
    (told,) = frame.transform(looked_over(table, rows=2000, sample=100)).collect()
    (notes,) = told["signs"]
    assert 50 < notes["- value certain"] < 200
