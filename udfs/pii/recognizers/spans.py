"""Recognizers whose rules are code: they tell their spans themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from presidio_analyzer import EntityRecognizer, RecognizerResult

EntitySpan = tuple[str, int, int, float]
"""Entity, start, end, score."""


class SpanRecognizer(EntityRecognizer):  # type: ignore[misc]
    """A recognizer that says in `spans` what it finds; of two that overlap the first counts."""

    GATE: ClassVar[re.Pattern[str]]
    """A text without a match of this cannot hold the entity: cheap, and never wrong."""

    DIGITS: ClassVar[int] = 0
    """How many digits a text with the entity has at least: known before any gate is asked."""

    ENTITIES: ClassVar[tuple[str, ...]]
    LANGUAGE: ClassVar[str] = "da"

    def __init__(self, supported_language: str | None = None) -> None:
        super().__init__(
            supported_entities=list(self.ENTITIES),
            supported_language=supported_language or self.LANGUAGE,
        )

    def load(self) -> None:
        """Nothing: gazetteers are loaded by the first text that needs them."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: Any = None, regex_flags: Any = None
    ) -> list[RecognizerResult]:
        return first_come(text, self.spans(text)) if self.GATE.search(text) else []

    def spans(self, text: str) -> Iterator[EntitySpan]:
        """What the text holds, the surest first."""
        raise NotImplementedError


def first_come(text: str, spans: Iterable[EntitySpan]) -> list[RecognizerResult]:
    """The spans that overlap none before them, as Presidio's results."""
    taken = bytearray(len(text))
    found = []
    for entity, start, end, score in spans:
        if start < end and not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            found.append(RecognizerResult(entity, start, end, score))
    return found
