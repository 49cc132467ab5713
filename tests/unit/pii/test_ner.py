"""Names by the English model, and how a text is cut for it."""

from __future__ import annotations

import time

import pytest

from udfs.pii.config import pii_config
from udfs.pii.ner import OTHER, PIECE, Ner, pieces_of

LONG = 1_000_000


@pytest.fixture(scope="module")
def ner():
    models = pii_config().models
    if models["en"].installed() is None:
        pytest.skip("no English model is installed")
    return Ner({"en": models["en"]}, 16)


def told(ner: Ner, text: str) -> list[tuple[str, str]]:
    (found,) = ner.entities("en", [text], 0.6)
    assert {f.score for f in found} <= {0.6}
    return [(f.entity, text[f.start : f.end]) for f in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("The parcel arrived and it was fine.", []),
        ("Yesterday I met Barack Obama there.", [("PERSON", "Barack Obama")]),
        (
            "She moved to London with Emma Watson.",
            [("LOCATION", "London"), ("PERSON", "Emma Watson")],
        ),
        ("He works for Microsoft now.", [(OTHER, "Microsoft")]),  # a name, but none of ours
    ],
)
def test_entities(ner, text, expected):
    assert told(ner, text) == expected


def test_each_text_has_its_own_findings(ner):
    texts = ["Barack Obama called.", "", "It was fine.", "We met Emma Watson."]
    found = ner.entities("en", texts, 0.6)
    assert [[t[f.start : f.end] for f in fs] for t, fs in zip(texts, found, strict=True)] == [
        ["Barack Obama"],
        [],
        [],
        ["Emma Watson"],
    ]


def test_a_language_without_a_model_is_not_offered(ner, monkeypatch):
    monkeypatch.setenv("ATLAS_PII_MODEL_EN", "/nonexistent")
    assert ner.languages == ("en",)
    assert Ner({"en": pii_config().models["en"]}, 16).languages == ()


@pytest.mark.parametrize("text", ["", "short", "word " * 9_999, "line\n" * 9_999, "x " * 30_001])
def test_pieces_make_the_text_again(text):
    pieces = list(pieces_of(text))
    assert "".join(piece for _, piece in pieces) == text
    assert all(text.startswith(piece, at) and len(piece) <= PIECE for at, piece in pieces)
    assert all(text[at - 1].isspace() for at, _ in pieces if at)


def test_words_that_are_none_are_not_read():
    assert list(pieces_of("x" * LONG)) == []
    assert list(pieces_of("x" * 501)) == []
    assert list(pieces_of("x" * 500)) == [(0, "x" * 500)]


def test_a_name_far_into_a_text_keeps_its_place(ner):
    text = "It was a fine day. " * 2_000 + "Yesterday I met Barack Obama there."
    assert ("PERSON", "Barack Obama") in told(ner, text)


def test_a_megabyte_is_read_in_pieces(ner):
    """Of blanks and digits: what takes time is the cutting, not the reading."""
    text = ("1" * 400 + " ") * (LONG // 401) + "I met Barack Obama."
    started = time.process_time()
    assert told(ner, text)[-1:] == [("PERSON", "Barack Obama")]
    assert time.process_time() - started < 60


def test_a_danish_model_reads_danish_names():
    """With whatever Danish model is there; a folder is loaded as a package is."""
    model = pii_config().models["da"]
    if model.installed() is None:
        pytest.skip("no Danish NER model is installed (docs/PII.md)")
    text = "Statsminister Poul Schlüter mødte i går Uffe Ellemann-Jensen på Christiansborg."
    (found,) = Ner({"da": model}, 16).entities("da", [text], 0.6)
    persons = [text[f.start : f.end] for f in found if f.entity == "PERSON"]
    assert persons == ["Poul Schlüter", "Uffe Ellemann-Jensen"]
