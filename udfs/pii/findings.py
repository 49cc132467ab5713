"""What the detector tells of a text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from udfs.text import REDACTED_ERROR

FAILURE = "REDACTED_ERROR"  # the entity a failure is counted under


@dataclass(frozen=True)
class Finding:
    """A span of a text that is personal data."""

    start: int
    end: int
    entity: str
    score: float

    def overlaps(self, other: Finding) -> bool:
        return self.start < other.end and other.start < self.end


def covered(length: int, findings: Iterable[Finding]) -> bytearray:
    """For each character of a text whether a finding covers it; long texts have thousands."""
    told = bytearray(length)
    for f in findings:
        told[f.start : f.end] = b"\x01" * (f.end - f.start)
    return told


@dataclass(frozen=True)
class Anonymized:
    """A text without personal data, and what was found in it."""

    text: str
    findings: tuple[Finding, ...]
    unsure: tuple[Finding, ...] = ()
    """Findings that may be wrong, and spans not found that may be personal all the same."""


FAILED = Anonymized(REDACTED_ERROR, (Finding(0, 0, FAILURE, 1.0),))
"""What becomes of a text on which the detector fails; it counts as a finding of its own."""
