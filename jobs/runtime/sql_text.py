"""Texts as parts of SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def quoted(text: str) -> str:
    """A text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def listing(texts: Iterable[str]) -> str:
    """Texts for SQL's `in (…)`."""
    told: Sequence[str] = sorted(set(texts))
    return ", ".join(map(quoted, told)) or "null"
