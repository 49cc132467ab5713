"""How a report writes numbers, times and scores."""

from __future__ import annotations

import math
from datetime import UTC, datetime

NOT_MEASURED = "–"


def count(number: int) -> str:
    return f"{number:,}"


def score(value: float | None) -> str:
    """A share of rows, cut and not rounded: only a perfect one is 1."""
    if value is None or not math.isfinite(value):
        return NOT_MEASURED
    return f"{math.floor(value * 10_000 + 1e-9) / 10_000:.4f}"


def share(value: float) -> str:
    """A share that should be small."""
    return f"{value:.2%}"


def value(number: float | None) -> str:
    """What a check measured."""
    if number is None or not math.isfinite(number):
        return NOT_MEASURED
    return f"{number:,.2f}".rstrip("0").rstrip(".")


def seconds(number: float) -> str:
    if number < 60:
        return f"{number:.1f} s"
    minutes, rest = divmod(round(number), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


def time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%-d %B %Y, %H:%M:%S")
