"""Recognizers that read their context from the text itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, ClassVar

from presidio_analyzer import PatternRecognizer, RecognizerResult

_BOOST = 0.35  # what Presidio's own LemmaContextAwareEnhancer adds for a context word


class ContextRecognizer(PatternRecognizer):  # type: ignore[misc]
    """A pattern recognizer whose context words stand before the match.

    Presidio looks for context among lemmas, which need a tagger and cost most of the time; here
    the inflected words are listed instead. The nearest word decides: one of `CONTEXT` raises the
    score as Presidio does, one of `NEGATIVE_CONTEXT` (order, invoice, item ...) takes the match
    out. Used inside Presidio's `AnalyzerEngine` it behaves the same.
    """

    GATE: ClassVar[re.Pattern[str]]
    """A text without a match of this cannot hold the entity: cheap, and never wrong."""

    DIGITS: ClassVar[int] = 0
    """How many digits a text with the entity has at least: known before any gate is asked."""

    CONTEXT: ClassVar[tuple[str, ...]] = ()
    NEGATIVE_CONTEXT: ClassVar[tuple[str, ...]] = ()
    REACH: ClassVar[int] = 40
    """How many characters before the match are looked at, up to the line's start."""

    _words: ClassVar[re.Pattern[str] | None] = None
    _negative: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        words = (*cls.CONTEXT, *cls.NEGATIVE_CONTEXT)
        cls._words = _any_word(words) if words else None
        cls._negative = frozenset(w.lower() for w in cls.NEGATIVE_CONTEXT)

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: Any = None, regex_flags: Any = None
    ) -> list[RecognizerResult]:
        found = super().analyze(text, entities, nlp_artifacts, regex_flags)
        return [r for r in found if self._weighed(text, r)]

    def context_word(self, text: str, start: int) -> str | None:
        """The nearest context word, positive or negative, on the line before `start`."""
        if self._words is None:
            return None
        before = text[max(0, start - self.REACH) : start].rpartition("\n")[2]
        words = self._words.findall(before)
        return words[-1].lower() if words else None

    def _weighed(self, text: str, result: RecognizerResult) -> bool:
        word = self.context_word(text, result.start)
        if word is None:
            return True
        if word in self._negative:
            return False
        result.score = min(1.0, result.score + _BOOST)
        return True


def _any_word(words: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted({w.lower() for w in words}, key=lambda w: (-len(w), w))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)
