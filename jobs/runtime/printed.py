"""Rows of any kind as a table on the screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table


def print_rows(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows under the names of the first one; a time is told as how long ago it was."""
    if not rows:
        Console().print(f"{title}: nothing")
        return
    table = Table(title=title)
    for name, value in rows[0].items():
        table.add_column(name, justify="right" if isinstance(value, int | float) else "left")
    for row in rows:
        table.add_row(*map(_cell, row.values()))
    Console().print(table)


def aligned(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Lines with their cells below each other, whole however narrow the screen: names are copied."""
    lines = [head, *rows]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cell(value: Any) -> str:
    match value:
        case None:
            return "-"
        case float():
            return f"{value:.3f}"
        case int():
            return f"{value:,}"
        case datetime():
            days = (datetime.now(UTC) - value).days
            return f"{days:,} {'day' if days == 1 else 'days'} ago"
    return str(value)
