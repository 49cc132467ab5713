"""What was measured of one population of rows, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from pyspark.sql import DataFrame

from conf.contract import Severity, Threshold
from conf.errors import listed
from jobs.runtime.quality_log import SCORE
from jobs.runtime.quality_scores import Score, scores
from jobs.runtime.records import Record
from jobs.runtime.soda_scan import Asked, Measured, Outcome, scanned


@dataclass(frozen=True)
class Verdict:
    """The checks and scores of a population; where it `gates`, a failed error is a failure, and a
    warning elsewhere."""

    population: str
    measured: Sequence[Measured]
    scores: Sequence[Score]
    gates: bool

    def with_check(self, one: Measured) -> Verdict:
        """With a check more, which is in no score."""
        return replace(self, measured=[*self.measured, one])

    @property
    def remark(self) -> str:
        """Checks that fail and scores below their threshold; nothing if all is well."""
        told = [_told(m) for m in self.measured if m.outcome in (Outcome.FAIL, Outcome.WARN)]
        told += [_told_score(s) for s in self.scores if not s.is_met]
        return listed(told) if told else ""

    @property
    def stopping(self) -> list[str]:
        """Those of severity error, where they gate."""
        told = [_told(m) for m in self.measured if self._stops(m.outcome, m.check.severity)]
        return told + [_told_score(s) for s in self.scores if self._stops(s.outcome, s.severity)]

    def records(self) -> Iterator[Record]:
        """As `ops/quality_metrics` has them: the checks, then the scores."""
        for m in self.measured:
            check = m.check
            yield {
                **self._record(m, m.outcome, check.severity, m.threshold),
                "check": check.name,
                "dimension": str(check.dimension),
            }
        for s in self.scores:
            yield {
                **self._record(s, s.outcome, s.severity, allowed(s.threshold)),
                "check": SCORE,
                "dimension": s.dimension,
            }

    def _record(
        self, one: Measured | Score, outcome: Outcome, severity: Severity, threshold: str
    ) -> Record:
        return {
            "population": self.population,
            "severity": str(severity),
            "outcome": str(self.outcome(outcome, severity)),
            "value": one.value,
            "threshold": threshold,
            "rows_checked": one.rows_checked,
            "rows_failing": one.rows_failing,
        }

    def outcome(self, outcome: Outcome, severity: Severity) -> Outcome:
        """What Soda's outcome comes to: what fails and stops nothing is a warning."""
        is_warning = outcome is Outcome.FAIL and not self._stops(outcome, severity)
        return Outcome.WARN if is_warning else outcome

    def _stops(self, outcome: Outcome, severity: Severity) -> bool:
        return outcome is Outcome.FAIL and severity is Severity.ERROR and self.gates


def verdict_on(
    population: str,
    rows: DataFrame,
    table: str,
    asked: Sequence[Asked],
    thresholds: Sequence[Threshold],
    *,
    gates: bool,
    variables: Mapping[str, str] | None = None,
) -> Verdict:
    """Measure the checks on the rows of a population. Raises: as `scanned`."""
    measured = scanned(rows, table, asked, variables) if asked else []
    return Verdict(population, measured, scores(measured, thresholds), gates)


def allowed(threshold: Threshold | None) -> str:
    """What a score may be, in the words of a check."""
    return f">= {threshold.at_least}" if threshold else ""


def shown(one: Measured) -> str:
    """A check's value for people; an age, which Soda tells in milliseconds, as days and hours."""
    if one.value is None:
        return ""
    if one.check.metric == "freshness":
        return str(timedelta(seconds=round(one.value / 1000)))
    return f"{round(one.value, 6):.15g}"


def _told(one: Measured) -> str:
    return (
        f"{one.check.name} ({one.check.dimension}) is {shown(one)}, allowed {one.threshold} "
        f"({one.rows_failing:,} of {one.rows_checked:,} rows)"
    )


def _told_score(score: Score) -> str:
    return f"{score.dimension} is {score.value:.4f}, allowed {allowed(score.threshold)}"
