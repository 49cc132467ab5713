"""A value on which something fails becomes <REDACTED_ERROR>, is counted, and is nowhere else."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import pandas as pd
import pytest
from pyspark.sql import Row

from conf.contract import Column, Form, SourceContract, SourceFormat, Treatment
from tests.standard import failing_pseudonyms, keys_in
from transformations.standardize import standardized
from transformations.treatments import treated
from udfs import json_lines, phones, text
from udfs.pii import Verdicts
from udfs.pii import spark as pii_spark
from udfs.pii.detector import Detector, detector
from udfs.pii.findings import FAILED, FAILURE, Anonymized, Finding
from udfs.text import REDACTED_ERROR, guarded


def _column(name: str, treatment: Treatment, **more: object) -> Column:
    plain = Column(name, name, "string", "string", treatment=treatment, silver_name=name)
    return replace(plain, domain=f"things.{name}", **more)


CONTRACT = SourceContract(
    table="things",
    path="things.odcs.yaml",
    digest="d",
    version="1",
    source=SourceFormat("csv"),
    columns=(
        _column("id", Treatment.KEEP),
        _column("name", Treatment.HASH, entity="PERSON"),
        _column("phone", Treatment.MASK, form=Form.PHONE),
        _column("street", Treatment.REDACT, entity="STREET"),
        _column("zip", Treatment.GENERALIZE, generalize="prefix:2", entity="ZIP"),
        _column("gone", Treatment.DROP, entity="PERSON"),
        _column("city", Treatment.KEEP),
        _column("notes", Treatment.DETECT),
    ),
    key=("id",),
)


def _refuse(value: object, *_: object) -> None:
    raise ValueError(f"cannot work on {value}")


def test_a_guard_lets_no_exception_out():
    assert guarded(lambda: 1, 2) == 1
    assert guarded(lambda: 1 // 0, "x") == "x"


@pytest.mark.parametrize(
    ("module", "inner", "outer"),
    [
        (text, "standard", text._standard_or_redacted),
        (phones, "to_e164", phones._standard_or_redacted),
    ],
)
def test_text_that_cannot_be_standardized_is_redacted(monkeypatch, module, inner, outer):
    monkeypatch.setattr(module, inner, _refuse)
    assert outer("20304050") == REDACTED_ERROR


def test_a_line_that_cannot_be_parsed_at_all_is_unparsed(monkeypatch):
    monkeypatch.setattr(json_lines.json, "loads", lambda *a, **k: 1 // 0)
    assert json_lines._fields_or_none('{"a": 1}') is None


def _detected(*texts: str | None) -> list[tuple[str | None, list[dict], list[dict]]]:
    (frame,) = pii_spark._detected(iter([pd.Series(texts, dtype=object)]))
    return list(frame.itertuples(index=False, name=None))


FAILED_ONCE = [{"entity": FAILURE, "count": 1, "score": 1.0}]


def test_findings_are_counted_by_entity():
    found = (Finding(0, 1, "B", 0.5), Finding(2, 3, "A", 0.25), Finding(4, 5, "B", 0.25))
    assert pii_spark._row(Anonymized("t", found)) == (
        "t",
        [{"entity": "A", "count": 1, "score": 0.25}, {"entity": "B", "count": 2, "score": 0.75}],
        [],
    )
    assert pii_spark._row(None) == (None, [], [])
    assert pii_spark._row(FAILED) == (REDACTED_ERROR, FAILED_ONCE, [])


def test_if_the_detector_does_not_load_every_text_is_redacted_and_counted(monkeypatch):
    monkeypatch.setattr(pii_spark, "_detector", lambda: 1 // 0)
    assert _detected("one", None, "one") == [
        (REDACTED_ERROR, FAILED_ONCE, []),
        (None, [], []),
        (REDACTED_ERROR, FAILED_ONCE, []),
    ]


def test_only_the_text_on_which_the_detector_fails_is_redacted(monkeypatch):
    decide = Detector._decisions

    def failing(self: Detector, texts: list[str], verdicts: Verdicts) -> list:
        if any("bad" in t for t in texts):
            _refuse(texts)
        return decide(self, texts, verdicts)

    monkeypatch.setattr(Detector, "_decisions", failing)
    assert [a.text for a in detector().anonymize(["fine", "bad", "skriv til a@b.dk"])] == [
        "fine",
        REDACTED_ERROR,
        "skriv til <EMAIL_ADDRESS>",
    ]


def test_text_that_failed_before_is_not_looked_into_but_counted():
    assert _detected(REDACTED_ERROR) == [(REDACTED_ERROR, FAILED_ONCE, [])]


@pytest.fixture(scope="module")
def silver(spark, tmp_path_factory) -> list[Row]:
    """A good row, one whose every text failed before, and one of nulls; no pseudonym can be made."""
    keys = keys_in(tmp_path_factory.mktemp("key"))
    names = [c.name for c in CONTRACT.columns]
    good = ["1", "Bo", "+4520304050", "Vej 1", "8000", "x", "Aarhus", "Alt er godt."]
    failed = ["2", *[REDACTED_ERROR] * (len(names) - 1)]
    nulls = ["3", *[None] * (len(names) - 1)]
    frame = spark.createDataFrame([good, failed, nulls], ", ".join(f"{n} string" for n in names))
    with failing_pseudonyms():
        return frame.transform(treated(CONTRACT, keys)).orderBy("id").collect()


def _values(row: Row) -> dict[str, str | None]:
    return {n: v for n, v in row.asDict().items() if n not in ("_pii", "_unsure")}


def _counted(row: Row) -> dict[str, str]:
    assert all((f["count"], f["score"]) == (1, 1.0) for f in row["_pii"])
    return {f["column"]: f["entity"] for f in row["_pii"]}


def test_a_value_whose_treatment_fails_is_redacted_and_counted_as_failed(silver):
    assert _values(silver[0]) == {
        "id": "1",
        "name": REDACTED_ERROR,
        "phone": "***50",
        "street": "<STREET>",
        "zip": "80",
        "city": "Aarhus",
        "notes": "Alt er godt.",
    }
    assert _counted(silver[0]) == {
        "name": FAILURE,
        "phone": "PHONE_NUMBER",
        "street": "STREET",
        "zip": "ZIP",
        "gone": "PERSON",
    }


def test_a_value_that_failed_before_stays_redacted_under_every_treatment(silver):
    values = _values(silver[1])
    assert values.pop("id") == "2"
    assert set(values.values()) == {REDACTED_ERROR}
    assert _counted(silver[1]) == dict.fromkeys(
        ["name", "phone", "street", "zip", "gone", "city", "notes"], FAILURE
    )


def test_null_is_neither_treated_nor_counted(silver):
    assert set(_values(silver[2]).values()) == {"3", None}
    assert silver[2]["_pii"] == []


def test_a_key_that_failed_is_quarantined_and_never_a_shared_pseudonym(spark, tmp_path):
    hashed = replace(CONTRACT, columns=(_column("id", Treatment.HASH),), key=("id",))
    bronze = spark.createDataFrame(
        [(1, 1, None, "a"), (1, 2, None, REDACTED_ERROR)],
        "_bronze_delivery bigint, _bronze_row bigint, _bronze_error string, id string",
    )
    for failing, reasons in (
        (failing_pseudonyms(), [["null_key"]] * 2),
        (nullcontext(), [[], ["null_key"]]),
    ):
        with failing:
            keyed = bronze.transform(standardized(hashed, keys_in(tmp_path)))
            rows = keyed.orderBy("_bronze_row").collect()
        assert [r["_reasons"] for r in rows] == reasons
        assert rows[1]["_hashed_id"] == REDACTED_ERROR
