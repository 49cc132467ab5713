"""What Silver may hold: each treatment on values, and that none of them lets a value through."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from chispa import assert_df_equality
from pyspark.sql import functions as F

from conf.contract import Form, Treatment
from conf.contract_silver import silver_contract
from tests.cpr import cpr
from tests.standard import KEY, bronze, column, contract, failing_pseudonyms, keys_in
from transformations.standardize import standardized
from transformations.treatments import entity, generalized, masked, treated
from udfs.pii.verdicts import Verdicts, fingerprint
from udfs.pseudonyms import pseudonym

CPR = cpr(date(1985, 2, 14))
NAME = "Xqtsvra"  # a word nobody bears


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return keys_in(tmp_path_factory.mktemp("key"))


MASKED = {
    Form.PHONE: [("+4520123456", "***56"), ("12345", "***"), ("Jens 12", "***"), ("", "***")],
    Form.EMAIL: [
        ("a.b@example.DK", "***@***.dk"),
        ("a@b.c.com", "***@***.com"),
        ("Jens.Hansen", "***"),  # once ***@***.hansen
        ("Jens Hansen @ mail.dk", "***"),
        ("a@" + "a." * 5_000 + "dk", "***"),
    ],
    Form.TEXT: [("Hansen", "H***"), ("Bo Ek", "***"), ("\u00c5", "***"), ("12345678", "1***")],
    Form.CPR: [(CPR, f"{CPR[0]}***"), ("1", "***")],
}


def test_masks_tell_a_hint_and_no_more(spark):
    cases = [(f.value, text, mask) for f, pairs in MASKED.items() for text, mask in pairs]
    cases += [(f.value, None, None) for f in MASKED]
    df = spark.createDataFrame(cases, "form string, text string, mask string")
    by_form = F.coalesce(
        *(F.when(F.col("form") == f.value, masked(F.col("text"), f)) for f in MASKED)
    )
    assert_df_equality(df.select("form", "text", by_form.alias("mask")), df, ignore_nullable=True)


def test_generalized_values(spark):
    df = spark.createDataFrame(
        [
            (date(1985, 2, 14), "2200", 1985, "22"),
            (date(1, 1, 1), "8", 1, "8"),
            (None, None, None, None),
            (date(2024, 12, 31), "\U0001f600\u00e9x", 2024, "\U0001f600\u00e9"),
        ],
        "born date, postal string, year int, prefix string",
    )
    found = df.select(
        "born",
        "postal",
        generalized(F.col("born"), "year").alias("year"),
        generalized(F.col("postal"), "prefix:2").alias("prefix"),
    )
    assert_df_equality(found, df, ignore_nullable=True)


@pytest.mark.parametrize(
    ("told", "named"),
    [
        (column("c", entity="PERSON", form=Form.EMAIL), "PERSON"),
        (column("c", form=Form.EMAIL), "EMAIL_ADDRESS"),
        (column("c", form=Form.PHONE), "PHONE_NUMBER"),
        (column("c", form=Form.CPR), "DK_CPR"),
        (column("c", classification="pii-indirect"), "PII_INDIRECT"),
        (column("c"), "PII"),
    ],
)
def test_what_a_column_holds_has_a_name(told, named):
    assert entity(told) == named


ALL = contract(
    [
        column("city"),
        column("person", treatment=Treatment.HASH, form=Form.EMAIL, valid_flag="person_valid"),
        column("id", treatment=Treatment.HASH, form=Form.CPR, silver_name="member"),
        column("phone", form=Form.PHONE, treatment=Treatment.MASK, silver_name="phone_hint"),
        column("name", treatment=Treatment.REDACT, entity="PERSON"),
        column("level", "integer", treatment=Treatment.REDACT),
        column("paid", "number", "decimal(18,2)", treatment=Treatment.HASH),
        column(
            "born", "date", treatment=Treatment.GENERALIZE, generalize="year", silver_name="year"
        ),
        column("postal", treatment=Treatment.GENERALIZE, generalize="prefix:2", silver_name="area"),
        column("secret", treatment=Treatment.DROP, classification="pii-sensitive"),
        column("notes", treatment=Treatment.DETECT),
        column("odd", "integer", treatment=Treatment.DETECT),
    ]
)
FULL = {
    "id": CPR,
    "city": " Aarhus ",
    "person": f"{NAME}@Example.dk",
    "phone": "20 12 34 56",
    "name": NAME,
    "level": "7",
    "paid": "1.5",
    "born": "1985-02-14",
    "postal": "2200",
    "secret": NAME,
    "notes": f"mail {NAME}@example.dk og x@example.com, cpr {CPR}",
    "odd": "42",
}
EMPTY = {"id": CPR.replace("-", ""), "_bronze_row": 2}
ODD = {
    "id": "ukendt",
    "_bronze_row": 3,
    "person": f"{NAME} at example",
    "phone": NAME,
    "name": " ",
    "postal": "2",
    "notes": "Ringede om levering.",
}


@pytest.fixture(scope="module")
def found(spark, keys):
    df = bronze(spark, ALL, [FULL, EMPTY, ODD]).transform(standardized(ALL, keys))
    return df.transform(treated(ALL, keys)).orderBy("_bronze_row").toPandas()


def test_treated_columns_are_those_of_the_silver_contract(spark, keys):
    df = bronze(spark, ALL, []).transform(standardized(ALL, keys)).transform(treated(ALL, keys))
    business = [(f.name, f.dataType.simpleString()) for f in df.schema if f.name[0] != "_"]
    assert business == [(c.name, c.spark_type) for c in silver_contract(ALL).columns]
    assert business[0][0] == "member"
    assert not [name for name in df.columns if name.startswith("_hashed_")]
    assert {"_bronze_delivery", "_bronze_row", "_key", "_row_hash", "_sequence", "_reasons"} <= set(
        df.columns
    )


def test_every_treatment_on_values(found):
    full, empty, odd = (
        {n: None if pd.isna(v) else v for n, v in row.items() if n[0] != "_"}
        for row in found.drop(columns=["_key", "_reasons", "_pii", "_unsure"]).to_dict("records")
    )
    member = pseudonym(KEY, "default/t.id", CPR, Form.CPR)
    assert full == {
        "member": member,
        "city": "Aarhus",
        "person": pseudonym(KEY, "default/t.person", f"{NAME}@example.dk", Form.EMAIL),
        "phone_hint": "***56",
        "name": "<PERSON>",
        "level": "<PII>",
        "paid": pseudonym(KEY, "default/t.paid", "1.50"),
        "year": 1985,
        "area": "22",
        "notes": "mail <EMAIL_ADDRESS> og <EMAIL_ADDRESS>, cpr <DK_CPR>",
        "odd": 42,
        "person_valid": True,
    }
    assert empty == dict.fromkeys(full) | {"member": member}
    assert odd == dict.fromkeys(full) | {
        "member": pseudonym(KEY, "default/t.id", "ukendt", Form.CPR),
        "person": pseudonym(KEY, "default/t.person", f"{NAME} at example", Form.EMAIL),
        "phone_hint": "***",
        "area": "2",
        "notes": "Ringede om levering.",
        "person_valid": False,
    }


def test_each_treated_value_is_counted_once(found):
    counted = [
        {
            (f["column"], f["entity"], f["treatment"]): (f["count"], round(f["score"], 6))
            for f in row
        }
        for row in found["_pii"]
    ]
    once = (1, 1.0)
    cpr_score = counted[0].pop(("notes", "DK_CPR", "detect"))
    assert cpr_score[0] == 1 and 0.4 <= cpr_score[1] <= 1
    assert counted == [
        {
            ("person", "EMAIL_ADDRESS", "hash"): once,
            ("id", "DK_CPR", "hash"): once,
            ("phone", "PHONE_NUMBER", "mask"): once,
            ("name", "PERSON", "redact"): once,
            ("level", "PII", "redact"): once,
            ("paid", "PII", "hash"): once,
            ("born", "PII", "generalize"): once,
            ("postal", "PII", "generalize"): once,
            ("secret", "PII_SENSITIVE", "drop"): once,
            ("notes", "EMAIL_ADDRESS", "detect"): (2, 1.9),
        },
        {("id", "DK_CPR", "hash"): once},
        {
            ("person", "EMAIL_ADDRESS", "hash"): once,
            ("id", "DK_CPR", "hash"): once,
            ("phone", "PHONE_NUMBER", "mask"): once,
            ("postal", "PII", "generalize"): once,
        },
    ]


def test_no_treated_row_holds_a_value_of_a_marked_column(found):
    text = found.drop(columns=["city"]).to_csv().lower()
    for value in (NAME, CPR, CPR.replace("-", ""), "20123456", "02-14", "2200"):
        assert value.lower() not in text


def test_a_value_that_does_not_parse_goes_to_quarantine_with_its_row(spark, keys):
    """So that null in a marked column always means that nothing was there."""
    rows = [FULL | {"born": "14. februar", "paid": "en halv", "_bronze_row": n} for n in (1,)]
    (row,) = bronze(spark, ALL, rows).transform(standardized(ALL, keys)).collect()
    assert row["_reasons"] == ["unparseable: paid", "unparseable: born"]


def test_a_value_whose_pseudonym_fails_shows_nothing_and_is_counted(spark, keys):
    told = contract([column("person", treatment=Treatment.HASH, entity="PERSON")])
    df = bronze(spark, told, [{"person": NAME}, {}]).transform(standardized(told, keys))
    with failing_pseudonyms():
        one, none = df.transform(treated(told, keys)).orderBy("_bronze_row").collect()
    assert one["person"] == "<REDACTED_ERROR>"
    assert [(f["entity"], f["count"]) for f in one["_pii"]] == [("REDACTED_ERROR", 1)]
    assert (none["person"], none["_pii"]) == (None, [])


def test_what_is_unsure_is_told_by_its_place_and_verdicts_are_obeyed(spark, keys):
    told = contract(
        [
            column("note", treatment=Treatment.DETECT),
            column("odd", "integer", treatment=Treatment.DETECT),
        ]
    )
    rows = [{"note": "  hylde 1234-1234567 i dag", "odd": "12341234567"}, {"note": None}]
    standard = bronze(spark, told, rows).transform(standardized(told, keys))
    one, none = standard.transform(treated(told, keys)).orderBy("_bronze_row").collect()
    span = {"column": "note", "start": 6, "end": 18, "entity": "DK_BANK_ACCOUNT", "score": 0.3}
    assert [u.asDict() for u in one["_unsure"]] == [span | {"found": False}]
    assert none["_unsure"] == []

    personal = frozenset({fingerprint(KEY, "1234-1234567")})
    obeyed = standard.transform(treated(told, keys, Verdicts(personal=personal, keys=keys)))
    one = obeyed.orderBy("_bronze_row").first()
    assert (one["note"], one["_unsure"]) == ("hylde <DK_BANK_ACCOUNT> i dag", [])
    assert [(f["entity"], f["score"]) for f in one["_pii"]] == [("DK_BANK_ACCOUNT", 1.0)]
    plan = obeyed._jdf.queryExecution().toString()
    assert KEY.decode() not in plan and not personal & set(plan.split())
