"""The gate before the models spares time, never a name: sentences of both languages."""

from __future__ import annotations

import pytest

from udfs.pii.detector import Detector, detector
from udfs.pii.names import PERSON
from udfs.pii.verdicts import NO_VERDICTS

TEXTS = (
    # Danish
    "Kunden Birgitte Vestergaard har ringet om sin ordre.",
    "Jeg talte med Søren i går, og han er ikke tilfreds.",
    "Mvh Jytte",
    "Hr. Bech vil gerne have varen leveret på fredag.",
    "Det er Mohammed Al-Rashid, der skal have pakken.",
    "Pakken blev afhentet af naboen Tove Ø. Kristoffersen.",
    "Ring til Bo, når varen er på lager.",
    "Vores chauffør Per Olesen kunne ikke finde adressen.",
    "Anne-Sofie og Kaj Munkholm har flyttet deres konto.",
    "kære lars hansen, tak for din mail",
    "PREBEN ANDREASEN HAR IKKE BETALT",
    "Ordren er til Nguyen Thi Lan, og den er betalt.",
    "Sten og Rosa Lindegaard vil have pengene tilbage.",
    "Varen er Ulriks, ikke min.",
    "I går skrev Zbigniew Wojciechowski til os.",
    # English
    "Please call Harriet Bloomfield back after lunch.",
    "I spoke to Will about the broken lamp.",
    "The parcel for Mr. O'Shaughnessy was returned.",
    "Thanks, Priya",
    "Grace Okonkwo wants a refund for the second order.",
    "Mark Wetherby said that the invoice is wrong.",
    "Her husband Anselm has not received the parcel.",
    "It was signed by J. R. Hartwell at the door.",
    "Rose asked if we could deliver on Monday.",
    "Send it to Xiomara Delacroix-Wynn, please.",
    "my name is fergus mcallister and the order is late",
    "The customer is Yuki Tanaka from Osaka.",
    "Could you ask Siobhan whether she has the key?",
    "Hello Duncan, your order is on its way.",
    "We were told by Ms Ferreira that it was lost.",
)


def persons(engine: Detector, texts: tuple[str, ...]) -> list[list[str]]:
    """The names found, without what is remembered of texts read before."""
    made = engine._decided_anew(texts, NO_VERDICTS)
    return [
        [text[f.start : f.end] for f in decision.findings if f.entity == PERSON]
        for text, decision in zip(texts, made, strict=True)
    ]


@pytest.fixture(scope="module")
def engine() -> Detector:
    made = detector()
    if "en" not in made._ner.languages:
        pytest.skip("no English model is installed")
    return made


def test_the_models_find_no_name_behind_the_gate(engine, monkeypatch):
    gated = persons(engine, TEXTS)
    monkeypatch.setattr("udfs.pii.detector.may_hide_a_name", lambda *_: True)
    assert gated == persons(engine, TEXTS)


def test_the_gate_keeps_plain_texts_from_the_models(engine, monkeypatch):
    def refuse(*_: object) -> None:
        raise AssertionError("a model was asked")

    monkeypatch.setattr(
        engine._ner, "entities", lambda _, texts, __: [[] for _ in texts] if not texts else refuse()
    )
    plain = ("Varen er ikke leveret, og den er betalt.", "The parcel was not delivered.", "12 kr.")
    assert persons(engine, plain) == [[], [], []]


def test_nearly_every_text_has_a_name(engine):
    missed = [t for t, found in zip(TEXTS, persons(engine, TEXTS), strict=True) if not found]
    assert len(missed) <= 1, missed
