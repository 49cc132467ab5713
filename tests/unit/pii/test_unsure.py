"""What the detector is unsure of, and what verdicts change there and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from tests.cpr import cpr
from tests.standard import KEY, keys_in
from udfs.pii import Verdicts
from udfs.pii import spark as on_spark
from udfs.pii.config import pii_config
from udfs.pii.detector import Detector, detector
from udfs.pii.findings import Finding
from udfs.pii.verdicts import NO_VERDICTS, fingerprint

CPR = cpr(date(1985, 2, 14))
MET = "We met Josephine yesterday in the shop"
SHELF = "hylde 1234-1234567 i dag"  # a bank account's digits, with nothing that says so


def unsure(text: str) -> list[tuple[str, str, bool]]:
    """(span, entity, whether it was found) of what people should look at."""
    (told,) = detector().anonymize([text])
    return [(text[f.start : f.end], f.entity, f in told.findings) for f in told.unsure]


@pytest.fixture
def said(tmp_path):
    """Verdicts of texts in clear."""
    keys = keys_in(tmp_path)

    def lists(not_personal: tuple[str, ...] = (), personal: tuple[str, ...] = ()) -> Verdicts:
        told = (frozenset(fingerprint(KEY, t) for t in texts) for texts in (not_personal, personal))
        return Verdicts(*told, keys)

    return lists


def text_of(text: str, verdicts: Verdicts) -> str:
    return detector().anonymize([text], verdicts=verdicts)[0].text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ringede om levering.", []),
        (f"skriv til a.b@example.dk, cpr {CPR}", []),
        (MET, [("Josephine", "PERSON", True)]),
        ("Dear Josephine, thank you", []),  # a cue
        ("We met Josephine Hansen yesterday", []),  # a whole name
        (SHELF, [("1234-1234567", "DK_BANK_ACCOUNT", False)]),
        (f"konto {SHELF}", []),  # found
        (f"{SHELF}, hylde 2345-1234567", [("1234-1234567", "DK_BANK_ACCOUNT", False), ("2345-1234567", "DK_BANK_ACCOUNT", False)]),
        ("kig på 212 55 1234 i listen", []),  # far below its threshold
    ],
)  # fmt: skip
def test_what_people_should_look_at(text, expected):
    assert unsure(text) == expected


def test_offsets_are_those_of_the_text_that_came():
    text = "\u200bWe met Jo\u200bsephine yesterday in the shop"
    assert unsure(text) == [("Jo\u200bsephine", "PERSON", True)]


def test_nothing_is_unsure_without_a_margin_but_what_only_a_model_or_a_weak_list_says():
    engine = Detector(replace(pii_config(), review_margin=0.0))
    (told,) = engine.anonymize([SHELF])
    assert told.unsure == ()
    assert [f.entity for f in engine.anonymize([MET])[0].unsure] == ["PERSON"]


def test_an_entity_that_is_kept_anyway_needs_no_review():
    entities = dict(pii_config().entities)
    entities["PERSON"] = replace(entities["PERSON"], operator="keep")
    engine = Detector(replace(pii_config(), entities=entities))
    assert engine.anonymize([MET])[0].unsure == ()


def test_what_is_not_personal_stays_where_the_detector_is_unsure_of_it(said):
    told = said(not_personal=("josephine",))
    assert text_of(MET, NO_VERDICTS) == "We met <PERSON> yesterday in the shop"
    assert text_of(MET, told) == MET
    assert detector().anonymize([MET], verdicts=told)[0].unsure == ()
    twice = "We met Josephine yesterday. The shop sells Josephine in two sizes"
    assert text_of(twice, told) == twice


def test_what_the_detector_is_sure_of_goes_whatever_was_said(said):
    told = said(not_personal=("Josephine", "Josephine Hansen", "a.b@example.dk", CPR))
    for text in ("Dear Josephine, thank you", "We met Josephine Hansen yesterday", "a.b@example.dk", f"cpr {CPR}"):  # fmt: skip
        assert text_of(text, told) == text_of(text, NO_VERDICTS) != text


def test_what_is_personal_is_found_below_its_threshold_and_needs_no_review(said):
    told = said(personal=("1234-1234567",))
    (shelf,) = detector().anonymize([SHELF], verdicts=told)
    assert (shelf.text, shelf.unsure) == ("hylde <DK_BANK_ACCOUNT> i dag", ())
    assert shelf.findings == (Finding(6, 18, "DK_BANK_ACCOUNT", 1.0),)
    assert text_of("hylde 2345-1234567 i dag", told) == "hylde 2345-1234567 i dag"


def test_a_confirmed_finding_needs_no_second_review(said):
    (met,) = detector().anonymize([MET], verdicts=said(personal=("Josephine",)))
    assert (met.text, met.unsure) == ("We met <PERSON> yesterday in the shop", ())


def test_a_text_is_decided_anew_when_the_verdicts_change(said):
    texts = [
        text_of(MET, v)
        for v in (NO_VERDICTS, said(not_personal=("Josephine",)), said(personal=("Josephine",)))
    ]
    assert [t == MET for t in texts] == [False, True, False]


def test_a_verdict_that_cannot_be_asked_for_lets_nothing_through(said, tmp_path):
    lost = replace(said(not_personal=("x",)), keys=replace(keys_in(tmp_path), path="/no/such/key"))
    (frame,) = on_spark._detected(iter([pd.Series([MET, "a@b.dk"])]), lost)
    assert frame["text"].tolist() == ["<REDACTED_ERROR>", "<EMAIL_ADDRESS>"]


def test_spark_gets_each_span_once_with_its_text():
    (frame,) = on_spark._detected(iter([pd.Series([SHELF, None, MET])]))
    shelf, none, met = frame["unsure"]
    assert shelf == [
        {"start": 6, "end": 18, "entity": "DK_BANK_ACCOUNT", "score": 0.3, "found": False}
    ]
    assert none == []
    assert [(u["start"], u["end"], u["found"]) for u in met] == [(7, 16, True)]
