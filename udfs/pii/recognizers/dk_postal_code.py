"""Postal codes, and the towns they stand before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from udfs.pii.recognizers.places import is_ambiguous, state_codes, town_end
from udfs.pii.recognizers.spans import EntitySpan, SpanRecognizer

_CAPITAL = r"[^\W\d_a-zæøåéöäüßß][\w'’-]{0,30}"
_TOWN = r"[^\W\d_][\w'’-]{1,30}\.?(?:\s[^\W\d_][\w'’-]{0,30}){0,2}"
_CODE_AND_TOWN = re.compile(
    rf"(?<![\w.,/:+-])(?P<code>(?:(?P<land>DK|FO|GL)[ -]?)?(?P<digits>\d{{4}}|(?<=FO-)\d{{3}}))\s{{1,2}}(?P<town>{_TOWN})"
)
_LABELLED = re.compile(
    r"(?<!\w)(?:postn(?:umme)?r|post[- ](?:nr|nummer)|zip(?:[- ]?code)?|postal[- ]?code|post[- ]?code)(?!\w)"
    r"[.:]?\s{0,2}(?:(?:er|is|was|var|nu|now|to|til)\s){0,2}[:=]?\s{0,2}"
    r"(?P<code>(?:DK[- ]?)?\d{3,6}(?:-\d{3,4})?(?!\w)|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}(?!\w)|[A-Z]\d[A-Z]\s?\d[A-Z]\d(?!\w))",
    re.IGNORECASE,
)
_ADDRESS_END = re.compile(
    r"[^\W\d_]{3,}\.?\s\d{1,3}\s?[A-Za-z]?(?:[,.]?\s{0,2}(?:\d{1,2}|st|kl)\.?\s?(?:sal|t\.?[vh]|mf)?[\s,.]{0,2}(?:t\.?[vh]|mf)?)?\.?\s{0,2}[,\n]\s{0,3}$"
)
_AT_END = re.compile(r"(?<![\w.,/:+-])(?P<code>(?:DK[ -]?)?[1-9]\d{3})(?=\s{0,2}(?:[,.;)\n]|$))")
_CITY_STATE_ZIP = re.compile(
    rf"(?<![\w.])(?P<city>(?:{_CAPITAL}\.?\s){{0,3}}{_CAPITAL}),?\s{{1,2}}(?P<state>[A-Z]{{2,3}})\.?,?\s{{1,2}}(?P<code>\d{{5}}(?:-\d{{4}})?|\d{{4}}|[A-Z]\d[A-Z]\s?\d[A-Z]\d)(?![\w-])"
)
_BRITISH = re.compile(
    r"(?<![\w-])(?:[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d{1,2}|\d[A-HJKSTUW]|[A-HK-Y]\d[ABEHMNPRVWXY])\s\d[ABD-HJLNP-UW-Z]{2}|GIR 0AA)(?![\w-])"
)
_CANADIAN = re.compile(r"(?<![\w-])[ABCEGHJ-NPRSTVXY]\d[A-Z] \d[A-Z]\d(?![\w-])")
_CITY_AND_CODE = re.compile(
    rf"(?<!\w)(?:in|from|to|at|near)\s(?P<city>(?:{_CAPITAL}\s(?:(?:de|da|do|of|on|am|an|la|le|nad|di)\s)?){{0,3}}{_CAPITAL}),?\s(?P<code>\d{{4,5}}|\d{{2}}-\d{{3}}|\d{{4}}-\d{{3}}|\d{{4}}\s[A-Z]{{2}}|\d{{3}}\s\d{{2}})(?=[,.;)]?(?:\s(?:in|and|or|for|on|with|where|as|is|who|to|from|by|since)\s|\s{{0,2}}$|\n))"
)
_MONTHS = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|spring|summer|autumn|fall|winter|windows)",
    re.IGNORECASE,
)


_CAPITALS = re.compile(rf"{_CAPITAL}(?:\s{_CAPITAL}){{0,2}}")
_COUNTRY = re.compile(r"[,\s]{1,3}(?:Danmark|Denmark|DK)(?![\w'’-])", re.IGNORECASE)
_BEGINS = re.compile(r"(?:^|[,:(\n])\s{0,2}$")
_ENDS = re.compile(r"\s{0,2}(?:[,.;:)\n]|$)")


class DkPostalCodeRecognizer(SpanRecognizer):
    """Four digits before a Danish town, after "postnr", or after a street address; and the town.

    A year is no code: from 2001 to 2099 the post has none, and 1900 to 2000 are Frederiksberg
    alone. American, British and Canadian codes by their forms.
    """

    DIGITS = 1
    GATE: ClassVar[re.Pattern[str]] = re.compile(r"\d{3}|\d[A-Za-z]{2}|\d[A-Za-z]\d")

    ENTITIES = ("ZIP_CODE", "LOCATION")

    def spans(self, text: str) -> Iterator[EntitySpan]:
        return _spans(text)


def _spans(text: str) -> Iterator[tuple[str, int, int, float]]:
    for match in _LABELLED.finditer(text):
        yield "ZIP_CODE", *match.span("code"), 0.85
    for match in _CODE_AND_TOWN.finditer(text):
        yield from _code_and_town(text, match)
    for match in _AT_END.finditer(text):
        before = _ADDRESS_END.search(text, max(0, match.start() - 60), match.start())
        if before and not _MONTHS.match(before[0]) and not _is_year(match["code"]):
            yield "ZIP_CODE", *match.span("code"), 0.6
    for match in _CITY_STATE_ZIP.finditer(text):
        if match["state"] in state_codes():
            yield "LOCATION", match.start("city"), match.end("state"), 0.6
            yield "ZIP_CODE", *match.span("code"), 0.6
    for pattern in (_BRITISH, _CANADIAN):
        for match in pattern.finditer(text):
            yield "ZIP_CODE", *match.span(), 0.6
    for match in _CITY_AND_CODE.finditer(text):
        if not _is_year(match["code"]) and not _MONTHS.match(match["city"]):
            yield "LOCATION", *match.span("city"), 0.45
            yield "ZIP_CODE", *match.span("code"), 0.45


def _code_and_town(text: str, match: re.Match[str]) -> Iterator[tuple[str, int, int, float]]:
    start, town = match.span("town")[0], text[match.start("town")]
    if not "0555" <= match["digits"].zfill(4) <= "9990" and not match["land"]:
        return
    addressed = match["land"] or _ADDRESS_END.search(
        text, max(0, match.start() - 60), match.start()
    )
    end = town_end(text, start)
    if end is None and addressed and town.isupper():
        capitals = _CAPITALS.match(text, start)
        end = capitals.end() if capitals else None
    if end is None or not (addressed or _may_be_code(text, match, end)):
        return
    score = 0.85 if addressed else 0.7
    yield "ZIP_CODE", *match.span("code"), score
    country = _COUNTRY.match(text, end)
    yield "LOCATION", start, country.end() if country else end, score


def _may_be_code(text: str, match: re.Match[str], end: int) -> bool:
    """Whether digits before a known town that nothing else confirms are no year, no amount."""
    name = text[match.start("town") : end]
    if _is_year(match["digits"]):
        return match["digits"] <= "2000" and name.lower().startswith(("frederiksberg", "frb"))
    if name[0].isupper() and not is_ambiguous(name):
        return True
    alone = _BEGINS.search(text, max(0, match.start() - 3), match.start())
    return bool(alone or (name[0].isupper() and _ENDS.match(text, end)))


def _is_year(code: str) -> bool:
    return len(code) == 4 and "1900" <= code <= "2099"
