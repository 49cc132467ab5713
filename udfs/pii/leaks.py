"""What of a stored value is still personal: plain Python, no Spark.

A value that as a whole is an identifier is a structured leak. What Atlas itself writes
(pseudonyms, placeholders, masks, technical ids and times) is none. In any other text the
detector's spans count.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from udfs.pii.findings import FAILURE, Finding
from udfs.pii.identifiers import IDENTIFIERS, Look, Sure, identifying, look
from udfs.text import guarded

Detect = Callable[[Sequence[str]], list[list[Finding]]]

PERSON = "PERSON"
FULL_NAMES = 0.05
"""Share of a column's values that look like full names from which on it holds names."""

SURE = 0.8  # score from which on a span is what it seems whatever stands around it

PSEUDONYM = r"[0-9a-f]{64}"
PLACEHOLDER = r"<[A-Z][A-Z0-9_]*>"
_MASK = r"(?:.?\*\*\*|\*\*\*\d{2}|\*\*\*@\*\*\*\.[^\W\d_]{2,})"
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_TIME = r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_MADE = re.compile(f"(?:{'|'.join((PSEUDONYM, PLACEHOLDER, _MASK, _UUID, _TIME))})", re.DOTALL)
_PLACEHOLDERS = re.compile(PLACEHOLDER)
_NAME_WORD = re.compile(r"[^\W\d_][^\W\d_'’.-]+")
_SENTENCE = 4  # words of a value that is a text, not a name or a term


class Kind(StrEnum):
    """Where in a value something was seen."""

    WHOLE = "whole"  # the value is an identifier
    TEXT = "text"  # a span of a longer text
    NAME = "name"  # the value is a name of two words or more
    WORD = "word"  # a span of a short value; for a recognizer of names "Odense" may be one
    VALUE = "value"  # nothing: there is a value


@dataclass(frozen=True, order=True)
class Sign:
    """Something personal seen in a value."""

    entity: str
    kind: Kind
    sure: Sure = Sure.CERTAIN

    def __str__(self) -> str:
        return f"{self.entity} {self.kind} {self.sure}"

    @classmethod
    def of(cls, text: str) -> Sign:
        entity, kind, sure = text.split(" ")
        return cls(entity, Kind(kind), Sure(sure))


ANY_VALUE = Sign("-", Kind.VALUE)


def is_made_by_atlas(value: str) -> bool:
    """Whether a value is a pseudonym, a placeholder, a mask, a UUID or a time, and nothing else."""
    return _MADE.fullmatch(value) is not None


def signs(texts: Sequence[str], detect: Detect) -> list[list[Sign]]:
    """What is personal in each text, an entity at most once.

    A text on which the detector fails has the sign `REDACTED_ERROR`: it is not known to be clean.
    """
    told: list[list[Sign]] = [[] for _ in texts]
    unclear = []
    for place, text in enumerate(texts):
        if is_made_by_atlas(text):
            continue
        if seen := look(text):
            told[place] = [Sign(seen.entity, Kind.WHOLE, seen.sure)]
        else:
            unclear.append(place)
    found = _detected([texts[place] for place in unclear], detect)
    for place, findings in zip(unclear, found, strict=True):
        told[place] = _spans(texts[place], findings)
    return told


def _detected(texts: list[str], detect: Detect) -> list[list[Finding]]:
    """All texts at once; one by one where that fails."""
    failed = [Finding(0, 0, FAILURE, 1.0)]
    found = guarded(lambda: detect(texts), None)
    if found is not None:
        return found
    if len(texts) == 1:
        return [failed]
    return [_detected([text], detect)[0] for text in texts]


def _spans(text: str, findings: Sequence[Finding]) -> list[Sign]:
    placeholders = [m.span() for m in _PLACEHOLDERS.finditer(text)]
    told: dict[str, Sign] = {}
    for finding in findings:
        left = _outside(text, finding, placeholders)
        if (kind := _kind(text, finding.entity, left)) is None:
            continue
        sure = Sure.CERTAIN if finding.score >= SURE else Sure.LIKELY
        sign = Sign(finding.entity, kind, sure)
        told[finding.entity] = min(told.get(finding.entity, sign), sign)
    return sorted(told.values())


def _kind(text: str, entity: str, left: str) -> Kind | None:
    """Where a span stands that covers `left` beside placeholders; None if that is nothing."""
    is_text = len(text.split()) >= _SENTENCE
    if entity == FAILURE:
        return Kind.TEXT
    if entity != PERSON:
        return (Kind.TEXT if is_text else Kind.WORD) if any(map(str.isalnum, left)) else None
    words = _NAME_WORD.findall(left)
    if not any(word[0].isupper() for word in words) or any(map(str.isdigit, left)):
        return None  # O000000144 is no name
    is_name = len(words) > 1 and len(left.strip()) == len(text.strip())
    return Kind.TEXT if is_text else Kind.NAME if is_name else Kind.WORD


def _outside(text: str, finding: Finding, placeholders: Sequence[tuple[int, int]]) -> str:
    """What a span covers beside placeholders."""
    covered = range(finding.start, finding.end)
    return "".join(text[i] for i in covered if not any(s <= i < e for s, e in placeholders))


@dataclass(frozen=True)
class Judged:
    """A column: how many of its values leak which entity, and which entities it was let keep."""

    leaks: Mapping[str, int]
    kept: Mapping[str, int]


def judged(counts: Mapping[Sign, int], *, is_kept: bool, hinted: Collection[str] = ()) -> Judged:
    """What a column's signs mean, each with the number of values that have it.

    `is_kept`: the contract says that the column stays as it is. Then only what tells a person apart
    leaks: identifiers, names in a text, and values that are full names where there are many; a
    place or a word that may be a name is what the contract decided to keep.
    """
    looks = {Look(s.entity, s.sure): n for s, n in counts.items() if s.kind is Kind.WHOLE}
    leaks: Counter[str] = Counter(identifying(looks, hinted))
    kept: Counter[str] = Counter()
    values = counts.get(ANY_VALUE, 0)
    names = counts.get(Sign(PERSON, Kind.NAME), 0)
    for sign, number in counts.items():
        if sign.kind in (Kind.WHOLE, Kind.VALUE):
            continue
        strong = sign.entity in (*IDENTIFIERS, FAILURE)
        named = sign.entity == PERSON and (
            sign.kind is Kind.TEXT or (sign.kind is Kind.NAME and names > FULL_NAMES * values)
        )
        (leaks if not is_kept or strong or named else kept)[sign.entity] += number
    return Judged(dict(sorted(leaks.items())), dict(sorted(kept.items())))
