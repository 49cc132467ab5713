"""Names of columns that no contract knows: which of them may be told, and how the others travel.

A name can be a value: of a file without a header the first line is one, and a pivoted table or a
JSON object can be keyed by persons.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import partial

import pandas as pd
from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import MapType, StringType

from udfs.text import guarded

# A word as programs write them, or several of which only the first may begin with a capital:
# "loyaltyPoints", "points_2024" and "Kundens point", but neither "Bo Jensen" nor "Vej 12".
_WORD = re.compile(r"[^\W\d_][\w.\-]{0,63}")
_WORDS = re.compile(r"[^\W\d_]+(?: (?:(?![A-ZÆØÅÄÖÜ])[^\W\d_])+){1,5}")
_MANY_DIGITS = re.compile(r"(?:\D*\d){5}")


def looks_like_a_name(name: str) -> bool:
    """Whether a name has the form of a column's, and none of an address's, number's or person's."""
    is_formed = _WORD.fullmatch(name) or _WORDS.fullmatch(name)
    return bool(is_formed) and not _MANY_DIGITS.match(name)


def told_names(names: Sequence[str], known: Collection[str]) -> tuple[str, ...]:
    """Names as logs, plans and records may tell them: known ones, and those that look like one.

    Any other is told by its place, `column_4`. Where less than half of the known names are there,
    the header may be a line of data, and only known names are told.
    """
    is_header = 2 * len(set(known) & set(names)) >= len(known)
    return tuple(
        name if name in known or (is_header and looks_like_a_name(name)) else f"column_{place}"
        for place, name in enumerate(names, 1)
    )


def mapped(names: Sequence[str], values: Sequence[Column]) -> Column:
    """map<string,string> of names to values; the names do not stand in the plan, hence in no
    event log."""

    def one(row: Sequence[str | None]) -> dict[str, str | None]:
        return dict(zip(names, row, strict=True))

    @F.pandas_udf(MapType(StringType(), StringType()))  # type: ignore[call-overload,misc]
    def maps(rows: pd.Series) -> pd.Series:
        return pd.Series([guarded(partial(one, row), None) for row in rows], dtype=object)

    return maps(F.array(*values))  # type: ignore[no-any-return]
