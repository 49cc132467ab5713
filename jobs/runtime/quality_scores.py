"""Six dimension scores and one overall, from shares of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conf.contract import Dimension, Severity, Threshold
from jobs.runtime.soda_scan import Measured, Outcome

OVERALL = "overall"
DEFAULTS = (
    Threshold(Dimension.COMPLETENESS, 0.95),
    Threshold(Dimension.UNIQUENESS, 0.99),
    Threshold(Dimension.VALIDITY, 0.95),
    Threshold(OVERALL, 0.95),
)


@dataclass(frozen=True)
class Score:
    """The share of rows that pass the checks of a dimension; `overall` is the mean of the six."""

    dimension: str
    value: float
    rows_checked: int
    rows_failing: int
    threshold: Threshold | None

    @property
    def is_met(self) -> bool:
        return self.threshold is None or self.value >= self.threshold.at_least

    @property
    def outcome(self) -> Outcome:
        return Outcome.PASS if self.is_met else Outcome.FAIL

    @property
    def severity(self) -> Severity:
        return self.threshold.severity if self.threshold else Severity.WARNING


def scores(measured: Iterable[Measured], thresholds: Sequence[Threshold]) -> list[Score]:
    """Scores of the dimensions that were measured on at least one row, and `overall` if any was.

    A dimension's score is 1 - failing rows / checked rows, over all its checks: a check weighs by
    the rows it is about. What is measured of a table as a whole (a mean, a row count, freshness)
    fails for all rows or for none. `overall` is the mean of the dimensions, each of equal weight.
    """
    rows: dict[str, tuple[int, int]] = {}
    for one in measured:
        if one.outcome is not Outcome.NOT_EVALUATED and one.rows_checked:
            checked, failing = rows.get(one.check.dimension, (0, 0))
            rows[one.check.dimension] = checked + one.rows_checked, failing + one.rows_failing
    limits: Mapping[str, Threshold] = {t.dimension: t for t in (*DEFAULTS, *thresholds)}
    found = [
        Score(str(d), 1 - rows[d][1] / rows[d][0], *rows[d], limits.get(d))
        for d in Dimension
        if d in rows
    ]
    if found:
        mean = sum(score.value for score in found) / len(found)
        checked, failing = (sum(r[i] for r in rows.values()) for i in (0, 1))
        found.append(Score(OVERALL, mean, checked, failing, limits[OVERALL]))
    return found
