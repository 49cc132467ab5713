"""Danish street addresses: street and number, with letter, floor and door."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from udfs.pii.recognizers.places import danish_towns, street_stems
from udfs.pii.recognizers.spans import EntitySpan, SpanRecognizer
from udfs.pii.words import word_set

# How street names end. The sure ones name streets and little else.
_SURE = (
    "vej|vejen|vejene|gade|gaden|stræde|strædet|allé|alléen|alleen|boulevard|boulevarden|vænge"
    "|vænget|torv|torvet|pladsen|stien|toften|svinget|skrænten|løkken|krogen|kæret|brinken|vangen"
    "|passagen|ageren|skellet|leddet|kvarteret|stredet|kærgård|esplanade|esplanaden|strædde"
)
_OTHER = (
    "alle|plads|park|parken|have|haven|kaj|kajen|strand|stranden|sti|engen|eng|marken|mark|lunden"
    "|lund|bakken|bakke|dalen|dal|højen|høj|brink|ager|skrænt|sving|passage|gården|gård|gaard|vang"
    "|toft|krog|kær|havn|havnen|brygge|bryggen|bro|broen|banke|banken|ringen|kilden|kløften|buen"
    "|kanten|diget|hegnet|hus|huset|byen|holm|holmen|næs|skoven|skov|mosen|søen|volden|vold|lyngen"
    "|bred|bredden|kanal|tunet|linjen|centret|center|stationen|kollegiet|damme|dammen|slugten|heden"
)
_NO_STREET = re.compile(
    r"(?:motor|ud|gen|om|af|luft|rute|fremtids|færdsels|el|tog)vej|(?:bri|fri)gade[n]?"
    r"|(?:p|arbejds|parkerings|bygge|lege|stade|camping|sidde|senge|studie|lager|bade|over|under)-?plads\w*"
    r"|(?:s|dr|str|m|p|l|fl|v|k)æ?engen|.{0,6}(?:rengen|sengen|pengen)|(?:børne|køkken|terrasse|forår)s?haven?"
    r"|(?:kirke|bonde|skole|slots|bag|for)?gården?|(?:san|pe|skan|van|me|ski)dal(?:en)?|.{0,8}(?:danmark|denmark|finmark|finnmark)"
    r"|\w{0,4}(?:bench|book|tele|post|tids)mark(?:en)?|(?:regnskabs|kunde|hjælpe|ydel|service|call|data|fitness|kundeservice)-?s?center"
    r"|(?:st|kn|h|v|b|k|f|sk|d|p|g|m|t)alle|(?:hoved|under|over|vare|sommer|rækkeh|fri|bolig|hospitals|vare|hønse|dukke)hus(?:et)?"
    r"|(?:be|ind|op|ud|fore)have|(?:over|ind|frem|af|til)gade|(?:lege|vindmølle|forlystelses|bil|it|maskin)park(?:en)?"
    r"|(?:cykel|gang|fil|kri|skov|natur)sti(?:en)?|(?:bånd|kredit|spare|data|stikke|blod|power)?banken?|stationen|byen|huset|skoven",
    re.IGNORECASE,
)

_WORD = r"[^\W\d_][\w'’´-]{0,30}"
_UPPER = r"[A-ZÆØÅÉÖÄÜ]"
_NAME = rf"{_UPPER}[\w'’´-]{{0,30}}"
_NUMBER = (
    r"(?:nr\.? ?)?(?P<number>\d{1,3}(?:(?:[A-Za-z]| [A-HJ-Z]| [a-h](?=[,;\n]|\.? ?\d{1,2}\.| ?st\b))(?![\w'’]))?"
    r"(?:\s?[-–/]\s?\d{1,3}[A-Za-z]?)?)(?![\w%]|[.,:]\d{2}(?!\d|\.?\s?(?:sal|tv|th|mf))|[-–/]\d)"
)
_DOOR = r"(?:t\.?[vh]|mf|m\.f|til\s(?:venstre|højre)|midt(?:\sfor)?|(?:dør|lejl(?:ighed)?|vær(?:else)?|nr)\.?\s?[\w-]{1,5})(?!\w)\.?"
_FLOOR = (
    r"(?:[,.]\s{0,2}|\s{1,2})(?:"
    rf"(?:\d{{1,2}}\.?|st(?:uen)?\.?|kl(?:d|\.?(?=[\s,]{{0,2}}{_DOOR}))?\.?|kælder(?:en)?|mezz?\.?)[\s,/]{{0,2}}(?:sal\.?(?!\w)[\s,/]{{0,2}})?{_DOOR}"
    r"|\d{1,2}(?:\.?-\d{1,2})?\.?\s?sal(?!\w)(?:[\s,]{1,2}(?:dør\s?)?\d{1,4}(?![\w.]))?"
    r"|\d{1,2}\.[\s,]{1,2}(?:dør\s)?\d{1,4}(?![\w.,])"
    r"|st\.(?!\w)|kl\.(?!\s?\d|\w)|(?:st|kl)(?=\s*(?:[,;)\n]|$))|stuen(?!\w)|kælderen(?!\w)|kld(?!\w)\.?"
    r"|(?:dør|lejl(?:ighed)?\.?)\s?\w{1,5}(?!\w)"
    r"|\d{1,2}\.(?=\s*(?:[,;)\n]|$))"
    r")"
)
_TAIL = rf"{_NUMBER}(?P<floor>{_FLOOR})?"
_WORD_NUMBER = re.compile(rf"(?<![\w@])(?P<last>[^\W\d][\w'’´-]{{0,40}})\.?,?\s{{1,2}}{_TAIL}")
_ENDING = re.compile(rf"(?:(?P<sure>{_SURE})|{_OTHER})$", re.IGNORECASE)
_NAME_BEFORE = re.compile(rf"(?<![\w@.])(?:(?:{_NAME}|[A-Z]\.(?:[A-Z]\.)?)\.?\s){{1,3}}$")
_POST_BOX = re.compile(
    r"(?<!\w)(?:postboks|postbox|boks(?=\s\d{1,5},\s?\d{4}\s))\s(?:nr\.?\s?)?\d{1,5}(?!\w)",
    re.IGNORECASE,
)
_NAMELESS = re.compile(
    rf"(?<!\w)(?i:(?:bor|boede|boende|bopæl|flytte[rt]?|flyttede|leveres?t?|live[sd]?)\s(?:\w{{1,9}}\s){{0,2}}(?:på|ved|i|til|on|at)\s"
    rf"|(?:adresse[nr]?|address)(?:\s(?:er|is|på))?[:\s]\s?)(?P<street>(?:{_UPPER}[\w.'’-]{{0,20}}\s){{0,3}}{_UPPER}[\w'’-]{{0,30}}(?:{_SURE}))(?!\w)"
)
_CUE = re.compile(
    r"(?<!\w)(?:(?:bor|boede|boende|bopæl|flytte[rt]?|flyttede|leveres?t?|sendes?t?|afhentes?|hentes?|opholder sig)\s(?:\w{1,9}\s){0,2}(?:på|ved|til|i)"
    r"|(?:folkeregister|leverings|faktura|privat|hjemme|post|forsendelses|besøgs)?adresse[nr]?(?:\s(?:er|på|til))?:?"
    r"|lives?\s(?:at|on)|address(?:\sis|\sto)?:?)\s{0,2}$",
    re.IGNORECASE,
)
_POSTAL = re.compile(rf"\.?\s{{0,2}}[,\n]?\s{{0,3}}(?:DK[- ]?)?[1-9]\d{{3}}\s{{1,2}}{_NAME}")
_UNIT = re.compile(
    r"\s?(?:stk|styk|kr|dkk|eur|%|cm|mm|m2|m²|km|kg|gram|g\b|l\b|ml|x\s?\d|år|dage?|uger?|timer?|gange|personer"
    r"|pers|pct|point|sider?|stykker|max|pro\b|ultra|plus|mini|gb|tb|min)(?![^\W\d_])",
    re.IGNORECASE,
)
_PREFIXES = word_set(
    """
    gl gammel gamle ny nye nyt nørre vester øster sønder nordre søndre vestre østre store st lille
    ll sankt skt sct sdr nr vestlige østlige nordlige sydlige kong dronning prins prinsesse
    kronprins kronprinsesse grev baron general admiral kaptajn oberst doktor dr professor prof
    borgmester pastor provst biskop bispe indre ydre midtre hans øvre nedre over under vor
    """
)
_NO_NAME = word_set(
    """
    på i fra til af ved om og men at den det de en et jeg du han hun vi min mit mine din dit hans
    hendes vores jeres deres dens ens alles adresse adressen bor hr fru hej kære tak leveres sendt
    kunde kunden kunder ny address at to on in from the my is lives live our your update ring venligst
    er var har skal kan vil blev bliver flyttet flytter leveret sendes afleveret pakke pakken
    leveringsadresse faktureringsadresse fakturaadresse postadresse hjemmeadresse hver hvor når
    nu også samt eller mellem langs mod side uge ordre dag sal etage faktura varenummer varenr vare
    model str størrelse nr nummer kl kapitel afsnit bind trin bus linje tog spor gate terminal
    january february march april may june july august september october november december januar
    februar marts maj juni juli oktober mandag tirsdag onsdag torsdag fredag lørdag søndag
    """
)
_FIRST_WORD = re.compile(_WORD)
_AT = re.compile(r"(?<!\w)(?:på|ved)\s$")
_BEFORE = re.compile(rf"(?:({_WORD}\.?|(?:[^\W\d_]\.[ -]?){{1,3}})\s)$")


class DkAddressRecognizer(SpanRecognizer):
    """A Danish street with its number, letter, floor and door as one span; a postbox.

    A word that ends as streets do (-vej, -gade ...) and a house number are enough; endings that
    other words have as well (-park, -dal ...) need a capital or something beside them: a floor
    and door, a postal code, "bor på", a name the official list of streets knows.
    """

    GATE: ClassVar[re.Pattern[str]] = re.compile(
        r"[^\W\d_]\W{1,4}\d|(?<!\w)(?:bo[ersp]|adr|addr|flyt|lev|liv)", re.IGNORECASE
    )

    ENTITIES = ("STREET_ADDRESS",)

    def spans(self, text: str) -> Iterator[EntitySpan]:
        return (("STREET_ADDRESS", *span) for span in _spans(text))


def _spans(text: str) -> Iterator[tuple[int, int, float]]:
    for match in _WORD_NUMBER.finditer(text):
        ending = _ENDING.search(match["last"])
        start, score = _judged(text, match, ending) if ending else (-1, 0.0)
        if not score and match["last"][0].isupper():
            start = _named(text, match.start())
            score = 0.6 if start >= 0 and _evidence(text, match, start) else 0.0
        if score:
            yield start, match.end(), score
    for match in _POST_BOX.finditer(text):
        yield match.start(), match.end(), 0.7
    for match in _NAMELESS.finditer(text):
        yield match.start("street"), match.end("street"), 0.5


def _judged(text: str, match: re.Match[str], ending: re.Match[str]) -> tuple[int, float]:
    """Where the street's name begins, and how sure it is one; 0: none."""
    last, sure = match["last"], ending["sure"] is not None
    compound = ending.start() >= (1 if len(ending[0]) > 6 else 2)
    start = _extended(text, match.start(), compound)
    capital = last[0].isupper()
    if _NO_STREET.fullmatch(last) or _UNIT.match(text, match.end("number")):
        return start, 0.0
    if not compound:
        named = start < match.start() and (capital or (sure and _known(text, start, match)))
        return start, 0.7 if named else 0.0
    if sure:
        return start, 0.75 if capital else 0.65
    if _evidence(text, match, start):
        return start, 0.7
    return start, _score_of_name(text, match, ending, start)


def _score_of_name(text: str, match: re.Match[str], ending: re.Match[str], start: int) -> float:
    """How sure a word such as Rosenparken is a street when nothing beside it says so."""
    last = match["last"]
    if not last[0].isupper() or last.lower() in danish_towns():
        return 0.0
    if last[: ending.start()].lower() in street_stems():
        return 0.5
    if _AT.search(text, max(0, start - 4), start):
        return 0.5
    return 0.45 if start < match.start() else 0.0


def _known(text: str, start: int, match: re.Match[str]) -> bool:
    name = text[start : match.start()].strip().lower()
    return name in street_stems() or "." in name or name.endswith("s") or name in _PREFIXES


def _evidence(text: str, match: re.Match[str], start: int) -> bool:
    """Something beside the street and number that only an address has."""
    if _UNIT.match(text, match.end("number")):
        return False
    if match["floor"] and re.search(r"[^\W\d]{2}", match["floor"]):
        return True
    return bool(_POSTAL.match(text, match.end()) or _CUE.search(text, max(0, start - 60), start))


def _extended(text: str, start: int, compound: bool) -> int:
    """The name's start, moved left over the words of a name of several: Gl. Kongevej.

    A bare ending (Allé, Boulevard) takes any capitalised words, a compound one only what names
    begin with: initials, Gammel, Sankt ... or what the list of streets knows.
    """
    ending_at = start
    for _ in range(4):
        before = _BEFORE.search(text, max(0, start - 34), start)
        if before is None:
            break
        word = before[1]
        bare = word.rstrip(".").lower()
        if bare == "ved" and word == "Ved" and start == ending_at:
            return before.start(1)
        if bare in _NO_NAME and not (bare in _PREFIXES and word[0].isupper()):
            break
        initials = "." in word[:-1] or (len(bare) == 1 and word[0].isupper())
        abbreviated = word.endswith(".") and not initials
        if abbreviated and bare not in _PREFIXES:
            break
        known = text[before.start(1) : ending_at].strip().lower() in street_stems()
        genitive = start == ending_at and len(bare) > 3 and bare.endswith("s")
        genitive = genitive and (word[0].isupper() or not compound)
        town = word[0].isupper() and bare in danish_towns()
        if not (initials or known or bare in _PREFIXES or genitive or town):
            if compound or not word[0].isupper():
                break
        elif bare in _PREFIXES and not word[0].isupper() and not text[ending_at].islower():
            break
        start = before.start(1)
    return start


def _named(text: str, start: int) -> int:
    """Where the capitalised words begin that end at the word at `start`; -1: it is no name."""
    last = _FIRST_WORD.match(text, start)
    if last is None or last[0].lower() in _NO_NAME:
        return -1
    before = _NAME_BEFORE.search(text, max(0, start - 90), start)
    for word in reversed(before[0].split() if before else []):
        if word.rstrip(".").lower() in _NO_NAME and word != "Ved":
            break
        start -= len(word) + 1
    return start
