"""Pseudonyms: one for every spelling of a value, none that joins with another's."""

from __future__ import annotations

import hashlib
import hmac
import pickle
import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.errors import PythonException
from pyspark.sql import functions as F

from conf.contract import Form
from conf.secrets import KeySource
from tests.cpr import cpr
from tests.standard import KEY, keys_in
from udfs import pseudonyms
from udfs.pii.hashing import Hashing
from udfs.pii.spark import detect_pii
from udfs.pseudonyms import canonical, keyed_digest, pseudonym, pseudonymize
from udfs.text import guarded

CPR = cpr(date(1985, 2, 14))
DIGITS = CPR.replace("-", "")


@pytest.mark.parametrize(
    ("form", "value", "expected"),
    [
        (Form.TEXT, "  C1\t", ("C1", True)),
        (Form.TEXT, "A\u030a", ("\u00c5", True)),
        (Form.TEXT, "c1", ("c1", True)),  # case is content
        (Form.TEXT, " ", ("", True)),
        (Form.EMAIL, " A@B.Dk ", ("a@b.dk", True)),
        (Form.EMAIL, "A at B", ("A at B", False)),
        (Form.EMAIL, "A@B", ("A@B", False)),
        (Form.PHONE, "20 12 34 56", ("+4520123456", True)),
        (Form.PHONE, "0045 20123456", ("+4520123456", True)),
        (Form.PHONE, " Ukendt", ("Ukendt", False)),
        (Form.CPR, CPR, (DIGITS, True)),
        (Form.CPR, f"{CPR[:6]} {CPR[7:]}", (DIGITS, True)),
        (Form.CPR, f"{CPR[:6]}\u2013{CPR[7:]}", (DIGITS, True)),
        (Form.CPR, DIGITS[:-1], (DIGITS[:-1], False)),
        (Form.CPR, "".join(chr(0x660 + int(d)) for d in DIGITS), None),
    ],
)
def test_canonical_forms(form, value, expected):
    assert canonical(value, form) == (expected or (value, False))


def test_a_pseudonym_is_the_hmac_of_domain_and_canonical_form():
    message = f"default/t.c\x1f{DIGITS}".encode()
    expected = hmac.new(KEY, message, hashlib.sha256).hexdigest()
    assert pseudonym(KEY, "default/t.c", CPR, Form.CPR) == expected
    raw = hmac.new(KEY, b"default/t.c/raw\x1fukendt", hashlib.sha256).hexdigest()
    assert pseudonym(KEY, "default/t.c", "ukendt", Form.CPR) == raw


def test_keys_domains_and_validity_keep_values_apart():
    found = {
        pseudonym(KEY, "a", "x"),
        pseudonym(KEY, "b", "x"),
        pseudonym(KEY, "a", "X"),
        pseudonym(KEY + b"2", "a", "x"),
        pseudonym(KEY, "a", "x", Form.EMAIL),  # no address: in the sub-domain raw
    }
    assert len(found) == 5
    assert pseudonym(KEY, "a", "+4520123456") == pseudonym(KEY, "a", "20123456", Form.PHONE)


@settings(max_examples=200, deadline=None)
@given(st.text(), st.sampled_from(list(Form)))
def test_any_text_has_a_pseudonym_that_its_canonical_form_has_too(value, form):
    found = pseudonym(KEY, "d", value, form)
    assert re.fullmatch("[0-9a-f]{64}", found)
    assert pseudonym(KEY, "d", canonical(value, form)[0], form) == found


rows = st.lists(st.none() | st.text(max_size=4), min_size=1, max_size=3)


@settings(max_examples=300, deadline=None)
@given(rows, rows)
def test_two_rows_with_one_message_are_one_row(one, two):
    same = pseudonyms._message("d", one) == pseudonyms._message("d", two)
    assert same == (one == two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (["a", "b"], ["ab", ""]),
        (["a", None], ["a", ""]),
        ([None], ["n"]),
        (["a\x1f1:b"], ["a", "b"]),
        (["1:a"], ["a"]),
    ],
)
def test_rows_that_look_alike_differ(one, two):
    assert pseudonyms._message("d", one) != pseudonyms._message("d", two)


def test_in_spark_nulls_stay_null_and_the_key_is_in_no_plan(spark, tmp_path):
    keys = keys_in(tmp_path)
    df = spark.createDataFrame([("a", "x"), (None, "x"), ("", None)], "a string, b string")
    found = df.select(
        pseudonymize(F.col("a"), keys, "d").alias("p"),
        keyed_digest([F.col("a"), F.col("b")], keys, "d").alias("h"),
    )
    told = [tuple(r) for r in found.collect()]
    assert [p for p, _ in told] == [pseudonym(KEY, "d", "a"), None, pseudonym(KEY, "d", "")]
    message = b"d\x1f1:a\x1f1:x"
    assert told[0][1] == hmac.new(KEY, message, hashlib.sha256).hexdigest()
    assert len({h for _, h in told}) == 3
    assert KEY.decode() not in found._jdf.queryExecution().toString()
    assert KEY not in pickle.dumps(keys)


@pytest.mark.parametrize("kind", ["column", "row", "text"])
def test_a_worker_without_a_key_fails_instead_of_each_value(spark, tmp_path, kind):
    """As on a cluster whose workers do not have the file: else every key would be in quarantine."""
    keys = KeySource(str(tmp_path / "not on this machine"))
    made = {
        "column": pseudonymize(F.col("a"), keys, "d"),
        "row": keyed_digest([F.col("a")], keys, "d"),
        "text": detect_pii(F.col("a"), hashing=Hashing(keys)),
    }[kind]
    df = spark.createDataFrame([("a",)], "a string").select(made)
    with pytest.raises(PythonException, match=r"cannot be read \(FileNotFoundError\)"):
        df.collect()


def test_no_exception_leaves(monkeypatch):
    def broken() -> str:
        raise ValueError(CPR)

    assert guarded(broken, "<REDACTED_ERROR>") == "<REDACTED_ERROR>"
