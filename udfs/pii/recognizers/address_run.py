"""Which words and numbers of a text, from a place on, may belong to one address."""

from __future__ import annotations

import re
from dataclasses import dataclass

from udfs.pii.recognizers.address_words import (
    ALSO_BEFORE_NUMBER,
    COMPOUND,
    FOREIGN,
    LINKS,
    MONTHS,
    STOPS,
    STREETS,
    UNIT_NAME,
)
from udfs.pii.recognizers.places import countries, danish_towns

_LONGEST = 24
"""Words and numbers an address has at most."""

_TOKEN = re.compile(
    rf"""
    (?P<box>(?:p\.?\s?o\.?\s?)?box\s\#?\d{{1,6}}(?!\w)|psc\s\d{{1,5}}(?!\w)|postboks\s\d{{1,5}}(?!\w))
    |(?P<unit>{UNIT_NAME}\b\.?\s?(?:no\.?\s?|nr\.?\s?)?\#?(?:\d{{1,5}}[A-Za-z]?|[A-Z])(?![\w'’])|\#\s?\d{{1,5}}[A-Za-z]?(?!\w)|\d{{1,2}}(?:st|nd|rd|th)\sfloor(?!\w))
    |(?P<code>(?-i:[A-Z]{{1,2}}\d[A-Z\d]?\s\d[A-Z]{{2}}|[A-Z]\d[A-Z]\s\d[A-Z]\d|\d{{4}}\s[A-Z]{{2}})(?!\w)|\d{{5}}-\d{{3,4}}(?!\w)|\d{{2}}-\d{{3}}(?!\w)|\d{{4}}-\d{{3}}(?!\w))
    |(?P<number>\d{{1,6}}(?:st|nd|rd|th|[A-Za-z])?(?:\s?[-/–]\s?\d{{1,6}}[A-Za-z]?)?(?![\w%$€£]|[.,:]\d|[-/]\d))
    |(?P<paren>\([^()\n]{{1,30}}\))
    |(?P<word>[^\W\d_](?:[\w'’∆]|[-.](?=[^\W\d_])){{0,40}}(?!\w|@))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_GAP = re.compile(r"\.?[ \t]*,?[ \t]{0,4}(?:\n[ \t>?|*#]{0,12}(?:,[ \t]{0,4})?)?|[ \t]?/[ \t]?")

CORNER = re.compile(r"(?:at\s)?(?:the\s)?corner\sof\s", re.IGNORECASE)
_LINKED = re.compile(r"\.?\s(?:[^\W\d_][\w'’]{0,3}\s)?(?:[^\W\d_]|\d)")
_NEXT_WORD = re.compile(r"\s{1,2}([^\W\d_][\w'’-]{1,30})")
_REGION_CODE = re.compile(r"[a-z]{2,3}\s\d{4,6}(?!\w)")
_NUMBER_NEXT = re.compile(r"\.?\s\d{1,5}(?![\w%:]|[.,]\d)")


_HUNGARIAN = re.compile(r"\s(?:u|út|utca|útja|tér|köz|körút)\.?\s\Z")
_LINE_ENDS = re.compile(r"[.?!;](?:\s|$)|,?\s(?:and|or|in|is|it|please|for)\s", re.IGNORECASE)
_FEW_WORDS = re.compile(r"(?:[^\W_][\w'’-]{0,30},?[ \t]{0,3}){1,4}(?:\n|$)")


@dataclass(frozen=True)
class Token:
    """A part of an address: number, unit, box, code, street, name, link, paren or corner."""

    kind: str
    start: int
    end: int
    text: str
    line: int


@dataclass(frozen=True)
class Run:
    """Tokens in a row that may be an address."""

    tokens: tuple[Token, ...]

    @property
    def end(self) -> int:
        return self.tokens[-1].end

    @property
    def kinds(self) -> list[str]:
        return [t.kind for t in self.tokens]

    def holds_none(self) -> bool:
        """Whether it lacks either names or numbers, so that no part of it is an address."""
        kinds = set(self.kinds)
        return not (kinds & {"name", "street"} and kinds - {"name", "street", "link", "paren"})


def run_from(text: str, start: int, lower: bool) -> Run | None:
    """The tokens from `start` on that may belong to one address."""
    corner = CORNER.match(text, start)
    position = corner.end() if corner else start
    tokens: list[Token] = [Token("corner", start, position, "corner", 0)] if corner else []
    line, kept = 0, len(tokens)
    while len(tokens) < _LONGEST:
        match = _TOKEN.match(text, position)
        if match is None or (token := _token(text, match, line, tokens, lower)) is None:
            break
        tokens.append(token)
        if token.kind != "link":
            kept = len(tokens)
        gap = _GAP.match(text, token.end)
        if gap is None or not gap[0] or _ends_here(text, token, gap):
            break
        if "\n" in gap[0]:
            if not _goes_on(text, gap.end(), lower):
                break
            line += 1
        position = gap.end()
    return Run(tuple(tokens[:kept])) if kept else None


def _token(
    text: str, match: re.Match[str], line: int, before: list[Token], lower: bool
) -> Token | None:
    """The token, or None if an address cannot hold it."""
    kind, word = str(match.lastgroup), match[0]
    if kind == "number" and re.fullmatch(r"\d{4}", word) and before and _danish(text, match.end()):
        return None
    if kind == "word":
        kind = _kind_of(text, match, before, lower)
        if not kind:
            return None
    return Token(kind, match.start(), match.end(), word, line)


def _kind_of(text: str, match: re.Match[str], before: list[Token], lower: bool) -> str:
    """What a word is in an address that begins with `before`; empty: it does not belong."""
    word, bare = match[0], match[0].lower()
    day = bare in MONTHS and len(before) == 1 and before[0].kind == "number"
    if day or any(c.isdigit() for c in word):
        return ""
    street = bare in STREETS or bare in FOREIGN or COMPOUND.fullmatch(bare) is not None
    if word[0].islower():
        return _lower_kind(text, match, before, lower, street)
    if bare == "the" and before and before[-1].kind == "number":  # 5 The Grove
        return "name"
    code = word.isupper() and 1 < len(word) <= 3 and len(before) > 1  # of a state
    if bare in STOPS and not code:
        return ""
    return "street" if street else "name"


def _lower_kind(
    text: str, match: re.Match[str], before: list[Token], lower: bool, street: bool
) -> str:
    bare = match[0]
    if bare in ALSO_BEFORE_NUMBER and before and _NUMBER_NEXT.match(text, match.end()):
        return "street"
    if bare in LINKS and _links(text, match, before, lower):
        return "link"
    if bare in STOPS:
        return ""
    follows = bool(before) and (before[-1].kind in ("name", "street", "number") or bare in FOREIGN)
    if street and (follows or lower):
        return "street"
    return "name" if lower or (before and _belongs(text, match, before[-1])) else ""


def _belongs(text: str, match: re.Match[str], last: Token) -> bool:
    """Whether a word in lower case is a name all the same: Rue pasteur, Kase tee 8."""
    if last.kind == "street" and last.text.lower() in FOREIGN - STREETS:
        return True
    if last.kind == "name" and _NUMBER_NEXT.match(text, match.end()):
        return True
    return _REGION_CODE.match(text, match.start()) is not None or _short_line(text, match)


_ENGLISH_LINKS = frozenset(("and", "the", "of", "on", "near", "i", "s", "am", "an", "do", "la"))


def _links(text: str, match: re.Match[str], before: list[Token], lower: bool) -> bool:
    """Whether a small word stands between two parts of a name, or of a corner."""
    word = match[0]
    if not before:
        return word in ("de", "van", "von", "la", "le") and not lower
    following = _LINKED.match(text, match.end())
    if following is None:
        return _short_line(text, match)
    capital = text[following.end() - 1]
    if word not in _ENGLISH_LINKS:
        return lower or not capital.islower()
    if word == "and":
        joins = before[0].kind == "corner" or len(before) <= 3
        return _in_country(text, match, before) or (joins and (lower or not capital.islower()))
    if lower:
        return word not in ("i", "an", "do", "am", "on") or before[-1].kind == "street"
    return capital.isupper()


def _in_country(text: str, match: re.Match[str], before: list[Token]) -> bool:
    following = _TOKEN.match(text, match.end() + 1)
    if following is None:
        return False
    words = f"{before[-1].text} and {following[0]}".lower()
    return any(name.endswith(words) for name in countries() if " and " in name)


def _short_line(text: str, match: re.Match[str]) -> bool:
    """Whether the word is all of its line, and the line stands among others of a block."""
    begin, end = text.rfind("\n", 0, match.start()) + 1, text.find("\n", match.end())
    if begin == 0 or end < 0:
        return False
    alone = re.sub(r"[\s,>?|*#]", "", text[begin:end]) == match[0]
    return alone and len(match[0]) <= 20


def _danish(text: str, start: int) -> bool:
    town = _NEXT_WORD.match(text, start)
    return town is not None and town[1].lower() in danish_towns()


def _ends_here(text: str, token: Token, gap: re.Match[str]) -> bool:
    """Whether the dot after a token ends the sentence."""
    if not gap[0].startswith("."):
        return False
    following = _TOKEN.match(text, gap.end())
    if following is None:
        return True
    if "," in gap[0] or following.lastgroup in ("unit", "box", "code"):
        return False
    if token.kind == "street" and following.lastgroup == "number":
        return False
    short = len(token.text) <= 5 and token.kind in ("street", "link", "name")
    if token.kind == "number":
        few = "\n" in gap[0] and _FEW_WORDS.match(text, gap.end())
        return not (
            few
            or following[0][0].islower()
            or _HUNGARIAN.search(text, max(0, token.start - 9), token.start)
        )
    return not (short and (token.kind != "name" or len(token.text) <= 2 or "\n" in gap[0]))


_HUNGARIAN = re.compile(r"\s(?:u|út|utca|útja|tér|köz|körút)\.?\s\Z")
_LINE_ENDS = re.compile(r"[.?!;](?:\s|$)|,?\s(?:and|or|in|is|it|please|for)\s", re.IGNORECASE)
_FEW_WORDS = re.compile(r"(?:[^\W_][\w'’-]{0,30},?[ \t]{0,3}){1,4}(?:\n|$)")


def _goes_on(text: str, start: int, lower: bool) -> bool:
    """Whether the line at `start` looks like a line of an address: short, no label, no prose."""
    end = text.find("\n", start)
    line = text[start : end if end >= 0 else len(text)].strip()
    if not line or line.startswith((">", "?")):
        return False
    head = _LINE_ENDS.split(line, 1)[0]
    if ":" in head or "@" in head or "://" in head:
        return False
    words = head.split()
    return bool(words) and (len(words) <= 7 or words[0].rstrip(",").isupper() or len(head) < 60)
