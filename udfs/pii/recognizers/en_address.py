"""Street addresses in English text, of any country, with all the lines that follow."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from udfs.pii.recognizers.places import all_places, countries, danish_towns, state_codes
from udfs.pii.recognizers.spans import EntitySpan, SpanRecognizer, word_set

_LONGEST = 24
"""Words and numbers an address has at most."""

_UNIT_NAME = r"(?:apt|apartment|appt|suite|ste|unit|flat|room|rm|floor|fl|level|lvl|block|blk|bldg|building|lot|villa|tower|wing|office)"
_TOKEN = re.compile(
    rf"""
    (?P<box>(?:p\.?\s?o\.?\s?)?box\s\#?\d{{1,6}}(?!\w)|psc\s\d{{1,5}}(?!\w)|postboks\s\d{{1,5}}(?!\w))
    |(?P<unit>{_UNIT_NAME}\b\.?\s?(?:no\.?\s?|nr\.?\s?)?\#?(?:\d{{1,5}}[A-Za-z]?|[A-Z])(?![\w'’])|\#\s?\d{{1,5}}[A-Za-z]?(?!\w)|\d{{1,2}}(?:st|nd|rd|th)\sfloor(?!\w))
    |(?P<code>(?-i:[A-Z]{{1,2}}\d[A-Z\d]?\s\d[A-Z]{{2}}|[A-Z]\d[A-Z]\s\d[A-Z]\d|\d{{4}}\s[A-Z]{{2}})(?!\w)|\d{{5}}-\d{{3,4}}(?!\w)|\d{{2}}-\d{{3}}(?!\w)|\d{{4}}-\d{{3}}(?!\w))
    |(?P<number>\d{{1,6}}(?:st|nd|rd|th|[A-Za-z])?(?:\s?[-/–]\s?\d{{1,6}}[A-Za-z]?)?(?![\w%$€£]|[.,:]\d|[-/]\d))
    |(?P<paren>\([^()\n]{{1,30}}\))
    |(?P<word>[^\W\d_](?:[\w'’∆]|[-.](?=[^\W\d_])){{0,40}}(?!\w|@))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_GAP = re.compile(r"\.?[ \t]*,?[ \t]{0,4}(?:\n[ \t>?|*#]{0,12}(?:,[ \t]{0,4})?)?|[ \t]?/[ \t]?")

_STREETS = word_set(
    """
    street st road rd avenue ave av lane ln drive dr boulevard blvd court ct place pl square sq
    terrace ter tce crescent cres close way circle cir parkway pkwy highway hwy trail trl alley row
    walk mews gardens gdns grove green quay wharf hill turnpike plaza parade esplanade loop
    expressway freeway causeway bypass promenade path bend glen crossing ridge rise view heights
    """
)
_PLAIN_STREETS = word_set(
    "street st road rd avenue ave lane ln boulevard blvd terrace crescent parkway pkwy"
)
_FOREIGN = word_set(
    """
    rue via viale vicolo piazza piazzale corso largo calle carrer avenida avda paseo plaza rua rúa
    travessa praça praca ulica ul ulice aleja al os plac trg náměstí namesti place chemin allée
    impasse quai cours strada strasse straße str straat laan weg gasse platz allee ring gate gata
    gatan vei veg vej vägen väg gränd plads utca út útja u tér körút köz sétány katu tie kuja polku
    bulevardi odos leoforos plateia οδός λεωφόρος πλατεία λ r boulevard jalan jl calea bd passeig
    ronda ruta pasaje camino route
    """
)
_ALSO_BEFORE_NUMBER = word_set(
    "str straat strasse straße weg gasse platz gate gata gatan väg vägen utca út útja u tér köz vej"
)
_COMPOUND = re.compile(
    r"\w{2,30}(?:stra(?:ss|ß)e|str|straat|laan|weg|gasse|platz|allee|dijk|plein|gracht|kade|steenweg|singel"
    r"|gatan|gata|gaten|vägen|vegen|veien|gränd|backen|katu|tie|kuja|polku|vej|vejen|gade|gaden|stræde"
    r"|vegur|gata|stígur|braut|götu|utca|ova|ská|plads|torv|vænget|parken|bakken|leden|stigen|ringen|lia|veg|vei)"
)
_MONTHS = word_set(
    """
    january february march april may june july august september october november december jan feb
    mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday
    am pm
    """
)
_LINKS = word_set(
    """
    de del della delle dei di da do dos das du des la le les el los las al an am im der den dem
    nad pod na u v ve w y e i s van von og och the of upon near on sur sous zur zum bei ob pri pa
    dalla dal dallo nel nella sul sulla and ibn bint bin abu ten op aan het 't à
    """
)
_STOPS = word_set(
    """
    a an and are as at be because been but by can could did do does for from had has have he her
    here his how i if in is it its just let like me my no not now of on or our please she should
    so some than thank thanks that the their them then there these they this those to too us was
    we were what when where which who why will with would you your yes hello hi dear regards best
    sincerely phone tel fax email e-mail mail website web mobile cell date when time name address
    she'll i'm i'll i'd i've it's we'll he's don't call ring today tomorrow
    iban ip account card invoice order number ref id customer version page step chapter
    jeg du han hun vi er og fra til på som kan skal venligst tak hej med for ikke har hvor
    """
)
_NOUNS = re.compile(
    r"\s?(?:times?|days?|weeks?|months?|years?|hours?|minutes?|mins?|people|dollars?|percent|pcs|pieces|items?|units|gb|tb|mb|x\s?\d|o'clock|%|pm\b|am\b)(?!\w)",
    re.IGNORECASE,
)

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
_CORNER = re.compile(r"(?:at\s)?(?:the\s)?corner\sof\s", re.IGNORECASE)
_LINE_START = re.compile(r"(?:^|\n)[ \t]*(?:[>?|*#]{1,3}[ \t]*)?", re.MULTILINE)
_NUMBER_START = re.compile(
    r"(?<![\w.,/:+$€£#-])\d{1,6}[A-Za-z]?(?:[-/–]\d{1,5}[A-Za-z]?)?,?\s{1,2}(?=[^\W\d_]|\d{1,5}(?:st|nd|rd|th)?\s)"
)
_WORD_START = re.compile(r"(?<![\w.,/:+$€£#@-])(?P<word>[^\W\d_]{1,9})(?=\.?\s?[\w#])")
_FIRST_WORDS = word_set(
    """
    p po pob psc box usns uss usnv uscgc apt apartment appt suite ste unit flat room rm floor fl
    level lvl block blk bldg building lot villa tower wing office
    """
) | {word for word in _FOREIGN if len(word) > 2}
_WORD_THEN_NUMBER = re.compile(
    r"(?<![\w@.-])(?P<word>[^\W\d_][\w'’-]{1,40})\.?\s(?=\d{1,5}[A-Za-z]?\b(?![%:]|[.,]\d))"
)
_WORD_BEFORE = re.compile(r"(?<![\w@])[^\W\d_][\w'’.-]{0,30}\s$")


_ALSO = re.compile(r",?\s(?:and|or|&)\s(?:also\s|to\s)?")


@dataclass(frozen=True)
class _Token:
    kind: str
    start: int
    end: int
    text: str
    line: int


@dataclass(frozen=True)
class _Run:
    """Words and numbers in a row that may be an address."""

    tokens: tuple[_Token, ...]

    @property
    def end(self) -> int:
        return self.tokens[-1].end

    def holds_none(self) -> bool:
        """Whether it lacks either names or numbers, so that no part of it is an address."""
        kinds = {t.kind for t in self.tokens}
        return not (kinds & {"name", "street"} and kinds - {"name", "street", "link", "paren"})


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
        run = _run(text, start, lower)
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
        if match["word"].lower() in _FIRST_WORDS:
            found.setdefault(match.start(), "number")
    for match in _WORD_THEN_NUMBER.finditer(text):
        start = _street_start(text, match)
        if start is not None:
            found.setdefault(start, "number")
    if "corner of" in text.lower():
        found |= {m.start(): "corner" for m in _CORNER.finditer(text)}
    for match in _CUE.finditer(text):
        found[match.end()] = "address" if match["address"] else "cue"
    return sorted(found.items())


def _street_start(text: str, match: re.Match[str]) -> int | None:
    """Where the street before a number begins: Ringgatan 12, Koepenicker Str. 74; None: none."""
    word = match["word"].lower()
    if _COMPOUND.fullmatch(word):
        return match.start()
    if word in _ALSO_BEFORE_NUMBER:
        before = _WORD_BEFORE.search(text, max(0, match.start() - 33), match.start())
        return before.start() if before else None
    return None


def _run(text: str, start: int, lower: bool) -> _Run | None:
    """The tokens from `start` on that may belong to one address."""
    corner = _CORNER.match(text, start)
    position = corner.end() if corner else start
    tokens: list[_Token] = [_Token("corner", start, position, "corner", 0)] if corner else []
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
    return _Run(tuple(tokens[:kept])) if kept else None


def _from_number(run: _Run) -> _Run | None:
    """A line without the words before "12 Main Street"; "Melum 50" keeps its own. None: none."""
    first = [t.kind for t in run.tokens if t.line == 0]
    if not {"number", "unit", "box"} & set(first) and not _SHIP.match(run.tokens[0].text):
        return None
    for at, token in enumerate(run.tokens):
        if token.kind == "street" and token.text.lower() in _STREETS - _FOREIGN:
            number = first.index("number") if "number" in first else at
            return _Run(run.tokens[number:]) if number < at else run
    return run


def _token(
    text: str, match: re.Match[str], line: int, before: list[_Token], lower: bool
) -> _Token | None:
    """The token, or None if an address cannot hold it."""
    kind, word = str(match.lastgroup), match[0]
    if kind == "number" and re.fullmatch(r"\d{4}", word) and before and _danish(text, match.end()):
        return None
    if kind == "word":
        kind = _kind_of(text, match, before, lower)
        if not kind:
            return None
    return _Token(kind, match.start(), match.end(), word, line)


def _kind_of(text: str, match: re.Match[str], before: list[_Token], lower: bool) -> str:
    word, bare = match[0], match[0].lower()
    if any(c.isdigit() for c in word):
        return ""
    if bare in _MONTHS and before and before[-1].kind == "number" and len(before) == 1:
        return ""
    street = bare in _STREETS or bare in _FOREIGN or _COMPOUND.fullmatch(bare)
    if word[0].isupper() or not word[0].islower():
        if bare == "the" and before and before[-1].kind == "number":  # 5 The Grove
            return "name"
        code = word.isupper() and 1 < len(word) <= 3 and len(before) > 1  # of a state
        if bare in _STOPS and not code:
            return ""
        return "street" if street else "name"
    if bare in _ALSO_BEFORE_NUMBER and before and _NUMBER_NEXT.match(text, match.end()):
        return "street"
    if bare in _LINKS and _links(text, match, before, lower):
        return "link"
    if bare in _STOPS:
        return ""
    if street and before and before[-1].kind in ("name", "street", "number"):
        return "street"
    if bare in _FOREIGN and before:
        return "street"
    if before and _REGION_CODE.match(text, match.start()):
        return "name"
    if before and before[-1].kind == "street" and before[-1].text.lower() in _FOREIGN - _STREETS:
        return "name"
    if before and before[-1].kind == "name" and _NUMBER_NEXT.match(text, match.end()):
        return "name"
    if lower:
        return "street" if street else "name"
    return "name" if _short_line(text, match) and before else ""


_LINKED = re.compile(r"\.?\s(?:[^\W\d_][\w'’]{0,3}\s)?(?:[^\W\d_]|\d)")
_NEXT_WORD = re.compile(r"\s{1,2}([^\W\d_][\w'’-]{1,30})")
_ABBREVIATED = re.compile(r"(?<!\w)(?:st|rd|ave|str|blvd|ln|dr|u)$", re.IGNORECASE)
_REGION_CODE = re.compile(r"[a-z]{2,3}\s\d{4,6}(?!\w)")
_NUMBER_NEXT = re.compile(r"\.?\s\d{1,5}(?![\w%:]|[.,]\d)")


def _links(text: str, match: re.Match[str], before: list[_Token], lower: bool) -> bool:
    """Whether a small word stands between two parts of a name, or of a corner."""
    if not before:
        return match[0] in ("de", "van", "von", "la", "le") and not lower
    following = _LINKED.match(text, match.end())
    if following is None:
        return bool(_short_line(text, match))
    capital = text[following.end() - 1]
    if match[0].lower() == "and" and _in_country(text, match, before):
        return True
    if match[0].lower() in ("and", "the", "of", "on", "near", "i", "s", "am", "an", "do", "la"):
        if match[0] == "and" and not (before[0].kind == "corner" or len(before) <= 3):
            return False
        if lower and match[0] in ("i", "an", "do", "am", "on") and before[-1].kind != "street":
            return False
        return lower or capital.isupper() or (match[0] == "and" and capital.isalnum())
    return lower or not capital.islower()


def _in_country(text: str, match: re.Match[str], before: list[_Token]) -> bool:
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
    return re.sub(r"[\s,>?|*#]", "", text[begin:end]) == match[0] and len(match[0]) <= 20


def _danish(text: str, start: int) -> bool:
    town = _NEXT_WORD.match(text, start)
    return town is not None and town[1].lower() in danish_towns()


def _ends_here(text: str, token: _Token, gap: re.Match[str]) -> bool:
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


def _full_end(text: str, end: int) -> int:
    """The end, with the dot of an abbreviation ("Main St.") where the text goes on."""
    if text.startswith(".", end) and _ABBREVIATED.search(text, max(0, end - 5), end):
        return end + 1
    return end


def _score(text: str, run: _Run, cue: str, lower: bool) -> float:
    kinds = [t.kind for t in run.tokens]
    numbers = [t for t in run.tokens if t.kind == "number"]
    if "corner" in kinds:
        return 0.7 if "name" in kinds or "street" in kinds else 0.0
    if _boxed(run, text):
        return 0.75
    if "unit" in kinds:
        return 0.75 if len(kinds) > 1 or _UNIT_ALONE.match(run.tokens[0].text) else 0.0
    if _NOUNS.match(text, run.end) and cue not in ("address", "cue"):
        return 0.0
    if _has_street(text, run, cue, lower):
        return 0.7
    named = "name" in kinds or "street" in kinds
    if cue == "address" or (cue == "cue" and len(kinds) > 2):
        if numbers and named and not _is_date(run) and not _NOUNS.match(text, run.end):
            return 0.65
    if not (numbers and named) or lower or _is_date(run):
        return 0.0
    return 0.45 if _supported(text, run, cue) else 0.0


_UNIT_ALONE = re.compile(r"(?:apt|apartment|suite|ste|flat)\b", re.IGNORECASE)
_SHIP = re.compile(r"US(?:NS|S|NV|CGC)\b")
_MILITARY = frozenset(("APO", "FPO", "DPO", "apo", "fpo", "dpo"))


def _boxed(run: _Run, text: str) -> bool:
    first = run.tokens[0]
    if any(t.text in _MILITARY for t in run.tokens):
        return True
    for token in run.tokens:
        if token.kind == "box" and not token.text.lower().startswith("box"):
            return True
    return first.kind == "box" and len(run.tokens) > 2


def _has_street(text: str, run: _Run, cue: str, lower: bool) -> bool:
    """Whether the run begins as streets and numbers do: 12 Main Street, Rue X 12, Xgatan 12."""
    tokens = run.tokens[:9]
    kinds = [t.kind for t in tokens]
    if "street" not in kinds or "number" not in kinds:
        return False
    at, number = kinds.index("street"), kinds.index("number")
    if _NOUNS.match(text, tokens[number].end):
        return False
    street = tokens[at].text.lower()
    year = re.fullmatch(r"19\d\d|20[0-3]\d", tokens[number].text) is not None
    if street in _STREETS and number < at:
        between = kinds[number + 1 : at]
        if not between or tokens[at].line != tokens[number].line or at - number > 6:
            return False
        if lower and (street not in _PLAIN_STREETS or at - number > 3):
            return cue in ("cue", "address")
        if not tokens[at].text[0].isupper() and street not in _PLAIN_STREETS:
            return False
        return not year or cue not in ("number", "line") or len(kinds) > at + 2
    if street in _STREETS and (street not in _FOREIGN or kinds[0] != "number"):
        return False
    if lower and cue == "number":
        return len(street) > 5 and abs(number - at) <= 4
    if year and number < at and cue == "number":
        return False
    if len(street) <= 2 and cue == "number":
        return kinds.count("number") > 1 and at > 0
    return abs(number - at) <= 4


def _is_date(run: _Run) -> bool:
    return any(t.text.lower() in _MONTHS for t in run.tokens[:3])


def _supported(text: str, run: _Run, cue: str) -> bool:
    """Number and name without a street word: what follows must be of an address."""
    tokens = run.tokens
    kinds = "".join(t.kind[0] for t in tokens)
    shaped = re.match(r"(?:n{1,2}[ns])", kinds) is not None and tokens[0].kind == "number"
    begins = cue == "line" or text[: tokens[0].start].rstrip(" ").endswith((",", ":"))
    last_line = tokens[-1].line
    if begins and shaped and last_line > 0:
        tail = [t for t in tokens if t.line > 0]
        return any(
            t.kind in ("code", "number")
            or t.text in state_codes()
            or t.text.lower() in all_places()
            for t in tail
        )
    if tokens[0].kind != "number":
        return False
    inner = [t.kind for t in tokens[1:5]]
    enclosed = "number" in inner and inner[0] != "number"
    at = re.search(r"(?:\b(?:at|to)\s|,\s?)$", text[max(0, tokens[0].start - 4) : tokens[0].start])
    return enclosed and at is not None
