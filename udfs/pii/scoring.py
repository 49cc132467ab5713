"""How good a detector is: found spans against the true ones of annotated texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from udfs.pii.findings import Finding

SYNONYMS = {
    "GPE": "LOCATION",
    "ADDRESS": "STREET_ADDRESS",
    "EMAIL": "EMAIL_ADDRESS",
    "PHONE": "PHONE_NUMBER",
    "IBAN": "IBAN_CODE",
    "US_SSN": "SSN",
}
"""Names that other annotations give to what the detector tells."""

UNSCORED = ("TITLE", "AGE", "NRP", "MISC", "ORGANIZATION")
"""Annotated types that tell nobody apart; ORGANIZATION is no person."""


@dataclass(frozen=True)
class Span:
    """A true span: [start, end) of the text, and its type."""

    start: int
    end: int
    entity: str


@dataclass
class Scores:
    """Counts of one entity, or of all.

    Full-coverage recall: the share of true spans of which every character was found, under
    whatever name. Typed recall: by spans of its own type alone. Precision: the share of found
    spans that overlap a true one (overall: of any type, scored or not; of an entity: of its own).
    """

    n: int = 0
    covered: int = 0
    covered_by_type: int = 0
    found: int = 0
    right: int = 0

    @property
    def recall(self) -> float:
        return _share(self.covered, self.n)

    @property
    def recall_typed(self) -> float:
        return _share(self.covered_by_type, self.n)

    @property
    def precision(self) -> float:
        return _share(self.right, self.found)

    @property
    def f2(self) -> float:
        """Recall counts four times what precision does (van Rijsbergen's F with beta = 2)."""
        return _share(5 * self.precision * self.recall, 4 * self.precision + self.recall)


@dataclass
class Report:
    """A detector's scores over annotated texts."""

    overall: Scores = field(default_factory=Scores)
    entities: dict[str, Scores] = field(default_factory=dict)
    characters: int = 0  # of true spans
    leaked_characters: int = 0
    clean: int = 0  # texts without a true span
    clean_flagged: int = 0

    @property
    def leaked(self) -> float:
        """The share of characters of true spans that nothing found."""
        return _share(self.leaked_characters, self.characters)

    def as_dict(self) -> dict[str, Any]:
        """`overall` and `entities`, as `--json` gives them."""
        all_of = self.overall
        return {
            "overall": {
                "recall": all_of.recall,
                "recall_typed": all_of.recall_typed,
                "precision": all_of.precision,
                "f2": all_of.f2,
                "leaked": self.leaked,
                "clean_flagged": _share(self.clean_flagged, self.clean),
            },
            "entities": {
                name: {
                    "n": s.n,
                    "recall": s.recall,
                    "recall_typed": s.recall_typed,
                    "precision": s.precision,
                }
                for name, s in sorted(self.entities.items())
            },
        }


def scored(
    annotated: Iterable[tuple[Sequence[Span], Sequence[Finding]]],
    unscored: Collection[str] = UNSCORED,
) -> Report:
    """Scores of (true spans, found spans) for each text."""
    report = Report()
    for told, found in annotated:
        truth = [Span(s.start, s.end, SYNONYMS.get(s.entity, s.entity)) for s in told]
        wanted = [s for s in truth if s.entity not in unscored]
        _count_recall(report, wanted, found)
        _count_precision(report, truth, found)
        if not truth:
            report.clean += 1
            report.clean_flagged += bool(found)
    return report


def _count_recall(report: Report, wanted: Sequence[Span], found: Sequence[Finding]) -> None:
    by_type: Counter[str] = Counter(f.entity for f in found)
    characters = {i for f in found for i in range(f.start, f.end)}
    for span in wanted:
        here = set(range(span.start, span.end))
        same = [f for f in found if f.entity == span.entity] if by_type[span.entity] else []
        for scores in (report.overall, _of(report, span.entity)):
            scores.n += 1
            scores.covered += here <= characters
            scores.covered_by_type += here <= {i for f in same for i in range(f.start, f.end)}
        report.characters += len(here)
        report.leaked_characters += len(here - characters)


def _count_precision(report: Report, truth: Sequence[Span], found: Sequence[Finding]) -> None:
    for finding in found:
        hit = [s for s in truth if s.start < finding.end and finding.start < s.end]
        own = _of(report, finding.entity)
        own.found += 1
        own.right += any(s.entity == finding.entity for s in hit)
        report.overall.found += 1
        report.overall.right += bool(hit)


def _of(report: Report, entity: str) -> Scores:
    return report.entities.setdefault(entity, Scores())


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
