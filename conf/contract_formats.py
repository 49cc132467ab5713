"""Date patterns, time zones and encodings: the subset that every part of Atlas reads alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from conf.contract_problems import closest

DATE_TOKENS = ("yyyy", "yy", "MM", "M", "MMM", "MMMM", "dd", "d")
TIME_TOKENS = ("HH", "H", "hh", "h", "mm", "m", "ss", "s", "a")
ZONE_TOKENS = ("X", "XX", "XXX", "x", "xx", "xxx", "Z", "VV", "z")
FRACTIONS = tuple("S" * n for n in range(1, 10))
TOKENS = (*DATE_TOKENS, *TIME_TOKENS, *FRACTIONS, *ZONE_TOKENS)
"""The pattern parts allowed: Spark parses each (seen on 3.5.9, timeParserPolicy=CORRECTED)."""

ENCODINGS = (
    "UTF-8",
    "UTF-16",
    "UTF-16LE",
    "UTF-16BE",
    "US-ASCII",
    "ISO-8859-1",
    "ISO-8859-2",
    "ISO-8859-15",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "IBM437",
    "IBM850",
    "IBM865",
)
"""Encodings that Python and Java both know by this name."""

_LITERAL = re.compile(r"'(?:[^']|'')*'")


def canonical_encoding(name: str) -> str | None:
    """The encoding under the name both languages know; None for any other."""
    return next((e for e in ENCODINGS if e.lower() == name.lower()), None)


def zone_problem(zone: str) -> str | None:
    """Why a text is no time zone."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return f"found {zone!r}; allowed are IANA zones such as Europe/Copenhagen or UTC"
    return None


def pattern_problems(pattern: str, zone: str) -> Iterator[str]:
    """Why a text is no pattern for a date or a time of `zone`.

    Spark raises for a bad pattern only when the first row comes, and takes `mm` for a month
    without a word: hence all of it is checked here.
    """
    bare = _LITERAL.sub(" ", pattern)
    tokens = [m.group() for m in re.finditer(r"([A-Za-z])\1*", bare)]
    if "'" in bare:
        yield f"format {pattern!r}: a quote is open"
    if "#" in bare or "{" in bare or "}" in bare or bare.count("[") != bare.count("]"):
        yield f"format {pattern!r}: allowed besides letters are signs, 'quoted text' and [optional]"
    for token in dict.fromkeys(tokens):
        if token not in TOKENS:
            yield f"format {pattern!r}: {token!r} is no part of a pattern; {_hint(token)}"
    yield from _incomplete(pattern, tokens)
    if re.search(r"'[^']*Z[^']*'\s*$", pattern) and zone not in ("UTC", "Etc/UTC"):
        yield f"format {pattern!r}: 'Z' in quotes is read over, and the time as {zone}; write X"


def _incomplete(pattern: str, tokens: list[str]) -> Iterator[str]:
    letters = {t[0] for t in tokens}
    missing = [what for letter, what in _NEEDED.items() if letter not in letters]
    if missing:
        yield f"format {pattern!r}: it has no {' and no '.join(missing)}"
    if "h" in letters and "a" not in letters:
        yield f"format {pattern!r}: hh is the hour of a half day and needs a; write HH"
    if "H" in letters and "a" in letters:
        yield f"format {pattern!r}: HH is the hour of a whole day; write hh with a"


_NEEDED = {"y": "year (yyyy)", "M": "month (MM; mm is the minute)", "d": "day (dd)"}
_KNOWN_SLIPS = {"Y": "yyyy", "D": "dd", "u": "yyyy", "y": "yyyy", "L": "MM", "k": "HH", "K": "hh"}


def _hint(token: str) -> str:
    slip = _KNOWN_SLIPS.get(token[0])
    return f"write {slip}" if slip else closest(token, (*DATE_TOKENS, *TIME_TOKENS, "S", "X", "VV"))
