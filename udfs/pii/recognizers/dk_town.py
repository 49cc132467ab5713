"""Towns, countries and regions in Danish and English text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from udfs.pii.recognizers.places import (
    by_first_word,
    countries,
    danish_towns,
    is_ambiguous,
    state_codes,
    town_end,
)
from udfs.pii.recognizers.spans import EntitySpan, SpanRecognizer
from udfs.pii.words import word_set

_CUES = word_set(
    """
    i fra til på ved mod nær omkring mellem gennem over hele byen udenfor uden-for
    in from to at near around outside across through of visiting visit visited leaving via
    between throughout within
    northern southern eastern western central
    """
)
_CUE_WORDS = "|".join(sorted(_CUES - {"of", "over", "hele", "på", "central"}))
_UPPER = r"[A-ZÀ-ÖØ-ÞĄĆČĎĐĒĘĚĞĪİŁŃŇŌŐŒŘŚŞŠŤŪŮŰŹŻŽΑ-ΩА-Я]"
_START = re.compile(rf"(?<![\w@./-]){_UPPER}[\w.'’]{{1,30}}")
_LOWER_START = re.compile(
    rf"(?<![\w@./-])(?:{_CUE_WORDS})\s(?:the\s)?(?P<name>[^\W\d_][\w'’]{{2,30}})", re.IGNORECASE
)
_FIRST = re.compile(r"[^\W\d_][\w.'’-]{0,30}")
_REST = re.compile(r"(?: [^\W\d_][\w.'’-]{0,30}){1,5}")
_BEFORE = re.compile(r"(?:([\w'’.]{1,30})([ ,]{1,2}))$")
_NEXT_CAPITAL = re.compile(rf" {_UPPER}")
_AFTER_WORD = re.compile(r"[\w@]|\.\w")

_UNKNOWN = re.compile(
    rf"""(?<!\w)(?:
    [Oo]riginally\sfrom|(?:[Ff]lew|[Ff]lying|[Ff]lies|[Ff]ly)\sto|(?:[Gg]rew|[Gg]rowing)\sup\sin
    |[Bb]orn\s(?:and\sraised\s)?in|[Ll]iv(?:es?|ed|ing)\sin|[Rr]esid(?:es?|ed|ing)\sin|[Bb]ased\sin
    |[Ll]ocated\sin|[Tt]ravel(?:l?ed|l?ing|s)?\sto|[Aa]rriv(?:e|es|ed|ing)\s(?:at|in)|[Rr]elocat(?:ed|ing)\sto
    |(?:I['’]?m|[Ii]\sam|[Hh]e['’]?s|[Ss]he['’]?s|[Ww]e['’]re|[Ii]s|[Aa]re)\s(?:now\s|currently\s)?in
    |(?:town|city|village|municipality)\sof|[Bb]yen
    |[Bb]or\s(?:nu\s|stadig\s|selv\s)?(?:i|på)|[Ff]ødt\si|[Oo]pvokset\s(?:i|på)|[Kk]ommer\s(?:oprindeligt\s)?fra|[Ff]lytte[rt]?\stil
    |[Ss]tammer\sfra|[Bb]osat\si|[Oo]prindeligt\sfra|[Rr]ejste\stil|[Bb]oede\s(?:i|på)
    )\s(?P<place>(?:{_UPPER}[\w'’-]{{1,30}}\.?\s(?:(?:de|da|do|la|le|del|de\sla|de\slas|de\slos|pri|an\sder|am|upon|nad|di|near|u)\s)?){{0,3}}{_UPPER}[\w'’-]{{1,30}})(?![\w@])(?!\s?\d)""",
    re.VERBOSE,
)
_NAMES = (
    rf"(?P<place>(?:{_UPPER}[\w'’-]{{1,30}}\.?\s(?:(?:de|da|do|la|le|del|de\sla|de\slas|de\slos|pri|an\sder|am|upon|nad|di|near|u)\s)?){{0,3}}"
    rf"{_UPPER}[\w'’-]{{1,30}})(?![\w@])"
)
_LABELLED = re.compile(
    rf"(?<!\w)(?i:where|location|city|town|place(?: of birth)?|birthplace|country|by|sted|fødested|bopæl|hjemby|land)\s?:\s{{1,3}}{_NAMES}"
)
_THE_US = re.compile(
    r"(?<!\w)(?:[Tt]he|[Ii]n|to|from|of|across)\s(?P<place>US|U\.S\.?)(?![\w-]| \d)"
)
_IN_A_PLACE = re.compile(
    rf"(?<!interested )(?<!written )(?<!paid )(?<!trust )(?<!believe )(?<!\w)[Ii]n\s(?![A-Z]{{1,3}}(?!\w)|\w{{0,20}}(?:ish|ese|ian|ic)(?!\w)){_NAMES}(?!\s?\d|['’])"
)
_UNKNOWN_LOWER = re.compile(
    r"(?<!\w)(?:originally from|grew up in|born in|lives? in|living in|resid(?:es?|ing) in|flew to|based in|arrived (?:at|in))\s"
    r"(?!(?:a|an|the|my|your|his|her|our|their|this|that|it|one|two|january|february|march|april|may|june|july|august|september|october|november|december)\b)"
    r"(?P<place>[^\W\d_][\w'’-]{2,30})(?!\w)"
)
_NO_PLACE = re.compile(
    r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August"
    r"|September|October|November|December|Mr|Mrs|Ms|Dr|I|The|My|This|That|English|Danish|French|German"
    r"|Spanish|Italian|Chinese|Excel|Windows|Microsoft|Google|Facebook|PDF|God|Heaven|Love|Word"
    r"|Black|White|Blue|Red|Green|Grey|Gray|Brown|Pink|Yellow|Size|Small|Medium|Large|Dutch|Arabic"
    r"|Java|Python|Christmas|Easter|Spring|Summer|Autumn|Fall|Winter|Section|Chapter|Table|Figure|To|What|All|Western"
    r"|Eastern|Northern|Southern|Modern)(?!\w)"
)
_CITY_AND_STATE = re.compile(
    rf"(?<![\w.])(?:{_UPPER}[\w.'’-]{{1,30}} ){{0,2}}{_UPPER}[\w.'’-]{{1,30}}, (?P<state>[A-Z]{{2}})(?![\w'’.-])(?! \d{{5}})"
)


# What must be in a text for the pattern to match, the pattern, and the score.
_CUED = (
    (":", _LABELLED, 0.5),
    ("U", _THE_US, 0.5),
    ("n ", _IN_A_PLACE, 0.41),
    (" ", _UNKNOWN, 0.45),
)
_LINE_AND_COUNTRY = re.compile(
    rf"(?:^|\n)[ \t>?|*#]{{0,6}}(?P<town>{_UPPER}[^\d\n,.:;!?@]{{1,40}}?)[ \t]{{0,4}}\n[ \t>?|*#]{{0,6}}(?P<country>{_UPPER}[^\d\n,:;!?@]{{2,40}}?)[ \t]{{0,4}}(?:\n|$)"
)


class DkTownRecognizer(SpanRecognizer):
    """Places out of gazetteers, and the capitalised name after "born in", "bor i" ...

    A name that only a place has is one wherever it stands alone; one that is also a word or a
    surname (Ry, Hals, Lund, Jordan) needs a preposition before it. In lower case every name does.
    """

    GATE: ClassVar[re.Pattern[str]] = re.compile(
        rf"{_UPPER}\w|(?<!\w)(?:{_CUE_WORDS})\s\w{{4}}", re.IGNORECASE
    )

    ENTITIES = ("LOCATION",)

    def spans(self, text: str) -> Iterator[EntitySpan]:
        return (("LOCATION", *span) for span in _spans(text))


def _spans(text: str) -> Iterator[tuple[int, int, float]]:
    for match in _CITY_AND_STATE.finditer(text) if ", " in text else ():
        if match["state"] in state_codes():
            yield *match.span(), 0.45
    yield from _known(text)
    for match in _LINE_AND_COUNTRY.finditer(text) if "\n" in text else ():
        if match["country"].lower() in countries():
            yield *match.span("town"), 0.45
    yield from _cued(text)


def _known(text: str) -> Iterator[tuple[int, int, float]]:
    """Places that the gazetteers know."""
    for match in _START.finditer(text):
        end = _place_end(text, match.start())
        if end and (score := _capitalised(text, match.start(), end)):
            yield match.start(), end, score
    for match in _LOWER_START.finditer(text):
        start = match.start("name")
        end = _place_end(text, start) if text[start].islower() else None
        if end and _certain_in_lower_case(text[start:end]):
            yield start, end, 0.45


def _cued(text: str) -> Iterator[tuple[int, int, float]]:
    """Places that only the words before them tell."""
    for sign, pattern, score in _CUED:
        if sign in text:
            for match in pattern.finditer(text):
                if not _NO_PLACE.match(match["place"]):
                    yield *match.span("place"), score
    if text == text.lower():
        for match in _UNKNOWN_LOWER.finditer(text):
            yield *match.span("place"), 0.4


def _place_end(text: str, start: int) -> int | None:
    """Where the longest known place that begins at `start` ends, None if none does."""
    first = _FIRST.match(text, start)
    if first is None:
        return None
    for word in _spellings(first[0]):
        for name in by_first_word().get(word.lower(), ()):
            if len(name) == 1:
                end = start + len(word)
                letters = town_end(text, start) if word.lower() in danish_towns() else None
                genitive = start + len(first[0].rstrip(".-"))
                return max(letters or 0, end, genitive if len(word) < len(first[0]) else 0)
            rest = _REST.match(text, first.end())
            words = (rest[0].split() if rest else [])[: len(name) - 1]
            if [w.lower().rstrip(".,") for w in words] == [w.rstrip(".") for w in name[1:]]:
                return first.end() + sum(len(w.rstrip(".")) + 1 for w in words)
    return None


def _spellings(word: str) -> Iterator[str]:
    """The word, and what it may be the genitive or a compound of."""
    yield word
    bare = word.rstrip(".'’-")
    yield bare
    if bare.endswith(("'s", "’s")):
        yield bare[:-2]
    elif bare.endswith("s") and (bare[:-1].isupper() or not is_ambiguous(bare[:-1])):
        yield bare[:-1]
    if "-" in bare:
        yield bare.partition("-")[0]


def _capitalised(text: str, start: int, end: int) -> float:
    name = text[start:end]
    before = _BEFORE.search(text, max(0, start - 33), start)
    word, gap = (before[1], before[2]) if before else ("", "")
    cue = "," not in gap and (word in _CUES or (word.lower() in _CUES and word != "I"))
    sentence_start = not before or word.endswith(".") or "," in gap
    if word == "I":  # the Danish preposition, or the English pronoun
        cue = name.lower() in danish_towns() and not is_ambiguous(name)
    if word in ("the", "The") and gap == " ":
        cue = name.lower() in countries()
    core = name.rstrip("'’")
    if is_ambiguous(core.partition(" ")[0] if len(core) < 5 else core):
        known_short = core in ("USA", "UK", "Ærø", "Fyn", "Kbh", "Frb", "UAE", "USAs", "UKs")
        return (0.6 if known_short else 0.45) if cue or known_short else 0.0
    if cue:
        return 0.65
    if word[:1].isupper() and not sentence_start and word.lower() not in _CUES:
        return 0.0
    return 0.0 if _NEXT_CAPITAL.match(text, end) else 0.5


def _certain_in_lower_case(name: str) -> bool:
    bare = name.rstrip("'’.")
    if "." in name[:-1]:
        return False
    known = bare in danish_towns() or bare in countries() or town_end(bare, 0) == len(bare)
    without_district = bare[:-2] if bare[-2:-1] == " " else bare
    return known and len(bare) > 3 and not is_ambiguous(without_district)
