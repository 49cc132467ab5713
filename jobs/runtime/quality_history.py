"""Checks of a change against earlier runs, as fixed bounds: Soda's own would need its cloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from conf.contract import QualityCheck
from conf.sodacl import parsed
from jobs.runtime.records import Record
from jobs.runtime.soda_scan import Asked

_EVERYTHING = "> -1000000000000000000"
_TOGETHER: Mapping[str, Callable[[list[float]], float]] = {
    "avg": lambda values: sum(values) / len(values),
    "min": min,
    "max": max,
}


def asked(check: QualityCheck, earlier: Sequence[Record], now: datetime | None = None) -> Asked:
    """The check as Soda can evaluate it; `earlier` are the same check's records, oldest first.

    `change avg last 7 percent for row_count < 50` becomes `row_count < 1.5 x that average`. Without
    enough history, or with an average that percents cannot be taken of, it is measured only.
    """
    if not check.is_change:
        return Asked(check, check.check)
    told, _ = parsed(check.check, check.settings)
    name = f"{check.metric}({', '.join(check.columns)})" if check.columns else check.metric
    before = _before(told.change_over_time_cfg, earlier, now or datetime.now(UTC))
    if before is None or (told.change_over_time_cfg.percent and before <= 0):
        return Asked(check, f"{name} {_EVERYTHING}", is_judged=False)
    return Asked(check, f"{name} {_bounds(told, before)}")


def _before(change: Any, earlier: Sequence[Record], now: datetime) -> float | None:
    measured = [r for r in earlier if r["value"] is not None]
    if change.same_day_last_week:
        day = (now - timedelta(days=7)).date()
        same = [float(r["value"]) for r in measured if r["measured_at"].date() == day]
        return same[-1] if same else None
    values = [float(r["value"]) for r in measured[-change.last_measurements :]]
    return _TOGETHER[change.last_aggregation](values) if values else None


def _bounds(told: Any, before: float) -> str:
    """What passes, in numbers: the threshold's inverse, moved to where the value was before."""
    change, passes = told.change_over_time_cfg, told.fail_threshold_cfg.get_inverse()

    def at(delta: float) -> str:
        value = before * (1 + delta / 100) if change.percent else before + delta
        return f"{value:.6f}".rstrip("0").rstrip(".")

    bounds = {"<": passes.lt, "<=": passes.lte, ">": passes.gt, ">=": passes.gte}
    given = [(sign, at(value)) for sign, value in bounds.items() if value is not None]
    if len(given) == 1:
        return " ".join(given[0])
    return f"between {at(passes.gte)} and {at(passes.lte)}"
