"""Numbers and codes, which a label before them tells apart."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Any, ClassVar

from presidio_analyzer import Pattern, RecognizerResult

from udfs.pii.recognizers.context import _BOOST, ContextRecognizer

_STOPS = r"\.(?!\s)|(?<=nr|no|ef|um|kr)\.|(?<=tlf|tel|mob)\.|(?<=\bv)\.|(?<=\bver)\."  # "nr." goes on, "ordre." ends a sentence
_LINKS = (
    "nr|no|num|nummer|nummeret|numre|number|numbers|id|kode|koden|code|er|is|was|var|lyder|som|den|det|the|med"
    "|with|of"
)
_TO_PEOPLE = (
    "at|on|til|to|på|via|me|us|mig|os|ham|hende|him|her|dem|them|back|tilbage|op|igen|for|over"
    "|venligst|please|evt|gerne|direkte|under|hverdage|or|eller|mit|min|my|is|and|og|vedr|from|fra"
)
LINKED = re.compile(rf"(?:[\s:;=#.,()\-–]|\b(?:{_LINKS})\b){{0,30}}")
"""A gap of signs and of words that lead to a number ("nr.", "is")."""
_LOOSE = re.compile(r"[^\d,;!?.]*(?:(?<=nr|no|um)\.[^\d,;!?.]*)?")
_NAMES_A_NUMBER = re.compile(r"(?:nr|no|nummer|nummeret|number|id|cvr|ean|imei|trace)$")
_PREDICATE = re.compile(r"[ ]?(?:\(|(?:er|is|was|var)[ ](?:[^\W\d]{1,12}[ ]){0,2})")
_AFTER = 45


class Label(IntEnum):
    """How well a match is labelled as what it looks like."""

    OTHER = 0  # it is the number of something else
    NONE = 1
    NEAR = 2  # a word of CONTEXT stands on the line before
    OWN = 3  # a word of CONTEXT is about this very number


class LabelledRecognizer(ContextRecognizer):
    """A recognizer of numbers, which belong to the word they follow.

    A word of `NEGATIVE_CONTEXT` takes out only the number it labels ("ordrenr. 123", "order
    number is 123", "123 er ordrenummeret"), not the next one ("ordre 123, 456"). A word of
    `CONTEXT` raises the score up to `REACH` characters on; a doubtful match `needs` it right
    before. A line that holds nothing before the number is labelled by the line above it.
    """

    ENTITY: ClassVar[str]
    PATTERNS: ClassVar[list[Pattern]]
    GAP: ClassVar[re.Pattern[str]] = re.compile(
        rf"(?:[\s:;=#,()\-–/*?'\"]|\.|\b(?:{_LINKS}|{_TO_PEOPLE})\b){{0,30}}"
    )
    """What may stand between a word of `CONTEXT` and its own number."""

    _OTHER_GAP: ClassVar[re.Pattern[str]] = re.compile(
        rf"(?:[ \t\n:=#(\-–/*'\"]|{_STOPS}|\b(?:{_LINKS})\b){{0,30}}"
    )

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        words = sorted({w.lower() for w in (*cls.CONTEXT, *cls.NEGATIVE_CONTEXT)}, key=_longest)
        # Against lowered text: literals that ignore case are many times slower.
        any_word = "|".join(map(re.escape, words)) or r"\b\B"
        cls._words = re.compile(rf"(?<!\w)(?:{any_word})(?![^\W\d])")

    def __init__(self, supported_language: str = "da", supported_entity: str = "") -> None:
        super().__init__(
            supported_entity=supported_entity or self.ENTITY,
            patterns=self.PATTERNS,
            context=list(self.CONTEXT),
            supported_language=supported_language,
        )

    def needs(self, match: str) -> Label:
        """The least label with which the match counts; `OTHER` if it counts whatever labels it."""
        return Label.NONE

    def label(self, text: str, start: int, end: int) -> Label:
        """How the match [start, end) is labelled."""
        before = self._before(text, start)
        found = list(self._words.finditer(before)) if self._words else []
        if found and found[-1].group() in self._negative:
            if self._labels_other(before, found[-1]):
                return Label.OTHER
        elif found and self._gap_fits(before, found[-1].end()):
            return Label.OWN
        after = self._after(text, end)
        if after:
            return Label.OTHER if after in self._negative else Label.OWN
        near = any(w.group() not in self._negative for w in found)
        return Label.NEAR if near else Label.NONE

    def _gap_fits(self, before: str, start: int) -> bool:
        return self.GAP.fullmatch(before, start) is not None

    def _labels_other(self, before: str, word: re.Match[str]) -> bool:
        gap = _LOOSE if _NAMES_A_NUMBER.search(word.group()) else self._OTHER_GAP
        return gap.fullmatch(before, word.end()) is not None

    def _before(self, text: str, start: int) -> str:
        before = text[max(0, start - self.REACH) : start].lower()
        above, _, line = before.rpartition("\n")
        return line if line.strip() else above.rstrip().rpartition("\n")[2] + " " + line

    def _after(self, text: str, end: int) -> str | None:
        after = text[end : end + _AFTER].lower()
        predicate = _PREDICATE.match(after)
        word = self._words.match(after, predicate.end()) if predicate and self._words else None
        return word.group() if word else None

    def _weighed(self, text: str, result: RecognizerResult) -> bool:
        label = self.label(text, result.start, result.end)
        if label < self.needs(text[result.start : result.end]):
            return False
        if label > Label.NONE:
            result.score = min(1.0, result.score + _BOOST)
        return True


def _longest(word: str) -> tuple[int, str]:
    return -len(word), word
