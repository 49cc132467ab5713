"""Street addresses in English text, of any country, with all the lines that follow."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import ClassVar

from udfs.pii.recognizers.address_run import CORNER, Run, Token, run_from
from udfs.pii.recognizers.address_words import (
    ALSO_BEFORE_NUMBER,
    COMPOUND,
    FIRST_WORDS,
    FOREIGN,
    MONTHS,
    NOUNS,
    PLAIN_STREETS,
    STREETS,
)
from udfs.pii.recognizers.places import all_places, state_codes
from udfs.pii.recognizers.spans import EntitySpan, SpanRecognizer

_CUE = re.compile(
    r"""(?<!\w)(?:
    (?P<address>(?:address(?:es)?|addr|residence)\b(?:\s[\w'.]{1,20}){0,6}?\s(?:is|was|are|to)(?:\snow)?:?
    |(?:address(?:es)?|addr)\s?:
    |address[\w\s']{0,40}[:?](?:[\w\s?]{0,40}?\b(?:it|that)\sis)?
    |here\sthey\sare\s?:|(?:following|same|below)\s?[:?])
    |(?:sen[dt]|shipp?(?:ed|ing)?|deliver(?:ed|y)?|return(?:ed)?|mail(?:ed)?|mov(?:ed|ing|e)|forward(?:ed)?|post(?:ed)?)\s(?:\w{1,10}\s){0,2}?to
    |(?:taxi|cab|uber|ride|driver|directions|parcel|package)\sto
    |(?:live[sd]?|living|located|reside[sd]?|residing|stay(?:s|ing)?|situated|based|meet|office|house|home|works?|off)\s(?:is\s)?(?:at|on)
    )\s*""",
    re.VERBOSE | re.IGNORECASE,
)
_LINE_START = re.compile(r"(?:^|\n)[ \t]*(?:[>?|*#]{1,3}[ \t]*)?", re.MULTILINE)
_NUMBER_START = re.compile(
    r"(?<![\w.,/:+$€£#-])\d{1,6}[A-Za-z]?(?:[-/–]\d{1,5}[A-Za-z]?)?,?\s{1,2}(?=[^\W\d_]|\d{1,5}(?:st|nd|rd|th)?\s)"
)
_WORD_START = re.compile(r"(?<![\w.,/:+$€£#@-])(?P<word>[^\W\d_]{1,9})(?=\.?\s?[\w#])")
_WORD_THEN_NUMBER = re.compile(
    r"(?<![\w@.-])(?P<word>[^\W\d_][\w'’-]{1,40})\.?\s(?=\d{1,5}[A-Za-z]?\b(?![%:]|[.,]\d))"
)
_WORD_BEFORE = re.compile(r"(?<![\w@])[^\W\d_][\w'’.-]{0,30}\s$")
_ALSO = re.compile(r",?\s(?:and|or|&)\s(?:also\s|to\s)?")
_ABBREVIATED = re.compile(r"(?<!\w)(?:st|rd|ave|str|blvd|ln|dr|u)$", re.IGNORECASE)
_UNIT_ALONE = re.compile(r"(?:apt|apartment|suite|ste|flat)\b", re.IGNORECASE)
_SHIP = re.compile(r"US(?:NS|S|NV|CGC)\b")
_MILITARY = frozenset(("APO", "FPO", "DPO"))
_YEAR = re.compile(r"19\d\d|20[0-3]\d")
_LISTED = re.compile(r"[,:] {0,4}$")
_AT = re.compile(r"(?:\b(?:at|to)\s|,\s?)$")


class EnAddressRecognizer(SpanRecognizer):
    """An address as one span: from the house number or street to the last line that belongs.

    It begins at a house number before a street, a unit ("Apt. 3"), a post-office box, or where
    "address is", "send it to" ... lead to; it goes on over commas and lines for as long as they
    are units, capitalised names, codes and countries, and ends with the sentence.
    """

    GATE: ClassVar[re.Pattern[str]] = re.compile(r"\d|corner of", re.IGNORECASE)

    ENTITIES = ("STREET_ADDRESS",)
    LANGUAGE = "en"

    def spans(self, text: str) -> Iterator[EntitySpan]:
        return (("STREET_ADDRESS", *span) for span in _spans(text))


def _spans(text: str) -> Iterator[tuple[int, int, float]]:
    lower = text == text.lower()
    done, starts = 0, deque(_starts(text))
    while starts:
        start, cue = starts.popleft()
        if start < done:
            continue
        run = run_from(text, start, lower)
        if run is None:
            continue
        if cue == "line" and (run := _from_number(run)) is None:
            continue
        score = _score(text, run, cue, lower)
        if not score and run.holds_none():
            done = run.end  # nor does any part of it
        if score:
            done = _full_end(text, run.end)
            yield run.tokens[0].start, done, score
            if also := _ALSO.match(text, done):
                starts.appendleft((also.end(), "address"))


def _starts(text: str) -> list[tuple[int, str]]:
    """Where an address may begin, and what says so; at one place the best reason first."""
    several = "\n" in text
    found = {
        m.end(): "line"
        for m in _LINE_START.finditer(text)
        if several or text[m.end() : m.end() + 1].isdigit()
    }
    for match in _NUMBER_START.finditer(text):
        found.setdefault(match.start(), "number")
    for match in _WORD_START.finditer(text):
        if match["word"].lower() in FIRST_WORDS:
            found.setdefault(match.start(), "number")
    for match in _WORD_THEN_NUMBER.finditer(text):
        start = _street_start(text, match)
        if start is not None:
            found.setdefault(start, "number")
    if "corner of" in text.lower():
        found |= {m.start(): "corner" for m in CORNER.finditer(text)}
    for match in _CUE.finditer(text):
        found[match.end()] = "address" if match["address"] else "cue"
    return sorted(found.items())


def _street_start(text: str, match: re.Match[str]) -> int | None:
    """Where the street before a number begins: Storgatan 12, Schiller Str. 6; None: none."""
    word = match["word"].lower()
    if COMPOUND.fullmatch(word):
        return match.start()
    if word in ALSO_BEFORE_NUMBER:
        before = _WORD_BEFORE.search(text, max(0, match.start() - 33), match.start())
        return before.start() if before else None
    return None


def _from_number(run: Run) -> Run | None:
    """A line without the words before "12 Main Street"; "Solbakk 50" keeps its own. None: none."""
    first = [t.kind for t in run.tokens if t.line == 0]
    if not {"number", "unit", "box"} & set(first) and not _SHIP.match(run.tokens[0].text):
        return None
    for at, token in enumerate(run.tokens):
        if token.kind == "street" and token.text.lower() in STREETS - FOREIGN:
            number = first.index("number") if "number" in first else at
            return Run(run.tokens[number:]) if number < at else run
    return run


def _full_end(text: str, end: int) -> int:
    """The end, with the dot of an abbreviation ("Main St.") where the text goes on."""
    if text.startswith(".", end) and _ABBREVIATED.search(text, max(0, end - 5), end):
        return end + 1
    return end


def _score(text: str, run: Run, cue: str, lower: bool) -> float:
    kinds = set(run.kinds)
    named = bool(kinds & {"name", "street"})
    if "corner" in kinds:
        return 0.9 if named else 0.0
    if _boxed(run):
        return 0.9
    if "unit" in kinds:
        return 0.9 if len(run.tokens) > 1 or _UNIT_ALONE.match(run.tokens[0].text) else 0.0
    return _score_of_street(text, run, cue, lower) if named and "number" in kinds else 0.0


def _score_of_street(text: str, run: Run, cue: str, lower: bool) -> float:
    counted = NOUNS.match(text, run.end) is not None  # 5 days, 20 people
    if counted and cue not in ("address", "cue"):
        return 0.0
    if _has_street(text, run, cue, lower):
        return 0.86
    dated = any(t.text.lower() in MONTHS for t in run.tokens[:3])
    if dated or counted:
        return 0.0
    if cue == "address" or (cue == "cue" and len(run.tokens) > 2):
        return 0.65
    return 0.45 if not lower and _supported(text, run, cue) else 0.0


def _boxed(run: Run) -> bool:
    """Whether it has a post-office box or a military one, of which "Box 12" alone tells little."""
    if any(t.text.upper() in _MILITARY for t in run.tokens):
        return True
    boxes = [t.text.lower() for t in run.tokens if t.kind == "box"]
    if any(not box.startswith("box") for box in boxes):
        return True
    return run.tokens[0].kind == "box" and len(run.tokens) > 2


def _has_street(text: str, run: Run, cue: str, lower: bool) -> bool:
    """Whether the run begins as streets and numbers do: 12 Main Street, Rue X 12, Xgatan 12."""
    kinds = run.kinds[:9]
    if "street" not in kinds or "number" not in kinds:
        return False
    at, number = kinds.index("street"), kinds.index("number")
    if NOUNS.match(text, run.tokens[number].end):
        return False
    if run.tokens[at].text.lower() in STREETS and number < at:
        return _english(run, at, number, cue, lower)
    return _foreign(run, at, number, cue, lower)


def _english(run: Run, at: int, number: int, cue: str, lower: bool) -> bool:
    """Whether a number, a name and a word such as Street make a street: 12 Main Street."""
    word, house = run.tokens[at], run.tokens[number]
    plain = word.text.lower() in PLAIN_STREETS
    if not 2 <= at - number <= 6 or word.line != house.line:
        return False
    if lower and not (plain and at - number <= 3):
        return cue in ("cue", "address")
    if not (word.text[0].isupper() or plain):
        return False
    year = _YEAR.fullmatch(house.text) is not None
    return not year or cue not in ("number", "line") or len(run.tokens) > at + 2


def _foreign(run: Run, at: int, number: int, cue: str, lower: bool) -> bool:
    """Whether a street that stands before its name or number is one: Rue X 12, Xgatan 12."""
    word, kinds = run.tokens[at].text.lower(), run.kinds
    if word in STREETS and (word not in FOREIGN or kinds[0] != "number"):
        return False
    near = abs(number - at) <= 4
    if cue != "number":
        return near
    if lower:
        return len(word) > 5 and near
    if number < at and _YEAR.fullmatch(run.tokens[number].text):
        return False
    return near if len(word) > 2 else kinds.count("number") > 1 and at > 0


def _supported(text: str, run: Run, cue: str) -> bool:
    """Number and name without a street word: what follows must be of an address."""
    first, kinds = run.tokens[0], run.kinds
    if first.kind != "number":
        return False
    begins = cue == "line" or _LISTED.search(text, max(0, first.start - 5), first.start) is not None
    if begins and kinds[1] in ("name", "street", "number") and run.tokens[-1].line > 0:
        return any(_tells_a_place(t) for t in run.tokens if t.line > 0)
    enclosed = "number" in kinds[2:5] and kinds[1] != "number"
    return enclosed and _AT.search(text, max(0, first.start - 4), first.start) is not None


def _tells_a_place(token: Token) -> bool:
    return (
        token.kind in ("code", "number")
        or token.text in state_codes()
        or token.text.lower() in all_places()
    )
