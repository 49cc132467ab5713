"""Texts that say themselves what is to be found in them: between « and »."""

from __future__ import annotations

import re

from presidio_analyzer import PatternRecognizer

from udfs.pii.findings import Finding
from udfs.pii.resolving import resolved

COUNTS = 0.4


def found(recognizer: PatternRecognizer, text: str) -> list[str]:
    """What counts in a text, in order."""
    spans = recognizer.analyze(text, recognizer.supported_entities)
    counting = [Finding(s.start, s.end, s.entity_type, s.score) for s in spans if s.score >= COUNTS]
    return [text[f.start : f.end] for f in resolved(counting)]


def check(recognizer: PatternRecognizer, marked: str) -> None:
    text = re.sub("[«»]", "", marked)
    assert found(recognizer, text) == re.findall("«(.*?)»", marked, re.DOTALL), text
    # A gate is never wrong.
    if "«" in marked:
        assert recognizer.GATE.search(text), text


def score(recognizer: PatternRecognizer, text: str) -> float:
    return max(
        (s.score for s in recognizer.analyze(text, recognizer.supported_entities)), default=0
    )
