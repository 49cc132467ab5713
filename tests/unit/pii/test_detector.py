"""The detector: one decision per span, and in doubt never the original text."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from tests.cpr import cpr
from udfs.pii import detector_version
from udfs.pii import spark as on_spark
from udfs.pii.config import pii_config
from udfs.pii.detector import Detector, detector
from udfs.pii.findings import Finding
from udfs.pii.resolving import resolved

CPR = cpr(date(1985, 2, 14))


def f(start: int, end: int, entity: str, score: float) -> Finding:
    return Finding(start, end, entity, score)


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([], []),
        ([f(5, 9, "A", 0.5), f(0, 4, "B", 0.5)], [f(0, 4, "B", 0.5), f(5, 9, "A", 0.5)]),
        ([f(0, 4, "A", 0.5), f(4, 8, "B", 0.5)], [f(0, 4, "A", 0.5), f(4, 8, "B", 0.5)]),
        ([f(0, 4, "A", 0.5), f(2, 8, "B", 0.9)], [f(0, 8, "B", 0.9)]),
        ([f(0, 9, "A", 0.9), f(2, 4, "B", 0.5)], [f(0, 9, "A", 0.9)]),
        ([f(0, 9, "A", 0.4), f(2, 4, "B", 1.0)], [f(0, 9, "B", 1.0)]),  # widened over the loser
        ([f(0, 4, "A", 0.5), f(0, 6, "B", 0.5)], [f(0, 6, "B", 0.5)]),
        ([f(0, 4, "A", 0.5), f(0, 4, "B", 0.5)], [f(0, 4, "A", 0.5)]),
        ([f(0, 3, "A", 0.5), f(2, 6, "B", 0.6), f(5, 9, "C", 0.7)], [f(0, 9, "C", 0.7)]),
    ],
)
def test_one_decision_per_span(findings, expected):
    assert resolved(findings) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("Ønsker faktura kvartalsvis.", "Ønsker faktura kvartalsvis."),
        ("skriv til a.b@example.dk, tak", "skriv til <EMAIL_ADDRESS>, tak"),
        (f"cpr {CPR} oplyst", "cpr <DK_CPR> oplyst"),
        (f"cpr {CPR.replace('-', '')} oplyst", "cpr <DK_CPR> oplyst"),
        ("ring 20 12 34 56 efter kl. 16", "ring <PHONE_NUMBER> efter kl. 16"),
        ("+4520123456;a@b.dk", "<PHONE_NUMBER>;<EMAIL_ADDRESS>"),
        (f"æøå {CPR} \U0001f600 a@b.dk", "æøå <DK_CPR> \U0001f600 <EMAIL_ADDRESS>"),
        ("Please call Peter Parker after work", "Please call <PERSON> after work"),
    ],
)
def test_anonymized_texts(text, expected):
    assert detector().anonymize([text])[0].text == expected


def test_a_country_that_a_model_takes_for_a_person_is_a_place(monkeypatch):
    engine = Detector(pii_config())

    def persons(language, texts, score):
        return [[Finding(0, 4, "PERSON", score)] for _ in texts]

    monkeypatch.setattr(engine._ner, "entities", persons)
    found = engine.detect(["Oman er kundens land", "Xyqw er kundens navn"])
    assert [[f.entity for f in fs] for fs in found] == [["LOCATION"], ["PERSON"]]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Per telefon blev det aftalt.", None),
        ("Kunden skrev. Per 1. marts gælder nye priser.", None),
        ("Per Hansen ringede.", "Per Hansen"),
        ("Vi talte med Per i går.", "Per"),
    ],
)
def test_the_preposition_per_is_no_name(text, name):
    """Also where a model takes it for one, since it begins a sentence."""
    (found,) = detector().detect([text])
    assert [text[one.start : one.end] for one in found] == [name] * (name is not None)


def test_findings_count_spans_of_the_original():
    text = f"a@b.dk og c@d.dk, {CPR}"
    (found,) = detector().anonymize([text])
    assert [(x.entity, text[x.start : x.end]) for x in found.findings] == [
        ("EMAIL_ADDRESS", "a@b.dk"),
        ("EMAIL_ADDRESS", "c@d.dk"),
        ("DK_CPR", CPR),
    ]


def test_a_text_that_fails_is_redacted_alone_and_counted(monkeypatch):
    engine = detector()
    real = engine._patterns

    def broken(text: str):
        if "boom" in text:
            raise ValueError(text)
        return real(text)

    monkeypatch.setattr(engine, "_patterns", broken)
    good, bad, other = engine.anonymize(["a@b.dk", "boom a@b.dk", "alt er godt"])
    assert (good.text, bad.text, other.text) == (
        "<EMAIL_ADDRESS>",
        "<REDACTED_ERROR>",
        "alt er godt",
    )
    assert [x.entity for x in bad.findings] == ["REDACTED_ERROR"]


def test_a_detector_that_cannot_be_loaded_lets_nothing_through(monkeypatch):
    def broken() -> None:
        raise OSError("no model")

    monkeypatch.setattr(on_spark, "_detector", broken)
    (frame,) = on_spark._detected(iter([pd.Series(["a@b.dk", None])]))
    assert frame["text"].tolist() == ["<REDACTED_ERROR>", None]
    assert frame["findings"].tolist() == [
        [{"entity": "REDACTED_ERROR", "count": 1, "score": 1.0}],
        [],
    ]


def test_batches_keep_their_order_and_count_by_entity():
    texts = pd.Series(["a@b.dk og c@d.dk", None, "alt er godt", "a@b.dk og c@d.dk"])
    (frame,) = on_spark._detected(iter([texts]))
    told = "<EMAIL_ADDRESS> og <EMAIL_ADDRESS>"
    assert frame["text"].tolist() == [told, None, "alt er godt", told]
    (counted,) = frame["findings"][0]
    assert (counted["entity"], counted["count"]) == ("EMAIL_ADDRESS", 2)
    assert counted["score"] == pytest.approx(1.9)
    assert frame["findings"][1] == frame["findings"][2] == []


def test_the_version_is_a_short_digest():
    assert len(detector_version()) == 12 and int(detector_version(), 16)
