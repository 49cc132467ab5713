"""Names of persons by rule: word lists, titles, greetings and signatures, the form of surnames.

It works without any model, and beside one it finds what the model misses. In every language a
name is a run of capitalized words; what makes the run a name is, in falling certainty, a cue in
front of it (`Kære`, `Hr.`, `hedder`, `spoke to`), a known first name followed by another
capitalized word, a surname by its form, or, in Danish, a known first name alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from udfs.pii.findings import Finding
from udfs.pii.language import DANISH
from udfs.pii.lexicon import ALSO_WORDS, BRANDS, lexicon, looks_like_surname
from udfs.pii.words import Word, frequencies, is_common

PERSON = "PERSON"
CUED, FULL, FORM, ALONE, NEAR, WEAK = 0.9, 0.85, 0.7, 0.6, 0.57, 0.55
"""How sure each kind of evidence is. What is less than `ALONE` a model may know better."""


_TITLES = ["hr", "herr", "fru", "frk", "frøken", "dr", "doktor", "prof", "professor", "mag", "ing", "adv", "pastor", "mr", "mrs", "ms", "miss", "mister", "sir", "madam", "mme", "mlle", "herrn", "señor", "sr", "sra"]
_BEFORE = (
    # Danish
    "kære hej hejsa goddag mvh vh kh hilsen hilsner hilse att attn hedder hed navn navnet navnene "
    "fornavn efternavn kontaktperson kontakt kontakter kontakte kontaktede kunde kunden kundens "
    "naboen nabo modtager modtageren afsender afsenderen sagsbehandler sagsbehandleren ejer ejeren "
    "hustru hustruen konen kone ægtefælle ægtefællen samlever kæreste kæresten datter datteren søn "
    "sønnen mor far bror søster svigermor svigerfar barn barnet værge vidne underskrevet "
    "medarbejder medarbejderen kollega kollegaen direktør direktøren formand formanden læge lægen "
    "advokat advokaten patient patienten borger borgeren lejer lejeren medlem medlemmet elev eleven "
    "indehaver kontohaver kortholder afdøde bestilleren "
    # English
    "venligst dear hi hello regards sincerely cheers thanks customer client patient member employee "
    "colleague neighbour neighbor recipient sender tenant named contact contacted attention signed "
    "husband wife spouse son daughter brother sister mother father cardholder"
).split()
_PHRASES = (
    "talte med|talt med|tale med|snakket med|snakkede med|samtale med|samtalen med|ringede til|"
    "ringet til|oplyst af|bekræftet af|modtaget af|afhentet af|kontaktet af|leveret til|"
    "sendt til|send faktura til|på vegne af|mit navn er|navn er|jeg er|det er|v/|c/o|"
    "my name is|name is|name|spoke to|spoke with|talked to|speak to|speak with|provided by|"
    "verified with|confirmed by|received by|on behalf of|this is|i am|i'm|signed by|called by|"
    "med venlig hilsen|venlig hilsen|de bedste hilsner|kind regards|best regards|yours sincerely|"
    "many thanks|best|maiden name is|maiden name|under the name|under|everyone calls me|calls me|"
    "call me|directed by|starring|written by|kaldes|kaldet|kalder sig"
)
_CUE = re.compile(
    rf"(?<!\w)(?:(?P<title>{'|'.join(_TITLES)})\.?"
    rf"|(?P<cue>{_PHRASES}|{'|'.join(_BEFORE)}))[.:,!]{{0,2}}(?:\s{{1,3}}|(?<=/))$",
    re.IGNORECASE,
)
_CUE_REACH = 30
_GAP = re.compile(r"[ \t]{1,2}|-")
_AFTER_INITIAL = re.compile(r"\.?[ \t]{0,2}")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;\n\r>\"“”»«•*(\[|-])\s*$")
_PARTICLES = frozenset(
    ["von", "van", "der", "den", "de", "du", "di", "da", "dos", "del", "della", "la", "le", "el", "al", "af", "bin", "ibn", "ter", "zu", "y", "e"]
)

_NO_NAME = frozenset(
    # Weekdays, months, forms of address, and what is written with a capital for other reasons.
    ["mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag", "januar", "februar", "marts", "april", "juni", "juli", "september", "oktober", "november", "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march", "june", "july", "october", "jul", "påske", "pinse", "nytår", "christmas", "easter", "danmark", "dansk", "danske", "denmark", "danish", "english", "engelsk", "kundeservice", "kundecenter", "support", "team", "afdeling", "service", "bank", "post", "dk", "cpr", "cvr", "iban", "ean", "tlf", "nr", "mobil", "telefon", "email", "e-mail", "mail", "faktura", "ordre", "ordrenr", "order", "invoice", "customer", "kunde", "kunden", "kundens", "varen", "vare", "pakke", "pakken", "ok", "nb", "ps", "obs", "ring", "fwd", "re", "hej", "kære", "hilsen", "mvh", "vh", "dear", "hello", "hi", "regards", "best", "venlig", "med", "hr", "fru", "frk", "mr", "mrs", "ms", "dr", "street", "avenue", "road", "box", "suite", "apt", "level", "apartment", "floor", "sal", "street", "vej", "gade", "alle", "allé", "plads", "boulevard", "north", "south", "east", "west", "nord", "syd", "øst", "vest", "aps", "as", "inc", "ltd", "llc", "gmbh", "corp", "the", "a", "an", "i", "he", "she", "we", "you", "it", "they", "this", "that", "these", "those", "my", "your", "our", "his", "their", "de", "du", "han", "hun", "vi", "jeg", "det", "den", "der", "dette", "ja", "nej", "yes", "no", "please", "thanks", "thank", "tak", "both", "begge", "samt", "og", "and", "or", "eller"]
)
_PLACE_WORDS = frozenset(
    ["san", "santa", "santo", "sao", "são", "st", "saint", "mount", "mt", "fort", "port", "lake", "new", "los", "las", "el", "la", "cape", "point"]
)
_BRANDS = frozenset(
    # Danish design and fashion houses that bear a person's name.
    ["georg jensen", "arne jacobsen", "ole lynggaard", "kay bojesen", "finn juhl", "hans wegner", "hans j wegner", "poul henningsen", "verner panton", "poul kjærholm", "børge mogensen", "ole mathiesen", "malene birger", "mads nørgaard", "bing grøndahl", "royal copenhagen", "julie sandlau", "trine wind", "anne black", "louis poulsen", "fritz hansen", "carl hansen", "jacob jensen", "rosendahl", "holmegaard", "christian dior", "hugo boss", "tommy hilfiger", "calvin klein", "ralph lauren", "michael kors", "marc jacobs", "levi strauss", "jack daniels", "johnnie walker", "ben jerry", "harley davidson", "mercedes benz", "louis vuitton"]
)


def names_in(text: str, words: Sequence[Word], languages: Collection[str]) -> Iterator[Finding]:
    """The persons named in a text, by rule."""
    at = 0
    while at < len(words):
        word = words[at]
        if not word.capital or not _may_be_name(text, words, at):
            if (cued := _lower_name(text, words, at)) is not None:
                yield Finding(word.start, words[cued].end, PERSON, CUED)
                at = cued
            at += 1
            continue
        last = _run(text, words, at)
        score = _certainty(text, words, at, last, languages)
        if score:
            start = _title_start(text, words, at) if score == CUED else word.start
            yield Finding(start, words[last].end, PERSON, score)
        at = last + 1 if score or is_brand(words[at : last + 1]) else at + 1


def is_brand(run: Sequence[Word]) -> bool:
    """Whether a run of words is a product, or begins with a house that bears a person's name."""
    first = run[0].lower.partition("-")[0]
    told = (" ".join(w.lower for w in run[:n]) for n in (2, 3))
    return first in BRANDS or any(name in _BRANDS for name in told)


def at_sentence_start(text: str, start: int) -> bool:
    """Whether a capital there may only mark a sentence's start."""
    return bool(_SENTENCE_START.search(text, max(0, start - 12), start)) or start == 0


def cue_before(text: str, start: int) -> str | None:
    """The kind of cue that stands directly before a place: `title`, `cue` or None."""
    match = _CUE.search(text, max(0, start - _CUE_REACH), start)
    return match.lastgroup if match else None


def _certainty(  # noqa: PLR0911
    text: str, words: Sequence[Word], first: int, last: int, languages: Collection[str]
) -> float:
    """How sure a run of capitalized words is a name; 0 if nothing says so."""
    run, word = words[first : last + 1], words[first]
    cue = cue_before(text, word.start)
    if is_brand(run) and cue != "title":
        return 0.0
    if cue == "title" or (cue and _is_free(run)):
        return CUED
    if _follows_place_word(text, words, first):
        return 0.0
    known, lists = _base(word.lower), lexicon()
    double = known.partition("-")[0] in lists.near_first  # Anne-Mette
    if len(run) > 1 and (known in lists.first or double or _is_inverted(run[0], run[1])):
        return FULL
    if len(run) > 2 and len(run[1].text) == 1 and not _is_ordinary(word):
        return FULL  # an initial in the middle
    if len(run) > 1 and known in ALSO_WORDS and _is_surname(run[-1].lower):
        return FORM if at_sentence_start(text, word.start) else FULL
    if len(run) > 1 and _is_surname(run[-1].lower) and _is_free(run):
        ambiguous = languages != {DANISH} and is_common(run[-1].lower, "en", 1e-5)
        return 0.0 if ambiguous else FORM
    if len(run) > 1:
        return 0.0
    if known.endswith("sen") and known in lists.near_last:
        return ALONE
    if _joined_to_name(text, words, first):
        return ALONE
    if known in lists.near_first or known.partition("-")[0] in lists.near_first:
        return ALONE if languages == {DANISH} else NEAR
    if at_sentence_start(text, word.start):
        return 0.0
    rare = not is_common(known, "en", 1e-5) and not is_common(known, "da", 1e-5)
    return WEAK if known in lists.first or (rare and known in lists.last) else 0.0


def _title_start(text: str, words: Sequence[Word], at: int) -> int:
    """Where the title before a name begins, or the name itself."""
    before = words[at - 1] if at else None
    if before and before.lower in _TITLES and words[at].start - before.end <= 2:
        return before.start
    return words[at].start


def _follows_place_word(text: str, words: Sequence[Word], at: int) -> bool:
    """San Rafael, Mount Vincent, Fort Wayne: no persons."""
    before = words[at - 1] if at else None
    return bool(
        before
        and before.capital
        and before.lower in _PLACE_WORDS
        and text[before.end : words[at].start] in (" ", ". ")
    )


def _joined_to_name(text: str, words: Sequence[Word], at: int) -> bool:
    """`Viola og Lene Hansen`: what is joined to a full name is a name, if it can be one."""
    if at + 3 >= len(words) or words[at + 1].lower not in {"og", "and", "&"}:
        return False
    lower = words[at].lower
    lists = lexicon()
    known = lower in lists.first or lower in ALSO_WORDS
    partner = words[at + 2]
    return known and partner.capital and partner.lower in lists.first and words[at + 3].capital


def _run(text: str, words: Sequence[Word], first: int) -> int:
    """The last word of the run of capitalized words that begins at `first`."""
    last, at = first, first + 1
    shouted = words[first].text.isupper() and len(words[first].text) > 1
    while at < len(words) and at - first < 6:
        gap = text[words[at - 1].end : words[at].start]
        joined = _AFTER_INITIAL if len(words[at - 1].text) == 1 else _GAP
        word = words[at]
        if gap == ", " and at == first + 1 and _is_inverted(words[first], word):
            return at
        if not joined.fullmatch(gap):
            break
        if word.capital and _may_follow(word, shouted):
            last = at
        elif word.lower not in _PARTICLES:
            break
        at += 1
    return last


def _is_inverted(surname: Word, given: Word) -> bool:
    """`Lenhart, Matthew`: a first name behind what is none."""
    lists = lexicon()
    return (
        given.capital
        and given.lower in lists.near_first
        and surname.lower not in lists.first
        and surname.lower not in ALSO_WORDS
        and not is_common(surname.lower, "en", 1e-5)
        and not is_common(surname.lower, "da", 1e-5)
    )


def _may_follow(word: Word, shouted: bool) -> bool:
    if len(word.text) == 1:
        return word.text != "I"
    if word.lower in _NO_NAME:
        return False
    if word.text.isupper() and len(word.text) > 2:
        return shouted and (_is_surname(word.lower) or _base(word.lower) in lexicon().first)
    return True


def _may_be_name(text: str, words: Sequence[Word], at: int) -> bool:
    word = words[at]
    if len(word.text) == 1:  # initials begin a name only if a surname follows
        following = at + 1
        while following < len(words) and len(words[following].text) == 1:
            following += 1
        return (
            following < min(len(words), at + 4)
            and words[following].start - word.end <= 3 * (following - at)
            and words[following].capital
            and _is_surname(words[following].lower)
        )
    if word.lower in _NO_NAME:
        return False
    return not text[word.end : word.end + 1].isdigit()


def _lower_name(text: str, words: Sequence[Word], at: int) -> int | None:
    """The last word of a name written without capitals: a first name with a surname that is
    usual here, or after a greeting."""
    word, lists = words[at], lexicon()
    if word.capital or word.lower not in lists.near_first:
        return None
    last = at
    if at + 1 < len(words) and text[word.end : words[at + 1].start] == " ":
        following = words[at + 1].lower
        surname = following in lists.near_last or following.endswith(("sen", "gaard", "sson"))
        if surname or (len(following) > 3 and not _is_used(following)):
            last = at + 1
    if last > at or (cue_before(text, word.start) and not is_common(word.lower, "en", 5e-5)):
        return last
    return None


def _is_free(run: Sequence[Word]) -> bool:
    """Whether the first word is not an ordinary word of Danish or English."""
    lower = _base(run[0].lower)
    lists = lexicon()
    if len(lower) == 1:  # an initial
        return len(run) > 1
    if lower in lists.first or lower in lists.near_last or lower in ALSO_WORDS:
        return True
    if len(run) > 1 and _is_surname(run[-1].lower):
        return not (is_common(lower, "da", 2e-5) or is_common(lower, "en", 2e-5))
    return not (is_common(lower, "da") or is_common(lower, "en"))


def _is_surname(lower: str) -> bool:
    base = _base(lower)
    lists = lexicon()
    return any(w in lists.near_last or looks_like_surname(w) for w in (lower, base))


def _base(lower: str) -> str:
    """A name without its genitive -s, where only the rest is known."""
    lists = lexicon()
    for ending in ("'s", "’s", "s", "'", "’"):
        rest = lower.removesuffix(ending)
        if rest != lower and not _listed(lower) and _listed(rest):
            return rest
    return lower


def _listed(lower: str) -> bool:
    lists = lexicon()
    return lower in lists.first or lower in lists.last


def may_hide_a_name(
    text: str, words: Sequence[Word], findings: Sequence[Finding], language: str
) -> bool:
    """Whether a model could find a name here that nothing has found yet: some word with a capital
    that is neither explained, nor an ordinary word at a sentence's start, nor a usual one in
    small letters that is a name as well."""
    spans = [(f.start, f.end) for f in findings if f.score >= ALONE]
    lists = lexicon()
    for word in words:
        if any(start <= word.start < end for start, end in spans) or word.lower in _NO_NAME:
            continue
        if not word.capital:
            if word.lower in lists.near_first or not _is_known(word.lower, language):
                return True
            continue
        ordinary = is_common(word.lower, language, _rarest(word.lower)) and (
            word.lower not in lists.first
        )
        if not (ordinary and at_sentence_start(text, word.start)):
            return True
    return False


def _rarest(lower: str) -> float:
    """How usual a word must be for its capital at a sentence's start to say nothing."""
    return 2e-4 if lower in ALSO_WORDS else 1e-5


def _is_known(lower: str, language: str) -> bool:
    """Whether a word in small letters needs no second look. Danish makes new words by joining
    known ones, so that there an unknown one says nothing."""
    return language == DANISH or len(lower) < 3 or is_common(lower, language, 0.0000015)


def person(text: str, words: Sequence[Word], finding: Finding) -> Finding | None:
    """What a model takes for a person, without what cannot belong to a name; None if nothing is
    left: a product, a number, an ordinary word that only begins a sentence."""
    line = text[finding.start : finding.end].split("\n", maxsplit=1)[0]
    told = [w for w in words if w.start >= finding.start and w.end <= finding.start + len(line)]
    starts = at_sentence_start(text, finding.start)
    while starts and len(told) > 1 and _is_ordinary(told[0]) and not _is_ordinary(told[1]):
        told.pop(0)
    if not told or is_brand(told) or any(c.isdigit() for c in line):
        return None
    if all(w.lower in _NO_NAME for w in told):
        return None
    if not any(w.capital or _base(w.lower) in lexicon().first for w in told):
        return None
    cued = cue_before(text, told[0].start)
    if not cued and _is_thing(text, told):
        return None
    if not cued and all(_is_ordinary(w) or _is_definite(w) for w in told):
        small = not any(w.capital for w in told)
        if small or len(told) > 1 or at_sentence_start(text, told[0].start):
            return None
    return Finding(told[0].start, told[-1].end, finding.entity, finding.score)


_LOCATIVE = re.compile(r"(?<!\w)(?:i|på|fra|ved|nær|of|in|at|near)\s$", re.IGNORECASE)


def _is_thing(text: str, told: Sequence[Word]) -> bool:
    """Whether a span is rather a place or a house: an unknown word behind a preposition of place,
    a noun that belongs to a name (`Robinsons Hule`), a compound (`Europa-Cup-runde`)."""
    lists, last = lexicon(), told[-1]
    known = any(
        _base(part) in lists.first for w in told for part in (w.lower, w.lower.partition("-")[0])
    )
    if "-" in last.text and last.text.rpartition("-")[2].islower() and not known:
        return True
    if len(told) == 1:
        unknown = not known and not _is_surname(last.lower)
        return unknown and bool(_LOCATIVE.search(text, max(0, last.start - 6), last.start))
    return len(told) == 2 and told[0].lower.endswith("s") and _is_ordinary(last)


def _is_used(lower: str) -> bool:
    """Whether a word is used at all in Danish or English."""
    return lower in frequencies("da") or lower in frequencies("en")


def _is_ordinary(word: Word) -> bool:
    """Whether a word is used in Danish or English, and is no name that is usual here."""
    known = _base(word.lower)
    if known in lexicon().first or known in ALSO_WORDS or _is_surname(word.lower):
        return False
    return is_common(word.lower, "da", 5e-6) or is_common(word.lower, "en", 1e-5)


def _is_definite(word: Word) -> bool:
    """Danish nouns in the definite form (`Genkendelsen`, `Japaneren`)."""
    return word.lower.endswith(("elsen", "ingen", "heden", "tionen", "eren", "erne", "ismen"))


def mentions(text: str, words: Sequence[Word], findings: Sequence[Finding]) -> Iterator[Finding]:
    """A name once found is a name wherever else it stands in the text with a capital, and so is
    what is listed with names (`Malon, Mark, Kaylee and Brandi`)."""
    persons = [f for f in findings if f.entity == PERSON]
    if not persons:
        return
    inside = {w for w in words if any(f.start <= w.start < f.end for f in persons)}
    known = {_base(w.lower) for w in inside if len(w.text) > 2 and not _is_ordinary(w)}
    listed = _listed_with(text, words, inside)
    for word in words:
        if word.capital and word not in inside and (_base(word.lower) in known or word in listed):
            yield Finding(word.start, word.end, PERSON, FORM)


def _listed_with(text: str, words: Sequence[Word], persons: Collection[Word]) -> set[Word]:
    """Single capitalized words in a list of which at least two, and half, are persons."""
    listed: set[Word] = set()
    row: list[Word] = []
    for word, following in zip(words, [*words[1:], None], strict=True):
        if word.capital and word.lower not in _NO_NAME:
            row.append(word)
        elif word.lower not in {"and", "og"} or not row:
            row = []
        gap = text[word.end : following.start] if following else ""
        if gap not in {", ", " "} or (
            gap == " "
            and "and" != word.lower != "og"
            and not (following and following.lower in {"and", "og"})
        ):
            if len(row) > 2 and 2 <= sum(w in persons for w in row) >= len(row) / 2:
                listed.update(row)
            row = []
    return listed
